//! The mutex.

use std::{
    pin::{Pin, pin},
    sync::Arc,
    task::Poll,
};

use csp::{
    Failure, Local,
    lock::{Mutex, lock_all},
    prelude::*,
};

use crate::util::{LIMIT, Log, on_small_stack, poll};

/// EV-112: the second waits, the release hands over, first come first served; nobody overtakes.
#[test]
fn ev_112_waiters_are_served_in_order() {
    let local = Local::new();
    let mutex = Arc::new(Mutex::new(Vec::new()));
    let first = mutex.try_lock().unwrap();
    for n in 0..5 {
        let mutex = Arc::clone(&mutex);
        local.go(async move {
            let mut guard = mutex.lock().await;
            guard.push((n, "in"));
            yield_now().await;
            guard.push((n, "out"));
        });
    }
    local.run_until_idle();
    assert!(mutex.try_lock().is_none() && mutex.is_locked());
    drop(first);
    assert!(mutex.try_lock().is_none(), "it was handed over");
    local.run_until_idle();
    let expected: Vec<_> = (0..5).flat_map(|n| [(n, "in"), (n, "out")]).collect();
    assert_eq!(*mutex.try_lock().unwrap(), expected);
    assert!(!mutex.is_locked());
}

/// EV-112: a wait that is given up leaves the queue; one that had been handed the value already passes it on.
#[test]
fn ev_112_a_cancelled_wait_leaves_no_trace() {
    let mutex = Mutex::new(7);
    let held = mutex.try_lock().unwrap();
    let mut third = pin!(mutex.lock());
    {
        let mut first = pin!(mutex.lock());
        let mut second = Box::pin(mutex.lock());
        assert!(poll(first.as_mut()).is_pending());
        assert!(poll(second.as_mut()).is_pending());
        assert!(poll(third.as_mut()).is_pending());
        drop(second); // while it waits
        drop(held); // handed to the first, which does not look
        assert!(poll(third.as_mut()).is_pending());
    }
    let Poll::Ready(guard) = poll(third.as_mut()) else {
        panic!("the value was swallowed")
    };
    assert_eq!(*guard, 7);
    drop(guard);
    // The last one gives it back to the mutex.
    let held = mutex.try_lock().unwrap();
    let mut last = Box::pin(mutex.lock());
    assert!(poll(last.as_mut()).is_pending());
    drop(held);
    drop(last);
    assert_eq!(*mutex.try_lock().unwrap(), 7);
    // Never polled.
    drop(mutex.lock());
    assert!(!mutex.is_locked());
}

/// EV-112: `run` holds the lock until what it runs has ended, whatever comes of it.
#[test]
fn ev_112_run_holds_until_the_end() {
    let local = Local::virtual_time();
    let mutex = Arc::new(Mutex::new(0));
    let there = Arc::clone(&mutex);
    // The future is `Send`, if the closure's is.
    let run = local.handle().go(async move {
        there
            .run(async |n| {
                *n += 1;
                sleep(secs(1)).await;
                *n
            })
            .await
    });
    local.advance(ms(999));
    assert!(mutex.is_locked());
    local.advance(ms(1));
    assert!(!mutex.is_locked());
    assert_eq!(local.run_until(run), Ok(1));
    let there = Arc::clone(&mutex);
    let panics = local.go(async move { there.run(async |_| panic!("no")).await });
    let panicked: Result<(), _> = local.run_until(panics);
    assert!(matches!(panicked, Err(Failure::Panicked(_))));
    assert!(!mutex.is_locked());
}

