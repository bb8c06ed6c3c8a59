//! Failures, error handlers, restarts after failures.

use std::{
    cell::RefCell,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use csp::{
    Error, Failure, Promise,
    pipeline::{Pipeline, Recover, again, next, redirect, restart},
    prelude::*,
    promise::{go_try, promise, set_unhandled_hook},
};

use crate::util::promises::{Log, Stage, failure, outcome, value};

/// Fails the first `times` that it is called, then adds one.
pub(crate) fn fails(
    times: usize,
) -> (
    impl Fn(u32) -> Result<u32, Error> + Send + Sync,
    Arc<AtomicUsize>,
) {
    let calls = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&calls);
    let f = move |n| match counter.fetch_add(1, Ordering::SeqCst) {
        call if call < times => Err(format!("failure {call}").into()),
        _ => Ok(n + 1),
    };
    (f, calls)
}

/// EV-035: no handler, and one that does nothing: the failure is the outcome; one that completes recovers; one may
/// be eventual, and itself a pipeline.
#[test]
fn ev_035_what_a_handler_can_do() {
    let fails = || Pipeline::<u32, u32>::builder().stage(|_| Err::<u32, _>("no".into()));
    assert_eq!(failure(fails().build().run(0)), "no");
    let propagates = fails().on_error(|_, _| Recover::Propagate).build();
    assert_eq!(failure(propagates.run(0)), "no");
    let completes = fails().on_error(|_, _| Recover::Complete(1)).build();
    assert_eq!(value(completes.run(0)), 1);
    let handler = Pipeline::<String, Recover<u32, u32>>::builder()
        .wait(ms(1))
        .stage(|text| go!({ Recover::Complete(u32::try_from(text.len()).unwrap()) }))
        .build();
    let eventual = fails()
        .on_error(move |failure, _| Recover::Later(handler.run(failure.to_string())))
        .build();
    assert_eq!(value(eventual.run(0)), 2);
    let nested = fails()
        .on_error(|_, _| {
            let inner = Promise::ready(Recover::Later(go_try(async { Ok(Recover::Propagate) })));
            Recover::Later(Promise::ready(Recover::Later(inner)))
        })
        .build();
    assert_eq!(failure(nested.run(0)), "no");
    let itself_fails = fails()
        .on_error(|_, _| Recover::Later(go_try(async { Err("handler".into()) })))
        .build();
    assert_eq!(failure(itself_fails.run(0)), "handler");
}

/// EV-060: a failure in a plain, an eventual, a nested, a redirected stage is that of the whole: as it was, at any
/// depth.
#[test]
fn ev_060_a_failure_anywhere() {
    let plain = Pipeline::<u32, u32>::builder()
        .stage(|_| Err::<u32, _>("no".into()))
        .map(|_| -> u32 { panic!("not reached") })
        .build();
    let eventual = Pipeline::<u32, u32>::builder()
        .stage(|_| go_try(async { Err::<u32, _>("no".into()) }))
        .build();
    let reads = Pipeline::<u32, u32>::builder()
        .read_merge(|| Promise::<u32>::failed("no"), |a, b| a + b)
        .build();
    for inner in [plain, eventual, reads] {
        assert_eq!(failure(inner.run(0)), "no");
        let nested = Pipeline::<u32, u32>::builder().nest(&inner).build();
        let deeper = Pipeline::<u32, u32>::builder()
            .map(|n| n)
            .nest(&nested)
            .build();
        assert_eq!(failure(deeper.run(0)), "no");
        let redirects = Pipeline::<u32, u32>::builder()
            .step(move |n| redirect(deeper.redirect(n)))
            .build();
        assert_eq!(failure(redirects.run(0)), "no");
    }
    // Not an error, but a failure of a stage as any other.
    let (resolver, abandoned) = promise::<u32, Error>();
    let abandoned = abandoned.shared();
    drop(resolver);
    let pipeline = Pipeline::<u32, u32>::builder()
        .stage(move |_| abandoned.clone())
        .build();
    assert!(matches!(outcome(pipeline.run(0)), Err(Failure::Abandoned)));
}

