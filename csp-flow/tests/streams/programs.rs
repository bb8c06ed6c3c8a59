//! Several operators together.

use csp::{Buffer, BufferPolicy, Receiver, chan, ops::to_chan, stream};

use crate::{
    rules::Source,
    util::blocks::{Stage, all, cause, drain, eventually, ready, value},
};

/// EV-039: each channel of a chain is closed and empty after the run.
#[test]
fn ev_039_every_channel_of_a_chain_is_drained() {
    let rx = ready(1..=9_u32);
    let first = stream(rx.clone()).map(|n| n + 1).chan(2);
    let second = stream(first.clone()).partition_all(2).chan(2);
    let third = stream(second.clone()).cat().chan(2);
    assert!(all(&third).into_iter().eq(2..=10));
    for (closed, empty) in [
        (rx.is_closed(), rx.is_empty()),
        (first.is_closed(), first.is_empty()),
        (second.is_closed(), second.is_empty()),
        (third.is_closed(), third.is_empty()),
    ] {
        assert!(closed && empty);
    }
}

/// Lamina's close of the right-most, through blocks of all kinds; without a put.
#[test]
fn ev_217_the_close_of_the_right_most_reaches_the_left_most() {
    let stage = Stage::new();
    let (tx, rx) = chan::<u32>(0);
    let out = stage.with(|| {
        stream(rx)
            .map(|n| n + 1)
            .then(async |n| n)
            .buffer(3)
            .try_map(u8::try_from)
            .par_map(2, async |n| n)
            .buffer_by(|_| 1, 2)
            .filter(|n| n % 2 == 0)
            .chan(1)
    });
    assert!(!tx.is_closed());
    drop(out);
    stage.idle();
    assert!(tx.is_closed());
}

/// A failure goes the same way down, whatever is between.
#[test]
fn ev_202_a_failure_reaches_the_right_most_with_its_cause() {
    let (tx, rx) = chan::<u32>(4);
    let out = stream(rx)
        .then(async |n| n)
        .buffer(3)
        .try_map(u8::try_from)
        .par_map(2, async |n| n)
        .map(|n| [n])
        .cat()
        .chan(1);
    tx.try_put(1).unwrap();
    tx.try_put(2).unwrap();
    tx.fail("no disk");
    assert_eq!(all(&out), [1, 2]);
    assert_eq!(cause(&out), "no disk");
}

/// EV-152: three at a time on one source divide it; nothing is lost or seen twice.
#[test]
fn ev_152_streams_on_one_source_divide_it() {
    let rx = to_chan(0..900_u32);
    let outs: Vec<_> = (0..3)
        .map(|_| stream(rx.clone()).map(|n| n * 2).chan(0))
        .collect();
    drop(rx);
    let parts = outs.into_iter().map(|out| csp::thread(move || all(&out)));
    let parts: Vec<_> = parts.collect();
    let mut values: Vec<_> = parts
        .into_iter()
        .flat_map(|part| part.wait().unwrap())
        .collect();
    values.sort_unstable();
    assert!(values.into_iter().eq((0..900).map(|n| n * 2)));
}

/// Operators that are transducers cost no block, and those that wait work in the block of the run before them.
#[test]
fn a_run_is_one_block() {
    fn blocks<U>(op: impl FnOnce(Source) -> Receiver<U>) -> usize {
        let stage = Stage::new();
        let (tx, rx) = chan(0);
        let out = stage.with(|| op(stream(rx)));
        let blocks = stage.live();
        drop((tx, out));
        stage.idle();
        assert_eq!(stage.live(), 0, "they end");
        blocks
    }
    assert_eq!(blocks(Source::receiver), 0);
    assert_eq!(blocks(|s| s.chan(0)), 1);
    assert_eq!(
        blocks(|s| s.map(|n| n + 1).filter(|n| n % 2 == 0).chan(0)),
        1
    );
    assert_eq!(blocks(|s| s.map(|n| n + 1).then(async |n| n).chan(0)), 1);
    assert_eq!(blocks(|s| s.map(|n| n + 1).buffer(3).chan(0)), 1);
    assert_eq!(
        blocks(|s| s.map(|n| n + 1).try_map(u8::try_from).chan(3)),
        2
    );
    assert_eq!(
        blocks(|s| s.then(async |n| n).map(|n| n + 1).buffer(3).receiver()),
        2
    );
    assert_eq!(blocks(|s| s.par_map(2, async |n| n).chan(0)), 4);
}

/// A buffer that is never empty.
struct Endless;

impl BufferPolicy<u32> for Endless {
    fn len(&self) -> usize {
        1
    }

    fn is_full(&self) -> bool {
        true
    }

    fn add(&mut self, value: u32) -> Option<u32> {
        Some(value)
    }

    fn remove(&mut self) -> Option<u32> {
        Some(1)
    }
}

/// What lets nothing through has nothing to wait for; it does not keep its worker from others.
#[test]
fn a_filter_of_all_lets_others_run() {
    let rt = csp::Runtime::builder().workers(1).build();
    let (_tx, rx) = chan(Buffer::custom(Endless));
    let (begun_tx, begun) = chan::<()>(0);
    let out = stream(rx)
        .on(&rt)
        .inspect(move |_| {
            begun_tx.close();
        })
        .filter(|_| false)
        .chan(0);
    begun.take_blocking();
    value(rt.go(async {}));
    drop(out);
}

/// No recursion over operators in a row, neither when values pass nor when it closes.
#[test]
fn a_long_chain_closes_both_ways() {
    const LENGTH: u32 = 20_000;
    let (tx, rx) = chan::<u32>(0);
    let mut long = stream(rx).then(async |n| n);
    for _ in 0..LENGTH {
        long = long.try_map(|n| n.checked_add(1).ok_or("too much"));
    }
    let out = long.chan(0);
    tx.put_blocking(1).unwrap();
    assert_eq!(out.take_blocking(), Some(1 + LENGTH));
    drop(out);
    eventually("the close comes to the source", || tx.is_closed());

    let (tx, rx) = chan::<u32>(0);
    let mut long = stream(rx).then(async |n| n);
    for _ in 0..LENGTH {
        long = long.buffer(1);
    }
    let out = long.receiver();
    tx.fail("no disk");
    assert_eq!(all(&out), []);
    assert_eq!(cause(&out), "no disk");
}

/// A stream that is dropped before it has an end.
#[test]
fn a_dropped_stream_lets_its_source_go() {
    let stage = Stage::new();
    let (tx, rx) = chan(4);
    tx.try_put(1).unwrap();
    let others = rx.clone();
    let unused = stage.with(|| stream(rx).map(|n| n + 1));
    drop(unused);
    assert_eq!(drain(&others), [1], "it had not begun");
    drop(others);
    assert!(tx.is_closed());
    let (tx, rx) = chan::<u32>(4);
    let unused = stage.with(|| stream(rx).then(async |n| n));
    stage.with(|| drop(unused));
    assert!(tx.is_closed());
}
