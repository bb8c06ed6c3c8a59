//! Many who wait for the same: takers, alts, watchers, readers of a promise.

use csp::{Error, lock, prelude::*, promise::promise};

use super::{Meter, shuffled};

/// Lets all blocks have the turns that are due.
fn settle() {
    for _ in 0..2 {
        go!({ yield_now().await }).wait().expect("it yields");
    }
}

/// Starts `n` blocks in a block, so that they are parked when it gives their handles.
fn parked<F>(n: u64, block: impl Fn() -> F + Send + 'static) -> Vec<Go<F::Output>>
where
    F: Future<Output: Send> + Send + 'static,
{
    let blocks = go!({ (0..n).map(|_| go(block())).collect() });
    let blocks = blocks.wait().expect("it starts them");
    settle();
    blocks
}

fn join<T>(blocks: Vec<Go<T>>) {
    for block in blocks {
        drop(block.wait());
    }
}

/// Takers of one channel, each served.
pub(crate) fn takers(meter: &mut Meter, n: u64) {
    let (tx, rx) = chan::<u64>(0);
    meter.begin();
    let blocks = parked(n, move || {
        let rx = rx.clone();
        async move { take!(rx).expect("each is served") }
    });
    meter.end_made("start, park", n);
    let putter = go!({
        for n in 0..n {
            put!(tx, n).expect("there are takers");
        }
    });
    putter.wait().expect("it puts all");
    join(blocks);
    meter.end("serve, end", n);
}

/// Takers of one channel, cancelled in another order than they came.
pub(crate) fn cancelled(meter: &mut Meter, n: u64) {
    let (tx, rx) = chan::<u64>(0);
    let order = shuffled(n);
    let blocks = parked(n, move || {
        let rx = rx.clone();
        async move { take!(rx).is_some() }
    });
    meter.begin();
    for at in order {
        blocks[at].cancel();
    }
    join(blocks);
    meter.end("cancel", n);
    drop(tx);
}

/// Takers of one channel that is closed.
pub(crate) fn closed(meter: &mut Meter, n: u64) {
    let (tx, rx) = chan::<u64>(0);
    let blocks = parked(n, move || {
        let rx = rx.clone();
        async move { take!(rx).is_none() }
    });
    meter.begin();
    drop(tx);
    join(blocks);
    meter.end("end", n);
}

/// Those who wait for a channel to close, half of whom give up.
pub(crate) fn watchers(meter: &mut Meter, n: u64) {
    let (tx, rx) = chan::<u64>(0);
    let order = shuffled(n);
    meter.begin();
    let blocks = parked(n, move || {
        let tx = tx.clone();
        async move { tx.closed().await }
    });
    meter.end_made("start, park", n);
    for &at in order.iter().take(order.len() / 2) {
        blocks[at].cancel();
    }
    settle();
    meter.end("cancel", n / 2);
    rx.close();
    join(blocks);
    meter.end("end", n);
}

/// Alts on one channel and one of their own.
struct Alts {
    shared: Sender<u64>,
    own: Vec<Sender<u64>>,
    blocks: Vec<Go<()>>,
}

impl Alts {
    fn new(n: u64) -> Self {
        let (shared, rx) = chan::<u64>(0);
        let blocks = go!({
            let mut own = Vec::new();
            let blocks = (0..n)
                .map(|_| {
                    let (tx, mine) = chan::<u64>(0);
                    own.push(tx);
                    let shared = rx.clone();
                    go!({
                        alt! {
                            _ = take!(shared) => {}
                            _ = take!(mine) => {}
                        }
                    })
                })
                .collect();
            (own, blocks)
        });
        let (own, blocks) = blocks.wait().expect("it starts them");
        settle();
        Self {
            shared,
            own,
            blocks,
        }
    }
}

/// Served through the shared channel.
pub(crate) fn alts_shared(meter: &mut Meter, n: u64) {
    meter.begin();
    let alts = Alts::new(n);
    meter.end_made("start, park", n);
    let shared = alts.shared;
    let putter = go!({
        for n in 0..n {
            put!(shared, n).expect("somebody takes");
        }
    });
    putter.wait().expect("it puts all");
    join(alts.blocks);
    meter.end("serve, end", n);
}

/// Served through their own, with tries at the shared one in between: it still has those who were served, and
/// have had no turn yet.
pub(crate) fn alts_ended(meter: &mut Meter, n: u64) {
    let Alts {
        shared,
        own,
        blocks,
    } = Alts::new(n);
    meter.begin();
    let ends = go!({
        for at in shuffled(n) {
            own[at].try_put(0).expect("it waits");
        }
        for _ in 0..n {
            assert!(shared.try_put(0).is_err(), "nobody is left");
        }
    });
    ends.wait().expect("it ends");
    meter.end("serve, and a try in vain", n);
    join(blocks);
    meter.end("end", n);
}

/// Readers of one promise, half of whom give up.
pub(crate) fn readers(meter: &mut Meter, n: u64) {
    let (resolver, answer) = promise::<u64, Error>();
    let answer = answer.shared();
    let order = shuffled(n);
    meter.begin();
    let blocks = parked(n, move || {
        let answer = answer.clone();
        async move { answer.await.is_ok() }
    });
    meter.end_made("start, park", n);
    for &at in order.iter().take(order.len() / 2) {
        blocks[at].cancel();
    }
    settle();
    meter.end("cancel", n / 2);
    resolver.fulfill(1).expect("it is wanted");
    join(blocks);
    meter.end("end", n);
}

/// Blocks that wait for one lock.
pub(crate) fn lock(meter: &mut Meter, n: u64) {
    let mutex = std::sync::Arc::new(lock::Mutex::new(0_u64));
    let guard = mutex.lock_blocking();
    let there = std::sync::Arc::clone(&mutex);
    meter.begin();
    let blocks = parked(n, move || {
        let mutex = std::sync::Arc::clone(&there);
        async move { *mutex.lock().await += 1 }
    });
    meter.end_made("start, park", n);
    drop(guard);
    join(blocks);
    assert_eq!(*mutex.lock_blocking(), n);
    meter.end("lock, end", n);
}
