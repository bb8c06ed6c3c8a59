//! Timeouts, and what runs at the end.

use std::time::Duration;

use csp::{
    Error, Failure, Promise,
    pipeline::{Pipeline, Recover, complete, next, redirect, restart},
    prelude::*,
    promise::promise,
};

use crate::util::promises::{Log, Stage, failure, outcome, value};

type Numbers = csp::pipeline::Stages<u32, u32, Error, u32>;

fn numbers() -> Numbers {
    Pipeline::builder()
}

fn hangs() -> Numbers {
    numbers().stage(|_| Promise::pending())
}

/// EV-035: the handler of the pipeline that has timed out is not asked; that of the one around it is.
#[test]
fn ev_035_a_timeout_is_not_caught_by_its_own_handler() {
    let inner = hangs()
        .timeout(ms(1))
        .on_error(|_, _| panic!("asked"))
        .build();
    assert!(matches!(outcome(inner.run(0)), Err(Failure::TimedOut)));
    let outer = numbers()
        .nest(&inner)
        .on_error(|failure, stage| {
            assert!(matches!(failure, Failure::TimedOut));
            assert_eq!(stage.index(), 0);
            Recover::Complete(5)
        })
        .build();
    assert_eq!(value(outer.run(0)), 5);
}

/// A stage's own promise that times out is a failure as any other.
#[test]
fn a_timeout_of_a_stage_is_caught() {
    let pipeline = numbers()
        .stage(|_| Promise::pending().timeout(ms(1)))
        .on_error(|failure, _| match failure {
            Failure::TimedOut => Recover::Complete(5),
            _ => Recover::Propagate,
        })
        .build();
    assert_eq!(value(pipeline.run(0)), 5);
}

/// The time of the outer pipeline ends the inner ones, at any depth, without asking their handlers; what the stage
/// waits for is cancelled.
#[test]
fn a_timeout_ends_what_is_inside() {
    let (resolver, pending) = promise::<u32, Error>();
    let pending = pending.shared();
    let log = Log::<String>::new();
    let mut inner = numbers()
        .stage({
            let pending = pending.clone();
            move |_| pending.clone()
        })
        .build();
    drop(pending);
    for depth in 0..5 {
        let log = log.clone();
        inner = numbers()
            .nest(&inner)
            .on_error(|_, _| panic!("asked"))
            .timeout(secs(3600 + depth))
            .finally(move || log.note(format!("left {depth}")))
            .build();
    }
    let outer = numbers().nest(&inner).timeout(ms(1)).build();
    assert!(matches!(outcome(outer.run(0)), Err(Failure::TimedOut)));
    assert_eq!(
        log.entries(),
        ["left 0", "left 1", "left 2", "left 3", "left 4"]
    );
    drop((inner, outer)); // with the stage's own clone
    csp::block_on(resolver.unwanted());
}

/// A retry that never ends, without a pause, has no more time than others; nor has one that is busy.
#[test]
fn a_timeout_ends_endless_loops() {
    let retries = numbers()
        .stage(|_| Err::<u32, _>("no".into()))
        .on_error(|_, _| Recover::Restart(None))
        .timeout(ms(20))
        .build();
    assert!(matches!(outcome(retries.run(0)), Err(Failure::TimedOut)));
    let spins = numbers().step(restart).timeout(ms(20)).build();
    assert!(matches!(outcome(spins.run(0)), Err(Failure::TimedOut)));
}

/// The time was promised to the caller: what it redirects to has no more. The other's own timeout counts too.
#[test]
fn a_timeout_stays_after_a_redirect() {
    let endless = hangs().on_error(|_, _| panic!("asked")).build();
    let limited = numbers()
        .step(move |n| redirect(endless.redirect(n)))
        .timeout(ms(1))
        .build();
    assert!(matches!(outcome(limited.run(0)), Err(Failure::TimedOut)));
    let generous = hangs().timeout(secs(3600)).build();
    let limited = numbers()
        .step(move |n| redirect(generous.redirect(n)))
        .timeout(ms(1))
        .build();
    assert!(matches!(outcome(limited.run(0)), Err(Failure::TimedOut)));
    let limited = hangs().timeout(ms(1)).build();
    let outer = numbers()
        .step(move |n| redirect(limited.redirect(n)))
        .timeout(secs(3600))
        .build();
    assert!(matches!(outcome(outer.run(0)), Err(Failure::TimedOut)));
}