/// EV-061: three nested handlers are all asked, from the inside out; after redirects that of the last pipeline
/// alone.
#[test]
fn ev_061_handlers_of_nested_and_of_left_pipelines() {
    let log = Log::<String>::new();
    let wrap = |name: &'static str, inner: &Pipeline<u32, u32>| {
        let log = log.clone();
        Pipeline::<u32, u32>::builder()
            .map(|n| n)
            .nest(inner)
            .on_error(move |failure, stage| {
                log.note(format!("{name}: {failure} in stage {}", stage.index()));
                Recover::Propagate
            })
            .build()
    };
    let fails = Pipeline::<u32, u32>::builder()
        .stage(|_| Err::<u32, _>("no".into()))
        .build();
    let nested = wrap("outer", &wrap("middle", &wrap("inner", &fails)));
    assert_eq!(failure(nested.run(0)), "no");
    let expected = ["inner", "middle", "outer"].map(|name| format!("{name}: no in stage 1"));
    assert_eq!(log.entries(), expected);

    let log = Log::<String>::new();
    let mut last = fails;
    for name in ["third", "second", "first"] {
        let (to, log) = (last.clone(), log.clone());
        last = Pipeline::<u32, u32>::builder()
            .step(move |n| match name {
                "third" => Err("here".into()),
                _ => Ok(redirect(to.redirect(n))),
            })
            .on_error(move |_, _| {
                log.note(name);
                Recover::Propagate
            })
            .build();
    }
    assert_eq!(failure(last.run(0)), "here");
    assert_eq!(log.entries(), ["third"]);
}

/// EV-062: a handler redirects; restarts until it works; an inner restart inside of an outer one.
#[test]
fn ev_062_handlers_redirect_and_restart() {
    let other = Pipeline::<u32, u32>::builder().map(|n| n + 100).build();
    let redirects = Pipeline::<u32, u32>::builder()
        .stage(|_| Err::<u32, _>("no".into()))
        .on_error(move |_, _| Recover::Redirect(other.redirect(5)))
        .build();
    assert_eq!(value(redirects.run(0)), 105);

    let (twice, calls) = fails(2);
    let retries = Pipeline::<u32, u32>::builder()
        .map(|n| n * 10)
        .stage(twice)
        .on_error(|_, _| Recover::Restart(None))
        .build();
    assert_eq!(value(retries.run(4)), 41); // with the initial value each time
    assert_eq!(calls.load(Ordering::SeqCst), 3);

    let (twice, _) = fails(2);
    let counts = Pipeline::<u32, u32>::builder()
        .stage(move |n| twice(n).map(|_| n))
        .on_error(|failure, _| {
            let Failure::Error(error) = failure else {
                return Recover::Propagate;
            };
            Recover::Restart(Some(if error.to_string() == "failure 0" {
                7
            } else {
                8
            }))
        })
        .build();
    assert_eq!(value(counts.run(0)), 8);

    let (outer_fails, outer_calls) = fails(1);
    let (inner_fails, inner_calls) = fails(2);
    let inner = Pipeline::<u32, u32>::builder()
        .stage(inner_fails)
        .on_error(|_, _| Recover::Restart(None))
        .build();
    let outer = Pipeline::<u32, u32>::builder()
        .nest(&inner)
        .stage(outer_fails)
        .on_error(|_, _| Recover::Restart(None))
        .build();
    assert_eq!(value(outer.run(0)), 2);
    assert_eq!(outer_calls.load(Ordering::SeqCst), 2);
    assert_eq!(inner_calls.load(Ordering::SeqCst), 4); // fails, fails, works; works
}

