//! Models of a thread that sleeps: its token, and what the check for deadlock sees of it.

use loom::thread;

use super::{Arc, Parker};
use crate::{
    models::model,
    sync::atomic::{AtomicBool, Ordering},
};

/// Drives `park`, `unpark` and the list of naps: whoever has been woken is listed no more once its waker has
/// ended (race *woken, not yet awake*), so what the check finds asleep sleeps.
#[test]
fn check_meets_unpark() {
    model(|| {
        let parker = Arc::new(Parker::new());
        let waker_runs = Arc::new(AtomicBool::new(true));
        let (bed, runs) = (Arc::clone(&parker), Arc::clone(&waker_runs));
        let sleeper = thread::spawn(move || bed.park());
        let wakes = Arc::clone(&parker);
        let waker = thread::spawn(move || {
            wakes.unpark();
            // The thread ends: the system counts it no more.
            // Ordering: the system's count is at least as ordered as this.
            runs.store(false, Ordering::Release);
        });
        let before = parker.nap();
        // Ordering: pairs with the store above.
        let one_is_awake = waker_runs.load(Ordering::Acquire);
        let after = parker.nap();
        assert!(
            one_is_awake || before.is_none() || before != after,
            "all seemed asleep, but one had been woken"
        );
        sleeper.join().unwrap();
        waker.join().unwrap();
        assert_eq!(parker.nap(), None);
    });
}
