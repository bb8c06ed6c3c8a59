//! Pipelines: how they end before the end, and what becomes of the values.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::SeqCst},
};

use csp::{
    Failure, Go, Receiver, Runtime, Sender, chan, go, ms,
    ops::{StopReason, Stopped, pipeline, pipeline_async, pipeline_async_many, pipeline_blocking},
    put, take, xf,
};

use crate::{
    pipeline_util::{next, stopped, wait_until},
    util::blocks::{Stage, all, cause, drain, outcome, ready, sorted, value},
};

type Done<In, Out> = Go<Result<(), Stopped<In, Out>>>;

/// core.async reads on until the source is empty.
#[test]
fn ca_199_reading_stops_when_the_target_closes() {
    for ordered in [true, false] {
        let stage = Stage::new();
        let from = ready(0..10);
        let (tx, out) = chan(0);
        let done = stage.with(|| {
            let pipeline = pipeline(3, from.clone(), xf::map(|v: u32| v * 10));
            if ordered {
                pipeline
            } else {
                pipeline.unordered()
            }
            .into(tx)
        });
        assert_eq!(out.try_take(), Ok(0));
        stage.idle();
        drop(out);
        stage.idle();
        let stopped = stopped(done);
        assert!(matches!(stopped.reason, StopReason::TargetClosed));
        let outputs = stopped.outputs;
        assert_eq!(
            if ordered { outputs } else { sorted(outputs) },
            [10, 20, 30]
        );
        assert_eq!((stopped.inputs.len(), stopped.unfinished), (0, 0));
        assert!(drain(&from).into_iter().eq(4..10));
    }
}

#[test]
fn ca_199_a_pipeline_that_waits_for_values_ends_when_its_target_closes() {
    for n in [1, 4] {
        type Start = fn(usize, Receiver<u32>, Sender<u32>) -> Done<u32, u32>;
        let kinds: [Start; 4] = [
            |n, from, tx| pipeline(n, from, xf::identity()).into(tx),
            |n, from, tx| pipeline(n, from, xf::identity()).unordered().into(tx),
            |n, from, tx| pipeline_blocking(n, from, xf::identity()).into(tx),
            |n, from, tx| pipeline_async(n, from, |v| async move { v }).into(tx),
        ];
        for start in kinds {
            let (from_tx, from) = chan(0);
            let (tx, out) = chan(0);
            let done = start(n, from, tx);
            from_tx.put_blocking(1).unwrap();
            assert_eq!(next(&out), Some(1));
            out.close();
            let stopped = stopped(done);
            assert!(matches!(stopped.reason, StopReason::TargetClosed));
            assert!(stopped.outputs.is_empty() && stopped.inputs.is_empty());
            // It had the only receiver.
            assert!(from_tx.put_blocking(2).is_err());
        }
    }
}

#[test]
fn ca_199_nothing_is_taken_for_a_target_that_is_closed_already() {
    let stage = Stage::new();
    let from = ready(0..5);
    let (tx, out) = chan(0);
    drop(out);
    let done = stage.with(|| pipeline(3, from.clone(), xf::identity()).into(tx));
    assert!(stopped(done).inputs.is_empty());
    assert_eq!(from.len(), 5);
}

/// A put that was accepted at the last moment: the value has nowhere to go but back to us.
#[test]
fn ca_199_a_value_that_comes_with_the_close_comes_back() {
    for closed_first in [true, false] {
        let stage = Stage::new();
        let (from_tx, from) = chan(0);
        let (tx, out) = chan(0);
        let done = stage.with(|| pipeline(2, from, xf::identity()).into(tx));
        if closed_first {
            out.close();
        }
        assert_eq!(from_tx.try_put(7), Ok(()));
        out.close();
        stage.idle();
        let stopped = stopped(done);
        assert_eq!((stopped.inputs, stopped.outputs), (vec![7], vec![]));
        assert!(from_tx.is_closed());
    }
}

#[test]
fn a_value_that_was_taken_and_not_begun_comes_back() {
    let stage = Stage::new();
    let from = ready([5]);
    let (tx, out) = chan(0);
    let begun = Arc::new(AtomicUsize::new(0));
    let begun_too = Arc::clone(&begun);
    let done = stage.with(|| {
        let step = xf::inspect(move |_: &u32| {
            begun_too.fetch_add(1, SeqCst);
        });
        let done = pipeline(1, from.clone(), step).into(tx);
        // Its turn comes between that with the take and that with the step.
        go!({
            assert_eq!(from.len(), 0, "the pipeline has taken the value");
            out.close();
        });
        done
    });
    let stopped = stopped(done);
    assert_eq!((stopped.inputs, stopped.outputs), (vec![5], vec![]));
    assert_eq!(begun.load(SeqCst), 0);
}

