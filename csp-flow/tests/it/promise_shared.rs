//! Eventual values with many readers.

use std::{
    sync::{Arc, Barrier},
    task::{Context, Waker},
    thread,
};

use csp::{Error, Failure, Promise, prelude::*, promise::promise};

use crate::util::{
    blocks::{Census, runtime},
    promises::{LIMIT, Log, Stage, failure, outcome, value},
};

/// EV-003: a callback that comes late is called too, by the executor.
#[test]
fn ev_003_a_late_callback_is_called() {
    let stage = Stage::new();
    let shared = Promise::<_, Error>::ready(1).shared();
    let log = Log::new();
    let seen = log.clone();
    let callback = stage.start(|| shared.subscribe(move |n| seen.add(*n), |_| unreachable!()));
    assert!(log.entries().is_empty(), "not on the caller's stack");
    stage.idle();
    assert_eq!(log.entries(), [1]);
    callback.wait();
}

/// EV-007: callbacks given by 50 threads are all called, once each, with the value or the error.
#[test]
fn ev_007_callbacks_of_fifty_threads() {
    for settle in [Ok(7), Err(Failure::Error(Error::from("no")))] {
        let expected = settle
            .as_ref()
            .map_or_else(ToString::to_string, ToString::to_string);
        let (resolver, answer) = promise::<u32, Error>();
        let answer = answer.shared();
        let (tx, rx) = chan(100);
        let start = Barrier::new(51);
        thread::scope(|scope| {
            for _ in 0..50 {
                let (tx, other) = (tx.clone(), tx.clone());
                let (answer, start) = (&answer, &start);
                scope.spawn(move || {
                    start.wait();
                    answer.subscribe(
                        move |n| tx.try_put(n.to_string()).unwrap(),
                        move |failure| other.try_put(failure.to_string()).unwrap(),
                    );
                });
            }
            start.wait();
            resolver.settle(settle).unwrap();
        });
        drop(tx);
        let seen: Vec<_> = rx.into_iter().collect();
        assert_eq!(seen, vec![expected; 50]);
    }
}

/// EV-009: a callback is taken back when it is the only one, and from among many; the rest are called.
#[test]
fn ev_009_callbacks_are_taken_back() {
    for given in 1..4 {
        for taken in 0..given {
            let stage = Stage::new();
            let log = Log::new();
            let (resolver, answer) = promise::<u32, Error>();
            let answer = answer.shared();
            let callbacks: Vec<_> = stage.with(|| {
                (0..given)
                    .map(|n| {
                        let seen = log.clone();
                        answer.subscribe(move |_| seen.add(n), |_| unreachable!())
                    })
                    .collect()
            });
            assert_eq!(answer.waiting(), given);
            assert!(callbacks[taken].cancel());
            assert!(!callbacks[taken].cancel());
            stage.idle();
            assert_eq!(answer.waiting(), given - 1);
            resolver.fulfill(1).unwrap();
            stage.idle();
            let rest: Vec<_> = (0..given).filter(|n| *n != taken).collect();
            assert_eq!(log.entries(), rest);
            assert!(!callbacks.iter().any(csp::promise::Subscription::cancel));
        }
    }
}

/// EV-009: between the settle and its turn a callback can still be taken back; it is called or taken back,
/// never both.
#[test]
fn ev_009_a_callback_is_called_or_taken_back() {
    let stage = Stage::new();
    let log = Log::new();
    let (resolver, answer) = promise::<u32, Error>();
    let answer = answer.shared();
    let (a, b) = (log.clone(), log.clone());
    let (first, second) = stage.with(|| {
        let first = answer.subscribe(move |_| a.add("first"), |_| unreachable!());
        (
            first,
            answer.subscribe(move |_| b.add("second"), |_| unreachable!()),
        )
    });
    resolver.fulfill(1).unwrap();
    assert!(first.cancel());
    stage.idle();
    assert_eq!(log.entries(), ["second"]);
    assert!(!second.cancel());
}

/// EV-098, trap 17: callbacks run in the order in which they were given, also those that a callback gives,
/// which come last; and one after the other, whatever executor they are on.
#[test]
fn trap_17_callbacks_run_in_order() {
    let rt = runtime(4);
    let (resolver, answer) = promise::<(), Error>();
    let answer = answer.shared();
    let log = Log::new();
    let (tx, rx) = chan(1);
    {
        let _entered = rt.enter();
        for n in 0..100 {
            let (seen, tx, from_inside) = (log.clone(), tx.clone(), answer.clone());
            answer.subscribe(
                move |()| {
                    if n % 10 == 0 {
                        // A callback that is slow, and on another runtime's thread, goes first all the same.
                        thread(|| ()).wait().unwrap();
                    }
                    seen.add(n);
                    if n == 50 {
                        let seen = seen.clone();
                        from_inside.subscribe(
                            move |()| {
                                seen.add(1000);
                                tx.try_put(()).unwrap();
                            },
                            |_| unreachable!(),
                        );
                    }
                },
                |_| unreachable!(),
            );
        }
    }
    resolver.fulfill(()).unwrap();
    rx.take_blocking_for(LIMIT).unwrap().unwrap();
    let expected: Vec<_> = (0..100).chain([1000]).collect();
    assert_eq!(log.entries(), expected);
}