/// A run in time is not touched; a limit beyond all time is none; an output that is there is given.
#[test]
fn in_time() {
    let pipeline = numbers()
        .stage(|n| go!({ n + 1 }))
        .timeout(secs(3600))
        .build();
    assert_eq!(value(pipeline.run(0)), 1);
    let pipeline = numbers()
        .stage(|n| go!({ n + 1 }))
        .timeout(Duration::MAX)
        .build();
    assert_eq!(value(pipeline.run(0)), 1);
    let late = numbers()
        .map(|n| {
            std::thread::sleep(ms(5)); // longer than it may take
            n + 1
        })
        .timeout(ms(1))
        .build();
    assert_eq!(value(late.run(0)), 1);
    let late = numbers()
        .map(|n| {
            std::thread::sleep(ms(5)); // longer than it may take
            n + 1
        })
        .map(|_| -> u32 { panic!("the next is not begun") })
        .timeout(ms(1))
        .build();
    assert!(matches!(outcome(late.run(0)), Err(Failure::TimedOut)));
}

/// EV-036: finally on success, on failure, on a panic, on complete: once, and not at restarts.
#[test]
fn ev_036_finally() {
    let log = Log::<String>::new();
    let entry = |name: &'static str| {
        let log = log.clone();
        move || log.note(name)
    };
    let restarts = numbers()
        .step(|n| if n < 5 { restart(n + 1) } else { next(n) })
        .finally(entry("success"))
        .build();
    assert_eq!(value(restarts.run(0)), 5);
    let fails = numbers()
        .stage(|n| if n < 5 { Err("no".into()) } else { Ok(n) })
        .on_error(|_, _| Recover::Restart(Some(5)))
        .finally(entry("recovered"))
        .build();
    assert_eq!(value(fails.run(0)), 5);
    let fails = numbers()
        .stage(|_| Err("no".into()))
        .finally(entry("failure"))
        .build();
    assert_eq!(failure(fails.run(0)), "no");
    let panics = numbers()
        .map(|_| panic!("boom"))
        .finally(entry("panic"))
        .build();
    assert!(failure(panics.run(0)).ends_with("boom"));
    let completes = numbers()
        .step(|_| complete(1))
        .finally(entry("complete"))
        .build();
    assert_eq!(value(completes.run(0)), 1);
    let times_out = hangs().timeout(ms(1)).finally(entry("timeout")).build();
    assert!(outcome(times_out.run(0)).is_err());
    assert_eq!(
        log.entries(),
        [
            "success",
            "recovered",
            "failure",
            "panic",
            "complete",
            "timeout"
        ]
    );
}

/// Redirected, nested: each pipeline has its own end when it is left, before what comes after.
#[test]
fn finally_when_it_is_left() {
    let log = Log::<String>::new();
    let entry = |name: &'static str| {
        let log = log.clone();
        move || log.note(name)
    };
    let note = |name: &'static str| {
        let log = log.clone();
        move |_: &u32| log.note(name)
    };
    let second = numbers()
        .inspect(note("second"))
        .finally(entry("left second"))
        .build();
    let first = numbers()
        .inspect(note("first"))
        .step(move |n| redirect(second.redirect(n)))
        .finally(entry("left first"))
        .build();
    let outer = numbers()
        .nest(&first)
        .inspect(note("outer"))
        .finally(entry("left outer"))
        .build();
    assert_eq!(value(outer.run(0)), 0);
    assert_eq!(
        log.entries(),
        [
            "first",
            "left first",
            "second",
            "left second",
            "outer",
            "left outer"
        ]
    );
}

/// A panic in finally is the outcome: the handler around sees it. A redirect is not made.
#[test]
fn finally_that_panics() {
    let inner = numbers().finally(|| panic!("at the end")).build();
    assert!(failure(inner.run(0)).ends_with("panicked: at the end"));
    let outer = numbers()
        .nest(&inner)
        .on_error(|failure, _| match failure {
            Failure::Panicked(panic) if panic.message() == "at the end" => Recover::Complete(5),
            _ => Recover::Propagate,
        })
        .build();
    assert_eq!(value(outer.run(0)), 5);
    let not_reached = numbers().map(|_| panic!("reached")).build();
    let redirects = numbers()
        .step(move |n| redirect(not_reached.redirect(n)))
        .on_error(|_, _| panic!("asked"))
        .finally(|| panic!("at the end"))
        .build();
    assert!(failure(redirects.run(0)).ends_with("panicked: at the end"));
}

/// A cancelled run is left from the inside out, each pipeline's end in a block of its own.
#[test]
fn finally_when_cancelled() {
    let stage = Stage::new();
    let log = Log::<String>::new();
    let mut pipeline = hangs().build();
    for depth in 0..3 {
        let log = log.clone();
        pipeline = numbers()
            .nest(&pipeline)
            .finally(move || {
                log.note(format!("left {depth}"));
                assert_ne!(depth, 1, "one that panics does not keep the others from it");
            })
            .build();
    }
    let run = stage.with(|| pipeline.run(0));
    assert!(log.entries().is_empty());
    run.cancel();
    stage.idle();
    assert!(run.is_cancelled());
    assert_eq!(log.entries(), ["left 0", "left 1", "left 2"]);
}
