//! Restart, redirect, complete.

use csp::{
    Error, Promise,
    pipeline::{Pipeline, Step, again, complete, later, next, redirect, restart},
    prelude::*,
    promise::go_try,
};

use crate::util::promises::{Log, Stage, failure, value};

/// EV-031: restart until ten, from a pipeline that adds one, and one that adds five times one.
#[test]
fn ev_031_restart_until_ten() {
    let one = Pipeline::<u32, u32>::builder()
        .map(|n| n + 1)
        .step(|n| if n < 10 { restart(n) } else { next(n) })
        .build();
    let five = Pipeline::<u32, u32>::builder()
        .map(|n| n + 1)
        .stage(|n| Ok(n + 1))
        .stage(|n| go!({ n + 1 }))
        .stage(|n| Promise::ready(n + 1))
        .map(|n| n + 1)
        .step(|n| if n < 10 { restart(n) } else { next(n) })
        .build();
    for pipeline in [one, five] {
        assert_eq!(value(pipeline.run(0)), 10);
        assert_eq!(value(pipeline.run(5)), 10);
    }
}

/// EV-032: two pipelines that redirect to each other reach ten from either end.
#[test]
fn ev_032_redirect_to_each_other() {
    let b = Pipeline::<u32, u32>::declare();
    let to_b = b.clone();
    let a = Pipeline::<u32, u32>::builder()
        .map(|n| n + 1)
        .step(move |n| {
            if n < 10 {
                redirect(to_b.redirect(n))
            } else {
                next(n)
            }
        })
        .build();
    let to_a = a.clone();
    let b = b.define(
        Pipeline::builder()
            .stage(|n| go!({ n + 1 }))
            .step(move |n| {
                if n < 10 {
                    redirect(to_a.redirect(n))
                } else {
                    next(n)
                }
            })
            .build(),
    );
    assert_eq!((value(a.run(0)), value(b.run(0))), (10, 10));
    assert_eq!((value(a.run(1)), value(b.run(1))), (10, 10));
}

/// EV-059: a restart inside of a nested pipeline restarts that alone.
#[test]
fn ev_059_restart_is_that_of_the_innermost() {
    let inner = Pipeline::<(String, u32), (String, u32)>::builder()
        .map(|(text, n)| (text + "b", n + 1))
        .step(|(text, n)| {
            if n < 2 {
                restart((text, n))
            } else {
                next((text, n))
            }
        })
        .map(|(text, n)| (text + "c", n))
        .build();
    let outer = Pipeline::<String, String>::builder()
        .map(|text| (text + "a", 0))
        .nest(&inner)
        .map(|(text, _)| text + "d")
        .build();
    assert_eq!(value(outer.run(String::new())), "abbcd");
}

/// A restart without a value has the initial one of the innermost pipeline; one with a value makes that the
/// initial one.
#[test]
fn again_is_the_initial_value() {
    let (tx, rx) = chan::<&str>(10);
    for step in ["again", "to 7", "again", "again", "done"] {
        tx.try_put(step).unwrap();
    }
    let seen = Log::<u32>::new();
    let log = seen.clone();
    let inner = Pipeline::<u32, u32>::builder()
        .inspect(move |n| log.note(*n))
        .map(|n| n + 100) // must not be what it begins anew with
        .take_merge(rx, |n, step| (n, step.unwrap()))
        .step(|(n, step)| match step {
            "again" => again(),
            "to 7" => restart(7),
            _ => next(n),
        })
        .build();
    let outer = Pipeline::<u32, u32>::builder()
        .map(|n| n + 1)
        .nest(&inner)
        .build();
    assert_eq!(value(outer.run(0)), 107);
    assert_eq!(seen.entries(), [1, 1, 7, 7, 7]);
}

