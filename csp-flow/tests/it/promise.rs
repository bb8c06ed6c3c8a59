//! Promises and what settles them.
#![allow(clippy::type_complexity, reason = "tables of closures")]

use std::{sync::Barrier, thread};

use csp::{
    Completer, Error, Failure, Promise, Resolver, Shared,
    prelude::*,
    promise::{self, promise},
};

use crate::util::{
    blocks::Census,
    promises::{Log, Stage, failure, outcome, value},
};

fn pair<T: Send + 'static>() -> (Resolver<T, Error>, Promise<T, Error>) {
    promise()
}

/// EV-001: a settled value is read by a wait, a peek and a callback; it is not settled again, and a callback
/// that has run is not taken back.
#[test]
fn ev_001_a_settled_value_is_read_in_every_way() {
    let (resolver, answer) = pair();
    let completer = resolver.into_completer();
    assert_eq!(completer.fulfill(1), Ok(()));
    let answer = answer.shared();
    assert_eq!(answer.wait().unwrap(), 1);
    assert!(matches!(answer.peek().as_deref(), Some(Ok(1))));
    assert!(!answer.is_failed());
    let (tx, rx) = chan(1);
    let callback = answer.subscribe(
        move |n| tx.try_put(*n).unwrap(),
        |failure| panic!("{failure}"),
    );
    assert_eq!(rx.take_blocking(), Some(1));
    assert!(!callback.cancel());
    callback.wait();
    assert_eq!(completer.fulfill(2), Err(2));
    assert_eq!(completer.fail("no").unwrap_err().to_string(), "no");
    assert_eq!(answer.wait().unwrap(), 1);
}

/// EV-002: so is an error, and it is the same one for each reader.
#[test]
fn ev_002_a_settled_error_is_read_in_every_way() {
    let (resolver, answer) = pair::<u32>();
    resolver.fail("out of paper").unwrap();
    let answer = answer.shared();
    let place = |outcome: &csp::Outcome<u32>| match outcome {
        Err(Failure::Error(error)) => std::ptr::from_ref(error.as_std()).addr(),
        other => panic!("{other:?}"),
    };
    let first = place(&answer.wait());
    assert_eq!(first, place(&answer.wait()));
    assert_eq!(first, place(&answer.peek().unwrap()));
    assert!(answer.is_failed() && !answer.is_cancelled());
    assert_eq!(answer.now_or(7), 7);
    let (tx, rx) = chan(1);
    answer.subscribe(
        |n| panic!("{n}"),
        move |failure| tx.try_put(failure.to_string()).unwrap(),
    );
    assert_eq!(rx.take_blocking().unwrap(), "out of paper");
}

/// EV-004, EV-081: before it is settled, all looks say so.
#[test]
fn ev_004_nothing_is_there_before_it_is_settled() {
    let (resolver, answer) = pair::<u32>();
    assert!(!answer.is_settled() && !answer.is_failed() && !answer.is_cancelled());
    let answer = answer.now().unwrap_err();
    let shared = answer.shared();
    assert!(shared.peek().is_none() && !shared.is_settled());
    assert!(!shared.is_failed() && !shared.is_cancelled());
    assert_eq!(shared.now_or(5), 5);
    resolver.fulfill(1).unwrap();
    assert_eq!(shared.now_or(5), 1);
}

/// EV-005, EV-136: a claim refuses everybody else, and settles.
#[test]
fn ev_005_a_claim_is_the_only_one_that_settles() {
    let settle: [fn(promise::Claim<u32, Error>); 2] = [
        |claim| claim.fulfill(2).unwrap(),
        |claim| claim.fail("claimed").unwrap(),
    ];
    let expected = [Ok(2), Err("claimed".to_owned())];
    for (settle, expected) in settle.into_iter().zip(expected) {
        let (resolver, answer) = pair();
        let completer = resolver.into_completer();
        let claim = completer.claim().expect("it is wanted");
        assert_eq!(completer.fulfill(1), Err(1));
        assert!(completer.fail("late").is_err());
        assert!(completer.settle(Err(Failure::Closed)).is_err());
        assert!(completer.claim().is_none(), "one claim at a time");
        assert!(!answer.cancel(), "a claim stands against a cancel");
        assert!(!completer.is_wanted());
        settle(claim);
        assert_eq!(
            outcome(answer).map_err(|failure| failure.to_string()),
            expected
        );
    }
}