/// The handler is told which stage it was: its number, its name, its place in the source.
#[test]
fn which_stage() {
    let log = Log::<String>::new();
    let told = log.clone();
    let inner = Pipeline::<u32, u32>::builder()
        .map(|n| n)
        .map(|n| if n == 2 { panic!("two") } else { n })
        .build();
    let pipeline = Pipeline::<u32, u32>::builder()
        .stage(|n| if n == 0 { Err("zero".into()) } else { Ok(n) })
        .named("first")
        .inspect(|n| assert_ne!(*n, 1, "one"))
        .named(String::from("second"))
        .nest(&inner)
        .stage(|n| go_try(async move { Err::<u32, _>(format!("{n}").into()) }))
        .on_error(move |_, stage| {
            assert!(stage.added().file().ends_with("errors.rs"));
            assert!(stage.to_string().contains("errors.rs:"), "{stage}");
            told.add(format!("{} {:?}", stage.index(), stage.name()));
            Recover::Complete(0)
        })
        .build();
    for n in 0..=3 {
        assert_eq!(value(pipeline.run(n)), 0);
    }
    assert_eq!(
        log.entries(),
        [
            "0 Some(\"first\")",
            "1 Some(\"second\")",
            "2 None",
            "3 None"
        ]
    );
}

/// A panic of a stage of any kind is a failure that the handler sees, and nobody is unwound.
#[test]
fn trap_2_panics_are_failures() {
    type Numbers = csp::pipeline::Stages<u32, u32, Error, u32>;
    let builder = Pipeline::<u32, u32>::builder;
    let panics: [Numbers; 7] = [
        builder().map(|_| panic!("boom")),
        builder().stage(|_| -> Result<u32, Error> { panic!("boom") }),
        builder().stage(|_| go_try(async { panic!("boom") })),
        builder().inspect(|_| panic!("boom")),
        builder().step(|_| -> csp::pipeline::Step<u32, u32, u32> { panic!("boom") }),
        builder().read_merge(|| go_try(async { Ok(1) }), |_, _: u32| panic!("boom")),
        builder().take_merge(to_chan([1]), |_, _| panic!("boom")),
    ];
    for (kind, stages) in panics.into_iter().enumerate() {
        let pipeline = stages
            .on_error(|failure, _| match failure {
                Failure::Panicked(panic) if panic.message() == "boom" => Recover::Complete(1),
                _ => Recover::Propagate,
            })
            .build();
        assert_eq!(value(pipeline.run(0)), 1, "kind {kind}");
    }
    let text = failure(builder().map(|_| -> u32 { panic!("boom") }).build().run(0));
    assert!(text.contains("errors.rs:"), "{text}"); // where it was run
    assert!(text.ends_with("panicked: boom"), "{text}");
}

/// A value whose clone panics: the handler sees that as well.
#[test]
fn a_clone_that_panics() {
    #[derive(Debug)]
    struct Bad;
    impl Clone for Bad {
        fn clone(&self) -> Self {
            panic!("no clones")
        }
    }
    let pipeline = Pipeline::<Bad, u32>::builder()
        .step(|Bad| next(1))
        .on_error(|failure, stage| {
            assert!(matches!(failure, Failure::Panicked(panic) if panic.message() == "no clones"));
            assert_eq!(stage.index(), 0);
            Recover::Complete(5)
        })
        .build();
    assert_eq!(value(pipeline.run(Bad)), 5);
}

/// EV-206: a handler that panics: that is the failure, and tells what it was asked about. The handlers around
/// are asked about it.
#[test]
fn ev_206_a_handler_that_panics() {
    let inner = Pipeline::<u32, u32>::builder()
        .stage(|_| Err::<u32, _>("the original".into()))
        .on_error(|_, _| panic!("the handler"))
        .build();
    let text = failure(inner.run(0));
    assert!(text.contains("panicked: the handler"), "{text}");
    assert!(text.contains("the original"), "{text}");
    let outer = Pipeline::<u32, String>::builder()
        .nest(&inner)
        .map(|n| n.to_string())
        .on_error(|failure, _| match failure {
            Failure::Panicked(panic) => Recover::Complete(panic.message().to_owned()),
            _ => Recover::Propagate,
        })
        .build();
    let text = value(outer.run(0));
    assert_eq!(
        text,
        "the handler (in the error handler, which was asked about: the original)"
    );
}

