//! Models of the lock's byte, which the channels' models replace by loom's mutex. Run with `ci/loom.sh`.
//! Seen to find: `set` or `clear` with Relaxed.

use loom::{cell::UnsafeCell, thread};

use super::Taken;
use crate::{models::model, sync::Arc};

/// Two threads, each of which tries twice: one at a time has the lock, and sees what was done under it before.
#[test]
fn loom_lock_byte() {
    model(|| {
        let shared = Arc::new((Taken::default(), UnsafeCell::new(0)));
        let add = |(taken, count): &(Taken, UnsafeCell<u32>)| {
            if !taken.set() {
                return 0;
            }
            // SAFETY: under the lock; loom checks it.
            count.with_mut(|count| unsafe { *count += 1 });
            taken.clear();
            1
        };
        let other = thread::spawn({
            let shared = Arc::clone(&shared);
            move || add(&shared) + add(&shared)
        });
        let mine = add(&shared) + add(&shared);
        let all = mine + other.join().unwrap();
        assert!(all >= 2, "who is alone gets it");
        // SAFETY: the other thread has ended.
        assert_eq!(shared.1.with(|count| unsafe { *count }), all);
    });
}