/// A callback that panics does not stop the next (1.2: on-success).
#[test]
fn a_callback_that_panics_does_not_stop_the_next() {
    let stage = Stage::new();
    let log = Log::new();
    let shared = Promise::<_, Error>::ready(1).shared();
    let seen = log.clone();
    let panics = stage.with(|| {
        let panics = shared.subscribe(|_| panic!("oh"), |_| unreachable!());
        shared.subscribe(move |_| seen.add("next"), |_| unreachable!());
        panics
    });
    assert_eq!(log.entries(), ["next"]);
    let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| panics.wait()));
    assert_eq!(panic.unwrap_err().downcast_ref(), Some(&"oh"));
}

/// EV-079, EV-080: what is forced is what later readers see; earlier ones keep what they had.
#[test]
fn ev_079_replace_overrides_for_later_readers() {
    let shared = Promise::<_, Error>::ready(1).shared();
    let dependent = shared.map(|n| n + 1);
    let before = shared.peek().unwrap();
    while !dependent.is_settled() {
        thread::yield_now();
    }
    let old = shared.replace(Ok(99)).unwrap();
    assert!(Arc::ptr_eq(&old, &before));
    assert_eq!(*before.as_ref().as_ref().unwrap(), 1);
    assert_eq!(value(dependent), 2);
    assert_eq!(value(shared.map(|n| n + 1)), 100);
    shared.replace(Err(Failure::Error("forced".into())));
    assert!(shared.is_failed());
    assert_eq!(failure(shared.promise()), "forced");
    shared.replace(Ok(3));
    assert!(!shared.is_failed());
    assert_eq!(shared.wait().unwrap(), 3);
}

/// EV-079: a pending one is settled by it, and the source's own value comes too late.
#[test]
fn ev_079_replace_settles_a_pending_one() {
    let (resolver, answer) = promise::<u32, Error>();
    let answer = answer.shared();
    let dependent = answer.map(|n| n + 1);
    let log = Log::new();
    let seen = log.clone();
    let callback = answer.subscribe(move |n| seen.add(*n), |_| unreachable!());
    assert!(answer.replace(Ok(1)).is_none());
    assert_eq!(value(dependent), 2);
    callback.wait();
    assert_eq!(log.entries(), [1]);
    assert_eq!(resolver.fulfill(5), Err(5));
    assert_eq!(answer.wait().unwrap(), 1);
}

/// EV-122: many wait for one pending value, some in blocks and some on threads, before and after.
#[test]
fn ev_122_many_wait_for_the_same() {
    let rt = runtime(2);
    for fails in [false, true] {
        let (resolver, answer) = promise::<u32, Error>();
        let answer = answer.shared();
        let ends = |outcome: csp::Outcome<u32>| outcome.map_err(|failure| failure.to_string());
        let blocks: Vec<_> = (0..20)
            .map(|n| {
                let answer = answer.clone();
                rt.go(async move {
                    if n % 2 == 0 {
                        (&answer).await
                    } else {
                        answer.await
                    }
                })
            })
            .collect();
        thread::scope(|scope| {
            let threads: Vec<_> = (0..3).map(|_| scope.spawn(|| answer.wait())).collect();
            let settle = if fails {
                Err(Failure::Error("no".into()))
            } else {
                Ok(1)
            };
            resolver.settle(settle).unwrap();
            let expected = if fails { Err("no".to_owned()) } else { Ok(1) };
            for block in blocks {
                assert_eq!(ends(block.wait().unwrap()), expected);
            }
            for thread in threads {
                assert_eq!(ends(thread.join().unwrap()), expected);
            }
            assert_eq!(ends(answer.wait_for(LIMIT).unwrap()), expected);
        });
        assert_eq!(answer.waiting(), 0);
    }
}

/// EV-220: waits that are given up leave nothing, in any form.
#[test]
fn ev_220_lost_waits_leave_nothing() {
    let (resolver, answer) = promise::<u32, Error>();
    let answer = answer.shared();
    let mut cx = Context::from_waker(Waker::noop());
    let mut kept = answer.clone();
    for _ in 0..1000 {
        assert!(
            std::pin::Pin::new(&mut answer.clone())
                .poll(&mut cx)
                .is_pending()
        );
        // A wait that goes on, asked again by another waker each time, has one place.
        let waker = Waker::from(Arc::new(Quiet));
        let mut cx = Context::from_waker(&waker);
        assert!(std::pin::Pin::new(&mut kept).poll(&mut cx).is_pending());
        assert_eq!(answer.waiting(), 1);
    }
    drop(kept);
    assert_eq!(answer.waiting(), 0);
    let lost = {
        let answer = answer.clone();
        go!({
            let (tx, rx) = chan(1);
            for n in 0..1000 {
                put!(tx, n).unwrap();
                alt! {
                    priority;
                    got = take!(rx) => assert_eq!(got, Some(n)),
                    _ = park!(answer.clone()) => unreachable!(),
                }
            }
        })
    };
    lost.wait().unwrap();
    let steps: Vec<_> = (0..100).map(|_| answer.map(|n| n)).collect();
    for step in &steps {
        step.cancel();
    }
    while answer.waiting() > 0 {
        thread::yield_now();
    }
    resolver.fulfill(1).unwrap();
}

