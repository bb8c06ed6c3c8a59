//! `run_pipeline!`.

use csp::{
    Error, Promise,
    pipeline::{Pipeline, Step, complete, next, redirect, restart, run_pipeline},
    prelude::*,
    promise::go_try,
};

use crate::util::promises::{failure, value};

/// AX-10: `run-pipeline 0 inc inc inc`.
#[test]
fn ax_10_plain_stages() {
    let inc = |n: u32| n + 1;
    assert_eq!(value(run_pipeline!(0; inc, inc, inc)), 3);
    assert_eq!(value(run_pipeline!(0; |n| n + 1, |n| n + 1, |n| n + 1)), 3);
    assert_eq!(value(run_pipeline!(5)), 5);
    assert_eq!(value(run_pipeline!(5;)), 5);
    assert_eq!(value(run_pipeline!("x".to_owned(); |text| text.len(),)), 1);
}

/// AX-14: count to five.
#[test]
fn ax_14_restart() {
    let five = run_pipeline!(0; |n| n + 1, |n| if n < 5 { restart(n) } else { next(n) });
    assert_eq!(value(five), 5);
    let text = run_pipeline!(
        0;
        |n| if n < 5 { restart(n + 1) } else { next(n) },
        |n: i32| n.to_string(),
        |text| text + "!",
    );
    assert_eq!(value(text), "5!");
}

/// What a closure gives decides what kind of stage it is.
#[test]
fn stages_by_what_they_give() {
    let port = run_pipeline!(
        " 8080 ";
        str::trim,
        |text| Ok(text.parse::<u16>()?),
        |port| Promise::ready(port + 1),
        |port| Promise::<_, Error>::ready(port + 1).shared(),
        |port| go!({ port + 1 }),
        |port| go_try(async move { Ok(port + 1) }),
        |port| Ok::<Step<_, _, _>, Error>(next(port + 1)),
        |port| go_try(async move { Ok(next(port + 1)) }),
        |port| go!({ next(port + 1) }),
        Some,
    );
    assert_eq!(value(port), Some(8087));
    let fails = run_pipeline!("eighty"; |text| Ok(text.parse::<u16>()?), |port| port + 1);
    assert_eq!(failure(fails), "invalid digit found in string");
}

/// It completes, and redirects to others; a value that is not `Clone` will do if it never restarts.
#[test]
fn other_ways_out() {
    struct NotClone(u8);
    let twice = Pipeline::<u32, u32>::builder().map(|n| 2 * n).build();
    let run = |n: u32| {
        let twice = twice.clone();
        run_pipeline!(
            n;
            move |n| match n {
                0 => complete(100),
                1 => redirect(twice.redirect(21)),
                n => next(n),
            },
            |n: u32| n + 1,
        )
    };
    assert_eq!((value(run(0)), value(run(1)), value(run(2))), (100, 42, 3));
    assert_eq!(value(run_pipeline!(NotClone(1); |NotClone(n)| n + 1)), 2);
}