#[test]
fn async_calls_that_pend_are_dropped_when_the_target_closes() {
    struct OnDrop(Arc<AtomicUsize>);
    impl Drop for OnDrop {
        fn drop(&mut self) {
            self.0.fetch_add(1, SeqCst);
        }
    }
    let (_never, pends) = chan::<()>(0);
    let dropped = Arc::new(AtomicUsize::new(0));
    let dropped_too = Arc::clone(&dropped);
    let call = move |v: u32| {
        let (pends, guard) = (pends.clone(), OnDrop(Arc::clone(&dropped_too)));
        async move {
            let _guard = guard;
            if v > 0 {
                take!(pends);
            }
            v
        }
    };
    let call_many = {
        let call = call.clone();
        move |v, tx: Sender<u32>| {
            let call = call(v);
            async move {
                put!(tx, 100 + v).unwrap();
                let _: u32 = call.await;
            }
        }
    };
    let stage = Stage::new();
    let (tx, out) = chan(0);
    let done = stage.with(|| pipeline_async(3, ready(0..9), call).into(tx));
    drop(out);
    stage.idle();
    let ended = stopped(done);
    assert_eq!((ended.unfinished, ended.outputs), (2, vec![0]));
    assert_eq!(dropped.swap(0, SeqCst), 3);

    let (tx, out) = chan(0);
    let done = stage.with(|| pipeline_async_many(3, ready(1..9), call_many).into(tx));
    drop(out);
    stage.idle();
    let ended = stopped(done);
    assert_eq!((ended.unfinished, ended.outputs), (3, vec![101, 102, 103]));
    assert_eq!(dropped.load(SeqCst), 3);
}

#[test]
fn many_outputs_come_back_or_are_refused_once_it_has_stopped() {
    // A put may come just after the target closed, and before the pipeline has seen that.
    for closed_first in [true, false] {
        let stage = Stage::new();
        let (kept_tx, kept) = chan(1);
        let (tx, out) = chan::<&str>(0);
        let done = stage.with(|| {
            let call = move |(), tx: Sender<&'static str>| {
                let kept_tx = kept_tx.clone();
                async move { put!(kept_tx, tx).unwrap() }
            };
            pipeline_async_many(1, ready([()]), call).into(tx)
        });
        let late = kept.try_take().unwrap();
        if closed_first {
            out.close();
        }
        assert_eq!(late.try_put("first"), Ok(()));
        if !closed_first {
            stage.idle();
            out.close();
        }
        stage.idle();
        assert!(late.try_put("second").unwrap_err().is_closed());
        let ended = stopped(done);
        assert_eq!((ended.unfinished, ended.outputs), (1, vec!["first"]));
    }
}

#[test]
fn a_failure_of_the_source_goes_on_after_what_came_before() {
    type Start = fn(Receiver<u32>, Sender<u32>) -> Done<u32, u32>;
    let kinds: [Start; 5] = [
        |from, tx| pipeline(3, from, xf::identity()).into(tx),
        |from, tx| pipeline(3, from, xf::identity()).unordered().into(tx),
        |from, tx| pipeline_blocking(3, from, xf::identity()).into(tx),
        |from, tx| pipeline_async(3, from, |v| async move { v }).into(tx),
        |from, tx| pipeline(3, from, xf::identity()).keep_open().into(tx),
    ];
    for (at, start) in kinds.into_iter().enumerate() {
        let (from_tx, from) = chan(9);
        for v in 0..5 {
            from_tx.try_put(v).unwrap();
        }
        from_tx.fail("the disk is full");
        let (tx, out) = chan(9);
        let done = start(from, tx.clone());
        let ended = stopped(done);
        assert!(matches!(ended.reason, StopReason::SourceFailed(_)));
        assert_eq!((ended.outputs.len(), ended.unfinished), (0, 0));
        assert!(ended.to_string().contains("the disk is full"), "{ended}");
        if at == 4 {
            assert!(!tx.is_closed());
            drop(tx);
        } else {
            assert!(tx.is_closed());
            assert_eq!(cause(&out), "the disk is full");
        }
        assert!(sorted(all(&out)).into_iter().eq(0..5));
    }
}

