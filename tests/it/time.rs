//! Timeouts, sleeps, limits. Lower bounds are exact; upper ones are not a test's business, but for
//! what must not wait at all.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use csp::{Elapsed, Local, Runtime, prelude::*, within};

use crate::util::{LIMIT, compute, on_one_worker, parked, run_idle, runtime, until, value};

const HOUR: Duration = Duration::from_hours(1);

/// GO-090, CA-091: by the monotonic clock, at every duration, tick and place on the tick.
#[test]
fn timeouts_are_never_early() {
    for tick in [Duration::from_micros(100), ms(1), ms(10), ms(35)] {
        let rt = Runtime::builder().workers(2).tick(tick).build();
        let blocks: Vec<_> = (0..200_u32)
            .map(|n| {
                rt.go(async move {
                    // From anywhere within a tick, and at the end of a long turn.
                    compute(Duration::from_micros(u64::from(n % 20) * 37));
                    let time = Duration::from_micros(u64::from(n) * 173);
                    let start = Instant::now();
                    match n % 3 {
                        0 => assert_eq!(take!(timeout(time)), None),
                        1 => sleep(time).await,
                        _ => {
                            take!(deadline(start + time));
                        }
                    }
                    let elapsed = start.elapsed();
                    assert!(
                        elapsed >= time,
                        "{elapsed:?} instead of {time:?}, tick {tick:?}"
                    );
                })
            })
            .collect();
        blocks.into_iter().for_each(value);
    }
}

/// However long the turn was in which the timeout is made.
#[test]
fn timeout_made_after_a_long_turn_is_not_early() {
    on_one_worker(async {
        for _ in 0..3 {
            yield_now().await;
            compute(ms(25));
            let start = Instant::now();
            sleep(ms(15)).await;
            assert!(start.elapsed() >= ms(15));
        }
    });
}

/// GO-091: ten in a row take at least the sum.
#[test]
fn timeouts_in_a_row_add_up() {
    on_one_worker(async {
        let start = Instant::now();
        for _ in 0..10 {
            sleep(ms(12)).await;
        }
        assert!(start.elapsed() >= ms(120));
    });
}

/// GO-092, CA-092: waiters are released by delay, not by the order of making, however late the clock is
/// looked at.
#[test]
fn timeouts_fire_in_the_order_of_their_deadlines() {
    let local = Local::new();
    let log = Arc::new(Mutex::new(Vec::new()));
    let start = Instant::now();
    let blocks: Vec<_> = [5, 3, 6, 6, 6, 1, 1, 2, 7, 9, 4, 8, 0]
        .map(|slot| {
            let log = Arc::clone(&log);
            local.go(async move {
                sleep(ms(20 * slot)).await;
                log.lock().unwrap().push((slot, start.elapsed()));
            })
        })
        .into();
    local.run_until(async {
        for block in blocks {
            block.await.unwrap();
        }
    });
    let log = log.lock().unwrap();
    assert!(log.is_sorted_by_key(|(slot, _)| *slot), "{log:?}");
    assert!(
        log.iter().all(|(slot, after)| *after >= ms(20 * slot)),
        "{log:?}"
    );
}

/// The same on workers: never early, all of them.
#[test]
fn timeouts_made_out_of_order_all_fire() {
    let rt = runtime(2);
    let blocks = [8, 6, 7, 5].map(|slot| {
        rt.go(async move {
            let start = Instant::now();
            sleep(ms(10 * slot)).await;
            start.elapsed() >= ms(10 * slot)
        })
    });
    assert!(blocks.into_iter().all(value));
}

/// GO-093: a timeout that is given up releases nobody: a hundred at once, beside one that is kept.
#[test]
fn timeout_that_is_given_up_never_fires() {
    on_one_worker(async {
        let blocks: Vec<_> = (0..100)
            .map(|_| {
                go!({
                    sleep(ms(15)).await;
                    true
                })
            })
            .collect();
        for block in &blocks {
            parked(block).await;
            assert!(block.cancel());
        }
        // Of the same tick, or a later one.
        sleep(ms(15)).await;
        for block in blocks {
            assert_eq!(block.await, Err(Failure::Cancelled));
        }
    });
}

/// GO-094, GO-095, GO-096, GO-102: a timeout is moved by making another; nothing of the earlier setting
/// can be seen.
#[test]
fn timeout_that_is_replaced_leaves_nothing_of_the_old() {
    on_one_worker(async {
        for _ in 0..1_000 {
            let mut over = timeout(HOUR);
            for _ in 0..10 {
                assert!(!over.is_over());
                over = timeout(HOUR);
            }
            over = timeout(Duration::ZERO);
            assert!(over.is_over());
            take!(over);
        }
        // From near to far: the near one passes, and nobody hears of it.
        let mut over = timeout(ms(5));
        let near = timeout(ms(10));
        assert!(over.deadline() < near.deadline());
        over = timeout(HOUR);
        take!(near);
        let seen = alt! { _ = take!(over) => true, default => false };
        assert!(!seen);
    });
}

