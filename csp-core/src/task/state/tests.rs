//! Each transition alone; their races are in the models.

use super::{COUNT, MAX_COUNT, REF, State};
use crate::sync::atomic::{AtomicU64, Ordering};

impl State {
    fn word(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

#[test]
fn the_token_goes_with_the_first_wake_up_and_comes_back_with_the_last() {
    let state = State::new();
    assert!(!state.is_parked(), "the spawner has the token");
    assert!(!state.notify(), "and nobody else");
    let turn = state.begin_turn();
    assert_eq!((turn.seen, turn.cancelled), (2, false));
    assert!(!state.notify());
    assert!(state.end_turn(turn.seen), "one came meanwhile");
    assert!(!state.is_parked());
    let turn = state.begin_turn();
    assert_eq!(turn.seen, 1);
    assert!(!state.end_turn(turn.seen));
    assert!(state.is_parked());
    assert!(state.notify());
    assert!(!state.is_parked());
}

#[test]
fn what_is_complete_is_neither_parked_nor_woken_nor_cancelled() {
    let state = State::new();
    assert!(!state.is_complete() && !state.is_cancelled());
    assert!(state.cancel());
    assert!(state.is_cancelled() && state.begin_turn().cancelled);
    assert!(state.cancel(), "it has not ended yet");
    let completed = state.complete();
    assert!(completed.is_wanted && !completed.is_noted);
    assert!(state.is_complete() && !state.is_parked());
    assert!(!state.cancel());
    let word = state.word();
    assert!(!state.notify_foreign());
    assert_eq!(state.word(), word);
}

/// A block that is parked was not cancelled for that.
#[test]
fn parked_is_not_cancelled() {
    let state = State::new();
    assert!(!state.end_turn(1));
    assert!(state.is_parked() && !state.is_cancelled() && !state.is_complete());
    state.cancel();
    assert!(state.is_parked());
}

#[test]
fn foreign_wake_ups_stop_counting_at_the_limit() {
    for (count, counts) in [
        (MAX_COUNT, true),
        (MAX_COUNT + 1, false),
        (MAX_COUNT + 2, false),
    ] {
        let state = State(AtomicU64::new(count | REF));
        assert!(!state.notify_foreign());
        assert_eq!(state.word() & COUNT, count + u64::from(counts));
    }
    let parked = State(AtomicU64::new(REF));
    assert!(parked.notify_foreign());
}

#[test]
fn the_outcome_is_left_to_who_comes_last() {
    let unwanted = State::new();
    assert!(!unwanted.drop_handle(), "there is no outcome yet");
    assert!(!unwanted.complete().is_wanted);

    let left = State::new();
    assert!(left.complete().is_wanted);
    assert!(left.drop_handle());

    let taken = State::new();
    taken.complete();
    assert!(taken.take_outcome() && !taken.take_outcome());
    assert!(!taken.drop_handle());
}

#[test]
fn a_note_is_forgotten_by_who_completes_or_not_made() {
    let noted = State::new();
    assert!(noted.note());
    assert!(noted.complete().is_noted);
    let late = State::new();
    late.complete();
    assert!(!late.note());
}

#[test]
fn references_beside_its_own_and_the_handles_are_wakers() {
    let state = State::new();
    assert_eq!(state.wakers(), 0);
    state.add_ref();
    state.add_ref();
    assert_eq!(state.wakers(), 2);
    assert!(!state.drop_handle());
    assert!(!state.drop_ref());
    assert_eq!(state.wakers(), 2);
    assert!(!state.drop_ref() && !state.drop_ref());
    assert_eq!(state.wakers(), 0);
    assert!(state.drop_ref(), "the last");
}
