//! Models of the cell, of what is shared, and of many at once. (Blocks are modelled in csp-core, executors in
//! csp-sched: here threads play them.)
//!
//! A lost wake-up shows as loom's "deadlock", a lost value as a leaked [`Payload`], a doubled one as its
//! second drop.

use std::{future::poll_fn, pin::pin};

use csp_core::{Failure, block_on};
use loom::{
    sync::{
        Arc as LoomArc,
        atomic::{AtomicUsize, Ordering},
    },
    thread::spawn,
};

use super::{Completer, Error, Outcome, Promise, Resolver, Shared, many::Many, promise};
use crate::sync::model;

/// A value that loom misses if it is leaked.
#[derive(Debug, Clone)]
struct Payload(LoomArc<u32>);

impl Payload {
    fn new() -> Self {
        Self(LoomArc::new(1))
    }

    fn assert_alone(&self) {
        assert_eq!(LoomArc::strong_count(&self.0), 1, "a value was lost");
    }
}

fn pair() -> (Resolver<Payload, Error>, Promise<Payload, Error>) {
    promise()
}

fn is_cancelled(outcome: &Outcome<Payload>) -> bool {
    matches!(outcome, Err(Failure::Cancelled))
}

/// Settle against a reader that parks: it is woken, and has the value.
#[test]
fn settle_against_wait() {
    model(|| {
        let (resolver, answer) = pair();
        let value = Payload::new();
        let sent = value.clone();
        let settler = spawn(move || resolver.fulfill(sent).unwrap());
        drop(answer.wait().unwrap());
        settler.join().unwrap();
        value.assert_alone();
    });
}

/// The same, by a reader that has parked before with another waker.
#[test]
fn settle_against_second_wait() {
    model(|| {
        let (resolver, mut answer) = pair();
        // A look with a waker that wakes nobody.
        let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
        assert!(answer.poll_outcome(&mut cx).is_pending());
        let settler = spawn(move || resolver.fulfill(Payload::new()).unwrap());
        assert!(answer.wait().is_ok());
        settler.join().unwrap();
    });
}

/// Settle against the drop of the promise: the value comes back, or goes with the promise.
#[test]
fn settle_against_drop() {
    model(|| {
        let (resolver, answer) = pair();
        let value = Payload::new();
        let sent = value.clone();
        let settler = spawn(move || drop(resolver.fulfill(sent)));
        drop(answer);
        settler.join().unwrap();
        value.assert_alone();
    });
}

/// The resolver goes while the reader parks.
#[test]
fn abandon_against_wait() {
    model(|| {
        let (resolver, answer) = pair();
        let settler = spawn(move || drop(resolver));
        assert!(matches!(answer.wait(), Err(Failure::Abandoned)));
        settler.join().unwrap();
    });
}

/// Cancel against settle: one of them, and both know which.
#[test]
fn cancel_against_settle() {
    model(|| {
        let (resolver, answer) = pair();
        let value = Payload::new();
        let sent = value.clone();
        let settler = spawn(move || resolver.fulfill(sent).is_ok());
        let cancelled = answer.cancel();
        let outcome = answer.wait();
        assert_eq!(is_cancelled(&outcome), cancelled);
        assert_ne!(settler.join().unwrap(), cancelled);
        drop(outcome);
        value.assert_alone();
    });
}

/// Claim against cancel and settle: what is claimed is delivered.
#[test]
fn claim_against_cancel_and_settle() {
    model(|| {
        let (resolver, answer) = pair();
        let completer = resolver.into_completer();
        let other = completer.clone();
        let claims = spawn(move || {
            let claim = completer.claim();
            claim
                .map(|claim| claim.fulfill(Payload::new()).unwrap())
                .is_some()
        });
        let settles = spawn(move || other.fail("plain").is_ok());
        let cancelled = answer.cancel();
        let claimed = claims.join().unwrap();
        let settled = settles.join().unwrap();
        let winners = [cancelled, claimed, settled].map(usize::from);
        // The plain settle may be refused for a claim that comes to nothing: none of them then, but
        // here a claim that is made is used.
        assert_eq!(winners.iter().sum::<usize>(), 1);
        let outcome = answer.wait();
        assert_eq!(
            (outcome.is_ok(), is_cancelled(&outcome)),
            (claimed, cancelled)
        );
    });
}

