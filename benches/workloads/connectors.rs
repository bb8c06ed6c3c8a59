//! Each connector, and beside it the loop that one would write by hand: the same blocks and channels, of
//! the same sizes.

use csp::{
    ops::{self, pipeline},
    prelude::*,
};

use super::sum_below;

/// The channels' buffers.
const BUFFER: usize = 64;

/// Which of the two.
#[derive(Debug, Clone, Copy)]
pub(crate) enum By {
    Connector,
    Hand,
}

/// A block that puts the numbers below `n`.
fn put_numbers(tx: Sender<u64>, n: u64) {
    go!({
        for n in 0..n {
            put!(tx, n).expect("they are taken to the end");
        }
    });
}

/// A block that adds up what comes.
fn adder(rx: Receiver<u64>) -> Go<u64> {
    go!({
        let mut sum = 0;
        while let Some(n) = take!(rx) {
            sum += n;
        }
        sum
    })
}

fn sum(rx: Receiver<u64>) -> u64 {
    adder(rx).wait().expect("it adds to the end")
}

/// From one channel into another.
pub(crate) fn pipe(by: By, n: u64) {
    let (tx, from) = chan(BUFFER);
    let (to, rx) = chan(BUFFER);
    match by {
        By::Connector => drop(ops::pipe(from, to)),
        By::Hand => drop(go!({
            while let Some(n) = take!(from) {
                if put!(to, n).is_err() {
                    return;
                }
            }
        })),
    }
    put_numbers(tx, n);
    assert_eq!(sum(rx), sum_below(n));
}

/// Three stages of a pipeline with one at work in each; by hand, three blocks.
pub(crate) fn three_stages(by: By, n: u64) {
    let (tx, mut at) = chan(BUFFER);
    for _ in 0..3 {
        at = match by {
            By::Connector => pipeline(1, at, xf::map(|n: u64| n + 1)).chan(BUFFER),
            By::Hand => {
                let (to, next) = chan(BUFFER);
                go!({
                    while let Some(n) = take!(at) {
                        if put!(to, n + 1).is_err() {
                            return;
                        }
                    }
                });
                next
            }
        };
    }
    put_numbers(tx, n);
    assert_eq!(sum(at), sum_below(n) + 3 * n);
}

/// One channel to many.
pub(crate) fn mult(by: By, taps: u64, n: u64) {
    let (tx, from) = chan(BUFFER);
    let (txs, rxs): (Vec<_>, Vec<_>) = (0..taps).map(|_| chan(BUFFER)).unzip();
    let adders: Vec<_> = rxs.into_iter().map(adder).collect();
    match by {
        By::Connector => {
            let mult = csp::mult(from);
            for tx in txs {
                mult.tap(tx);
            }
        }
        By::Hand => drop(go!({
            while let Some(n) = take!(from) {
                for tx in &txs {
                    put!(tx, n).ok();
                }
            }
        })),
    }
    put_numbers(tx, n);
    for adder in adders {
        assert_eq!(adder.wait(), Ok(sum_below(n)));
    }
}

/// One channel to one subscriber of each topic.
pub(crate) fn publication(by: By, topics: u64, n: u64) {
    let (tx, from) = chan(BUFFER);
    let (txs, rxs): (Vec<_>, Vec<_>) = (0..topics).map(|_| chan(BUFFER)).unzip();
    let adders: Vec<_> = rxs.into_iter().map(adder).collect();
    match by {
        By::Connector => {
            let publication = csp::publish(from, move |n: &u64| n % topics, |_: &u64| 0);
            for (topic, tx) in (0..).zip(txs) {
                publication.sub(topic, tx);
            }
        }
        By::Hand => drop(go!({
            while let Some(n) = take!(from) {
                let topic = usize::try_from(n % topics).expect("there are few");
                put!(txs[topic], n).ok();
            }
        })),
    }
    put_numbers(tx, n);
    let sums: u64 = adders
        .into_iter()
        .map(|adder| adder.wait().expect("it adds to the end"))
        .sum();
    assert_eq!(sums, sum_below(n));
}

/// A channel with three transducers; by hand, a plain channel and a loop that does the same to each value.
pub(crate) fn three_transducers(by: By, n: u64) {
    let expected: u64 = (1..=n).filter(|n| n % 2 == 0).map(|n| n * 3).sum();
    let got = match by {
        By::Connector => {
            let xf = xf::map(|n: u64| n + 1)
                .filter(|n| n % 2 == 0)
                .map(|n| n * 3);
            let (tx, rx) = chan_with(BUFFER, xf);
            go!({
                for n in 0..n {
                    put!(tx, n).expect("it is taken to the end");
                }
            });
            sum(rx)
        }
        By::Hand => {
            let (tx, rx) = chan(BUFFER);
            go!({
                for n in 0..n {
                    let n = n + 1;
                    if n % 2 == 0 {
                        put!(tx, n * 3).expect("it is taken to the end");
                    }
                }
            });
            sum(rx)
        }
    };
    assert_eq!(got, expected);
}