/// A restart is also decided later, and a step may fail, in each form.
#[test]
fn steps_that_come_later_or_fail() {
    let pipeline = Pipeline::<u32, String>::builder()
        .step(|n| {
            go_try(async move {
                Ok(match n {
                    0 => restart(1),
                    1 => later(Promise::from(go!({ 2 }))),
                    _ => return Err(Error::from("too much, later")),
                })
            })
        })
        .step(|n: u32| {
            if n == 2 {
                later(Promise::ready(3))
            } else {
                next(n)
            }
        })
        .step(|n: u32| match n {
            3 => Ok(complete("done".to_owned())),
            n => Err(format!("too much: {n}").into()),
        })
        .build();
    assert_eq!(value(pipeline.run(0)), "done");
    assert_eq!(failure(pipeline.run(5)), "too much, later");
    let fails = Pipeline::<u32, u32>::builder()
        .step(|n: u32| match n {
            0 => Err("zero".into()),
            1 => Ok(later(Promise::failed("one"))),
            n => Ok(next(n)),
        })
        .build();
    assert_eq!(failure(fails.run(0)), "zero");
    assert_eq!(failure(fails.run(1)), "one");
    assert_eq!(value(fails.run(2)), 2);
}

/// Complete leaves the innermost pipeline, and its other stages out.
#[test]
fn complete_leaves_the_innermost() {
    let inner = Pipeline::<u32, u32>::builder()
        .step(|n| if n == 0 { complete(100) } else { next(n) })
        .map(|n| n + 1)
        .build();
    let outer = Pipeline::<u32, String>::builder()
        .nest(&inner)
        .map(|n| n.to_string())
        .build();
    assert_eq!(value(outer.run(0)), "100");
    assert_eq!(value(outer.run(1)), "2");
}

/// A redirect from a nested pipeline takes the place of that one; the outer one goes on.
#[test]
fn a_nested_redirect_stays_nested() {
    let other = Pipeline::<String, usize>::builder()
        .map(|text| text.len())
        .build();
    let inner = Pipeline::<u32, usize>::builder()
        .step(move |n: u32| redirect(other.redirect("x".repeat(n as usize))))
        .build();
    let outer = Pipeline::<u32, usize>::builder()
        .nest(&inner)
        .map(|n| n + 1000)
        .build();
    assert_eq!(value(outer.run(5)), 1005);
}

/// EV-063: ten thousand reads with restarts, a countdown of a hundred thousand.
#[test]
fn ev_063_tail_recursion() {
    let (tx, rx) = chan(16);
    let sum = Pipeline::<u64, u64>::builder()
        .take_merge(rx, |sum, n| (sum, n))
        .step(|(sum, n)| match n {
            Some(n) => restart(sum + n),
            None => complete(sum),
        })
        .build()
        .run(0);
    for n in 1..=10_000 {
        tx.put_blocking(n).unwrap();
    }
    drop(tx);
    assert_eq!(value(sum), 50_005_000);
    let countdown = Pipeline::<u32, u32>::builder()
        .step(|n| if n > 0 { restart(n - 1) } else { next(n) })
        .build();
    assert_eq!(value(countdown.run(100_000)), 0);
}

/// A run goes on when its promise is dropped, as promises do.
#[test]
fn a_dropped_run_goes_on() {
    let stage = Stage::new();
    let (tx, rx) = chan(1);
    let (go_on, waits) = chan::<()>(0);
    let run = Pipeline::<u32, ()>::builder()
        .take_merge(waits, |n, _| n)
        .map(move |n| tx.try_put(n).unwrap())
        .build();
    stage.with(|| drop(run.run(3)));
    assert!(rx.try_take().is_err());
    drop(go_on);
    stage.idle();
    assert_eq!(rx.try_take(), Ok(3));
}

/// What the forms print.
#[test]
fn debug() {
    let steps: [Step<u8, u8, u8>; 5] = [
        next(1),
        later(Promise::ready(1)),
        restart(1),
        again(),
        complete(1),
    ];
    assert_eq!(
        format!("{steps:?}"),
        "[Next(..), Later(..), Restart(Some(..)), Restart(None), Complete(..)]"
    );
}