/// Two claims: one at a time, and the value of the one that has it.
#[test]
fn claim_against_claim() {
    model(|| {
        let (resolver, answer) = pair();
        let completer = resolver.into_completer();
        let other = completer.clone();
        let settle = |completer: Completer<Payload, Error>| {
            let claim = completer.claim();
            claim
                .map(|claim| claim.fulfill(Payload::new()).unwrap())
                .is_some()
        };
        let first = spawn(move || settle(completer));
        let second = settle(other);
        assert_ne!(first.join().unwrap(), second);
        assert!(answer.wait().is_ok());
    });
}

/// A claim that is given up against the drop of the other completer: abandoned in the end, not hung.
#[test]
fn claim_given_up_against_last_completer() {
    model(|| {
        let (resolver, answer) = pair();
        let completer = resolver.into_completer();
        let other = completer.clone();
        let claimer = spawn(move || drop(completer.claim()));
        drop(other);
        assert!(matches!(answer.wait(), Err(Failure::Abandoned)));
        claimer.join().unwrap();
    });
}

/// Claim against the drop of the promise: the value comes back or goes with it.
#[test]
fn claim_against_drop() {
    model(|| {
        let (resolver, answer) = pair();
        let value = Payload::new();
        let sent = value.clone();
        let claimer = spawn(move || {
            if let Some(claim) = resolver.claim() {
                drop(claim.fulfill(sent));
            }
        });
        drop(answer);
        claimer.join().unwrap();
        value.assert_alone();
    });
}

/// The settler waits for the end of interest: drop, and cancel.
#[test]
fn unwanted_against_drop_and_cancel() {
    for cancel in [false, true] {
        model(move || {
            let (resolver, answer) = pair();
            let waits = spawn(move || {
                block_on(resolver.unwanted());
                assert!(resolver.fulfill(Payload::new()).is_err());
            });
            if cancel {
                assert!(answer.cancel());
                assert!(is_cancelled(&answer.wait()));
            } else {
                drop(answer);
            }
            waits.join().unwrap();
        });
    }
}

/// Two readers of a shared value, one of which gives up.
#[test]
fn shared_settle_against_readers() {
    model(|| {
        let (resolver, answer) = pair();
        let answer = answer.shared();
        let value = Payload::new();
        let sent = value.clone();
        let reader = answer.clone();
        let reader = spawn(move || assert!(reader.wait().is_ok()));
        let settler = spawn(move || resolver.fulfill(sent).unwrap());
        {
            let mut lost = answer.clone();
            let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
            let _looked = std::pin::Pin::new(&mut lost).poll(&mut cx);
        }
        assert!(answer.wait().is_ok());
        reader.join().unwrap();
        settler.join().unwrap();
        assert_eq!(answer.waiting(), 0);
        drop(answer);
        value.assert_alone();
    });
}

/// The last two handles go while it settles.
#[test]
fn shared_drop_against_settle() {
    model(|| {
        let (resolver, answer) = pair();
        let answer = answer.shared();
        let value = Payload::new();
        let sent = value.clone();
        let other = answer.clone();
        let dropper = spawn(move || drop(other));
        let settler = spawn(move || drop(resolver.fulfill(sent)));
        drop(answer);
        dropper.join().unwrap();
        settler.join().unwrap();
        value.assert_alone();
    });
}