/// EV-115: a guard goes back however its scope is left, and there is no poisoning.
#[test]
fn ev_115_a_panic_gives_the_guard_back() {
    let mutex = Arc::new(Mutex::new(1));
    let there = Arc::clone(&mutex);
    let panics = go!({
        let mut guard = there.lock().await;
        *guard = 2;
        panic!("no");
    });
    assert!(matches!(panics.wait(), Err::<(), _>(Failure::Panicked(_))));
    assert_eq!(*mutex.lock_blocking(), 2);
    let there = Arc::clone(&mutex);
    let fails = go!({
        let _guard = there.lock().await;
        Err::<(), _>("no")?;
        Ok::<_, &str>(())
    });
    assert_eq!(fails.wait(), Ok(Err("no")));
    let there = Arc::clone(&mutex);
    let (tx, rx) = chan(0);
    let cancelled = go!({
        let _guard = there.lock().await;
        put!(tx, ()).ok();
        std::future::pending::<()>().await;
    });
    rx.take_blocking();
    assert!(mutex.is_locked());
    cancelled.cancel();
    assert_eq!(*mutex.lock_blocking(), 2);
    let in_a_thread = Arc::clone(&mutex);
    let panicked = std::thread::spawn(move || {
        let _guard = in_a_thread.lock_blocking();
        panic!("no");
    });
    assert!(panicked.join().is_err());
    assert!(!mutex.is_locked());
}

/// A leaked guard leaks its value: the mutex stays locked, and says so.
#[test]
fn a_leaked_guard_keeps_it_locked() {
    let mutex = Mutex::new(1);
    #[expect(clippy::mem_forget, reason = "that is the test")]
    std::mem::forget(mutex.try_lock().unwrap());
    assert!(mutex.try_lock().is_none() && mutex.is_locked());
    let mut waits = pin!(mutex.lock());
    assert!(poll(waits.as_mut()).is_pending());
}

/// The value is there as long as the mutex or a guard is, and dropped once.
#[test]
fn the_value_goes_with_the_last() {
    let value = Arc::new(());
    let mutex = Mutex::new(Arc::clone(&value));
    let guard = mutex.try_lock().unwrap();
    let mutex = mutex.into_inner().unwrap_err();
    drop(mutex);
    assert_eq!(Arc::strong_count(&guard), 2);
    drop(guard);
    assert_eq!(Arc::strong_count(&value), 1);
    let mutex = Mutex::from(Arc::clone(&value));
    assert_eq!(Arc::strong_count(&mutex.into_inner().unwrap()), 2);
    assert_eq!(Mutex::<u32>::default().into_inner().unwrap(), 0);
}

/// It is an arm of `alt!`: chosen, it has the value; not chosen, it leaves no trace.
#[test]
fn a_lock_is_an_arm() {
    let local = Local::virtual_time();
    let mutex = Arc::new(Mutex::new(1));
    let held = mutex.try_lock().unwrap();
    let there = Arc::clone(&mutex);
    let got = local.run_until(async move {
        alt! {
            guard = park!(there.lock()) => Some(*guard),
            _ = take!(timeout(secs(1))) => None,
        }
    });
    assert_eq!(got, None);
    drop(held);
    let there = Arc::clone(&mutex);
    let got = local.run_until(async move {
        alt! {
            guard = park!(there.lock()) => Some(*guard),
            _ = take!(timeout(secs(1))) => None,
        }
    });
    assert_eq!(got, Some(1));
    // Both ready: one is chosen, and the lock is free all the same.
    for _ in 0..100 {
        let (tx, rx) = chan(1);
        tx.try_put(2).unwrap();
        let there = Arc::clone(&mutex);
        let chosen = csp::block_on(async {
            alt! {
                guard = park!(there.lock()) => *guard,
                n = take!(rx) => n.unwrap(),
            }
        });
        assert_eq!(chosen == 1, rx.try_take().is_ok());
        assert!(!mutex.is_locked());
    }
}

/// EV-212: a million waiters take a million hand-overs, and no stack.
#[test]
fn ev_212_a_million_waiters_are_a_loop() {
    const MANY: u32 = 1_000_000;
    on_small_stack(|| {
        let local = Local::new();
        let mutex = Arc::new(Mutex::new(0));
        let held = mutex.try_lock().unwrap();
        for n in 0..MANY {
            let mutex = Arc::clone(&mutex);
            local.go(async move {
                let mut count = mutex.lock().await;
                assert_eq!(*count, n, "in order");
                *count += 1;
            });
        }
        local.run_until_idle();
        drop(held);
        local.run_until_idle();
        assert_eq!(*mutex.try_lock().unwrap(), MANY);
    });
}

