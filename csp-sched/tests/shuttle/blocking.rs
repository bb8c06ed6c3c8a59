//! Threads and workers exchange values: blocking hand-over, the pool, wake-ups from outside.

use std::sync::Arc;

use csp::prelude::*;
use shuttle::sync::atomic::{AtomicBool, Ordering};

use crate::util::{Ledger, World, explore};

/// A block blocks its worker until another block of the same worker has put: the worker's queue goes to a thread of the
/// pool, or nobody would run that.
fn blocks_its_worker(workers: usize) {
    let world = World::new(workers);
    let ledger = Ledger::default();
    let (tx, rx) = chan(0);
    let blocker = {
        let ledger = ledger.clone();
        go!({
            let putter = {
                let ledger = ledger.clone();
                go!({
                    let value = ledger.value(1);
                    ledger.put(1, &put!(tx, value));
                })
            };
            if let Some(value) = allow_blocking!(rx.take_blocking()) {
                ledger.taken(value);
            }
            putter.await
        })
    };
    assert_eq!(blocker.wait(), Ok(Ok(())));
    drop(world);
    assert_eq!(ledger.seen(), [1]);
    ledger.assert_balanced();
}

#[test]
fn a_block_blocks_the_only_worker() {
    explore(4000, || blocks_its_worker(1));
}

#[test]
fn a_block_blocks_one_of_two_workers() {
    explore(4000, || blocks_its_worker(2));
}

/// More blocks block than there are workers, in a ring: each waits for the next.
#[test]
fn a_ring_of_blocks_that_block() {
    explore(2000, || {
        let world = World::new(2);
        let (first, mut rx) = chan(0);
        for _ in 0..3 {
            let (tx, next) = chan(0);
            let from = std::mem::replace(&mut rx, next);
            go!({
                let n: u32 = allow_blocking!(from.take_blocking()).unwrap();
                allow_blocking!(tx.put_blocking(n + 1)).unwrap();
            });
        }
        let last = go!({ take!(rx) });
        first.put_blocking(0).unwrap();
        assert_eq!(last.wait(), Ok(Some(3)));
        drop(world);
    });
}

/// Threads of the pool, a thread outside and blocks put into and take from one channel.
#[test]
fn threads_and_blocks_on_one_channel() {
    explore(2000, || {
        let world = World::new(2);
        let ledger = Ledger::default();
        let (tx, rx) = chan(1);
        let put = |n: u32| {
            let (tx, ledger) = (tx.clone(), ledger.clone());
            move || {
                let value = ledger.value(n);
                ledger.put(n, &tx.put_blocking(value));
            }
        };
        let pooled = [thread(put(0)), thread(put(1))];
        let outside = shuttle::thread::spawn(put(2));
        let block = {
            let (tx, ledger) = (tx.clone(), ledger.clone());
            go!({
                let value = ledger.value(3);
                ledger.put(3, &put!(tx, value));
            })
        };
        drop(tx);
        let takers = {
            let (there, log) = (rx.clone(), ledger.clone());
            let taker = thread(move || {
                while let Some(value) = there.take_blocking() {
                    log.taken(value);
                }
            });
            let log = ledger.clone();
            [
                taker,
                go!({
                    while let Some(value) = take!(rx) {
                        log.taken(value);
                    }
                }),
            ]
        };
        outside.join().unwrap();
        for go in pooled.into_iter().chain([block]).chain(takers) {
            go.wait().unwrap();
        }
        drop(world);
        assert_eq!(ledger.seen().len(), 4);
        ledger.assert_balanced();
    });
}

/// A block starts another and stands in its own turn until that has run: the task in its worker's hand-off slot goes to the
/// other worker, however deep that sleeps.
#[test]
fn a_long_turn_does_not_hold_up_the_slot() {
    explore(2000, || {
        let world = World::new(2);
        let done = Arc::new(AtomicBool::new(false));
        let stands = go!({
            let flag = Arc::clone(&done);
            go!({ flag.store(true, Ordering::SeqCst) });
            while !done.load(Ordering::SeqCst) {
                shuttle::thread::yield_now();
            }
        });
        stands.wait().unwrap();
        drop(world);
    });
}