/// A cancel for all against the settle: readers see one outcome, and the canceller knows which.
#[test]
fn shared_cancel_against_settle() {
    model(|| {
        let (resolver, answer) = pair();
        let answer = answer.shared();
        let reader = answer.clone();
        let reader = spawn(move || is_cancelled(&reader.wait()));
        let settler = spawn(move || resolver.fulfill(Payload::new()).is_ok());
        let cancelled = answer.cancel();
        assert_eq!(reader.join().unwrap(), cancelled);
        assert_ne!(settler.join().unwrap(), cancelled);
    });
}

/// Two cancels for all: the source is cancelled, whoever does it.
#[test]
fn shared_cancel_against_cancel_and_replace() {
    for replace in [false, true] {
        model(move || {
            let (resolver, answer) = pair();
            let answer = answer.shared();
            let other = answer.clone();
            let canceller = spawn(move || {
                other.cancel();
            });
            if replace {
                answer.replace(Ok(Payload::new()));
            } else {
                answer.cancel();
            }
            canceller.join().unwrap();
            assert!(answer.is_settled());
            assert!(resolver.fulfill(Payload::new()).is_err());
            assert_eq!(answer.wait().is_ok(), replace);
        });
    }
}

/// The last two readers cancel, each on its own: the source is cancelled with the second.
#[test]
fn views_that_cancel_together() {
    model(|| {
        let (resolver, answer) = pair();
        let answer = answer.shared();
        let (a, b) = (answer.promise(), answer.promise());
        drop(answer);
        let canceller = spawn(move || assert!(a.cancel()));
        assert!(b.cancel());
        canceller.join().unwrap();
        assert!(!resolver.is_wanted());
    });
}

/// Callbacks have their turns in order, also if the settle comes meanwhile, and if the first goes away.
#[test]
fn turns_in_order() {
    for first_leaves in [false, true] {
        model(move || {
            let (resolver, answer) = pair();
            let answer: Shared<_, _> = answer.shared();
            let order = LoomArc::new(AtomicUsize::new(0));
            let (first, second) = (answer.turn(), answer.turn());
            let begun = LoomArc::clone(&order);
            let one = spawn(move || {
                let mut first = first;
                if !first_leaves {
                    assert!(block_on(&mut first).is_ok());
                    assert_eq!(begun.swap(1, Ordering::Relaxed), 0);
                }
                drop(first);
            });
            let two = spawn(move || {
                let mut second = second;
                assert!(block_on(&mut second).is_ok());
                assert_eq!(order.load(Ordering::Relaxed), usize::from(!first_leaves));
            });
            resolver.fulfill(Payload::new()).unwrap();
            one.join().unwrap();
            two.join().unwrap();
        });
    }
}

/// Members settle while the block asks for the next.
#[test]
fn many_members_settle() {
    model(|| {
        let (resolvers, members): (Vec<_>, Vec<_>) = (0..2).map(|_| pair()).unzip();
        let settlers: Vec<_> = resolvers
            .into_iter()
            .map(|resolver| spawn(move || resolver.fulfill(Payload::new()).unwrap()))
            .collect();
        let mut many = Many::of(members.into_iter());
        let seen = block_on(async {
            let mut seen = [false; 2];
            while let Some((index, outcome)) = many.next().await {
                assert!(outcome.is_ok() && !std::mem::replace(&mut seen[index], true));
            }
            seen
        });
        assert_eq!(seen, [true; 2]);
        for settler in settlers {
            settler.join().unwrap();
        }
    });
}

/// What is left of many is cancelled while it settles.
#[test]
fn many_are_dropped_while_they_settle() {
    model(|| {
        let (resolver, member) = pair();
        let value = Payload::new();
        let sent = value.clone();
        let settler = spawn(move || drop(resolver.fulfill(sent)));
        let mut many = Many::of(std::iter::once(member));
        {
            let mut next = pin!(many.next());
            block_on(poll_fn(|cx| {
                let _looked = next.as_mut().poll(cx);
                std::task::Poll::Ready(())
            }));
        }
        drop(many);
        settler.join().unwrap();
        value.assert_alone();
    });
}
