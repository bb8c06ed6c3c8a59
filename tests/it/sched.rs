//! The scheduler: nobody idles beside work, nobody waits for a long turn, nothing runs twice.

use std::{
    sync::{
        Arc, Barrier,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use csp::{Runtime, prelude::*};

use crate::util::{LIMIT, on_one_worker, runtime, until, value};

/// Spins until all have come. Only if each of the blocks has a worker of its own does it end.
fn meet(come: &AtomicUsize, all: usize) {
    come.fetch_add(1, Ordering::SeqCst);
    let start = Instant::now();
    while come.load(Ordering::SeqCst) < all {
        std::thread::yield_now();
        assert!(
            start.elapsed() < Duration::from_secs(20),
            "a worker idles beside work"
        );
    }
}

/// GO-113: blocks that spin for each other all run at once, one on each worker; again after the
/// workers had gone to sleep.
#[test]
fn work_conservation_stress() {
    for workers in [2, 4] {
        let rt = runtime(workers);
        for round in 0..30_u64 {
            if round % 3 == 0 {
                // Time to fall asleep; not relied upon.
                std::thread::sleep(ms(2));
            }
            let come = Arc::new(AtomicUsize::new(0));
            let blocks: Vec<_> = (0..workers)
                .map(|_| {
                    let come = Arc::clone(&come);
                    rt.go(async move { meet(&come, workers) })
                })
                .collect();
            blocks.into_iter().for_each(value);
        }
    }
}

/// GO-113, nested: the blocks are started by one of them, which goes on to spin.
#[test]
fn work_conservation_of_nested_blocks_stress() {
    for workers in [2, 4] {
        let rt = runtime(workers);
        for round in 0..30_u64 {
            if round % 3 == 0 {
                std::thread::sleep(ms(2));
            }
            let first = rt.go(async move {
                let come = Arc::new(AtomicUsize::new(0));
                let others: Vec<_> = (1..workers)
                    .map(|_| {
                        let come = Arc::clone(&come);
                        go!({ meet(&come, workers) })
                    })
                    .collect();
                meet(&come, workers);
                others
            });
            value(first).into_iter().for_each(value);
        }
    }
}

/// What stands in the hand-off slot of a worker in a long turn is run by another.
#[test]
fn woken_block_does_not_wait_for_a_long_turn() {
    let rt = runtime(2);
    for _ in 0..20 {
        let (tx, rx) = chan(0);
        let come = Arc::new(AtomicUsize::new(0));
        let there = Arc::clone(&come);
        let woken = rt.go(async move {
            take!(rx).unwrap();
            meet(&there, 2);
        });
        let long = rt.go(async move {
            put!(tx, ()).unwrap();
            meet(&come, 2);
        });
        value(woken);
        value(long);
    }
}

/// A timeout is served while the worker that slept for the one before is in a long turn.
#[test]
fn timeout_does_not_wait_for_a_long_turn() {
    let rt = runtime(2);
    for _ in 0..5 {
        let come = Arc::new(AtomicUsize::new(0));
        let blocks = [10, 30].map(|delay| {
            let come = Arc::clone(&come);
            rt.go(async move {
                sleep(ms(delay)).await;
                meet(&come, 2);
            })
        });
        blocks.into_iter().for_each(value);
    }
}

/// GO-119: a sleeping worker learns of a deadline that comes before the one it sleeps for.
#[test]
fn earlier_timeout_wakes_the_sleeper() {
    let rt = runtime(1);
    let later = rt.go(async { sleep(secs(1_000)).await });
    let _entered = rt.enter();
    for _ in 0..10 {
        // Made on this thread, while the worker sleeps for the later one.
        timeout(ms(5)).wait();
    }
    assert!(later.cancel());
}

/// GO-117: no block is lost or run twice while queues fill, spill and are stolen from.
#[test]
fn stress_every_block_runs_once() {
    let rt = runtime(4);
    let runs: Arc<Vec<AtomicUsize>> = Arc::new((0..40_000).map(|_| AtomicUsize::new(0)).collect());
    let spawners: Vec<_> = (0..4)
        .map(|part| {
            let runs = Arc::clone(&runs);
            rt.go(async move {
                let mut blocks = Vec::new();
                for at in 0..10_000 {
                    let runs = Arc::clone(&runs);
                    blocks.push(go!({
                        if at % 7 == 0 {
                            yield_now().await;
                        }
                        runs[part * 10_000 + at].fetch_add(1, Ordering::SeqCst);
                    }));
                }
                for block in blocks {
                    block.await.unwrap();
                }
            })
        })
        .collect();
    spawners.into_iter().for_each(value);
    assert!(runs.iter().all(|runs| runs.load(Ordering::SeqCst) == 1));
}

/// GO-118: a worker steals from every other, wherever the work is.
#[test]
fn work_on_any_worker_is_stolen() {
    let workers = 4;
    let rt = runtime(workers);
    for _ in 0..20 {
        let come = Arc::new(AtomicUsize::new(0));
        // Each of the four, on whichever worker it is, leaves work that only others can do.
        let blocks: Vec<_> = (0..workers)
            .map(|_| {
                let come = Arc::clone(&come);
                rt.go(async move {
                    let (a, b) = (go!({ 1 }), go!({ 2 }));
                    meet(&come, workers);
                    a.await.unwrap() + b.await.unwrap()
                })
            })
            .collect();
        assert_eq!(blocks.into_iter().map(value).sum::<i32>(), 12);
    }
}

/// GO-120: an absurd number of workers starts, works and ends.
#[test]
fn stress_a_thousand_workers() {
    let rt = Runtime::builder().workers(1024).build();
    let (tx, rx) = chan(0);
    let sum = rt.go(async move {
        let mut sum = 0;
        while let Some(n) = take!(rx) {
            sum += n;
        }
        sum
    });
    let puts: Vec<_> = (0..1_000_u64)
        .map(|n| {
            let tx = tx.clone();
            rt.go(async move { put!(tx, n).unwrap() })
        })
        .collect();
    drop(tx);
    assert_eq!(value(sum), 499_500);
    puts.into_iter().for_each(value);
    rt.shutdown(LIMIT).unwrap();
}

/// GO-121: plain threads on both ends of channels with blocks.
#[test]
fn threads_and_blocks_on_the_same_channels() {
    let (to_block, from_thread) = chan(0);
    let (to_thread, from_block) = chan(0);
    go!({
        while let Some(n) = take!(from_thread) {
            put!(to_thread, n * 2_u64).ok();
        }
    });
    let feeder = std::thread::spawn(move || {
        for n in 0..100 {
            to_block.put_blocking(n).unwrap();
        }
    });
    assert_eq!(from_block.into_iter().sum::<u64>(), 9_900);
    feeder.join().unwrap();
}

/// Blocks that compute run on all workers at once, not one after the other on one.
#[test]
fn computing_blocks_spread_over_the_workers() {
    let rt = runtime(2);
    let barrier = Arc::new(Barrier::new(2));
    let threads: Vec<_> = (0..2)
        .map(|_| {
            let barrier = Arc::clone(&barrier);
            rt.go(async move {
                barrier.wait();
                std::thread::current().id()
            })
        })
        .collect();
    let threads: Vec<_> = threads.into_iter().map(value).collect();
    assert_ne!(threads[0], threads[1]);
}

/// An idle runtime uses no processor time worth speaking of.
#[test]
#[cfg(target_os = "linux")]
fn idle_workers_sleep() {
    /// The processor time of the threads with this name, in hundredths of a second.
    fn ticks_used() -> u64 {
        let tasks = std::fs::read_dir("/proc/self/task").unwrap();
        let used = tasks.filter_map(|task| {
            let stat = std::fs::read_to_string(task.ok()?.path().join("stat")).ok()?;
            let (name, fields) = stat.rsplit_once(')')?;
            let fields: Vec<_> = fields.split_whitespace().collect();
            name.contains("(sleepers")
                .then(|| fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap())
        });
        used.sum()
    }
    let rt = Runtime::builder().workers(4).name("sleepers").build();
    let (_tx, rx) = chan::<()>(0);
    let _parked = rt.go(async move { take!(rx) });
    let _sleeping = rt.go(async { sleep(secs(1_000)).await });
    std::thread::sleep(ms(50));
    let before = ticks_used();
    std::thread::sleep(ms(500));
    // Workers that spin would use as many as there are processors times fifty.
    let used = ticks_used() - before;
    assert!(used <= 10, "{used} ticks in half a second");
}

/// A block woken while it runs is run again, once for all the wake-ups.
#[test]
fn wake_during_a_turn_is_not_lost() {
    on_one_worker(async {
        let polls = Arc::new(AtomicU64::new(0));
        let seen = Arc::clone(&polls);
        let block = go!({
            std::future::poll_fn(|cx| {
                let before = seen.fetch_add(1, Ordering::SeqCst);
                if before == 0 {
                    for _ in 0..10 {
                        cx.waker().wake_by_ref();
                        let waker = cx.waker().clone();
                        cx.waker().wake_by_ref();
                        waker.wake();
                    }
                    std::task::Poll::Pending
                } else {
                    std::task::Poll::Ready(())
                }
            })
            .await;
        });
        block.await.unwrap();
        assert_eq!(polls.load(Ordering::SeqCst), 2);
        until(|| true).await;
    });
}
