//! Models of a thread that sleeps: its token, and what the check for deadlock sees of it.

use loom::thread;

use super::{Arc, Duration, Instant, Parker};
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

/// Drives the token: whoever is told twice, by two, sees what both did before, whether it was awake or asleep at either
/// time (races *token, then sleep* and *signal without a sleeper*).
#[test]
fn two_unpark_one() {
    model(|| {
        let parker = Arc::new(Parker::new());
        let done = Arc::new([AtomicBool::new(false), AtomicBool::new(false)]);
        let unpark = |at: usize| {
            let (parker, done) = (Arc::clone(&parker), Arc::clone(&done));
            thread::spawn(move || {
                // Ordering: it is for the parker's token to order this.
                done[at].store(true, Ordering::Relaxed);
                parker.unpark();
            })
        };
        let both = [unpark(0), unpark(1)];
        while !done.iter().all(|done| done.load(Ordering::Relaxed)) {
            parker.park();
        }
        both.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!(parker.nap(), None);
    });
}

/// As above, with a limit that is not reached: the token that ends the sleep is seen, and what came before it.
#[test]
fn unpark_within_the_limit() {
    model(|| {
        let parker = Arc::new(Parker::new());
        let done = Arc::new(AtomicBool::new(false));
        let (bed, is_done) = (Arc::clone(&parker), Arc::clone(&done));
        let waker = thread::spawn(move || {
            // Ordering: as above.
            is_done.store(true, Ordering::Relaxed);
            bed.unpark();
        });
        let far = Instant::now() + Duration::from_hours(1);
        assert!(parker.park_until(far));
        assert!(done.load(Ordering::Relaxed));
        waker.join().unwrap();
    });
}
