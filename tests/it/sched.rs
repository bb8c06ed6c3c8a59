//! The scheduler: nothing starves, nobody idles beside work, turns are shared.

use std::{
    hint::spin_loop,
    sync::{
        Arc, Barrier,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use csp::{Runtime, prelude::*};

use crate::util::{LIMIT, on_one_worker, runtime, until, value};

/// GO-112: a block in a loop of try-take and yield sees a value that is put later, also with one worker.
#[test]
fn yield_is_fair() {
    on_one_worker(async {
        let (tx, rx) = chan(1);
        let poller = go!({
            loop {
                match rx.try_take() {
                    Ok(value) => break value,
                    Err(_) => yield_now().await,
                }
            }
        });
        for _ in 0..10 {
            yield_now().await;
        }
        assert!(!poller.is_finished());
        tx.try_put(5).unwrap();
        assert_eq!(poller.await, Ok(5));
    });
}

/// Every other block has its turn before the one that yields.
#[test]
fn yield_lets_every_other_block_go_first() {
    on_one_worker(async {
        let ran = Arc::new(AtomicUsize::new(0));
        for _ in 0..100 {
            let ran = Arc::clone(&ran);
            go!({ ran.fetch_add(1, Ordering::SeqCst) });
        }
        // The last one started may stand in the hand-off slot, whose turn comes as well.
        yield_now().await;
        assert_eq!(ran.load(Ordering::SeqCst), 100);
    });
}

/// GO-115: a block whose operations always succeed spends a budget, and lets others run.
#[test]
fn operations_that_always_succeed_still_yield() {
    on_one_worker(async {
        let stop = Arc::new(AtomicBool::new(false));
        let (tx, rx) = chan(1);
        let (over, seen) = (Arc::clone(&stop), Arc::clone(&stop));
        let puts_and_takes = go!({
            let mut rounds = 0_u64;
            while !over.load(Ordering::SeqCst) {
                put!(tx, rounds).unwrap();
                take!(rx).unwrap();
                rounds += 1;
            }
            rounds
        });
        let (tx, rx) = chan::<u8>(1);
        let alts = go!({
            while !seen.load(Ordering::SeqCst) {
                alt! {
                    ok = put!(tx, 1) => ok.unwrap(),
                    _ = take!(rx) => {}
                }
            }
        });
        let closed = chan::<u8>(0).1;
        let seen = Arc::clone(&stop);
        let takes_nothing = go!({
            while !seen.load(Ordering::SeqCst) {
                assert_eq!(take!(closed), None);
            }
        });
        yield_now().await;
        stop.store(true, Ordering::SeqCst);
        assert!(puts_and_takes.await.unwrap() > 0);
        alts.await.unwrap();
        takes_nothing.await.unwrap();
    });
}

/// GO-108: a pair that keeps one worker busy cannot hold up a timeout.
#[test]
fn chatty_pair_does_not_starve_timeouts() {
    on_one_worker(async {
        let (tx, rx) = chan::<u32>(1);
        let hog = go!({ while put!(tx, 0).is_ok() {} });
        let taker = rx.clone();
        let other = go!({ while take!(taker).is_some() {} });
        let before = Instant::now();
        sleep(ms(20)).await;
        assert!(before.elapsed() >= ms(20));
        rx.close();
        hog.await.unwrap();
        other.await.unwrap();
    });
}

/// GO-109: neither can the arm that is always ready starve the timeout arm beside it.
#[test]
fn busy_arm_does_not_starve_the_timeout_arm() {
    on_one_worker(async {
        let (tx, rx) = chan::<u32>(0);
        let feeders: Vec<_> = (0..2)
            .map(|_| {
                let tx = tx.clone();
                go!({ while put!(tx, 0).is_ok() {} })
            })
            .collect();
        let over = timeout(ms(20));
        let mut taken = 0_u64;
        loop {
            alt! {
                _ = take!(rx) => taken += 1,
                _ = take!(over) => break,
            }
        }
        assert!(taken > 0);
        drop(rx);
        for feeder in feeders {
            feeder.await.unwrap();
        }
    });
}

/// GO-110: the same while the thread makes system calls.
#[test]
fn system_calls_do_not_starve_the_timeout_arm() {
    on_one_worker(async {
        let (tx, rx) = chan::<u32>(0);
        let feeder = go!({
            while put!(tx, 0).is_ok() {
                std::thread::yield_now();
            }
        });
        let over = timeout(ms(20));
        loop {
            alt! {
                _ = take!(rx) => std::thread::yield_now(),
                _ = take!(over) => break,
            }
        }
        drop(rx);
        feeder.await.unwrap();
    });
}

/// A pair that wakes each other shares the worker's time through the hand-off slot, and still others
/// come by: work from outside, and work of the worker's own queue.
#[test]
fn handoff_does_not_starve_the_queues() {
    let rt = runtime(1);
    let (ping, pong) = (chan::<u32>(0), chan::<u32>(0));
    let (ping_rx, pong_tx) = (ping.1, pong.0);
    let echo = rt.go(async move {
        while let Some(n) = take!(ping_rx) {
            put!(pong_tx, n).ok();
        }
    });
    let (ping_tx, pong_rx) = (ping.0, pong.1);
    let stop = Arc::new(AtomicBool::new(false));
    let over = Arc::clone(&stop);
    let pair = rt.go(async move {
        while !over.load(Ordering::SeqCst) {
            put!(ping_tx, 1).unwrap();
            take!(pong_rx).unwrap();
        }
    });
    // From outside: through the injector. What it starts: through the worker's own queue.
    let outside = rt.go(async {
        let inner: Vec<_> = (0..10).map(|n| go!({ n })).collect();
        let mut sum = 0;
        for go in inner {
            sum += go.await.unwrap();
        }
        sum
    });
    assert_eq!(value(outside), 45);
    stop.store(true, Ordering::SeqCst);
    value(pair);
    value(echo);
}

/// GO-114: one worker, a heavy pair and a light pair: their progress stays within a factor of 20.
#[test]
fn two_pairs_share_one_worker() {
    fn pair(stop: &Arc<AtomicBool>, work: u32) -> Go<u64> {
        let (ping, pong) = (chan::<u32>(0), chan::<u32>(0));
        let (ping_rx, pong_tx) = (ping.1, pong.0);
        go!({
            while let Some(n) = take!(ping_rx) {
                put!(pong_tx, n).ok();
            }
        });
        let (ping_tx, pong_rx, stop) = (ping.0, pong.1, Arc::clone(stop));
        go!({
            let mut rounds = 0;
            while !stop.load(Ordering::SeqCst) {
                for _ in 0..work {
                    spin_loop();
                }
                put!(ping_tx, 1).unwrap();
                take!(pong_rx).unwrap();
                rounds += 1;
            }
            rounds
        })
    }
    let (heavy, light) = on_one_worker(async {
        let stop = Arc::new(AtomicBool::new(false));
        let (heavy, light) = (pair(&stop, 1_000), pair(&stop, 10));
        sleep(ms(100)).await;
        stop.store(true, Ordering::SeqCst);
        (heavy.await.unwrap(), light.await.unwrap())
    });
    assert!(heavy > 0 && light > 0);
    assert!(
        light < 20 * heavy && heavy < 20 * light,
        "{heavy} rounds and {light} rounds"
    );
}

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