/// EV-005: a claim that is given up leaves the promise as it was; a resolver is used up with it.
#[test]
fn ev_005_a_claim_given_up_leaves_it_open() {
    let (resolver, answer) = pair();
    let completer = resolver.into_completer();
    drop(completer.claim().unwrap());
    assert!(completer.is_wanted());
    assert_eq!(completer.fulfill(1), Ok(()));
    assert_eq!(value(answer), 1);

    let (resolver, answer) = pair::<u32>();
    drop(resolver.claim().unwrap());
    assert!(matches!(outcome(answer), Err(Failure::Abandoned)));

    // The claim holds a completer: the promise is not abandoned before it is given up.
    let (resolver, answer) = pair::<u32>();
    let completer = resolver.into_completer();
    let claim = completer.claim().unwrap();
    drop(completer);
    assert!(!answer.is_settled());
    drop(claim);
    assert!(matches!(outcome(answer), Err(Failure::Abandoned)));
}

/// Trap 11: what was taken for a promise that went away comes back.
#[test]
fn trap_11_what_a_claim_cannot_deliver_comes_back() {
    let (resolver, answer) = pair();
    let claim = resolver.claim().unwrap();
    drop(answer);
    assert_eq!(claim.fulfill("message"), Err("message"));

    let (resolver, answer) = pair::<u32>();
    drop(answer);
    assert!(resolver.claim().is_none());

    let (resolver, answer) = pair::<u32>();
    let answer = answer.shared();
    assert!(answer.cancel());
    assert!(resolver.claim().is_none());
}

/// EV-006: a blocked thread is woken by a value and by an error.
#[test]
fn ev_006_a_wait_is_woken_by_another_thread() {
    for settle in [Ok(1), Err(Failure::Error(Error::from("no")))] {
        let expected = settle.as_ref().ok().copied();
        let (resolver, answer) = pair();
        let meet = Barrier::new(2);
        thread::scope(|scope| {
            let waiter = scope.spawn(|| {
                meet.wait();
                outcome(answer)
            });
            meet.wait();
            resolver.settle(settle).unwrap();
            assert_eq!(waiter.join().unwrap().ok(), expected);
        });
    }
}

/// EV-137: a limited wait gives the promise back, which is as good as before.
#[test]
fn ev_137_a_limited_wait_loses_nothing() {
    let (resolver, answer) = pair();
    let mut answer = answer;
    for _ in 0..100 {
        answer = answer.wait_for(std::time::Duration::ZERO).unwrap_err();
    }
    resolver.fulfill(1).unwrap();
    let limit = std::time::Duration::MAX;
    assert_eq!(answer.wait_for(limit).unwrap().unwrap(), 1);
}

/// EV-137: the error may be of any type, also one that cannot be printed or cloned.
#[test]
fn ev_137_an_error_of_any_type() {
    struct Opaque(u32);
    let (resolver, answer) = promise::<u32, Opaque>();
    assert!(resolver.fail(Opaque(7)).is_ok());
    let Err(Failure::Error(Opaque(7))) = outcome(answer.map(|n| n + 1)) else {
        panic!("the error came through");
    };
}

/// EV-079, EV-108: of all that settle the first does, and the others have their values back.
#[test]
fn ev_108_the_first_settler_wins_in_every_combination() {
    let settlers: [fn(&Completer<u32, Error>) -> bool; 4] = [
        |completer| completer.fulfill(1).is_ok(),
        |completer| completer.fail("error").is_ok(),
        |completer| completer.settle(Err(Failure::Closed)).is_ok(),
        |completer| {
            completer
                .claim()
                .is_some_and(|claim| claim.fulfill(4).is_ok())
        },
    ];
    for first in settlers {
        for second in settlers {
            let (resolver, answer) = pair::<u32>();
            let completer = resolver.into_completer();
            assert!(first(&completer));
            let answer = answer.shared();
            let before = format!("{:?}", answer.peek());
            assert!(!second(&completer));
            assert_eq!(format!("{:?}", answer.peek()), before);
        }
    }
}

/// EV-090: a settled promise is as one that was settled by hand, also for steps added later.
#[test]
fn ev_090_settled_from_the_start() {
    let (resolver, by_hand) = pair();
    resolver.fulfill(3).unwrap();
    assert_eq!(value(by_hand), value(Promise::<_, Error>::ready(3)));
    let failed = Promise::<u32>::failed("no");
    assert!(failed.is_settled() && failed.is_failed());
    assert_eq!(
        value(failed.map(|_| String::new()).or_else(|f| Ok(f.to_string()))),
        "no"
    );
    let (closed, timed_out) = (Failure::Closed, Failure::TimedOut);
    assert_eq!(
        failure(Promise::<u32>::settled(Err(closed))),
        "the channel closed"
    );
    assert_eq!(
        failure(Promise::<u32>::settled(Err(timed_out))),
        "timed out"
    );
}