/// EV-212: a million waiters who go without looking pass it on, each to the next.
#[test]
fn ev_212_a_million_cancelled_waiters_are_a_loop() {
    const MANY: usize = 1_000_000;
    on_small_stack(|| {
        let mutex = Mutex::new(7);
        let held = mutex.try_lock().unwrap();
        let mut waits: Vec<_> = (0..MANY).map(|_| Box::pin(mutex.lock())).collect();
        for wait in &mut waits {
            assert!(poll(wait.as_mut()).is_pending());
        }
        drop(held);
        drop(waits);
        assert_eq!(*mutex.try_lock().unwrap(), 7);
    });
}

/// EV-048: ten threads that lock many, in any order, with holders among them, never wait in a circle.
#[test]
fn ev_048_locking_many_from_ten_threads_never_deadlocks() {
    const MUTEXES: usize = 6;
    let mutexes: Arc<Vec<_>> = Arc::new((0..MUTEXES).map(|_| Mutex::new(0_u64)).collect());
    let threads: Vec<_> = (0..10_usize)
        .map(|thread| {
            let mutexes = Arc::clone(&mutexes);
            std::thread::spawn(move || {
                let mut random = 88_172_645_463_325_252_u64.wrapping_add(thread as u64 * 77_777);
                for round in 0..300 {
                    random ^= random << 13;
                    random ^= random >> 7;
                    random ^= random << 17;
                    let first = usize::try_from(random % MUTEXES as u64).unwrap();
                    let count = 1 + round % MUTEXES;
                    // Round and round, up and down: never the same order.
                    let step = if thread % 2 == 0 { 1 } else { MUTEXES - 1 };
                    let all: Vec<_> = (0..count)
                        .map(|n| &mutexes[(first + n * step) % MUTEXES])
                        .collect();
                    if round % 10 == 0 {
                        *all[0].lock_blocking() += 1;
                        continue;
                    }
                    for guard in &mut csp::block_on(lock_all(&all)) {
                        **guard += 1;
                    }
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
    let total: u64 = mutexes.iter().map(|mutex| *mutex.try_lock().unwrap()).sum();
    // Per thread: 30 singles, and for each other round as many as it asked for.
    let of_rounds: usize = (0..300)
        .map(|round| {
            if round % 10 == 0 {
                1
            } else {
                1 + round % MUTEXES
            }
        })
        .sum();
    assert_eq!(total, 10 * of_rounds as u64);
}

#[test]
#[should_panic(expected = "`lock_all` was given a mutex twice")]
fn a_mutex_twice_is_refused() {
    let mutex = Mutex::new(0);
    drop(csp::block_on(lock_all(&[&mutex, &mutex])));
}

/// `lock_all` that is given up on the way gives back what it has.
#[test]
fn lock_all_that_is_given_up_unlocks() {
    let mutexes: Vec<_> = (0..3).map(Mutex::new).collect();
    let all: Vec<_> = mutexes.iter().collect();
    let last = mutexes[2].try_lock().unwrap();
    let mut waits: Pin<Box<dyn Future<Output = _> + Send>> = Box::pin(lock_all(&all));
    assert!(poll(waits.as_mut()).is_pending());
    assert!(mutexes[0].is_locked() && mutexes[1].is_locked());
    drop(waits);
    assert!(!mutexes[0].is_locked() && !mutexes[1].is_locked());
    drop(last);
    let guards = csp::block_on(within(LIMIT, lock_all(&all))).unwrap();
    assert!(guards.iter().map(|guard| **guard).eq(0..3));
}

/// A guard is nobody's borrow: it goes with what it is for.
#[test]
fn a_guard_goes_with_a_promise() {
    let log = Log::new();
    let mutex = Arc::new(Mutex::new(0));
    let (resolver, answer) = csp::promise::promise::<u32, csp::Error>();
    let guard = mutex.try_lock().unwrap();
    let there = log.clone();
    let step = answer
        .map(move |n| n + *guard)
        .inspect(move |_| there.add("done"));
    assert!(mutex.is_locked());
    resolver.fulfill(1).unwrap();
    assert_eq!(step.wait().unwrap(), 1);
    drop(mutex.lock_blocking());
    assert_eq!(log.take(), ["done"]);
}
