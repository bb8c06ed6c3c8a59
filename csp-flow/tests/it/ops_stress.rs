//! The operators with several workers at once: nothing lost, nothing twice, nothing hangs.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use csp::{
    chan,
    ops::{self, PipeError},
    xf,
};

use crate::util::blocks::{LIMIT, runtime, sorted, value};

#[test]
fn stress_a_long_way_through_every_operator() {
    let rt = runtime(4);
    let entered = rt.enter();
    let mut ends = vec![];
    for buffer in [0, 1, 7, 64] {
        let sources = (0..8_u64).map(|s| ops::to_chan((0..500).map(move |n| 8 * n + s)));
        let all = ops::merge(sources, buffer);
        let (even, odd) = ops::split(all, |n| n % 2 == 0, buffer, buffer);
        let even = ops::apply(even, xf::partition_all(7), buffer);
        let even = ops::apply(even, xf::cat(), buffer);
        let (to, odd_out) = chan(buffer);
        let pipe = ops::pipe(odd, to);
        let numbered = ops::map2(
            ops::merge([even, odd_out], buffer),
            ops::to_chan(0..),
            |n, at| (n, at),
            buffer,
        );
        ends.push((pipe, ops::collect::<Vec<_>, _>(numbered)));
    }
    drop(entered);
    for (pipe, numbered) in ends {
        assert!(value(pipe).is_ok());
        let (values, numbers): (Vec<u64>, Vec<u64>) = value(numbered).unwrap().into_iter().unzip();
        assert!(sorted(values).into_iter().eq(0..4000));
        assert!(numbers.into_iter().eq(0..4000));
    }
    rt.shutdown(LIMIT).unwrap();
}

/// Pipes compete for one source, and lose their targets at any moment: each value arrives, or comes
/// back, or stays.
#[test]
fn stress_no_value_is_lost_when_targets_close() {
    const VALUES: u64 = 20_000;
    let rt = runtime(4);
    let entered = rt.enter();
    let (tx, from) = chan(3);
    let putting = ops::onto_chan(tx, 1..=VALUES);
    let mut arrived = 0;
    let mut round = 0;
    while !(from.is_closed() && from.is_empty()) {
        round += 1;
        let pipes: Vec<_> = (0..4)
            .map(|n| {
                let (to, out) = chan(n % 2);
                let pipe = ops::pipe(from.clone(), to);
                // It goes away after some values, with what its buffer still has taken out.
                let taken = csp::go(async move {
                    let mut sum = 0;
                    for _ in 0..(round * (n + 3)) % 50 {
                        let Some(value) = out.take().await else {
                            return sum;
                        };
                        sum += value;
                    }
                    out.close();
                    while let Some(value) = out.take().await {
                        sum += value;
                    }
                    sum
                });
                (pipe, taken)
            })
            .collect();
        for (pipe, taken) in pipes {
            match value(pipe) {
                Err(PipeError::Closed(Some(back))) => arrived += back,
                Err(PipeError::Closed(None)) | Ok(()) => {}
                Err(error) => panic!("{error}"),
            }
            arrived += value(taken);
        }
    }
    assert!(value(putting).is_ok());
    drop(entered);
    arrived += ops::reduce(from, 0, |sum, n| sum + n)
        .wait()
        .unwrap()
        .unwrap();
    assert_eq!(arrived, VALUES * (VALUES + 1) / 2);
    rt.shutdown(LIMIT).unwrap();
}

/// A pipe that is cancelled has at most one value in hand.
#[test]
fn stress_cancelled_pipes_lose_no_more_than_what_they_have_in_hand() {
    const VALUES: u64 = 5_000;
    let rt = runtime(4);
    let entered = rt.enter();
    let (tx, from) = chan(3);
    let (to, out) = chan(3);
    let putting = ops::onto_chan(tx, 0..VALUES);
    let count = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&count);
    let counting = ops::reduce(out, (), move |(), _: u64| {
        counter.fetch_add(1, Ordering::Relaxed);
    });
    let mut cancelled = 0;
    while !putting.is_finished() {
        let pipe = ops::pipe_with(from.clone(), to.clone(), csp::AtEnd::KeepOpen);
        let before = count.load(Ordering::Relaxed);
        while count.load(Ordering::Relaxed) < before + 5 && !putting.is_finished() {
            std::thread::yield_now();
        }
        if pipe.cancel() {
            cancelled += 1;
        }
    }
    value(putting).unwrap();
    value(ops::pipe(from, to)).unwrap();
    value(counting).unwrap();
    drop(entered);
    let count = count.load(Ordering::Relaxed);
    assert!(
        count <= VALUES && count + cancelled >= VALUES,
        "{count} and {cancelled}"
    );
    rt.shutdown(LIMIT).unwrap();
}

#[test]
fn stress_merge_whose_sources_come_and_go() {
    let rt = runtime(4);
    let entered = rt.enter();
    let (txs, rxs): (Vec<_>, Vec<_>) = (0..200).map(|n| chan(n % 3)).unzip();
    let out = ops::merge(rxs, 2);
    for (n, tx) in (0_u64..).zip(txs) {
        // Of different lengths, so that they end at different times.
        ops::onto_chan(tx, (0..n).map(move |k| (n, k)));
    }
    let got: Vec<_> = value(ops::collect(out)).unwrap();
    drop(entered);
    for n in 0..200 {
        let of_one = got
            .iter()
            .filter(|(source, _)| *source == n)
            .map(|(_, k)| *k);
        assert!(of_one.eq(0..n));
    }
    rt.shutdown(LIMIT).unwrap();
}
