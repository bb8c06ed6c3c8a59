//! Blocks, and what is kept for each.

use csp::{Error, Local, Runtime, inspect, prelude::*, promise::promise};

use super::{Meter, size};
use crate::workloads::{
    blocks,
    parked::{self, Stage},
};

/// Blocks that are parked, each on a channel of its own, and then woken.
pub(crate) fn parked(meter: &mut Meter, n: u64) {
    parked::parked(n, |stage| match stage {
        Stage::Begun => meter.begin(),
        Stage::Parked => meter.end_made("start, park", n),
        Stage::Woken => meter.end("put, end", n),
    });
}

/// Blocks that are started and joined beside so many that are parked.
pub(crate) fn beside(meter: &mut Meter, n: u64) {
    const STARTED: u64 = 100_000;
    parked::parked(n, |stage| {
        if stage == Stage::Parked {
            meter.begin();
            blocks::spawn_join(STARTED, 1_000);
            meter.end("start and join one", STARTED);
        }
    });
}

/// A token that goes round so many blocks.
pub(crate) fn ring(meter: &mut Meter, n: u64) {
    let hops = 2 * n.max(100_000);
    meter.begin();
    blocks::ring(size(n), hops);
    meter.end("hop (and start)", hops);
}

/// The children of a scope.
pub(crate) fn scope(meter: &mut Meter, n: u64) {
    meter.begin();
    let children = csp::scope(|scope| {
        let children: Vec<_> = (0..n).map(|n| scope.go(async move { n })).collect();
        let sum: u64 = children
            .into_iter()
            .map(|child| child.wait().unwrap())
            .sum();
        sum
    });
    assert_eq!(children, n * (n - 1) / 2);
    meter.end("child", n);
}

/// A runtime that is shut down with so many blocks, all parked.
pub(crate) fn shutdown(meter: &mut Meter, n: u64) {
    let runtime = Runtime::builder().workers(1).build();
    let (tx, rx) = chan::<u64>(0);
    runtime
        .go(async move {
            for _ in 0..n {
                let rx = rx.clone();
                drop(go!({ take!(rx) }));
            }
            yield_now().await;
        })
        .wait()
        .expect("it starts them");
    meter.begin();
    assert!(runtime.shutdown(ms(0)).is_ok(), "parked blocks end");
    meter.end("cancel at shutdown", n);
    drop(tx);
}

/// Sleepers with a deadline each, no two the same, in virtual time.
pub(crate) fn sleepers(meter: &mut Meter, n: u64) {
    let local = Local::virtual_time();
    meter.begin();
    let sleepers: Vec<Go<()>> = super::shuffled(n)
        .into_iter()
        .map(|at| {
            let nap = std::time::Duration::from_micros(1 + at as u64);
            local.go(async move { sleep(nap).await })
        })
        .collect();
    // The first turns, without the time's passing.
    let held = local.handle().hold_time();
    local.run_until_idle();
    meter.end_made("start, sleep", n);
    drop(held);
    local.run_until(async move {
        for sleeper in sleepers {
            sleeper.await.expect("it wakes");
        }
    });
    meter.end("wake, end", n);
}

/// Timeouts with a tick each, made and dropped before their time.
pub(crate) fn timeouts(meter: &mut Meter, n: u64) {
    const HOUR: std::time::Duration = secs(3600);
    meter.begin();
    let timeouts: Vec<_> = super::shuffled(n)
        .into_iter()
        .map(|at| timeout(HOUR + ms(10 * at as u64)))
        .collect();
    meter.end_made("make", n);
    drop(timeouts);
    meter.end("drop", n);
    // The first makes room: nobody uses what is there.
    let again: Vec<_> = (0..n).map(|at| timeout(2 * HOUR + ms(10 * at))).collect();
    meter.end("make again", n);
    drop(again);
}

/// The steps of a chain of promises, all there before the first is settled.
pub(crate) fn promise_chain(meter: &mut Meter, n: u64) {
    let (resolver, head) = promise::<u64, Error>();
    meter.begin();
    let last = (0..n).fold(head, |promise, _| promise.map(|n| n + 1));
    meter.end_made("make a step", n);
    resolver.fulfill(0).expect("it is wanted");
    assert_eq!(last.wait().expect("no step fails"), n);
    meter.end("do a step", n);
}

/// All of so many promises.
pub(crate) fn promise_all(meter: &mut Meter, n: u64) {
    meter.begin();
    let (resolvers, promises): (Vec<_>, Vec<Promise<u64, Error>>) =
        (0..n).map(|_| promise::<u64, Error>()).unzip();
    let all = csp::promise::all(promises);
    meter.end_made("make", n);
    for (n, resolver) in (0..).zip(resolvers) {
        resolver.fulfill(n).expect("it is wanted");
    }
    assert_eq!(all.wait().expect("none fails").len(), size(n));
    meter.end("settle", n);
}

/// A dump of so many blocks.
pub(crate) fn dump(meter: &mut Meter, n: u64) {
    inspect::enable();
    parked::parked(n, |stage| {
        if stage == Stage::Parked {
            meter.begin();
            let dump = inspect::dump();
            meter.end("block in a dump", n);
            drop(dump);
            meter.begin();
            let stuck = inspect::stuck();
            meter.end("block in `stuck`", n);
            drop(stuck);
        }
    });
}

/// Workers: messages through one channel, and blocks, while all but two of the workers are of no use.
pub(crate) fn workers(meter: &mut Meter, n: u64) {
    let runtime = Runtime::builder().workers(size(n)).build();
    let _entered = runtime.enter();
    blocks::spawn_join(10_000, 1_000);
    meter.begin();
    blocks::pingpong(100_000);
    meter.end("round trip", 100_000);
    blocks::spawn_join(200_000, 1_000);
    meter.end("start and join", 200_000);
    crate::workloads::channels::stream(8, 8, 1024, 400_000);
    meter.end("message, 8 to 8", 400_000);
    blocks::skynet(100_000, 10);
    meter.end("leaf of a tree", 100_000);
}