/// EV-160: the states, each of which is told from the others.
#[test]
fn ev_160_states() {
    let stage = Stage::new();
    let (resolver, pending) = pair::<u32>();
    let ready = Promise::<_, Error>::ready(1);
    let failed = Promise::<u32>::failed("no");
    let cancelled = Promise::<u32>::pending();
    assert!(cancelled.cancel());
    let (step, failed_step) = stage.with(|| {
        let step = Promise::<_, Error>::ready(1).map(|n| n + 1);
        (step, Promise::<u32>::failed("no").map(|n| n + 1))
    });
    let states = |promise: &Promise<u32>| {
        (
            promise.is_settled(),
            promise.is_failed(),
            promise.is_cancelled(),
        )
    };
    assert_eq!(states(&pending), (false, false, false));
    assert_eq!(states(&ready), (true, false, false));
    assert_eq!(states(&failed), (true, true, false));
    assert_eq!(states(&cancelled), (true, true, true));
    assert_eq!(states(&step), (true, false, false));
    assert_eq!(states(&failed_step), (true, true, false));
    // A look loses nothing.
    assert_eq!(value(step), 2);
    assert_eq!(failure(failed_step), "no");
    failed.ignore();
    drop(resolver);
    assert_eq!(failure(pending), "abandoned by its settler");
}

/// EV-101: a promise says what state it is in, where it was made, and what it waits for.
#[test]
fn ev_101_debug_names_what_it_waits_for() {
    let stage = Stage::new();
    let (resolver, source) = pair::<u32>();
    let (inner_resolver, inner) = pair::<u32>();
    let (at_source, at_inner) = (format!("{source:?}"), format!("{inner:?}"));
    let place = |debug: &str| {
        let from = debug.find("created: ").unwrap() + "created: ".len();
        debug[from..].split([' ', ',']).next().unwrap().to_owned()
    };
    assert!(at_source.starts_with("Promise { state: pending, created: "));
    let step = stage.with(|| source.and_then(|_| inner));
    let waits = |debug: String, place: String| {
        assert!(debug.contains("state: pending"), "{debug}");
        assert!(
            debug.contains(&format!("waits_for: the promise made at {place}")),
            "{debug}"
        );
    };
    waits(format!("{step:?}"), place(&at_source));
    resolver.fulfill(1).unwrap();
    stage.idle();
    waits(format!("{step:?}"), place(&at_inner));
    inner_resolver.fulfill(2).unwrap();
    stage.idle();
    let end = format!("{step:?}");
    assert!(
        end.contains("state: settled") && !end.contains("waits_for"),
        "{end}"
    );
    assert!(end.contains("promise.rs:"), "{end}");
    assert_eq!(value(step), 2);
}

/// EV-101: no value is shown, whatever the state.
#[test]
fn ev_101_debug_shows_no_value() {
    let (resolver, answer) = pair::<&str>();
    let completer = resolver.into_completer();
    let mut seen = vec![format!("{answer:?}{completer:?}")];
    let claim = completer.claim().unwrap();
    seen.push(format!("{answer:?}{completer:?}{claim:?}"));
    claim.fulfill("secret").unwrap();
    seen.push(format!("{answer:?}{completer:?}"));
    let shared = answer.shared();
    seen.push(format!("{shared:?}"));
    for (text, word) in seen
        .iter()
        .zip(["pending", "claimed", "fulfilled", "fulfilled"])
    {
        assert!(text.contains(word) && !text.contains("secret"), "{text}");
    }
}

/// EV-105: what is called at a cancel is dropped once it cannot be any more, and a circle with it.
#[test]
fn ev_105_the_canceller_goes_when_it_is_settled() {
    let ends: [fn(&Completer<u32, Error>, Promise<u32>); 4] = [
        |completer, answer| {
            completer.fulfill(1).unwrap();
            assert_eq!(answer.now().unwrap().unwrap(), 1);
        },
        |completer, answer| {
            completer.fail("no").unwrap();
            answer.ignore();
        },
        |_, answer| drop(answer),
        |_, answer| {
            assert!(answer.cancel());
            drop(outcome(answer));
        },
    ];
    for end in ends {
        let census = Census::default();
        let (resolver, answer) = pair::<u32>();
        let completer = resolver.into_completer();
        let (item, circle) = (census.of(()), completer.clone());
        completer.on_cancel(move || drop((item, circle)));
        assert_eq!(census.living(), 1);
        end(&completer, answer);
        assert_eq!(census.living(), 0);
        // One that comes too late is dropped at once, or runs: in no case does it stay.
        let item = census.of(());
        completer.on_cancel(move || drop(item));
        while census.living() > 0 {
            thread::yield_now();
        }
    }
}

