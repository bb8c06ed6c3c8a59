//! Cancels: what they end, and what they leave alone.

use csp::{
    Error, Failure, Promise,
    prelude::*,
    promise::{all, any, go_try, promise, race, repeat, settled, traverse},
};

use crate::util::{
    blocks::Census,
    promises::{Log, Stage, failure, outcome, value},
};

fn cancelled<T: std::fmt::Debug + Send + 'static, E: std::fmt::Debug + Send + 'static>(
    promise: Promise<T, E>,
) {
    match outcome(promise) {
        Err(Failure::Cancelled) => {}
        other => panic!("{other:?}"),
    }
}

/// EV-109: without a canceller it is cancelled at once; what is settled then comes back, and further cancels
/// do no harm.
#[test]
fn ev_109_cancel_without_a_canceller() {
    let (resolver, answer) = promise::<u32, Error>();
    let completer = resolver.into_completer();
    assert!(answer.cancel());
    assert!(!answer.cancel());
    assert_eq!(completer.fulfill(1), Err(1));
    assert_eq!(completer.fulfill(2), Err(2));
    assert!(answer.is_cancelled());
    cancelled(answer);
}

/// EV-110: after it was settled, a cancel does nothing.
#[test]
fn ev_110_cancel_after_the_end() {
    let (resolver, answer) = promise::<u32, Error>();
    let log = Log::new();
    let seen = log.clone();
    resolver.on_cancel(move || seen.add("cancelled"));
    resolver.fulfill(1).unwrap();
    assert!(!answer.cancel());
    assert_eq!(value(answer), 1);
    assert!(log.entries().is_empty());
    let ready = Promise::<_, Error>::ready(2);
    assert!(!ready.cancel());
    let step = ready.map(|n| n);
    while !step.is_settled() {
        std::thread::yield_now();
    }
    assert!(!step.cancel());
    assert_eq!(value(step), 2);
}

/// EV-110: cancellers are called once, by the executor, and then the promise is cancelled.
#[test]
fn ev_110_cancellers_run_once_in_order() {
    let stage = Stage::new();
    let (resolver, answer) = promise::<u32, Error>();
    let log = Log::new();
    for name in ["first", "second"] {
        let seen = log.clone();
        resolver.on_cancel(move || seen.add(name));
    }
    let ended = stage.start(|| answer.cancel());
    assert!(ended);
    assert!(
        log.entries().is_empty(),
        "not on the stack of whoever cancels"
    );
    assert!(!answer.is_settled() && !resolver.is_wanted());
    assert!(stage.start(|| answer.cancel()), "it is still pending");
    stage.idle();
    assert_eq!(log.entries(), ["first", "second"]);
    cancelled(answer);
    // One that comes late runs too: there was a cancel.
    let seen = log.clone();
    stage.with(|| resolver.on_cancel(move || seen.add("late")));
    assert_eq!(log.entries(), ["first", "second", "late"]);
}

/// EV-110, EV-118, EV-123: a canceller may settle it in its own way.
#[test]
fn ev_110_a_canceller_decides_the_outcome() {
    for with_value in [true, false] {
        let (resolver, answer) = promise::<u32, Error>();
        let completer = resolver.into_completer();
        let settles = completer.clone();
        completer.on_cancel(move || {
            if with_value {
                settles.fulfill(7).unwrap();
            } else {
                settles.fail("stopped").unwrap();
            }
        });
        assert!(answer.cancel());
        let answer = outcome(answer).map_err(|failure| failure.to_string());
        assert_eq!(
            answer,
            if with_value {
                Ok(7)
            } else {
                Err("stopped".to_owned())
            }
        );
    }
}

/// EV-088, EV-110: a canceller that panics is none the less through.
#[test]
fn ev_088_a_canceller_that_panics_does_not_stop_the_others() {
    let (resolver, answer) = promise::<u32, Error>();
    let log = Log::new();
    let seen = log.clone();
    resolver.on_cancel(|| panic!("a canceller panics"));
    resolver.on_cancel(move || seen.add("other"));
    assert!(answer.cancel());
    cancelled(answer);
    assert_eq!(log.entries(), ["other"]);
}

/// A settler that drops its end after it was told of the cancel has not abandoned it.
#[test]
fn a_settler_that_hears_of_the_cancel_may_just_go() {
    let (resolver, answer) = promise::<u32, Error>();
    let (tx, rx) = chan::<()>(0);
    resolver.on_cancel(move || assert_eq!(rx.take_blocking(), None));
    let worker = go!({
        resolver.unwanted().await;
        drop(resolver);
    });
    assert!(answer.cancel());
    worker.wait().unwrap();
    cancelled(answer);
    drop(tx);
}

