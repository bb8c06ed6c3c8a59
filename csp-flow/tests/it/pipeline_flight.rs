//! Pipelines: how many values are under way, and who waits for whom.

use std::sync::{
    Arc, Barrier,
    atomic::{AtomicUsize, Ordering::SeqCst},
};

use csp::{
    Receiver, Runtime, Sender, chan,
    ops::{pipeline, pipeline_async, pipeline_async_many, pipeline_blocking},
    put, take, xf,
};

use crate::{
    pipeline_util::{next, wait_until},
    util::blocks::{Stage, all, drain, ready, sorted},
};

#[test]
fn ca_199_exactly_n_values_are_in_flight() {
    type Start = fn(usize, bool, Receiver<usize>, Sender<usize>);
    let kinds: [Start; 3] = [
        |n, ordered, from, tx| {
            let pipeline = pipeline(n, from, xf::identity());
            let pipeline = if ordered {
                pipeline
            } else {
                pipeline.unordered()
            };
            drop(pipeline.into(tx));
        },
        |n, ordered, from, tx| {
            let pipeline = pipeline_async(n, from, |v| async move { v });
            let pipeline = if ordered {
                pipeline
            } else {
                pipeline.unordered()
            };
            drop(pipeline.into(tx));
        },
        |n, ordered, from, tx| {
            let pipeline = pipeline_async_many(n, from, |v, tx: Sender<usize>| async move {
                put!(tx, v).unwrap();
            });
            let pipeline = if ordered {
                pipeline
            } else {
                pipeline.unordered()
            };
            drop(pipeline.into(tx));
        },
    ];
    for start in kinds {
        for (n, ordered, buffer) in [(1, true, 0), (3, true, 0), (3, false, 0), (4, true, 2)] {
            let stage = Stage::new();
            let from = ready(0..20);
            let (tx, out) = chan(buffer);
            stage.with(|| start(n, ordered, from.clone(), tx));
            // The target has accepted what is in its buffer.
            assert_eq!(from.len(), 20 - n - buffer, "{n}, {ordered}, {buffer}");
            let first = out.try_take().unwrap();
            stage.idle();
            assert_eq!(from.len(), 20 - n - buffer - 1, "{n}, {ordered}, {buffer}");
            let mut got = vec![first];
            while let Ok(value) = out.try_take() {
                got.push(value);
                stage.idle();
            }
            assert!(sorted(got).into_iter().eq(0..20));
        }
    }
}

#[test]
fn ca_199_exactly_n_values_are_in_flight_on_threads() {
    const N: usize = 3;
    let begun = Arc::new(AtomicUsize::new(0));
    // How many of them the consumer let through.
    let through = Arc::new(AtomicUsize::new(0));
    let (begun_too, through_too) = (Arc::clone(&begun), Arc::clone(&through));
    let step = xf::map(move |v: usize| {
        let begun = begun_too.fetch_add(1, SeqCst) + 1;
        assert!(begun <= N + through_too.load(SeqCst), "{begun} begun");
        v
    });
    let out = pipeline_blocking(N, csp::to_chan(0..100), step).chan(0);
    for i in 0..100 {
        wait_until(|| begun.load(SeqCst) == (N + i).min(100));
        through.fetch_add(1, SeqCst);
        assert_eq!(next(&out), Some(i));
    }
    assert_eq!(next(&out), None);
    assert!(out.failure().is_none());
}

#[test]
fn steps_that_compute_run_side_by_side() {
    let runtime = Runtime::builder().workers(4).build();
    let _entered = runtime.enter();
    for ordered in [true, false] {
        let four = Arc::new(Barrier::new(4));
        let step = xf::map(move |v: u32| {
            four.wait();
            v
        });
        let pipeline = pipeline(4, ready(0..20), step);
        let out = if ordered {
            pipeline
        } else {
            pipeline.unordered()
        };
        assert!(sorted(all(&out.chan(0))).into_iter().eq(0..20));
    }
}

#[test]
fn unordered_does_not_wait_for_a_slow_first_value() {
    let (gate, slow) = chan::<()>(0);
    let slow_too = slow.clone();
    let on_threads = xf::map(move |v: u32| {
        if v == 0 {
            slow_too.take_blocking();
        }
        v
    });
    let parking = move |v: u32| {
        let slow = slow.clone();
        async move {
            if v == 0 {
                slow.take().await;
            }
            v
        }
    };
    let outs = [
        pipeline_blocking(2, ready(0..50), on_threads)
            .unordered()
            .chan(0),
        pipeline_async(2, ready(0..50), parking).unordered().chan(0),
    ];
    for out in &outs {
        for i in 1..50 {
            assert_eq!(next(out), Some(i));
        }
        assert!(out.try_take().is_err());
    }
    drop(gate);
    for out in &outs {
        assert_eq!(all(out), [0]);
    }
}

#[test]
fn many_outputs_follow_the_sender_not_the_function() {
    // The function of value 0 is done at once, but a clone of its sender is not.
    let stage = Stage::new();
    let (kept_tx, kept) = chan(2);
    let (gate, open) = chan::<()>(0);
    let out = stage.with(|| {
        pipeline_async_many(2, ready([0, 1]), move |v, tx: Sender<u32>| {
            let (kept_tx, open) = (kept_tx.clone(), open.clone());
            async move {
                if v == 0 {
                    put!(kept_tx, tx).unwrap();
                } else {
                    put!(tx, v).unwrap();
                    drop(tx);
                    // Its outputs are over, it is not: nor is the pipeline.
                    take!(open);
                }
            }
        })
        .chan(8)
    });
    let kept = kept.try_take().unwrap();
    assert_eq!(drain(&out), []);
    kept.try_put(10).unwrap();
    stage.idle();
    assert_eq!(drain(&out), [10]);
    drop(kept);
    stage.idle();
    assert_eq!(drain(&out), [1]);
    assert!(!out.is_closed());
    drop(gate);
    stage.idle();
    assert!(out.is_closed());
}

#[test]
fn many_outputs_are_held_back_until_it_is_their_turn() {
    let stage = Stage::new();
    let (gate, open) = chan::<()>(0);
    let put = Arc::new(AtomicUsize::new(0));
    let put_too = Arc::clone(&put);
    let out = stage.with(|| {
        pipeline_async_many(2, ready([0, 1]), move |v, tx: Sender<u32>| {
            let (open, put) = (open.clone(), Arc::clone(&put_too));
            async move {
                if v == 0 {
                    take!(open);
                }
                for i in 0..10 {
                    put!(tx, 10 * v + i).unwrap();
                    put.fetch_add(1, SeqCst);
                }
            }
        })
        .chan(0)
    });
    // Value 1 has one output with its worker.
    assert_eq!(put.load(SeqCst), 1);
    drop(gate);
    let mut got = Vec::new();
    stage.idle();
    while let Ok(value) = out.try_take() {
        got.push(value);
        stage.idle();
    }
    assert!(got.into_iter().eq(0..20));
}