/// GO-097: a timeout is a channel that closes: everybody who waits for it is released.
#[test]
fn timeout_releases_all_who_wait_for_it() {
    on_one_worker(async {
        let over = Arc::new(timeout(ms(10)));
        let (_tx, rx) = chan::<u32>(0);
        let blocks: Vec<_> = (0..10)
            .map(|n| {
                let (over, rx) = (Arc::clone(&over), rx.clone());
                go!({
                    if n % 2 == 0 {
                        take!(*over).is_none()
                    } else {
                        alt! { _ = take!(rx) => false, v = take!(*over) => v.is_none() }
                    }
                })
            })
            .collect();
        for block in blocks {
            assert_eq!(block.await, Ok(true));
        }
    });
}

/// CA-196: more than 1024 sleepers on one tick; giving one up does not touch the others.
#[test]
fn many_sleepers_share_a_tick() {
    on_one_worker(async {
        let start = Instant::now();
        let blocks: Vec<_> = (0..5_000).map(|_| go!({ sleep(ms(30)).await })).collect();
        let mut given_up = 0;
        for block in blocks.iter().step_by(2) {
            // (On a slow machine it may have slept its time before it is looked at.)
            until(|| block.parked_at().is_some() || block.is_finished()).await;
            given_up += usize::from(block.cancel());
        }
        let mut woken = 0;
        for block in blocks {
            woken += usize::from(block.await.is_ok());
        }
        assert_eq!(woken, 5_000 - given_up);
        assert!(start.elapsed() >= ms(30));
    });
}

/// GO-100: zero is over at once; the longest never is, nor does it overflow into firing.
#[test]
fn zero_and_huge_durations() {
    run_idle(async {
        sleep(Duration::ZERO).await;
        assert!(timeout(Duration::ZERO).is_over());
        assert_eq!(take!(timeout(Duration::ZERO)), None);
        let past = Instant::now().checked_sub(ms(1)).unwrap();
        assert!(deadline(past).is_over());
        assert_eq!(deadline(past).deadline(), Some(past));
    })
    .expect("nothing has to wait");
    for huge in [
        Duration::MAX,
        Duration::MAX / 2,
        Duration::from_secs(u64::MAX),
        HOUR * 24 * 365 * 500,
    ] {
        let local = Local::new();
        let block = local.go(async move {
            let over = timeout(huge);
            assert!(!over.is_over());
            take!(over);
        });
        local.run_until_idle();
        assert!(!block.is_finished(), "{huge:?}");
        drop(local);
        assert_eq!(block.wait(), Err(Failure::Cancelled));
    }
    assert_eq!(timeout(Duration::MAX).deadline(), None);
    // Beside others, which fire.
    on_one_worker(async {
        let never = timeout(Duration::MAX);
        sleep(ms(5)).await;
        assert!(!never.is_over());
    });
}

/// GO-101: a zero timeout does not wait for a tick, a million times in a row.
#[test]
fn stress_a_million_zero_timeouts() {
    // A tick of ten seconds: one wait for it would be seen.
    let rt = Runtime::builder().workers(1).tick(secs(10)).build();
    let start = Instant::now();
    let block = rt.go(async {
        for _ in 0..1_000_000 {
            take!(timeout(Duration::ZERO));
        }
    });
    value(block);
    assert!(start.elapsed() < secs(60), "{:?}", start.elapsed());
}

/// A million sleepers at once.
#[test]
fn stress_a_million_sleeps() {
    let rt = runtime(2);
    let start = Instant::now();
    let parts: Vec<_> = (0..10)
        .map(|_| {
            rt.go(async {
                let blocks: Vec<_> = (0..100_000_u64)
                    .map(|n| go!({ sleep(ms(200 + n % 300)).await }))
                    .collect();
                for block in blocks {
                    block.await.unwrap();
                }
            })
        })
        .collect();
    parts.into_iter().for_each(value);
    assert!(start.elapsed() >= ms(499));
    rt.shutdown(LIMIT).unwrap();
}

/// GO-104: two timeouts of one millisecond race in an alts: the loser, once over, is really receivable.
#[test]
fn stress_losing_timeout_loses_no_tick() {
    let rt = Runtime::builder()
        .workers(4)
        .tick(Duration::from_micros(500))
        .build();
    let blocks: Vec<_> = (0..500)
        .map(|_| {
            rt.go(async {
                for _ in 0..20 {
                    let (a, b) = (timeout(ms(1)), timeout(ms(1)));
                    let loser = alt! { _ = take!(a) => b, _ = take!(b) => a };
                    take!(loser);
                    assert!(loser.is_over());
                    // It stays over, for as many as want to know.
                    let again = alt! { _ = take!(loser) => true, default => false };
                    assert!(again);
                }
            })
        })
        .collect();
    blocks.into_iter().for_each(value);
}

