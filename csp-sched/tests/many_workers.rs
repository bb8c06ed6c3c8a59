//! Far more workers than cores: what is kept for each worker (its queue, its home) adds up to the whole.

use std::{
    collections::HashSet,
    thread::{self, ScopedJoinHandle},
};

use csp_core::{Failure, Go, Receiver, chan, take};
use csp_sched::{Runtime, Timeout, deadline, go, ms, now, secs, sleep, timeout, yield_now};

const WORKERS: usize = 64;
const ROOTS: u64 = 64;
const CHILDREN: u64 = 50;

/// Starts blocks that wait for `gate`, from a block that is moved about among the workers.
async fn start(gate: Receiver<()>, first: u64) -> Vec<Go<u64>> {
    let mut children = Vec::new();
    for n in first..first + CHILDREN {
        let gate = gate.clone();
        children.push(go!({
            take!(gate);
            n
        }));
        if n % 5 == 0 {
            yield_now().await;
        }
    }
    children
}

/// Starts them from blocks and, as many again, from four threads outside; gives all.
fn started(runtime: &Runtime, gate: &Receiver<()>) -> Vec<Go<u64>> {
    let roots: Vec<_> = (0..ROOTS)
        .map(|root| runtime.go(start(gate.clone(), root * CHILDREN)))
        .collect();
    let outside: Vec<Go<u64>> = thread::scope(|scope| {
        let threads: Vec<_> = (0..4)
            .map(|at| {
                scope.spawn(move || {
                    let quarter = ROOTS * CHILDREN / 4;
                    let first = ROOTS * CHILDREN + at * quarter;
                    let block = |n| {
                        let gate = gate.clone();
                        runtime.go(async move {
                            take!(gate);
                            n
                        })
                    };
                    (first..first + quarter).map(block).collect::<Vec<_>>()
                })
            })
            .collect();
        let started = threads.into_iter().map(ScopedJoinHandle::join);
        started
            .flat_map(|all| all.expect("it starts them"))
            .collect()
    });
    let inside = roots.into_iter().map(|root| root.wait());
    let mut all: Vec<_> = inside
        .flat_map(|all| all.expect("it starts them"))
        .collect();
    all.extend(outside);
    all
}

#[test]
fn the_homes_of_many_workers_know_each_block_once() {
    let runtime = Runtime::builder().workers(WORKERS).build();
    let (open, gate) = chan::<()>(0);
    let blocks = started(&runtime, &gate);
    let count = 2 * ROOTS * CHILDREN;
    let numbers: HashSet<_> = blocks.iter().map(Go::id).collect();
    assert_eq!(numbers.len() as u64, count, "no two blocks have one number");
    // (A root's outcome is there shortly before the root is gone.)
    while runtime.live() as u64 > count {
        thread::yield_now();
    }
    assert_eq!(runtime.live() as u64, count, "none has ended");
    drop(open);
    let mut values: Vec<_> = blocks
        .into_iter()
        .map(|block| block.wait().unwrap())
        .collect();
    values.sort_unstable();
    assert!(values.into_iter().eq(0..count), "each has run once");
    assert!(runtime.shutdown(secs(60)).is_ok());
}

#[test]
fn a_shutdown_reaches_the_homes_of_all_workers() {
    let runtime = Runtime::builder().workers(WORKERS).build();
    let (_open, gate) = chan::<()>(0);
    let blocks = started(&runtime, &gate);
    assert!(runtime.shutdown(ms(0)).is_ok(), "parked blocks end at once");
    for block in blocks {
        assert_eq!(block.wait(), Err(Failure::Cancelled));
    }
}

/// A block on each worker and more sleeps, again and again, for as long as chance has it: each wakes, never early,
/// whichever worker kept the time of whichever table.
#[test]
fn timeouts_of_all_workers_and_of_outside_end() {
    const NAPS: u64 = 10;
    let runtime = Runtime::builder().workers(WORKERS).tick(ms(1)).build();
    let blocks: Vec<_> = (0..2 * WORKERS as u64)
        .map(|block| {
            runtime.go(async move {
                for nap in 0..NAPS {
                    let until = now() + ms((block * 7 + nap * 3) % 11);
                    if nap % 2 == 0 {
                        sleep(until.saturating_duration_since(now())).await;
                    } else {
                        take!(deadline(until));
                    }
                    assert!(now() >= until, "early");
                    yield_now().await;
                }
            })
        })
        .collect();
    let _entered = runtime.enter();
    for nap in 0..NAPS {
        timeout(ms(nap)).wait();
    }
    for block in blocks {
        block.wait().expect("it wakes, and never early");
    }
    assert!(runtime.shutdown(secs(60)).is_ok());
}

/// Timeouts of all tables end with the runtime.
#[test]
fn a_shutdown_ends_the_timeouts_of_all_workers() {
    let runtime = Runtime::builder().workers(WORKERS).build();
    let made: Vec<Go<Vec<Timeout>>> = (0..WORKERS as u64)
        .map(|block| {
            runtime.go(async move {
                let mut all = Vec::new();
                for n in 0..CHILDREN {
                    all.push(timeout(secs(3600 + block * n)));
                    if n % 5 == 0 {
                        yield_now().await;
                    }
                }
                all
            })
        })
        .collect();
    let mut all: Vec<Timeout> = made
        .into_iter()
        .flat_map(|made| made.wait().unwrap())
        .collect();
    all.push({
        let _entered = runtime.enter();
        timeout(secs(3600))
    });
    assert!(runtime.shutdown(secs(60)).is_ok());
    assert!(all.iter().all(Timeout::is_over));
}
