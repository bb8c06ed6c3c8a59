use std::{
    sync::{Barrier, atomic::AtomicBool, atomic::Ordering},
    thread,
};

use super::Lock;

#[test]
fn one_at_a_time() {
    const THREADS: usize = 8;
    const ROUNDS: u64 = 20_000;
    let lock = Lock::new((0_u64, 0_u64));
    let start = Barrier::new(THREADS);
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                start.wait();
                for _ in 0..ROUNDS {
                    let mut both = lock.lock();
                    assert_eq!(both.0, both.1);
                    both.0 += 1;
                    both.1 += 1;
                }
            });
        }
    });
    assert_eq!(lock.lock().0, THREADS as u64 * ROUNDS);
}

/// A holder that does not come back for long: the others sleep, and still get it.
#[test]
fn who_waits_for_long_gets_it() {
    let lock = Lock::new(0);
    let held = lock.lock();
    let waits = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            assert!(lock.lock_soon().is_none());
            waits.store(true, Ordering::SeqCst);
            *lock.lock() += 1;
        });
        while !waits.load(Ordering::SeqCst) {
            thread::yield_now();
        }
        drop(held);
    });
    assert_eq!(*lock.lock(), 1);
}

#[test]
fn a_panic_under_it_frees_it() {
    let lock = Lock::new(1);
    let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let _held = lock.lock();
        panic!("under the lock");
    }));
    assert!(panic.is_err());
    assert_eq!(*lock.lock(), 1);
}

#[test]
#[should_panic(expected = "a transducer's step used its own channel")]
fn its_own_step_is_told_of() {
    let lock = Lock::new(1);
    let _held = lock.lock();
    let _stepping = lock.stepping();
    let _again = lock.lock();
}