struct Quiet;

impl std::task::Wake for Quiet {
    fn wake(self: Arc<Self>) {}
}

/// A foreign waker that panics harms neither the settler nor the other readers.
#[test]
fn a_waker_that_panics_harms_nobody() {
    struct Panics;
    impl std::task::Wake for Panics {
        fn wake(self: Arc<Self>) {
            panic!("a waker panics");
        }
    }
    let waker = Waker::from(Arc::new(Panics));
    let mut cx = Context::from_waker(&waker);
    // The only reader of a promise.
    let (resolver, mut answer) = promise::<u32, Error>();
    assert!(std::pin::Pin::new(&mut answer).poll(&mut cx).is_pending());
    resolver.fulfill(1).unwrap();
    assert_eq!(value(answer), 1);
    // The first of many.
    let (resolver, answer) = promise::<u32, Error>();
    let answer = answer.shared();
    let mut first = answer.clone();
    assert!(std::pin::Pin::new(&mut first).poll(&mut cx).is_pending());
    let second = answer.map(|n| n + 1);
    resolver.fulfill(1).unwrap();
    assert_eq!(value(second), 2);
}

/// A shared value lives as long as somebody has it, and the source knows when nobody wants it.
#[test]
fn the_last_handle_gives_the_source_up() {
    let census = Census::default();
    let (resolver, answer) = promise::<Arc<_>, Error>();
    let answer = answer.shared();
    let (other, view) = (answer.clone(), answer.promise());
    drop(answer);
    assert!(resolver.is_wanted());
    drop(other);
    assert!(resolver.is_wanted());
    drop(view);
    assert!(!resolver.is_wanted());
    let item = Arc::new(census.of(()));
    assert!(resolver.fulfill(item).is_err());
    assert_eq!(census.living(), 0);
}

/// A shared promise of a block, of a step, and of another shared one.
#[test]
fn any_promise_can_be_shared() {
    let block: Promise<u32> = Promise::from(go!({ 1 }));
    let step = Promise::<_, Error>::ready(1).map(|n| n + 1);
    let view = Promise::<_, Error>::ready(3).shared().promise();
    for (promise, expected) in [(block, 1), (step, 2), (view, 3)] {
        let shared = promise.shared();
        assert_eq!(shared.wait().unwrap(), expected);
        assert_eq!(
            shared
                .clone()
                .into_receiver()
                .take_blocking()
                .unwrap()
                .unwrap(),
            expected
        );
        assert!(shared.is_settled() && !shared.cancel());
    }
}

/// A channel of a shared value gives it to all takes; without takers it lets go.
#[test]
fn a_channel_of_a_shared_value_gives_it_for_ever() {
    let (resolver, answer) = promise::<u32, Error>();
    let channel = answer.shared().into_receiver();
    let other = channel.clone();
    let waits = go!({ take!(other).unwrap().unwrap() });
    resolver.fulfill(1).unwrap();
    assert_eq!(waits.wait(), Ok(1));
    for _ in 0..3 {
        assert_eq!(channel.take_blocking().unwrap().unwrap(), 1);
    }
    let (resolver, answer) = promise::<u32, Error>();
    drop(answer.shared().into_receiver());
    csp::block_on(resolver.unwanted());
}

/// Every step of a promise is one of a shared value.
#[test]
fn steps_of_a_shared_value() {
    let ok = Promise::<_, Error>::ready(1).shared();
    let err = Promise::<u32>::failed("x".parse::<u32>().unwrap_err()).shared();
    assert_eq!(value(ok.map(|n| n + 1)), 2);
    assert_eq!(value(ok.and_then(|n| Ok(n + 2))), 3);
    assert_eq!(value(ok.inspect(|n| assert_eq!(*n, 1))), 1);
    assert_eq!(value(ok.finally(|| ())), 1);
    assert_eq!(value(ok.delay(ms(1))), 1);
    assert_eq!(value(ok.timeout(secs(60))), 1);
    assert_eq!(value(ok.on(&runtime(1))), 1);
    assert_eq!(value(err.or(4)), 4);
    assert_eq!(value(err.or_else(|_| Ok(5))), 5);
    assert_eq!(value(err.catch(|_: &std::num::ParseIntError| 6)), 6);
    assert!(value(err.then(|o| Ok::<_, Failure<Error>>(o.is_err()))));
    assert!(matches!(
        outcome(err.map_err(|_| 7)),
        Err(Failure::Error(7))
    ));
    let never = Promise::<u32>::pending().shared();
    assert_eq!(value(never.timeout_or(ms(1), 8)), 8);
    assert!(!never.is_settled(), "others have it still");
}
