//! EV-207: a cancel reaches the running stage, and ends the run.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use csp::{
    Error, Failure, Promise,
    pipeline::{Pipeline, Recover, again, restart},
    prelude::*,
    promise::promise,
};

use crate::util::promises::{Stage, outcome};

type Numbers = csp::pipeline::Stages<u32, u32, Error, u32>;

fn numbers() -> Numbers {
    Pipeline::builder()
}

/// EV-207: the promise that a stage waits for is cancelled, up to its resolver; the handler is not asked, no
/// further stage is run.
#[test]
fn ev_207_a_cancel_reaches_the_stage() {
    let stage = Stage::new();
    let (tx, resolvers) = chan(1);
    let inner = numbers()
        .stage(move |_| {
            let (resolver, promise) = promise::<u32, Error>();
            tx.try_put(resolver).unwrap();
            promise
        })
        .map(|_| -> u32 { panic!("the next stage") })
        .on_error(|_, _| panic!("asked"))
        .build();
    let outer = numbers()
        .nest(&inner)
        .on_error(|_, _| panic!("asked"))
        .build();
    let run = stage.with(|| outer.run(0));
    let resolver = resolvers.try_take().unwrap();
    assert!(resolver.is_wanted());
    assert!(run.cancel());
    stage.idle();
    assert!(run.is_cancelled());
    assert!(!resolver.is_wanted());
    assert_eq!(resolver.fulfill(1), Err(1));
}

/// EV-207: cancelled while a stage runs that does not park, the run ends before the next stage.
#[test]
fn ev_207_a_cancel_ends_the_run_at_the_next_stage() {
    let (tx, started) = chan::<()>(0);
    let (go_on, waits) = chan::<()>(0);
    let later = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&later);
    let pipeline = numbers()
        .map(move |n| {
            tx.put_blocking(()).unwrap();
            waits.take_blocking();
            n
        })
        .map(move |n| {
            counter.fetch_add(1, Ordering::SeqCst);
            n
        })
        .build();
    let run = pipeline.run(0);
    started.take_blocking();
    assert!(run.cancel());
    drop(go_on);
    assert!(matches!(outcome(run), Err(Failure::Cancelled)));
    assert_eq!(later.load(Ordering::SeqCst), 0);
}

/// A loop that never parks lets other blocks run, also on one thread, and can be cancelled.
#[test]
fn an_endless_loop_yields_and_can_be_cancelled() {
    let other = numbers().build();
    let loops = [
        numbers().step(restart).build(),
        numbers().step(|_| again()).build(),
        numbers()
            .stage(|_| Err::<u32, _>("no".into()))
            .on_error(|_, _| Recover::Restart(None))
            .build(),
        numbers()
            .map(|_| -> u32 { std::panic::resume_unwind(Box::new("quiet")) })
            .on_error(|_, _| Recover::Restart(None))
            .build(),
        numbers()
            .nest(&other)
            .stage(Promise::ready)
            .step(restart)
            .build(),
    ];
    for pipeline in loops {
        let stage = Stage::new();
        let run = stage.start(|| pipeline.run(0));
        // The loop is first in the queue: these get their turns only if it yields.
        let others = stage.start(|| (0..10).map(|n| go!({ n })).collect::<Vec<_>>());
        for (n, other) in (0..).zip(others) {
            assert_eq!(stage.run(other), Ok(n));
        }
        assert!(!run.is_settled());
        assert!(run.cancel());
        let outcome = stage.run(run);
        assert!(matches!(outcome, Err(Failure::Cancelled)), "{outcome:?}");
    }
}

/// A handler that is waited for is cancelled too.
#[test]
fn a_cancel_reaches_the_handler() {
    let stage = Stage::new();
    let (tx, resolvers) = chan(1);
    let pipeline = numbers()
        .stage(|_| Err::<u32, _>("no".into()))
        .on_error(move |_, _| {
            let (resolver, promise) = promise();
            tx.try_put(resolver).unwrap();
            Recover::Later(promise)
        })
        .build();
    let run = stage.with(|| pipeline.run(0));
    let resolver = resolvers.try_take().unwrap();
    assert!(resolver.is_wanted());
    run.cancel();
    stage.idle();
    assert!(run.is_cancelled());
    assert!(!resolver.is_wanted());
}

/// A run is cancelled with a runtime that is shut down.
#[test]
fn shut_down() {
    let rt = csp::Runtime::builder().workers(1).build();
    let pipeline = numbers().stage(|_| Promise::pending()).build();
    let run = {
        let _entered = rt.enter();
        pipeline.run(0)
    };
    rt.shutdown(ms(0)).unwrap();
    assert!(matches!(outcome(run), Err(Failure::Cancelled)));
}
