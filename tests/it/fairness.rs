//! Turns are shared: whoever yields, or does an operation, lets the others run.

use std::{
    hint::spin_loop,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Instant,
};

use csp::prelude::*;

use crate::util::{on_one_worker, runtime, value};

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
