//! What a promise says of its state, and what is left of those who asked.

use std::{
    panic::panic_any,
    sync::Arc,
    task::{Context, Poll, Wake, Waker},
};

use csp::{
    Error, Failure, Promise,
    promise::{Completer, promise},
};

use crate::util::promises::{Log, Stage, outcome, value};

fn shows<T, E>(promise: &Promise<T, E>, state: &str) {
    let text = format!("{promise:?}");
    assert!(text.contains(&format!("state: {state},")), "{text}");
}

/// Every state of a promise, in the word that `Debug` and dumps have for it.
#[test]
fn every_state_has_its_word() {
    type Settle = fn(Completer<u32, Error>);
    let ends: [(&str, Settle); 6] = [
        ("fulfilled", |it| it.fulfill(1).unwrap()),
        ("failed", |it| it.fail("no").unwrap()),
        ("cancelled", |it| {
            it.settle(Err(Failure::Cancelled)).unwrap();
        }),
        ("timed out", |it| it.settle(Err(Failure::TimedOut)).unwrap()),
        ("closed", |it| it.settle(Err(Failure::Closed)).unwrap()),
        ("abandoned", drop),
    ];
    for (word, settle) in ends {
        let (resolver, answer) = promise::<u32, Error>();
        shows(&answer, "pending");
        settle(resolver.into_completer());
        shows(&answer, word);
        let shared = answer.shared();
        let text = format!("{shared:?}");
        assert!(text.contains(&format!("state: {word},")), "{text}");
        assert_eq!(shared.is_cancelled(), word == "cancelled");
        assert_eq!(shared.is_failed(), word != "fulfilled");
        shared.ignore();
    }
    let (resolver, answer) = promise::<u32, Error>();
    let claim = resolver.claim().unwrap();
    shows(&answer, "claimed");
    claim.fulfill(1).unwrap();
    assert_eq!(value(answer), 1);
    let panicked = std::panic::catch_unwind(|| panic_any(5)).unwrap_err();
    let panicked = csp::Panicked::from(panicked);
    let answer = Promise::<u32, Error>::settled(Err(Failure::Panicked(panicked)));
    let shared = answer.shared();
    assert!(format!("{shared:?}").contains("state: panicked,"));
    shared.ignore();
}

/// A second cancel, while the cancellers of the first are still to run, changes nothing for them.
#[test]
fn a_second_cancel_leaves_the_outcome_to_the_cancellers() {
    let stage = Stage::new();
    let (resolver, answer) = promise::<u32, Error>();
    let completer = resolver.into_completer();
    let settles = completer.clone();
    completer.on_cancel(move || settles.fulfill(7).unwrap());
    assert!(stage.start(|| answer.cancel()));
    shows(&answer, "cancelling");
    assert!(stage.start(|| answer.cancel()));
    assert!(!answer.is_settled());
    stage.idle();
    assert_eq!(value(answer), 7);
}

/// A reader of a shared promise cannot cancel what is settled.
#[test]
fn a_reader_cannot_cancel_what_is_settled() {
    let (resolver, answer) = promise::<u32, Error>();
    let shared = answer.shared();
    let (early, late) = (shared.promise(), shared.promise());
    assert!(early.cancel());
    assert!(matches!(outcome(early), Err(Failure::Cancelled)));
    resolver.fulfill(3).unwrap();
    assert!(!late.cancel());
    assert_eq!(value(late), 3);
}

#[derive(Default)]
struct Wakes(Log);

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.add("woken");
    }
}

/// Who waited to hear that the outcome is not wanted, and went away, is not told and keeps nothing alive.
#[test]
fn who_waits_for_unwanted_and_leaves_is_forgotten() {
    let (resolver, answer) = promise::<u32, Error>();
    let wakes = Arc::new(Wakes::default());
    let waker = Waker::from(Arc::clone(&wakes));
    {
        let mut unwanted = std::pin::pin!(resolver.unwanted());
        let polled = unwanted.as_mut().poll(&mut Context::from_waker(&waker));
        assert_eq!(polled, Poll::Pending);
        assert_eq!(Arc::strong_count(&wakes), 3);
    }
    assert_eq!(Arc::strong_count(&wakes), 2);
    drop(answer);
    assert!(wakes.0.entries().is_empty());
}