/// EV-207: a cancel reaches the running block at its next park point, and the source.
#[test]
fn ev_207_cancel_reaches_the_block_and_the_source() {
    let stage = Stage::new();
    let census = Census::default();
    let log = Log::new();
    let (item, seen) = (census.of(()), log.clone());
    let (tx, rx) = chan::<u32>(0);
    let block = stage.with(|| {
        go_try::<u32, Error, _>(async move {
            let _item = item;
            seen.add("before");
            let got = take!(rx);
            seen.add("after");
            Ok(got.unwrap())
        })
    });
    let step = stage.with(|| block.map(|n| n + 1).and_then(|n| Ok(n + 1)));
    assert!(step.cancel());
    stage.idle();
    assert_eq!(log.entries(), ["before"]);
    assert_eq!(census.living(), 0);
    assert!(tx.is_closed(), "what the block held is dropped");
    cancelled(step);
}

/// EV-110, EV-123: while a step waits for an inner promise, a cancel goes to that; it gets to all levels.
#[test]
fn ev_123_cancel_goes_to_the_inner_promise() {
    let stage = Stage::new();
    for levels in 1..5 {
        let (resolver, mut inner) = promise::<u32, Error>();
        inner = stage.with(|| {
            (0..levels).fold(inner, |inner, _| {
                Promise::ready(()).and_then(move |()| inner)
            })
        });
        assert!(resolver.is_wanted());
        assert!(inner.cancel());
        stage.idle();
        assert!(!resolver.is_wanted(), "{levels} levels");
        cancelled(inner);
    }
}

/// EV-123: a cancel is a failure as any other for whoever waits for what was cancelled: it may be caught,
/// and turned into a value or another error, and the reader can be cancelled in turn.
#[test]
fn ev_123_a_cancel_of_the_source_is_caught_like_any_failure() {
    let stage = Stage::new();
    let (_resolver, source) = promise::<u32, Error>();
    let source = source.shared();
    let (caught, translated, second) = stage.with(|| {
        let caught = source.or_else(|failure| match failure {
            Failure::Cancelled => Ok(0),
            other => Err(other),
        });
        let translated = source.or_else(|_| Err(Failure::Error("translated".into())));
        let second = source.or_else(|_| Promise::pending());
        (caught, translated, second)
    });
    assert!(source.cancel());
    stage.idle();
    assert_eq!(value(caught), 0);
    assert_eq!(failure(translated), "translated");
    assert!(!second.is_settled());
    assert!(second.cancel());
    stage.idle();
    cancelled(second);
}

/// EV-164: a cancelled step never runs; its sibling does.
#[test]
fn ev_164_a_cancelled_step_does_not_run_and_its_sibling_does() {
    let stage = Stage::new();
    let log = Log::new();
    let (resolver, source) = promise::<u32, Error>();
    let source = source.shared();
    let (a, b) = (log.clone(), log.clone());
    let (first, second) = stage.with(|| {
        (
            source.map(move |_| a.add("first")),
            source.map(move |_| b.add("second")),
        )
    });
    assert!(first.cancel());
    stage.idle();
    assert!(resolver.is_wanted(), "the sibling still wants it");
    resolver.fulfill(1).unwrap();
    stage.idle();
    assert_eq!(log.entries(), ["second"]);
    cancelled(first);
    value(second);
}

/// Trap 9: the last reader that cancels takes the source with it; one that is dropped does not.
#[test]
fn trap_9_the_last_reader_of_a_shared_cancels_the_source() {
    let stage = Stage::new();
    let log = Log::new();
    let source = |log: &Log| {
        let (resolver, source) = promise::<u32, Error>();
        let seen = log.clone();
        resolver.on_cancel(move || seen.add("cancelled"));
        (resolver, source.shared())
    };
    let (resolver, shared) = source(&log);
    let (a, b) = stage.with(|| (shared.map(|n| n), shared.map(|n| n)));
    drop(shared);
    a.cancel();
    stage.idle();
    assert!(resolver.is_wanted() && log.entries().is_empty());
    b.cancel();
    stage.idle();
    assert!(!resolver.is_wanted());
    assert_eq!(log.entries(), ["cancelled"]);

    let (resolver, shared) = source(&log);
    drop(shared);
    stage.idle();
    assert!(!resolver.is_wanted(), "nobody wants it");
    assert_eq!(log.entries(), ["cancelled"], "but nobody cancelled it");
}

/// Trap 9: a dropped promise does not end what is under way.
#[test]
fn trap_9_drop_is_not_cancel() {
    let stage = Stage::new();
    let log = Log::new();
    let seen = log.clone();
    let (resolver, source) = promise::<u32, Error>();
    stage.with(|| drop(source.map(|n| n + 1).map(move |_| seen.add("ran"))));
    assert!(resolver.is_wanted());
    resolver.fulfill(1).unwrap();
    stage.idle();
    assert_eq!(log.entries(), ["ran"]);
}

