//! Failures that nobody looked at are told; others are not.
#![allow(clippy::type_complexity, reason = "tables of closures")]

use std::sync::{Arc, Mutex};

use csp::{
    Error, Failure, Promise,
    prelude::*,
    promise::{Unhandled, all, any, go_try, promise, race, settled, traverse},
};

use crate::util::promises::{Stage, outcome, told_by, value};

fn texts(told: &[Unhandled]) -> Vec<&str> {
    told.iter().map(Unhandled::failure).collect()
}

/// What `test` leaves unhandled, in words.
fn left(test: impl FnOnce(&Stage)) -> Vec<String> {
    told_by(test)
        .iter()
        .map(|told| told.failure().to_owned())
        .collect()
}

fn failed(text: &'static str) -> Promise<u32> {
    Promise::failed(text)
}

/// EV-111, EV-143: each failed promise that is dropped unseen is told of, once, there and then.
#[test]
fn ev_143_a_dropped_failure_is_told() {
    let told = told_by(|_| {
        drop(failed("constant"));
        let (resolver, answer) = promise::<u32, Error>();
        resolver.fail("settled").unwrap();
        drop(answer);
        drop(failed("shared").shared());
    });
    assert_eq!(texts(&told), ["constant", "settled", "shared"]);
    let told = told_by(|stage| {
        // Of a step: dropped after its end, and before.
        let step = stage.with(|| failed("step").map(|n| n + 1));
        drop(step);
        let (resolver, answer) = promise::<u32, Error>();
        stage.with(|| drop(answer.map(|n| n + 1).or_else(Err)));
        resolver.fail("detached").unwrap();
        stage.with(|| drop(go_try(async { Err::<u32, Error>("block".into()) })));
        stage.with(|| drop(failed("view").shared().map(|n| n)));
        // The settler went away, and the reader did not care to look.
        let (resolver, answer) = promise::<u32, Error>();
        drop(resolver);
        drop(answer);
    });
    // The detached one goes on when the stage runs again, in two turns.
    let abandoned = "abandoned by its settler";
    assert_eq!(
        texts(&told),
        ["step", "block", "detached", "view", abandoned]
    );
}

/// EV-108, EV-111: it is told with the places where the promise was made and settled.
#[test]
fn ev_108_what_is_told_names_the_places() {
    let made = line!() + 2;
    let told = told_by(|_| {
        let (resolver, answer) = promise::<u32, Error>();
        resolver.fail("no paper").unwrap();
        drop(answer);
    });
    let [told] = &told[..] else {
        panic!("{told:?}")
    };
    assert_eq!(told.created().line(), made);
    assert_eq!(told.settled().unwrap().line(), made + 1);
    assert!(told.created().file().ends_with("promise_unhandled.rs"));
    let text = told.to_string();
    assert!(
        text.contains(&format!("promise_unhandled.rs:{made}:")),
        "{text}"
    );
    assert!(text.contains(": no paper (settled at "), "{text}");
}

/// EV-111: whatever looks at a failure handles it.
#[test]
fn ev_111_a_failure_that_is_looked_at_is_not_told() {
    let looks: [fn(&Stage); 10] = [
        |_| drop(outcome(failed("wait"))),
        |_| assert!(failed("now").now().unwrap().is_err()),
        |_| assert_eq!(failed("now_or").now_or(1), 1),
        |stage| stage.with(|| drop(go!({ assert!(failed("await").await.is_err()) }))),
        |stage| drop(stage.with(|| failed("or").or(1))),
        |stage| drop(stage.with(|| failed("or_else").or_else(|_| Ok(1)))),
        |stage| {
            stage.with(|| drop(failed("subscribe").subscribe(|_| unreachable!(), |_| ())));
        },
        |stage| {
            let shared = failed("shared").shared();
            stage.with(|| drop(shared.subscribe(|_| unreachable!(), |_| ())));
        },
        |_| assert!(failed("peek").shared().peek().is_some()),
        |stage| {
            let rx = stage.with(|| failed("channel").into_receiver());
            assert!(rx.take_blocking().unwrap().is_err());
        },
    ];
    for look in looks {
        assert_eq!(left(look), [""; 0]);
    }
}

/// EV-085, trap 12: what an aggregate looked at, or gave up on, is not told; what it comes to itself is.
#[test]
fn trap_12_aggregates_handle_their_members() {
    let members = || [failed("a"), Promise::ready(1), failed("b")];
    let aggregates: [fn(&Stage, [Promise<u32>; 3]); 6] = [
        |stage, members| drop(outcome(stage.with(|| all(members)))),
        |stage, members| drop(outcome(stage.with(|| settled(members)))),
        |stage, members| drop(outcome(stage.with(|| race(members)))),
        |stage, members| drop(outcome(stage.with(|| any(members)))),
        |stage, members| {
            let whole = stage.with(|| traverse(members, 3, |member| member));
            drop(outcome(whole));
        },
        |stage, [a, b, c]| drop(outcome(stage.with(|| csp::promise::all!(a, b, c)))),
    ];
    for aggregate in aggregates {
        assert_eq!(left(|stage| aggregate(stage, members())), [""; 0]);
    }
    let told = left(|stage| drop(stage.with(|| all(members()))));
    assert_eq!(told, ["promise 0 failed: a"]);
    let told = left(|stage| drop(stage.with(|| any([failed("a"), failed("b")]))));
    assert_eq!(told, ["all 2 promises failed: a, b"]);
}