#[test]
fn within_gives_the_value_or_elapsed() {
    on_one_worker(async {
        let (tx, rx) = chan::<u32>(0);
        let start = Instant::now();
        assert_eq!(within(ms(10), rx.take()).await, Err(Elapsed));
        assert!(start.elapsed() >= ms(10));
        let taker = go!({ within(HOUR, async { take!(rx) }).await });
        put!(tx, 5).unwrap();
        assert_eq!(taker.await, Ok(Ok(Some(5))));
        // What is ready counts, however short the time.
        assert_eq!(within(Duration::ZERO, std::future::ready(1)).await, Ok(1));
        assert_eq!(
            within(Duration::ZERO, std::future::pending::<()>()).await,
            Err(Elapsed)
        );
        assert_eq!(within(Duration::MAX, std::future::ready(1)).await, Ok(1));
    });
}

/// A value that comes just when the time is over is not lost.
#[test]
fn stress_within_loses_no_value() {
    let rt = Runtime::builder()
        .workers(2)
        .tick(Duration::from_micros(100))
        .build();
    let (tx, rx) = chan::<u32>(0);
    let taker = rt.go(async move {
        let mut next = 0;
        while next < 2_000 {
            if let Ok(Some(n)) = within(Duration::from_micros(150), rx.take()).await {
                assert_eq!(n, next);
                next += 1;
            }
        }
    });
    let putter = rt.go(async move {
        for n in 0..2_000_u32 {
            if n % 4 == 0 {
                sleep(Duration::from_micros(150)).await;
            }
            put!(tx, n).unwrap();
        }
    });
    value(putter);
    value(taker);
}

/// Awaited, blocked on, asked: the forms of a timeout.
#[test]
fn forms_of_a_timeout() {
    let start = Instant::now();
    timeout(ms(5)).wait();
    assert!(start.elapsed() >= ms(5));
    let block = go!({
        timeout(ms(5)).await;
        park!(timeout(ms(5)));
        timeout(ms(5)).take().await
    });
    assert_eq!(value(block), None);
    assert!(start.elapsed() >= ms(20));
    let over = timeout(ms(1));
    over.wait();
    assert!(over.is_over() && over.deadline().unwrap() <= Instant::now());
}

/// The time runs from the call, not from the first poll.
#[test]
fn sleep_counts_from_the_call() {
    on_one_worker(async {
        let start = Instant::now();
        let sleeping = sleep(ms(40));
        sleep(ms(40)).await;
        let both = start.elapsed();
        // Of the same tick: over as well, so that one look is enough.
        let over = alt! { () = park!(sleeping) => true, default => false };
        assert!(over && both >= ms(40));
    });
}

/// A runtime's own tick: 35 ms rounds up to it.
#[test]
fn tick_is_the_runtimes_own() {
    let rt = Runtime::builder().workers(1).tick(ms(100)).build();
    let coarse = rt.go(async {
        // Two timeouts within a tick are one.
        let (a, b) = (timeout(ms(10)), timeout(ms(60)));
        take!(a);
        b.is_over()
    });
    // False only if the tick's border lay between the two.
    let again = rt.go(async {
        let (a, b) = (timeout(ms(10)), timeout(ms(11)));
        take!(b);
        a.is_over()
    });
    value(coarse);
    assert!(value(again));
}

/// A timeout outlives the block that made it, and the runtime too: it does not hang who waits.
#[test]
fn timeout_of_a_runtime_that_has_gone_lets_go() {
    let rt = runtime(1);
    let over = value(rt.go(async { timeout(secs(3600)) }));
    let waiter = std::thread::spawn(move || over.wait());
    rt.shutdown(secs(1)).unwrap();
    let start = Instant::now();
    while !waiter.is_finished() {
        assert!(
            start.elapsed() < secs(20),
            "the timeout of a runtime that has gone hangs"
        );
        std::thread::yield_now();
    }
    waiter.join().unwrap();
}

/// Timeouts made from threads that are no workers, while the workers sleep.
#[test]
fn stress_timeouts_from_many_threads() {
    let rt = Arc::new(runtime(2));
    let threads: Vec<_> = (0..4_u64)
        .map(|n| {
            let rt = Arc::clone(&rt);
            std::thread::spawn(move || {
                let _entered = rt.enter();
                for round in 0..20 {
                    let time = ms((n * 7 + round * 3) % 25);
                    let start = Instant::now();
                    timeout(time).wait();
                    assert!(start.elapsed() >= time);
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
}

#[test]
fn timeout_inside_a_nested_helper_uses_the_current_runtime() {
    async fn helper() -> bool {
        let over = timeout(ms(1));
        until(|| over.is_over()).await;
        true
    }
    assert!(on_one_worker(helper()));
}
