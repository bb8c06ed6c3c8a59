//! Order across two channels: results come on one channel, the end on another, and what was put first is
//! taken to come first.
//!
//! "Message order" among the non-blocking bugs of the Go study; Lamport 1978 for why there is no such
//! order. The fix says the end where the results are: the channel closes.

use csp::prelude::*;

use super::join;

const RESULTS: u32 = 2;

async fn two_channels(results: Receiver<u32>, done: Receiver<()>) -> usize {
    let mut seen = 0;
    loop {
        alt! {
            Some(_) = take!(results) => seen += 1,
            _ = take!(done) => break seen,
            else None => break seen,
        }
    }
}

async fn one_channel(results: Receiver<u32>, _done: Receiver<()>) -> usize {
    let mut seen = 0;
    while take!(results).is_some() {
        seen += 1;
    }
    seen
}

fn run<F>(collect: fn(Receiver<u32>, Receiver<()>) -> F)
where
    F: Future<Output = usize> + Send + 'static,
{
    let (results, results_rx) = chan(2);
    let (done, done_rx) = chan(1);
    let collector = go(collect(results_rx, done_rx));
    let worker = go!({
        for result in 0..RESULTS {
            put!(results, result).ok();
        }
        put!(done, ()).ok();
    });
    join([worker]);
    assert_eq!(
        join([collector]),
        [RESULTS as usize],
        "a result was left behind"
    );
}

pub(crate) fn buggy() {
    run(two_channels);
}

pub(crate) fn fixed() {
    run(one_channel);
}
