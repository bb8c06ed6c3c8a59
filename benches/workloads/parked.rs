//! Many blocks that wait, each for its own channel.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    thread,
    time::Duration,
};

use csp::prelude::*;

use super::sum_below;

/// What has just been reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Nothing but the list of senders to come.
    Begun,
    /// All blocks are parked.
    Parked,
    /// All have taken their value and are gone.
    Woken,
}

// Statics, so that they take no room in the blocks. One such workload runs at a time.
static BEGUN: AtomicU64 = AtomicU64::new(0);
static ENDED: AtomicU64 = AtomicU64::new(0);
static SUM: AtomicU64 = AtomicU64::new(0);

/// Parks `blocks` blocks, each on a take from a channel of its own, then wakes them all by a put into
/// each. Tells `reached` of every stage.
pub(crate) fn parked(blocks: u64, mut reached: impl FnMut(Stage)) {
    for counter in [&BEGUN, &ENDED, &SUM] {
        counter.store(0, Ordering::SeqCst);
    }
    let mut senders = Vec::with_capacity(usize::try_from(blocks).expect("memory is limited"));
    reached(Stage::Begun);
    let senders = go!({
        for _ in 0..blocks {
            let (tx, rx) = chan::<u64>(0);
            senders.push(tx);
            go!({
                BEGUN.fetch_add(1, Ordering::Relaxed);
                let n = take!(rx).expect("every block gets a value");
                SUM.fetch_add(n, Ordering::Relaxed);
                ENDED.fetch_add(1, Ordering::Relaxed);
            });
        }
        senders
    })
    .wait()
    .expect("the blocks are started");
    wait_until(&BEGUN, blocks);
    reached(Stage::Parked);
    let waker = go!({
        for (n, tx) in (0..).zip(&senders) {
            put!(tx, n).expect("the block waits");
        }
        senders
    });
    wait_until(&ENDED, blocks);
    reached(Stage::Woken);
    waker.wait().expect("all values are put");
    assert_eq!(SUM.load(Ordering::SeqCst), sum_below(blocks));
}

/// Parks `blocks` blocks, each on a take from a channel of its own, and cancels them.
pub(crate) fn cancelled(blocks: u64) {
    let cancel = go!({
        let mut parked = Vec::with_capacity(usize::try_from(blocks).expect("memory is limited"));
        for _ in 0..blocks {
            let (tx, rx) = chan::<u64>(0);
            parked.push((tx, go!({ take!(rx) })));
        }
        yield_now().await;
        for (_, block) in &parked {
            block.cancel();
        }
        let mut cancelled = 0;
        for (tx, block) in parked {
            cancelled += u64::from(block.await == Err(Failure::Cancelled));
            drop(tx);
        }
        cancelled
    });
    assert_eq!(cancel.wait(), Ok(blocks));
}

fn wait_until(counter: &AtomicU64, goal: u64) {
    while counter.load(Ordering::SeqCst) < goal {
        thread::sleep(Duration::from_millis(1));
    }
}