/// What pends when the source fails, or ends, is still wanted.
#[test]
fn calls_under_way_end_after_the_source_did() {
    for fails in [false, true] {
        for ordered in [true, false] {
            let stage = Stage::new();
            let (gate, open) = chan::<()>(0);
            let (from_tx, from) = chan(9);
            let (tx, out) = chan(9);
            for v in 0..3 {
                from_tx.try_put(v).unwrap();
            }
            let done = stage.with(|| {
                let pipeline = pipeline_async(4, from, move |v: u32| {
                    let open = open.clone();
                    async move {
                        take!(open);
                        v
                    }
                });
                if ordered {
                    pipeline
                } else {
                    pipeline.unordered()
                }
                .into(tx)
            });
            if fails {
                from_tx.fail("gone");
            } else {
                from_tx.close();
            }
            stage.idle();
            assert!(!out.is_closed());
            drop(gate);
            stage.idle();
            assert!(out.is_closed());
            assert_eq!(sorted(drain(&out)), [0, 1, 2]);
            assert_eq!(value(done).is_err(), fails);
            assert_eq!(out.failure().is_some(), fails);
        }
    }
}

/// core.async's hangs for ever: a worker is gone.
/// A future that panics when it is dropped ends its worker; nobody waits for that one for ever.
#[test]
fn cancelling_ends_every_worker() {
    type Start = fn(Receiver<u32>, Sender<u32>) -> Done<u32, u32>;
    let kinds: [Start; 5] = [
        |from, tx| pipeline(3, from, xf::identity()).into(tx),
        |from, tx| pipeline(3, from, xf::identity()).unordered().into(tx),
        |from, tx| pipeline_blocking(3, from, xf::identity()).into(tx),
        |from, tx| pipeline_async(3, from, |v| async move { v }).into(tx),
        |from, tx| {
            let call = |v, tx: Sender<u32>| async move { put!(tx, v).unwrap() };
            pipeline_async_many(3, from, call).into(tx)
        },
    ];
    for start in kinds {
        for full in [true, false] {
            let (from_tx, from) = chan(0);
            let (tx, out) = chan(0);
            let done = start(from, tx.clone());
            // All park on the way out, or one waits for a value.
            for v in 0..if full { 3 } else { 2 } {
                from_tx.put_blocking(v).unwrap();
            }
            assert!(done.cancel());
            assert!(matches!(outcome(done), Err(Failure::Cancelled)));
            // Every worker is gone: the source has no receiver, the target no sender but ours.
            wait_until(|| from_tx.is_closed());
            assert!(!tx.is_closed());
            drop(tx);
            assert!(all(&out).len() <= 3);
        }
    }
}

#[test]
fn cancelling_loses_no_more_than_what_is_in_hand() {
    let stage = Stage::new();
    let from = ready(0..100);
    let (tx, out) = chan(5);
    let done = stage.with(|| pipeline(4, from.clone(), xf::identity()).into(tx));
    done.cancel();
    stage.idle();
    assert_eq!(drain(&out), [0, 1, 2, 3, 4]);
    assert!(drain(&from).into_iter().eq(9..100));
}

#[test]
fn dropping_the_handle_lets_it_run_on() {
    let stage = Stage::new();
    let (tx, out) = chan(0);
    drop(stage.with(|| pipeline(2, ready(0..3), xf::identity()).into(tx)));
    let mut got = Vec::new();
    while let Ok(value) = out.try_take() {
        got.push(value);
        stage.idle();
    }
    assert_eq!(got, [0, 1, 2]);
    assert!(out.is_closed());
}

#[test]
fn a_runtime_that_shuts_down_takes_its_pipelines_along() {
    let runtime = Runtime::builder().workers(2).build();
    let (from_tx, from) = chan(0);
    let (tx, out) = chan(0);
    let entered = runtime.enter();
    let done = pipeline_blocking(2, from, xf::identity::<u32>()).into(tx);
    drop(entered);
    from_tx.put_blocking(1).unwrap();
    runtime.shutdown(ms(0)).unwrap();
    assert!(matches!(outcome(done), Err(Failure::Cancelled)));
    wait_until(|| from_tx.is_closed());
    assert_eq!(next(&out), None);
}

#[test]
fn an_early_end_says_what_it_had_in_hand() {
    let stage = Stage::new();
    let (tx, out) = chan(0);
    let done = stage.with(|| pipeline(2, ready(0..3), xf::identity()).into(tx));
    drop(out);
    stage.idle();
    let ended: Box<dyn std::error::Error> = Box::new(stopped(done));
    assert_eq!(
        ended.to_string(),
        "the pipeline stopped, since its target is closed: 0 values not begun, 0 not finished, \
         2 outputs not put"
    );
    assert!(ended.source().is_none());
}
