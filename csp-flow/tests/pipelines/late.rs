//! Pipelines that are declared before they are defined.

use std::sync::Arc;

use csp::{
    Failure,
    pipeline::{Declared, Pipeline, Recover, complete, redirect},
};

use crate::util::promises::{failure, outcome, value};

/// AX-13, EV-032: pipelines that redirect to each other, also with inputs of other types.
#[test]
fn ax_13_mutual_redirects() {
    let even = Pipeline::<u64, u32>::declare();
    let odd = Pipeline::<String, u32>::declare();
    let (to_even, to_odd) = (even.clone(), odd.clone());
    let even = even.define(
        Pipeline::builder()
            .step(move |n: u64| match n / 2 {
                n if n % 2 == 0 => redirect(to_even.redirect(n)),
                n => redirect(to_odd.redirect(n.to_string())),
            })
            .build(),
    );
    let to_even = even.clone();
    let odd = odd.define(
        Pipeline::builder()
            .stage(|text: String| Ok(text.parse::<u64>()?))
            .step(move |n| match n {
                1 => complete(1),
                n => redirect(to_even.redirect(3 * n + 1)),
            })
            .build(),
    );
    assert_eq!(value(odd.run("27".to_owned())), 1);
    assert_eq!(value(even.run(1 << 40)), 1);
    assert_eq!(value(odd.run("837799".to_owned())), 1);
}

/// Itself: nested, so that it recurses, as deep as memory reaches.
#[test]
fn a_pipeline_that_nests_itself() {
    let sum = Pipeline::<u64, u64>::declare();
    let down = Pipeline::<u64, u64>::builder()
        .map(|n| n - 1)
        .nest(&sum)
        .map(|sum| sum + 1)
        .build();
    let sum = sum.define(
        Pipeline::builder()
            .step(|n| {
                if n == 0 {
                    complete(0)
                } else {
                    csp::pipeline::next(n)
                }
            })
            .nest(&down)
            .build(),
    );
    assert_eq!(value(sum.run(10)), 10);
    assert_eq!(value(sum.run(100_000)), 100_000);
}

/// One that is run before it is defined fails, and says where it was declared: run, redirected to, nested.
#[test]
fn undefined() {
    let declared: Declared<u32, u32> = Pipeline::declare();
    assert!(
        format!("{declared:?}").contains("defined: false"),
        "{declared:?}"
    );
    let to = declared.clone();
    let redirects = Pipeline::<u32, u32>::builder()
        .step(move |n| redirect(to.redirect(n)))
        .build();
    let nests = Pipeline::<u32, u32>::builder().nest(&declared).build();
    for run in [declared.run(0), redirects.run(0), nests.run(0)] {
        let text = failure(run);
        assert!(text.contains("late.rs:"), "{text}");
        assert!(text.ends_with("was run before it was defined"), "{text}");
    }
    // It is the stage that failed.
    let recovers = Pipeline::<u32, u32>::builder()
        .map(|n| n)
        .nest(&declared)
        .on_error(|failure, stage| {
            assert!(matches!(failure, Failure::Panicked(_)));
            Recover::Complete(u32::try_from(stage.index()).unwrap())
        })
        .build();
    assert_eq!(value(recovers.run(0)), 1);
    let handler = declared.clone();
    let redirects = Pipeline::<u32, u32>::builder()
        .stage(|_| Err::<u32, _>("the original".into()))
        .on_error(move |_, _| Recover::Redirect(handler.redirect(0)))
        .build();
    let text = failure(redirects.run(0));
    assert!(text.contains("before it was defined"), "{text}");
    assert!(text.contains("the original"), "{text}");
    // Defined at last, all of them work.
    let defined = declared.define(Pipeline::builder().map(|n| n + 1).build());
    assert!(
        format!("{declared:?}").contains("defined: true"),
        "{declared:?}"
    );
    assert_eq!(value(nests.run(0)), 1);
    assert_eq!(value(redirects.run(0)), 1);
    drop(defined);
}

/// Trap 8: a circle of pipelines is dropped, since it holds itself weakly; a run of one that is gone fails.
#[test]
fn trap_8_a_circle_does_not_leak() {
    let held = Arc::new(());
    let watch = Arc::downgrade(&held);
    let declared = Pipeline::<u32, u32>::declare();
    let to = declared.clone();
    let pipeline = declared.define(
        Pipeline::builder()
            .step(move |n| {
                drop(Arc::clone(&held));
                if n == 0 {
                    complete(0)
                } else {
                    redirect(to.redirect(n - 1))
                }
            })
            .build(),
    );
    assert_eq!(value(declared.run(5)), 0);
    // A run keeps the pipelines that it is in.
    let (go_on, waits) = csp::chan::<()>(0);
    let waiting = Pipeline::<u32, u32>::builder()
        .take_merge(waits, |n, _| n)
        .nest(&pipeline)
        .build();
    let run = waiting.run(5);
    drop(waiting);
    drop(pipeline);
    drop(go_on);
    assert_eq!(value(run), 0);
    let text = failure(declared.run(5));
    assert!(text.contains("is gone"), "{text}");
    assert!(text.contains("late.rs:"), "{text}");
    // The run's block lets go of it soon after its promise has settled.
    while watch.upgrade().is_some() {
        std::thread::yield_now();
    }
    assert!(outcome(declared.run(5)).is_err());
}

/// Defined twice.
#[test]
#[should_panic(expected = "is defined already: declare another")]
fn defined_twice() {
    let declared = Pipeline::<u32, u32>::declare();
    let first = declared.define(Pipeline::builder().build());
    drop(declared.define(first.clone()));
}