/// Trap 12: members of a failed aggregate that are in the middle of failing themselves.
#[test]
fn trap_12_members_that_fail_after_they_were_given_up() {
    let told = left(|stage| {
        let (resolver, late) = promise::<u32, Error>();
        let (other_resolver, other) = promise::<u32, Error>();
        let whole = stage.with(|| all([late.map(|n| n), other.map(|n| n)]));
        // Both are due before the aggregate is: the second is cancelled after it has failed.
        resolver.fail("first").unwrap();
        other_resolver.fail("second").unwrap();
        stage.idle();
        assert!(outcome(whole).is_err());
    });
    assert_eq!(told, [""; 0]);
}

/// What was ignored, cancelled, or shown as a panic is not told.
#[test]
fn what_need_not_be_told() {
    let quiet: [fn(&Stage); 9] = [
        |_| failed("ignored").ignore(),
        |stage| stage.with(|| failed("ignored step").map(|n| n)).ignore(),
        |stage| {
            let (resolver, answer) = promise::<u32, Error>();
            stage.with(|| answer.map(|n| n).ignore());
            resolver.fail("ignored before it failed").unwrap();
        },
        |_| failed("ignored shared").shared().ignore(),
        |_| {
            let cancelled = Promise::<u32>::pending();
            cancelled.cancel();
        },
        |stage| drop(stage.with(|| Promise::<_, Error>::ready(1).map(|_| panic!("shown")))),
        |stage| {
            let (resolver, answer) = promise::<u32, Error>();
            let step = stage.with(|| answer.map(|n| n));
            resolver.fail("cancelled while it was failing").unwrap();
            step.cancel();
        },
        |_| {
            // Nobody is there to be told but the settler, who is.
            let (resolver, answer) = promise::<u32, Error>();
            drop(answer);
            assert!(resolver.fail("refused").is_err());
        },
        |_| {
            let (resolver, answer) = promise::<u32, Error>();
            drop(answer);
            drop(resolver);
        },
    ];
    for quiet in quiet {
        assert_eq!(left(quiet), [""; 0]);
    }
}

/// A step that is given up while its closure runs, which then fails: nobody wants to know.
#[test]
fn a_step_that_fails_after_it_was_given_up_is_not_told() {
    let ways: [fn(Promise<u32>); 3] = [
        |step| {
            assert!(step.cancel());
        },
        Promise::ignore,
        |step| drop(step.cancel_on_drop()),
    ];
    for give_up in ways {
        let told = left(|stage| {
            let mine = Arc::new(Mutex::new(None));
            let (resolver, answer) = promise::<u32, Error>();
            let own = Arc::clone(&mine);
            let step = stage.with(|| {
                answer.and_then(move |_| {
                    let step = own.lock().unwrap().take().expect("it is there");
                    give_up(step);
                    Err::<u32, _>("too late".into())
                })
            });
            *mine.lock().unwrap() = Some(step);
            resolver.fulfill(1).unwrap();
            stage.idle();
            assert!(mine.lock().unwrap().is_none());
        });
        assert_eq!(told, [""; 0]);
    }
}

/// To ask whether it failed is not to look at the failure.
#[test]
fn is_failed_is_not_a_look() {
    let told = left(|stage| {
        assert!(failed("cell").is_failed());
        let step = stage.with(|| failed("step").map(|n| n));
        assert!(step.is_failed());
        drop(step);
        assert!(failed("shared").shared().is_failed());
    });
    assert_eq!(told, ["cell", "step", "shared"]);
}

/// EV-099: a failure that is handed on is that of the next promise, and told once, at the end.
#[test]
fn ev_099_a_failure_is_told_once_for_a_chain() {
    let told = left(|stage| {
        stage.with(|| {
            let chain = failed("once").map(|n| n).and_then(Ok).finally(|| ());
            drop(
                chain
                    .and_then(|_| Promise::<u32>::pending())
                    .map_err(|error| error),
            );
        });
    });
    assert_eq!(told, ["once"]);
    let told = left(|stage| {
        let outer = stage.with(|| Promise::ready(()).and_then(|()| failed("inner")).or(1));
        assert_eq!(value(outer), 1);
    });
    assert_eq!(told, [""; 0]);
}

/// A shared failure is told when the last handle goes, if no reader looked.
#[test]
fn a_shared_failure_is_told_with_the_last_handle() {
    let told = left(|_| {
        let shared = failed("never seen").shared();
        let other = shared.clone();
        drop(shared);
        drop(other);
        let seen = failed("seen by one").shared();
        drop(seen.promise().now());
        drop(seen);
        let replaced = failed("replaced").shared();
        replaced.replace(Err(Failure::Error("forced".into())));
    });
    assert_eq!(told, ["never seen", "forced"]);
}

/// A channel of a promise whose taker goes away too early leaves the failure to be told.
#[test]
fn a_channel_without_takers_leaves_the_failure() {
    let told = left(|stage| {
        let rx = stage.start(|| failed("untaken").into_receiver());
        drop(rx);
    });
    assert_eq!(told, ["untaken"]);
}

/// Errors that cannot be printed are told by their type; those that can, in their words.
#[test]
fn what_is_told_of_other_errors() {
    #[derive(Debug)]
    struct Unprintable;
    let told = left(|_| {
        drop(Promise::<u32, Unprintable>::failed(Unprintable));
        drop(Promise::<u32, &str>::failed("text"));
        drop(Promise::<u32, String>::failed("string"));
        drop(Promise::<u32, std::io::Error>::failed(
            std::io::Error::other("disk"),
        ));
        drop(Promise::<u32>::settled(Err(Failure::TimedOut)));
        drop(Promise::<u32>::settled(Err(Failure::Closed)));
    });
    assert!(told[0].starts_with("an error of type ") && told[0].ends_with("Unprintable"));
    assert_eq!(
        told[1..],
        ["text", "string", "disk", "timed out", "the channel closed"]
    );
}