/// Values are neither lost nor doubled, whoever goes first.
#[test]
fn values_are_dropped_once_wherever_they_end() {
    let census = Census::default();
    // Never taken.
    let (resolver, answer) = pair();
    resolver.fulfill(census.of(1)).unwrap();
    drop(answer);
    assert_eq!(census.living(), 0);
    // Refused.
    let (resolver, answer) = pair();
    drop(answer);
    assert_eq!(resolver.fulfill(census.of(1)).unwrap_err().value, 1);
    assert_eq!(census.living(), 0);
    // Taken.
    let (resolver, answer) = pair();
    resolver.fulfill(census.of(1)).unwrap();
    assert_eq!(value(answer).value, 1);
    assert_eq!(census.living(), 0);
    // Left in the handle of a step that has ended.
    let stage = Stage::new();
    let step = stage.with(|| Promise::<_, Error>::ready(census.of(1)).map(|item| item));
    assert!(step.is_settled());
    assert_eq!(census.living(), 1);
    drop(step);
    assert_eq!(census.living(), 0);
    // Shared, and read by many.
    let shared = Promise::<_, Error>::ready(std::sync::Arc::new(census.of(1))).shared();
    let read: Vec<_> = (0..3).map(|_| shared.wait().unwrap()).collect();
    drop(shared);
    assert_eq!((read.len(), census.living()), (3, 1));
    drop(read);
    assert_eq!(census.living(), 0);
}

/// Trap 1: a linear promise carries what can be neither cloned nor shared.
#[test]
fn trap_1_a_promise_carries_what_is_only_send() {
    fn is_send<X: Send>(x: X) -> X {
        x
    }
    let (resolver, answer) = promise::<std::cell::Cell<u32>, std::io::Error>();
    let answer = is_send(answer).map(|cell| {
        cell.set(cell.get() + 1);
        cell
    });
    is_send(resolver).fulfill(std::cell::Cell::new(1)).unwrap();
    assert_eq!(outcome(answer).unwrap().get(), 2);
    let (resolver, answer) = promise::<std::cell::Cell<u32>, std::io::Error>();
    assert!(resolver.fail(std::io::Error::other("disk")).is_ok());
    assert_eq!(outcome(answer).unwrap_err().to_string(), "disk");
}

/// Trap 4: a step that blocks does not hang those behind it on the same worker.
#[test]
fn trap_4_a_step_that_blocks_on_a_later_one() {
    let rt = crate::util::blocks::runtime(1);
    let (resolver, first) = pair::<u32>();
    let (second_resolver, second) = pair::<u32>();
    let (first, log) = (first.shared(), Log::new());
    let (_entered, seen) = (rt.enter(), log.clone());
    let blocks = first.map(move |_| {
        seen.add("blocks");
        value(second)
    });
    // Registered later at the same promise, so its block stands behind on the only worker.
    let unblocks = first.map(move |n| second_resolver.fulfill(n + 1).unwrap());
    resolver.fulfill(1).unwrap();
    assert_eq!(value(blocks), 2);
    value(unblocks);
    assert_eq!(log.entries(), ["blocks"]);
}

/// Trap 16: on a thread that knows no runtime, steps run on the default one.
#[test]
fn trap_16_a_plain_thread_uses_the_default_runtime() {
    let thread = thread::spawn(|| value(Promise::<_, Error>::ready(1).map(|n| n + 1)));
    assert_eq!(thread.join().unwrap(), 2);
}

/// `unwanted` hears of every way in which the interest can end, also when it is asked late.
#[test]
fn unwanted_hears_of_drop_cancel_and_settle() {
    let ends: [fn(Promise<u32>, Completer<u32, Error>); 3] = [
        |answer, _| drop(answer),
        |answer, _| assert!(answer.cancel()),
        |answer, completer| {
            completer.fulfill(1).unwrap();
            drop(answer);
        },
    ];
    for end in ends {
        let stage = Stage::new();
        let (resolver, answer) = pair::<u32>();
        let (completer, other) = {
            let completer = resolver.into_completer();
            (completer.clone(), completer)
        };
        let waits = stage.with(|| go!({ completer.unwanted().await }));
        assert!(!waits.is_finished());
        let keep = other.clone();
        end(answer, other);
        stage.idle();
        assert!(waits.is_finished());
        csp::block_on(keep.unwanted());
    }
}

/// The handles are as `Send` and `Sync` as their values allow.
#[test]
fn auto_traits() {
    fn send<X: Send>() {}
    fn sync<X: Sync>() {}
    fn unpin<X: Unpin>() {}
    type Only = std::cell::Cell<u8>;
    send::<Promise<Only, Only>>();
    unpin::<Promise<std::marker::PhantomPinned, Error>>();
    send::<Resolver<Only, Only>>();
    sync::<Resolver<Only, Only>>();
    send::<Completer<Only, Only>>();
    sync::<Completer<Only, Only>>();
    send::<promise::Claim<Only, Only>>();
    send::<Shared<u8, Error>>();
    sync::<Shared<u8, Error>>();
    send::<promise::Subscription>();
    send::<Error>();
    sync::<Error>();
}