/// EV-118: the bridge that cancels with the future.
#[test]
fn ev_118_cancel_on_drop_goes_both_ways() {
    // Promise to future: dropped, it cancels.
    let (resolver, answer) = promise::<u32, Error>();
    drop(answer.cancel_on_drop());
    assert!(!resolver.is_wanted());
    // Awaited to its end, it does not.
    let (resolver, answer) = promise::<u32, Error>();
    resolver.fulfill(1).unwrap();
    assert_eq!(csp::block_on(answer.cancel_on_drop()).unwrap(), 1);
    // Future to promise: a cancel drops the future.
    let census = Census::default();
    let item = census.of(());
    let stage = Stage::new();
    let wrapped = stage.with(|| {
        Promise::<u32>::from_future(async move {
            let _item = item;
            std::future::pending().await
        })
    });
    assert_eq!(census.living(), 1);
    assert!(wrapped.cancel());
    stage.idle();
    assert_eq!(census.living(), 0);
    cancelled(wrapped);
}

/// `finally` runs also if its own step is cancelled.
#[test]
fn finally_runs_when_it_is_cancelled() {
    let stage = Stage::new();
    let log = Log::new();
    let seen = log.clone();
    let step = stage.with(|| Promise::<u32>::pending().finally(move || seen.add("finally")));
    assert!(step.cancel());
    stage.idle();
    assert_eq!(log.entries(), ["finally"]);
    cancelled(step);
}

/// EV-088, EV-089, EV-106: a cancelled aggregate cancels all its members; one that has ended, none.
#[test]
fn ev_088_cancel_of_an_aggregate_cancels_its_members() {
    type Members = Vec<Promise<u32>>;
    let aggregates: [fn(Members) -> Promise<()>; 6] = [
        |members| all(members).map(drop).map_err(|_| "all".into()),
        |members| settled(members).map(drop).map_err(|never| match never {}),
        |members| race(members).map(drop),
        |members| any(members).map(drop).map_err(|_| "any".into()),
        |members| traverse(members, 10, |member| member).map(drop),
        |members| {
            let mut members = members.into_iter();
            let (a, b, c) = (members.next(), members.next(), members.next());
            csp::promise::all!(a.unwrap(), b.unwrap(), c.unwrap())
                .map(drop)
                .map_err(|_| "tuple".into())
        },
    ];
    for make in aggregates {
        let stage = Stage::new();
        let log = Log::new();
        let (resolvers, members): (Vec<_>, Members) = (0..3).map(|_| promise()).unzip();
        for (n, resolver) in resolvers.iter().enumerate() {
            let seen = log.clone();
            resolver.on_cancel(move || {
                seen.add("cancelled");
                assert_ne!(n, 1, "a canceller that panics");
            });
        }
        let aggregate = stage.with(|| make(members));
        assert!(resolvers.iter().all(csp::Resolver::is_wanted));
        assert!(aggregate.cancel());
        stage.idle();
        assert!(!resolvers.iter().any(csp::Resolver::is_wanted));
        assert_eq!(log.entries(), ["cancelled"; 3]);
        cancelled(aggregate);
    }
}

/// A cancelled loop ends, with what it waits for.
#[test]
fn ev_123_a_cancelled_loop_cancels_its_turn() {
    let stage = Stage::new();
    let (tx, rx) = chan(10);
    let endless: Promise<()> = stage.with(|| {
        repeat((), move |()| {
            let (resolver, turn) = promise();
            tx.try_put(resolver).unwrap();
            turn
        })
    });
    let first = rx.try_take().unwrap();
    first.fulfill(std::ops::ControlFlow::Continue(())).unwrap();
    stage.idle();
    let second = rx.try_take().unwrap();
    assert!(second.is_wanted());
    assert!(endless.cancel());
    stage.idle();
    assert!(!second.is_wanted());
    assert!(rx.is_closed(), "the loop's closure is dropped");
    cancelled(endless);
}

/// Callbacks are taken back, and with the last reader the promise is cancelled.
#[test]
fn a_cancelled_subscription_of_a_promise_cancels_it() {
    let stage = Stage::new();
    let (resolver, answer) = promise::<u32, Error>();
    let callbacks = stage.with(|| answer.subscribe(|_| unreachable!(), |_| unreachable!()));
    assert!(callbacks.cancel());
    assert!(!callbacks.cancel());
    stage.idle();
    assert!(!resolver.is_wanted());
}

/// A claim stands against cancels from below too: the value comes back if the reader has gone.
#[test]
fn a_claim_stands_against_the_cancel_of_a_step() {
    let stage = Stage::new();
    let (resolver, answer) = promise::<u32, Error>();
    let step = stage.with(|| answer.map(|n| n + 1));
    let claim = resolver.claim().unwrap();
    assert!(step.cancel());
    stage.idle();
    cancelled(step);
    assert_eq!(claim.fulfill(1), Err(1));
}
