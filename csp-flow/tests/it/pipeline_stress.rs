//! Pipelines under load: every value is somewhere, once.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::SeqCst},
};

use csp::{
    Go, Receiver, Sender, chan, go,
    ops::{Stopped, pipeline, pipeline_async, pipeline_async_many, pipeline_blocking},
    put, take, xf,
};

use crate::{
    pipeline_util::{next, wait_until},
    util::blocks::{all, drain, ready, sorted, value},
};

const VALUES: usize = 10_000;
const N: usize = 8;

type Start = fn(Receiver<usize>, Sender<usize>) -> Go<Result<(), Stopped<usize, usize>>>;

const ORDERED: [Start; 4] = [
    |from, tx| pipeline(N, from, xf::identity()).into(tx),
    |from, tx| pipeline_blocking(N, from, xf::identity()).into(tx),
    |from, tx| pipeline_async(N, from, jittered).into(tx),
    |from, tx| {
        let call = |v, tx: Sender<usize>| async move {
            // Some puts fail, when the pipeline has stopped: that value is not finished.
            put!(tx, jittered(v).await).ok();
        };
        pipeline_async_many(N, from, call).into(tx)
    },
];

const UNORDERED: [Start; 4] = [
    |from, tx| pipeline(N, from, xf::identity()).unordered().into(tx),
    |from, tx| {
        pipeline_blocking(N, from, xf::identity())
            .unordered()
            .into(tx)
    },
    |from, tx| pipeline_async(N, from, jittered).unordered().into(tx),
    |from, tx| {
        let call = |v, tx: Sender<usize>| async move {
            put!(tx, jittered(v).await).ok();
        };
        pipeline_async_many(N, from, call).unordered().into(tx)
    },
];

/// Some values take longer than others.
async fn jittered(v: usize) -> usize {
    for _ in 0..v % 5 {
        csp::yield_now().await;
    }
    v
}

#[test]
fn stress_ordered_gives_all_values_in_order() {
    for start in ORDERED {
        for buffer in [0, 3] {
            let (tx, out) = chan(buffer);
            let done = start(csp::to_chan(0..VALUES), tx);
            assert!(all(&out).into_iter().eq(0..VALUES));
            assert!(value(done).is_ok());
        }
    }
}

#[test]
fn stress_unordered_gives_every_value_once() {
    for start in UNORDERED {
        let (tx, out) = chan(0);
        let done = start(csp::to_chan(0..VALUES), tx);
        assert!(sorted(all(&out)).into_iter().eq(0..VALUES));
        assert!(value(done).is_ok());
    }
}

/// The consumer leaves in the middle: what it has, what comes back and what is still in the source make
/// up all values, each once.
#[test]
fn stress_nothing_is_lost_when_the_consumer_leaves() {
    for round in 0..200 {
        for start in ORDERED.into_iter().chain(UNORDERED) {
            let from = ready(0..100);
            let (tx, out) = chan(round % 3);
            let done = start(from.clone(), tx);
            let mut got = Vec::new();
            for _ in 0..round % 70 {
                got.extend(next(&out));
            }
            out.close();
            got.extend(drain(&out));
            let Err(ended) = value(done) else {
                continue;
            };
            let unfinished = ended.unfinished;
            got.extend(ended.inputs);
            got.extend(ended.outputs);
            got.extend(drain(&from));
            let got = sorted(got);
            assert!(got.is_sorted_by(|a, b| a < b), "twice: {got:?}");
            // A call that is dropped may have put its output, or not.
            assert!(got.len() + unfinished >= 100, "round {round}: {got:?}");
        }
    }
}

#[test]
fn stress_panics_take_nothing_along() {
    for ordered in [true, false] {
        let step = xf::map(|v: usize| {
            assert!(v % 10 != 7);
            v
        });
        let pipeline = pipeline(N, csp::to_chan(0..1000), step).on_panic(|_| Some(usize::MAX));
        let out = if ordered {
            pipeline
        } else {
            pipeline.unordered()
        }
        .chan(0);
        let got = all(&out);
        let (panicked, fine): (Vec<_>, Vec<_>) = got.into_iter().partition(|v| *v == usize::MAX);
        assert_eq!(panicked.len(), 100);
        let expected = (0..1000).filter(|v| v % 10 != 7);
        assert!(
            if ordered { fine } else { sorted(fine) }
                .into_iter()
                .eq(expected)
        );
    }
}

#[test]
fn stress_cancelled_at_any_moment_it_ends() {
    for round in 0..100 {
        for start in [ORDERED[0], ORDERED[2], UNORDERED[0], ORDERED[3]] {
            let (from_tx, from) = chan(0);
            let (tx, out) = chan(0);
            let done = start(from, tx);
            let feeding = go!({
                let mut n = 0;
                while put!(from_tx, n).is_ok() {
                    n += 1;
                }
                n
            });
            let drained = Arc::new(AtomicUsize::new(0));
            let count = Arc::clone(&drained);
            let draining = go!({
                while take!(out).is_some() {
                    count.fetch_add(1, SeqCst);
                }
            });
            wait_until(|| drained.load(SeqCst) >= round);
            done.cancel();
            let fed = value(feeding);
            value(draining);
            let drained = drained.load(SeqCst);
            assert!(drained <= fed, "{fed} in, {drained} out");
            assert!(fed <= drained + N, "{fed} in, {drained} out");
        }
    }
}
