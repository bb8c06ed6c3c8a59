//! A million blocks parked on takes, then cancelled. Only the cancelling is measured.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    thread,
    time::Duration,
};

use csp::{go, take};

use crate::{
    chan::{Channel, chan},
    measure::{Clocks, Outcome},
    menu::{Menu, pairs},
    rt::Runtime,
};

static BEGUN: AtomicU64 = AtomicU64::new(0);
static ENDED: AtomicU64 = AtomicU64::new(0);

pub(super) fn add(menu: &mut Menu) {
    let n = menu.workload("cancel_1m", 1_000_000);
    menu.csp(move || csp(n));
    pairs!(menu, 0, "",
        Tokio: [TokioMpsc, Kanal, Flume, AsyncChannel, Tachyonix],
        Smol: [Kanal, Flume, AsyncChannel];
        |R, C| move || own::<R, C>(n)
    );
    let n = menu.workload("cancel_1m_shared", 1_000_000);
    menu.csp(move || csp_shared(n));
    pairs!(menu, 0, "",
        Tokio: [Kanal, Flume, AsyncChannel], Smol: [Kanal, Flume, AsyncChannel];
        |R, C| move || shared::<R, C>(n)
    );
}

/// A block counts itself when it begins and when it is gone.
struct Counted;

impl Counted {
    fn new() -> Self {
        BEGUN.fetch_add(1, Ordering::Relaxed);
        Self
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        ENDED.fetch_add(1, Ordering::Relaxed);
    }
}

fn wait_until(counter: &AtomicU64, goal: u64) {
    while counter.load(Ordering::SeqCst) < goal {
        thread::sleep(Duration::from_millis(1));
    }
}

/// Waits until all are parked, cancels them, and waits until all are gone.
fn measured<T>(n: u64, blocks: Vec<T>, cancel: impl Fn(T)) -> Outcome {
    wait_until(&BEGUN, n);
    // The last to begin are on their way to their park.
    thread::sleep(Duration::from_millis(50));
    let early = ENDED.load(Ordering::SeqCst);
    let clocks = Clocks::now();
    blocks.into_iter().for_each(cancel);
    wait_until(&ENDED, n);
    Outcome {
        taken: Some(clocks.elapsed()),
        right: early == 0,
        ..Outcome::of(n)
    }
}

/// In an order that has nothing to do with that of the start, the same at each run.
fn shuffled<T>(mut blocks: Vec<T>) -> Vec<T> {
    let mut random = 0x9E37_79B9_7F4A_7C15_u64;
    for at in (1..blocks.len()).rev() {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let other = usize::try_from(random % (at as u64 + 1)).expect("below a length");
        blocks.swap(at, other);
    }
    blocks
}

fn csp(n: u64) -> Outcome {
    let (senders, blocks): (Vec<_>, Vec<_>) = (0..n)
        .map(|_| {
            let (tx, rx) = csp::chan::<u64>(0);
            let block = go!({
                let _counted = Counted::new();
                take!(rx)
            });
            (tx, block)
        })
        .unzip();
    let outcome = measured(n, blocks, |block| {
        block.cancel();
    });
    drop(senders);
    outcome
}

fn csp_shared(n: u64) -> Outcome {
    let (tx, rx) = csp::chan::<u64>(0);
    let blocks = (0..n)
        .map(|_| {
            let rx = rx.clone();
            go!({
                let _counted = Counted::new();
                take!(rx)
            })
        })
        .collect();
    let outcome = measured(n, shuffled(blocks), |block| {
        block.cancel();
    });
    drop(tx);
    outcome
}

fn own<R: Runtime, C: Channel>(n: u64) -> Outcome {
    let (senders, blocks): (Vec<_>, Vec<_>) = R::run(async move {
        let one = |_| {
            let (tx, mut rx) = chan::<C>(0);
            let block = R::spawn(async move {
                let _counted = Counted::new();
                C::take(&mut rx).await
            });
            (tx, block)
        };
        (0..n).map(one).unzip()
    });
    let outcome = measured(n, blocks, R::cancel);
    drop(senders);
    outcome
}

fn shared<R: Runtime, C: Channel>(n: u64) -> Outcome
where
    C::Rx: Clone,
{
    let (tx, rx) = chan::<C>(0);
    let blocks = R::run(async move {
        let one = |_| {
            let mut rx = rx.clone();
            R::spawn(async move {
                let _counted = Counted::new();
                C::take(&mut rx).await
            })
        };
        (0..n).map(one).collect()
    });
    let outcome = measured(n, shuffled(blocks), R::cancel);
    drop(tx);
    outcome
}