/// A stage that fails without a handler, deep in a loop: the restarts of a step do not swallow it.
#[test]
fn restarts_do_not_hide_failures() {
    let pipeline = Pipeline::<u32, u32>::builder()
        .stage(|n| if n == 5 { Err("five".into()) } else { Ok(n) })
        .step(|n| restart(n + 1))
        .build();
    assert_eq!(failure(pipeline.run(0)), "five");
    let calls = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&calls);
    let pipeline = Pipeline::<u32, u32>::builder()
        .stage(move |n| match counter.fetch_add(1, Ordering::SeqCst) {
            5 => Err("the fifth".into()),
            _ => Ok(n),
        })
        .step(|_| again())
        .build();
    assert_eq!(failure(pipeline.run(0)), "the fifth");
}

/// What the forms print.
#[test]
fn debug() {
    let forms: [Recover<u8, u8>; 5] = [
        Recover::Propagate,
        Recover::Restart(Some(1)),
        Recover::Restart(None),
        Recover::Complete(1),
        Recover::Later(Promise::ready(Recover::Propagate)),
    ];
    assert_eq!(
        format!("{forms:?}"),
        "[Propagate, Restart(Some(..)), Restart(None), Complete(..), Later(..)]"
    );
}

thread_local! {
    static TOLD: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// A failure of a run that nobody looks at is told, with where it was run; one that was looked at, recovered,
/// ignored or cancelled is not, nor are those of the promises inside.
#[test]
fn unhandled_failures_are_told() {
    set_unhandled_hook(|unhandled| {
        TOLD.with_borrow_mut(|told| told.push(unhandled.to_string()));
    });
    let stage = Stage::new();
    let fails = Pipeline::<u32, u32>::builder()
        .stage(|_| go_try(async { Err::<u32, _>("no".into()) }))
        .build();
    let recovers = Pipeline::<u32, u32>::builder()
        .nest(&fails)
        .on_error(|_, _| Recover::Complete(1))
        .build();
    let hangs = Pipeline::<u32, u32>::builder()
        .stage(|_| Promise::pending())
        .build();
    stage.with(|| drop(recovers.run(0)));
    stage.with(|| fails.run(0).ignore());
    stage.with(|| hangs.run(0)).cancel();
    stage.idle();
    assert!(stage.run(fails.run(0)).is_err());
    assert!(TOLD.take().is_empty());
    stage.with(|| drop(fails.run(0)));
    let told = TOLD.take();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("errors.rs:"), "{told:?}");
    assert!(told[0].ends_with(": no"), "{told:?}");
}

/// Trap 3: no stage runs on the stack of whoever runs the pipeline, or settles what it waits for.
#[test]
fn trap_3_stages_run_in_the_run_s_own_block() {
    let stage = Stage::new();
    let log = Log::<String>::new();
    let (resolver, waits) = promise::<u32, Error>();
    let waits = waits.shared();
    let (first, second) = (log.clone(), log.clone());
    let pipeline = Pipeline::<u32, u32>::builder()
        .inspect(move |_| first.note("first"))
        .stage(move |_| waits.clone())
        .inspect(move |_| second.note("second"))
        .build();
    let run = stage.start(|| {
        let run = pipeline.run(0);
        assert!(log.entries().is_empty());
        run
    });
    stage.idle();
    assert_eq!(log.entries(), ["first"]);
    resolver.fulfill(5).unwrap();
    assert_eq!(log.entries(), ["first"]);
    assert_eq!(stage.run(run).unwrap(), 5);
    assert_eq!(log.entries(), ["first", "second"]);
}

/// Trap 4: a stage that blocks on another run, on one worker: that gets another thread.
#[test]
fn trap_4_a_stage_that_blocks() {
    let rt = csp::Runtime::builder().workers(1).build();
    let _entered = rt.enter();
    let inner = Pipeline::<u32, u32>::builder()
        .stage(|n| go!({ n + 1 }))
        .build();
    let outer = Pipeline::<u32, u32>::builder()
        .map(move |n| csp::allow_blocking!(inner.run(n).wait()).unwrap())
        .build();
    assert_eq!(value(outer.run(1)), 2);
}
