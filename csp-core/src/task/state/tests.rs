//! Each transition alone; their races are in the models.

use super::{COUNT, Left, MAX_COUNT, REF, State};
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
    assert_eq!(state.cancel(), Some(false));
    assert!(state.is_cancelled() && state.begin_turn().cancelled);
    assert!(state.cancel().is_some(), "it has not ended yet");
    let completed = state.complete();
    assert!(completed.left == Left::Nothing && !completed.is_noted);
    assert!(state.is_complete() && !state.is_parked());
    assert_eq!(state.cancel(), None);
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
    assert_eq!(state.cancel(), Some(true));
    assert!(
        state.is_cancelled() && !state.is_parked(),
        "it is to be posted"
    );
    assert_eq!(state.cancel(), Some(false));
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
        let state = State(AtomicU64::new(count | REF));
        assert_eq!(state.cancel(), Some(false));
        assert_eq!(state.word() & COUNT, count + u64::from(counts));
    }
    let parked = State(AtomicU64::new(REF));
    assert!(parked.notify_foreign());
}

#[test]
fn the_outcome_is_left_to_who_comes_last() {
    let unwanted = State::new();
    let dropped = unwanted.drop_handle();
    assert!(
        dropped.is_released && !dropped.leaves_outcome,
        "there is no outcome yet"
    );
    assert_eq!(unwanted.complete().left, Left::Outcome);
    assert!(unwanted.drop_ref());

    let left = State::new();
    assert_eq!(left.complete().left, Left::Nothing);
    let dropped = left.drop_handle();
    assert!(dropped.leaves_outcome && !dropped.is_released);
    assert!(left.drop_ref());

    for wakers in 0..2 {
        let taken = State::new();
        (0..wakers).for_each(|_| taken.add_ref());
        taken.complete();
        assert!(taken.take_outcome() && !taken.take_outcome());
        assert!(!taken.drop_handle().leaves_outcome);
        assert_eq!(taken.drop_ref(), wakers == 0);
    }
}

#[test]
fn who_completes_keeps_its_reference_if_somebody_may_wait() {
    let waited = State::new();
    assert!(waited.wait());
    assert_eq!(waited.complete().left, Left::Waiter);
    assert!(!waited.wait(), "it has completed");
    assert!(!waited.drop_ref(), "the handle is there");
    assert!(waited.drop_ref());

    let late = State::new();
    assert_eq!(late.complete().left, Left::Nothing);
    assert!(!late.wait());
}

#[test]
fn who_completes_without_a_handle_leaves_wakers_alone() {
    let state = State::new();
    state.add_ref();
    assert!(state.drop_handle().is_released);
    assert_eq!(state.complete().left, Left::Outcome);
    assert!(state.is_complete());
    assert!(!state.drop_ref(), "a waker is there");
    assert!(!state.notify_foreign());
    assert!(state.drop_ref());
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
    assert!(state.drop_handle().is_released);
    assert_eq!(state.wakers(), 2);
    assert!(!state.drop_ref() && !state.drop_ref());
    assert_eq!(state.wakers(), 0);
    assert!(state.drop_ref(), "the last");
}
