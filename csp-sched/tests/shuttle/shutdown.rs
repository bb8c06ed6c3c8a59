//! The runtime's end, while all are busy.

use csp::prelude::*;

use crate::util::{Ledger, World, explore};

/// Blocks that never end by themselves are cancelled while they exchange values; all is dropped, and every thread ends.
/// (They park at last: a schedule of PCT is not fair, and would let them run for ever.)
fn ends_while_busy(workers: usize) {
    let world = World::new(workers);
    let ledger = Ledger::default();
    let (tx, rx) = chan(1);
    let (first, started) = chan(promise_buffer());
    for n in 0..2 {
        let (tx, ledger, first) = (tx.clone(), ledger.clone(), first.clone());
        go!({
            for _ in 0..4 {
                let value = ledger.value(n);
                if put!(tx, value).is_err() {
                    return;
                }
                first.try_put(()).ok();
            }
            tx.closed().await;
        });
    }
    let there = rx.clone();
    go!({ while let Some(_value) = take!(there) {} });
    go!({ sleep(secs(1000)).await });
    started.take_blocking();
    world.end_now();
    drop((tx, rx));
    ledger.assert_gone();
}

#[test]
fn a_runtime_ends_while_blocks_are_busy() {
    explore(2000, || ends_while_busy(2));
}

#[test]
fn a_runtime_of_one_worker_ends_while_blocks_are_busy() {
    explore(2000, || ends_while_busy(1));
}

/// A thread starts blocks while the runtime ends: each runs, or its handle says that it was cancelled.
#[test]
fn blocks_are_started_while_it_ends() {
    explore(3000, || {
        let world = World::new(2);
        let handle = world.runtime().handle();
        let starter = shuttle::thread::spawn(move || {
            for n in 0..3_u32 {
                let outcome = handle.go(async move { n }).wait();
                assert!(outcome == Ok(n) || outcome == Err(Failure::Cancelled));
            }
        });
        world.end_now();
        starter.join().unwrap();
    });
}

/// It ends while threads of the pool wait for values that never come, until their channels go with the blocks.
#[test]
fn it_ends_with_threads_in_the_pool() {
    explore(2000, || {
        let world = World::new(2);
        let (tx, rx) = chan::<u32>(0);
        go!({
            let _kept = tx;
            sleep(secs(1000)).await;
        });
        let thread = thread(move || rx.take_blocking());
        world.end_now();
        assert!(matches!(thread.wait(), Ok(None) | Err(Failure::Cancelled)));
    });
}
