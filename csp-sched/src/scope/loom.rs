//! A model of a scope's end. Run with `ci/loom.sh`.

use loom::{sync::atomic::AtomicUsize, thread};

use super::{Arc, Ticket, scope};
use crate::sync::{atomic::Ordering, model};

/// Two blocks end while the scope waits for them: it ends after both, and sees what they did. (Without the
/// notification it waits for ever; with it for any block, not the last, it ends too early.)
#[test]
fn loom_scope_waits_for_its_blocks() {
    model(|| {
        let ended = Arc::new(AtomicUsize::new(0));
        let mut threads = Vec::new();
        scope(|scope| {
            for _ in 0..2 {
                *scope.count.live.lock() += 1;
                let ticket = Ticket(Arc::clone(&scope.count));
                let ended = Arc::clone(&ended);
                threads.push(thread::spawn(move || {
                    ended.fetch_add(1, Ordering::Relaxed);
                    drop(ticket);
                }));
            }
        });
        assert_eq!(ended.load(Ordering::Relaxed), 2);
        for thread in threads {
            thread.join().unwrap();
        }
    });
}
