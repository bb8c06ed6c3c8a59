//! Failures: what steps pass them by, see them, and recover from them.

use std::num::{ParseFloatError, ParseIntError};

use csp::{
    Error, Failure, Promise,
    prelude::*,
    promise::{go_try, promise},
};

use crate::util::promises::{Log, Stage, failure, outcome, ready, value};

/// EV-084: what fails passes the steps for values by, and the other way round.
#[test]
fn ev_084_failures_pass_value_steps_by() {
    let log = Log::new();
    let (a, b, c) = (log.clone(), log.clone(), log.clone());
    let failed = Promise::<u32>::failed("first")
        .map(move |n| {
            a.add("map");
            n
        })
        .and_then(move |n| {
            b.add("and_then");
            Ok(n)
        })
        .inspect(move |_| c.add("inspect"));
    assert_eq!(failure(failed), "first");
    let (a, b) = (log.clone(), log.clone());
    let fine = ready(1)
        .or_else(move |f| {
            a.add("or_else");
            Err(f)
        })
        .map_err(move |error| {
            b.add("map_err");
            error
        })
        .or(9);
    assert_eq!(value(fine), 1);
    assert!(log.entries().is_empty());
}

/// EV-092: a panic and a failure that is given both go to the next that recovers.
#[test]
fn ev_092_panics_and_errors_reach_the_next_step() {
    let panicked = ready(1).map(|_| -> u32 { panic!("oh") });
    let recovered = panicked.or_else(|failure| match failure {
        Failure::Panicked(panic) => {
            let site = panic.site().unwrap();
            assert!(site.file().ends_with("promise_failures.rs"), "{site}");
            Ok(u32::try_from(panic.message().len()).unwrap())
        }
        other => Err(other),
    });
    assert_eq!(value(recovered), 2);
    let given = ready(1)
        .then(|_| Err::<u32, Failure<Error>>(Failure::TimedOut))
        .or_else(|failure| Ok(failure.to_string().len().try_into().unwrap()));
    assert_eq!(value(given), 9);
}

/// Trap 2: a panic can be raised again, with its own payload.
#[test]
fn trap_2_a_panic_is_resumed_with_its_payload() {
    let Err(Failure::Panicked(panic)) = outcome(ready(1).map(|_| std::panic::panic_any(7_u8)))
    else {
        panic!("it panicked");
    };
    let again = std::panic::catch_unwind(|| panic.resume()).unwrap_err();
    assert_eq!(again.downcast_ref(), Some(&7_u8));
}

/// Trap 2: a panic in a step reaches neither the settler nor its neighbours, and poisons nothing.
#[test]
fn trap_2_a_panic_stays_in_its_step() {
    let stage = Stage::new();
    let (resolver, source) = promise::<u32, Error>();
    let source = source.shared();
    let steps: Vec<_> = stage.with(|| {
        (0..3)
            .map(|k| {
                source.map(move |n| {
                    assert_ne!(k, 1, "this one panics");
                    n + k
                })
            })
            .collect()
    });
    resolver.fulfill(10).unwrap();
    stage.idle();
    let values: Vec<_> = steps.into_iter().map(|step| outcome(step).ok()).collect();
    assert_eq!(values, [Some(10), None, Some(12)]);
    assert_eq!(source.wait().unwrap(), 10);
}

/// EV-134: an error is caught by its type, from a step or an eventual value; others pass.
#[test]
fn ev_134_catch_by_type() {
    let parse = |text: &'static str| ready(text).and_then(|text| Ok(text.parse::<u32>()?));
    assert_eq!(value(parse("x").catch(|_: &ParseIntError| 1)), 1);
    assert_eq!(value(parse("7").catch(|_: &ParseIntError| 1)), 7);
    let other = parse("x").catch(|_: &ParseFloatError| 1);
    assert!(matches!(outcome(other), Err(Failure::Error(error)) if error.is::<ParseIntError>()));
    let first_fits = parse("x")
        .catch(|_: &ParseFloatError| 1)
        .catch(|_: &ParseIntError| 2)
        .catch(|_: &ParseIntError| 3);
    assert_eq!(value(first_fits), 2);
    let eventual = ready("x").and_then(|text| go_try(async move { Ok(text.parse::<u32>()?) }));
    assert_eq!(value(eventual.catch(|_: &ParseIntError| 4)), 4);
    // Not an error at all.
    let cancelled = Promise::<u32>::pending();
    cancelled.cancel();
    assert!(matches!(
        outcome(cancelled.catch(|_: &ParseIntError| 5)),
        Err(Failure::Cancelled)
    ));
}

/// EV-082, EV-208: whoever recovers gets the bare failure, however far down the chain.
#[test]
fn ev_208_recovery_sees_the_bare_failure_at_any_depth() {
    for depth in [0, 1, 2, 20] {
        let mut chain = ready("x").and_then(|text| Ok(text.parse::<u32>()?));
        for _ in 0..depth {
            chain = chain.map(|n| n + 1).and_then(ready);
        }
        let seen = chain.or_else(|failure| match failure {
            Failure::Error(error) if error.is::<ParseIntError>() => Ok(1),
            other => Err(other),
        });
        assert_eq!(value(seen), 1, "depth {depth}");
    }
}

/// An error that goes through `?` of a block, wrapped as a failure, comes out as it went in.
#[test]
fn ev_208_an_error_through_a_question_mark_is_not_wrapped() {
    let inner: Promise<u32> = ready("x").and_then(|text| Ok(text.parse()?));
    let outer = go_try(async move { Ok::<_, Error>(inner.await? + 1) });
    assert_eq!(value(outer.catch(|_: &ParseIntError| 1)), 1);
    // A failure without an error is one, then.
    let never = Promise::<u32>::pending();
    never.cancel();
    let outer = go_try(async move { Ok::<_, Error>(never.await?) });
    let Err(Failure::Error(error)) = outcome(outer) else {
        panic!("the block gave an error");
    };
    assert!(matches!(
        error.downcast_ref::<Failure<Error>>(),
        Some(Failure::Cancelled)
    ));
    assert_eq!(error.to_string(), "cancelled");
}

/// EV-135: in a chain of up to 20 steps, each of which may be eventual, a failure at any place is the
/// chain's, and without one the value is the same.
#[test]
fn ev_135_a_failure_at_every_place() {
    for steps in 0..20 {
        for failing in 0..=steps {
            let mut chain = ready(0);
            for step in 0..steps {
                chain = match (step == failing, step % 3) {
                    (true, 0) => chain.and_then(move |_| Err(format!("{step}").into())),
                    (true, 1) => chain.and_then(move |_| Promise::failed(format!("{step}"))),
                    (true, _) => chain.then(move |_| Err(Failure::Error(format!("{step}").into()))),
                    (false, 0) => chain.map(|n| n + 1),
                    (false, 1) => chain.and_then(|n| go!({ n + 1 })),
                    (false, _) => chain.and_then(|n| Ok(n + 1)),
                };
            }
            if failing < steps {
                assert_eq!(failure(chain), failing.to_string());
            } else {
                assert_eq!(value(chain), steps);
            }
        }
    }
}
