//! Executors.

use csp::{
    Error, Failure, Promise, Runtime,
    pipeline::{Pipeline, Recover, redirect, restart},
    prelude::*,
};

use crate::util::promises::{LIMIT, Log, Stage, outcome, value};

fn runtime(name: &'static str) -> Runtime {
    Runtime::builder().workers(1).name(name).build()
}

/// The name of the runtime whose thread this is.
fn here() -> String {
    let thread = std::thread::current();
    let name = thread.name().unwrap_or("none");
    name.split('-').next().unwrap_or(name).to_owned()
}

type Texts = csp::pipeline::Stages<String, String, Error, String>;

fn texts() -> Texts {
    Pipeline::builder()
}

fn noted(stages: Texts) -> Texts {
    stages.map(|text| text + " " + &here())
}

/// EV-064: all stages run on the pipeline's executor, also after one that parked; so do handler and finally.
#[test]
fn ev_064_an_executor() {
    let (one, two) = (runtime("one"), runtime("two"));
    let log = Log::<String>::new();
    let (handled, ended) = (log.clone(), log.clone());
    let pipeline = noted(noted(texts()).stage(|text| go!({ text + " inherits-" + &here() })))
        .stage(move |text| {
            // Settled elsewhere.
            Promise::from(two.go(async move { text + " " + &here() }))
        })
        .wait(ms(1))
        .map(|text| text + " " + &here())
        .stage(|text| Err::<String, _>(text.into()))
        .on_error(move |failure, _| {
            handled.add(format!("handler {}", here()));
            Recover::Complete(failure.to_string())
        })
        .finally(move || ended.add(format!("finally {}", here())))
        .on(&one)
        .build();
    assert_eq!(
        value(pipeline.run(String::new())),
        " one inherits-one one two one"
    );
    assert_eq!(log.entries(), ["handler one", "finally one"]);
}

/// EV-064: dynamic bindings are conveyed to the run.
#[test]
fn ev_064_bindings() {
    csp::dynamic! { static WHO: &'static str = "nobody"; }
    let pipeline = Pipeline::<(), &str>::builder()
        .wait(ms(1))
        .map(|()| WHO.get())
        .build();
    let run = binding!(WHO = "me" => pipeline.run(()));
    assert_eq!(value(run), "me");
}

/// Nested pipelines run where they say, and the outer one goes on where it was.
#[test]
fn nested_elsewhere() {
    let (one, two) = (runtime("one"), runtime("two"));
    let bare = noted(texts()).build();
    let there = noted(noted(texts()).nest(&bare)).on(&two).build();
    let outer = noted(noted(noted(texts()).nest(&there)).nest(&bare))
        .on(&one)
        .build();
    assert_eq!(
        value(outer.run(String::new())),
        " one two two two one one one"
    );
    // Without an executor: on that which is current where it is run.
    let stage = Stage::new();
    let outer = noted(noted(texts()).nest(&there)).build();
    let run = stage.start(|| outer.run(String::new()));
    let thread = std::thread::current();
    let mine = here();
    let text = stage.run(run).unwrap();
    assert_eq!(text, format!(" {mine} two two two {mine}"), "{thread:?}");
}

/// A pipeline without an executor goes on where the one ran that redirected to it.
#[test]
fn redirected_from_elsewhere() {
    let (one, two) = (runtime("one"), runtime("two"));
    let bare = noted(texts()).build();
    let redirects = |on: &Runtime| {
        let bare = bare.clone();
        noted(texts())
            .step(move |text| redirect(bare.redirect(text)))
            .on(on)
            .build()
    };
    let (first, second) = (redirects(&one), redirects(&two));
    assert_eq!(value(first.run(String::new())), " one one");
    let outer = noted(noted(texts()).nest(&second)).on(&one).build();
    assert_eq!(value(outer.run(String::new())), " one two two one");
}

/// What is done with the outcome is done where that is said.
#[test]
fn the_promise_is_not_bound_to_the_executor() {
    let one = runtime("one");
    let there = noted(texts()).on(&one).build();
    let stage = Stage::new();
    let text = stage.start(|| there.run(String::new()).map(|text| text + " " + &here()));
    assert_eq!(stage.run(text).unwrap(), format!(" one {}", here()));
}

/// Redirects to and fro between executors: a loop, and it comes to an end.
#[test]
fn redirects_between_executors() {
    let (one, two) = (runtime("one"), runtime("two"));
    let back = Pipeline::<u32, String>::declare();
    let to_back = back.clone();
    let there = Pipeline::<u32, String>::builder()
        .step(move |n| match n {
            0 => csp::pipeline::next(here()),
            n => redirect(to_back.redirect(n - 1)),
        })
        .on(&one)
        .build();
    let to_there = there.clone();
    let back = back.define(
        Pipeline::builder()
            .step(move |n| match n {
                0 => csp::pipeline::next(here()),
                n => redirect(to_there.redirect(n - 1)),
            })
            .on(&two)
            .build(),
    );
    assert_eq!(value(there.run(0)), "one");
    assert_eq!(value(there.run(1001)), "two");
    assert_eq!(value(back.run(1001)), "one");
}

/// A cancel reaches a stage that is elsewhere; finally runs.
#[test]
fn cancelled_elsewhere() {
    let (one, two) = (runtime("one"), runtime("two"));
    let (tx, resolvers) = chan(1);
    let (ended, at_end) = chan(2);
    let inner = Pipeline::<u32, u32>::builder()
        .stage(move |_| {
            let (resolver, promise) = csp::promise::promise::<u32, Error>();
            tx.try_put(resolver).unwrap();
            promise
        })
        .finally(move || ended.try_put(()).unwrap())
        .on(&two)
        .build();
    let outer = Pipeline::<u32, u32>::builder()
        .nest(&inner)
        .on(&one)
        .build();
    for pipeline in [inner, outer] {
        let run = pipeline.run(0);
        let resolver = resolvers.take_blocking().unwrap();
        assert!(run.cancel());
        csp::block_on(resolver.unwanted());
        assert!(matches!(outcome(run), Err(Failure::Cancelled)));
        assert_eq!(at_end.take_blocking_for(LIMIT), Ok(Some(())));
    }
    // One that spins there.
    let spins = Pipeline::<u32, u32>::builder()
        .step(restart)
        .on(&two)
        .build();
    let outer = Pipeline::<u32, u32>::builder()
        .nest(&spins)
        .on(&one)
        .build();
    for pipeline in [spins, outer] {
        let run = pipeline.run(0);
        assert!(run.cancel());
        assert!(matches!(outcome(run), Err(Failure::Cancelled)));
    }
}

/// A runtime that is gone: the run is cancelled, and never hangs.
#[test]
fn shut_down_elsewhere() {
    let (one, two) = (runtime("one"), runtime("two"));
    let inner = Pipeline::<u32, u32>::builder()
        .stage(|n| {
            if n == 0 {
                Promise::pending()
            } else {
                Promise::ready(n)
            }
        })
        .on(&two)
        .build();
    let outer = Pipeline::<u32, u32>::builder()
        .nest(&inner)
        .on(&one)
        .build();
    assert_eq!(value(outer.run(1)), 1);
    let runs = [inner.run(0), outer.run(0)];
    drop(two); // it cancels its blocks
    for run in runs {
        assert!(matches!(outcome(run), Err(Failure::Cancelled)));
    }
    for run in [inner.run(1), outer.run(1)] {
        assert!(matches!(outcome(run), Err(Failure::Cancelled)));
    }
}
