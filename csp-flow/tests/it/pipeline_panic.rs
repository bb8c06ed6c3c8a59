//! Pipelines whose steps panic.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use csp::{
    Sender, chan, go,
    ops::{StopReason, pipeline, pipeline_async, pipeline_async_many, pipeline_blocking},
    put, take, xf,
};

use crate::{
    pipeline_util::{next, stopped},
    util::blocks::{Stage, all, cause, drain, ready, value},
};

#[test]
fn a_panic_without_a_handler_fails_the_target_in_its_place() {
    // Value 4 is through its step before value 3 panics.
    let (gate, open) = chan::<()>(0);
    let (from_tx, from) = chan(0);
    let (tx, out) = chan(0);
    let step = xf::mapcat(move |n: u32| {
        if n == 3 {
            open.take_blocking();
        }
        (0..2).map(move |i| {
            assert!(n != 3 || i == 0, "boom {n}");
            10 * n + i
        })
    });
    let done = pipeline_blocking(2, from, step).into(tx);
    let feeding = go!({
        let mut n = 1;
        while put!(from_tx, n).is_ok() {
            n += 1;
        }
        n
    });
    for expected in [10, 11, 20, 21] {
        assert_eq!(next(&out), Some(expected));
    }
    drop(gate);
    // What it gave before it panicked comes first.
    assert_eq!(next(&out), Some(30));
    assert_eq!(next(&out), None);
    assert!(cause(&out).contains("boom 3"), "{}", cause(&out));
    let ended = stopped(done);
    let StopReason::Panicked(panic) = &ended.reason else {
        panic!("{ended:?}")
    };
    assert_eq!(panic.message(), "boom 3");
    // It names the place where the pipeline was started.
    assert!(panic.site().unwrap().file().ends_with("pipeline_panic.rs"));
    assert_eq!(ended.unfinished, 1);
    // What was in flight behind it came back, what was not is refused.
    let refused = value(feeding);
    assert!(refused >= 4);
    assert_eq!(
        ended.outputs.len() + 2 * ended.inputs.len(),
        2 * (refused as usize - 4)
    );
}

#[test]
fn a_panic_reaches_no_target_that_is_kept_open() {
    for ordered in [true, false] {
        let stage = Stage::new();
        let (from_tx, from) = chan(9);
        for v in [1, 0, 2] {
            from_tx.try_put(v).unwrap();
        }
        let (tx, out) = chan(9);
        let (gate, open) = chan::<()>(0);
        // The last one is through before the one in the middle panics.
        let call = move |n: u32| {
            let open = open.clone();
            async move {
                if n == 0 {
                    take!(open);
                }
                10 / n
            }
        };
        let done = stage.with(|| {
            let pipeline = pipeline_async(3, from, call).keep_open();
            let pipeline = if ordered {
                pipeline
            } else {
                pipeline.unordered()
            };
            pipeline.into(tx.clone())
        });
        drop(gate);
        stage.idle();
        let ended = stopped(done);
        assert!(matches!(ended.reason, StopReason::Panicked(_)), "{ended}");
        assert_eq!(ended.unfinished, 1);
        assert!(!tx.is_closed());
        assert!(out.failure().is_none());
        // Behind the gap nothing is put, if there is an order to keep.
        let (put, back) = if ordered {
            (vec![10], vec![5])
        } else {
            (vec![10, 5], vec![])
        };
        assert_eq!((drain(&out), ended.outputs), (put, back));
        assert!(from_tx.is_closed());
    }
}

#[test]
fn a_handler_may_drop_the_value_or_panic_itself() {
    let step = || xf::map(|n: u32| 10 / n);
    let out = pipeline(2, ready([1, 0, 2, 0, 5]), step())
        .on_panic(|_| None)
        .chan(0);
    assert_eq!(all(&out), [10, 5, 2]);
    assert!(out.failure().is_none());

    let (tx, out) = chan(0);
    let done = pipeline(2, ready([1, 0, 2]), step())
        .on_panic(|panic| panic!("cannot handle: {panic}"))
        .into(tx);
    assert_eq!(all(&out), [10]);
    assert!(cause(&out).contains("cannot handle: "), "{}", cause(&out));
    assert!(cause(&out).contains("divide by zero"), "{}", cause(&out));
    assert!(matches!(stopped(done).reason, StopReason::Panicked(_)));
}

#[test]
fn an_async_function_that_panics_does_not_harm_the_rest() {
    // Before it has a future, and in it.
    type Call = fn(u32) -> Pin<Box<dyn Future<Output = u32> + Send>>;
    let calls: [Call; 2] = [
        |v| {
            assert!(v % 3 != 0, "no {v}");
            Box::pin(async move { v })
        },
        |v| {
            Box::pin(async move {
                csp::yield_now().await;
                assert!(v % 3 != 0, "no {v}");
                v
            })
        },
    ];
    for call in calls {
        let handled = pipeline_async(2, ready(1..8), call).on_panic(|_| Some(0));
        assert_eq!(all(&handled.chan(0)), [1, 2, 0, 4, 5, 0, 7]);
        let out = pipeline_async(2, ready(1..8), call).chan(0);
        assert_eq!(all(&out), [1, 2]);
        assert!(cause(&out).contains("no 3"));
    }
}

#[test]
fn what_an_async_function_put_before_it_panicked_is_not_lost() {
    let call = |v: u32, tx: Sender<u32>| async move {
        put!(tx, 10 * v).unwrap();
        put!(tx, 10 * v + 1).unwrap();
        assert!(v != 2, "no {v}");
        put!(tx, 10 * v + 2).unwrap();
    };
    let handled = pipeline_async_many(2, ready(1..4), call).on_panic(|_| Some(0));
    assert_eq!(all(&handled.chan(0)), [10, 11, 12, 20, 21, 0, 30, 31, 32]);
    let out = pipeline_async_many(2, ready(1..4), call).chan(0);
    assert_eq!(all(&out), [10, 11, 12, 20, 21]);
    assert!(cause(&out).contains("no 2"));
}

#[test]
fn a_worker_that_is_lost_stops_the_pipeline() {
    struct Trap(u32);
    impl Future for Trap {
        type Output = u32;
        fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<u32> {
            Poll::Ready(self.0)
        }
    }
    impl Drop for Trap {
        fn drop(&mut self) {
            assert!(self.0 != 3, "trapped");
        }
    }
    for ordered in [true, false] {
        let (from_tx, from) = chan(0);
        let (tx, out) = chan(0);
        let pipeline = pipeline_async(2, from, Trap);
        let done = if ordered {
            pipeline
        } else {
            pipeline.unordered()
        }
        .into(tx);
        let feeding = go!({
            let mut n = 1;
            while put!(from_tx, n).is_ok() {
                n += 1;
            }
        });
        let got = all(&out);
        assert!(!got.contains(&3));
        assert!(cause(&out).contains("trapped"), "{}", cause(&out));
        assert!(matches!(stopped(done).reason, StopReason::Panicked(_)));
        value(feeding);
    }
}
