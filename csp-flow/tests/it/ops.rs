//! `pipe`, `take`: from one channel into one other.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use csp::ops::PipeError;
use csp::{AtEnd, Failure, chan, go, ops, sliding};

use crate::util::blocks::{
    Census, LIMIT, Stage, all, cause, drain, failing, outcome, ready, runtime, value,
};

#[test]
fn ca_045_pipe_moves_in_order_and_closes() {
    for (before, after) in [(0, 0), (0, 3), (3, 0), (3, 3), (100, 100)] {
        let (tx, from) = chan(before);
        let (to, out) = chan(after);
        let pipe = ops::pipe(from, to);
        ops::onto_chan(tx, [1, 2, 3, 4, 5]);
        assert_eq!(all(&out), [1, 2, 3, 4, 5], "buffers {before}, {after}");
        assert!(value(pipe).is_ok());
        assert!(out.failure().is_none());
    }
}

#[test]
fn pipe_closes_a_target_that_has_other_senders() {
    let (to, out) = chan(8);
    let other = to.clone();
    assert!(value(ops::pipe(ready([1]), to)).is_ok());
    assert_eq!(all(&out), [1]);
    assert!(other.is_closed());
}

#[test]
fn pipe_with_keep_open_leaves_the_target_open() {
    let (to, out) = chan(8);
    assert!(value(ops::pipe_with(ready([1, 2]), to.clone(), AtEnd::KeepOpen)).is_ok());
    assert_eq!(to.try_put(3), Ok(()));
    // The pipe's sender is gone: this is the last.
    drop(to);
    assert_eq!(all(&out), [1, 2, 3]);
}

#[test]
fn pipe_fails_the_target_when_the_source_failed() {
    let (to, out) = chan(8);
    let error = value(ops::pipe(failing([1, 2], "no disk"), to)).unwrap_err();
    assert_eq!(error.cause().unwrap().to_string(), "no disk");
    assert_eq!(error.to_string(), "the source channel failed: no disk");
    assert_eq!(all(&out), [1, 2]);
    assert_eq!(cause(&out), "no disk");
}

#[test]
fn pipe_with_keep_open_tells_of_a_failure_and_leaves_the_target_alone() {
    let (to, out) = chan(8);
    let pipe = ops::pipe_with(failing([1], "no disk"), to.clone(), AtEnd::KeepOpen);
    assert_eq!(
        value(pipe).unwrap_err().cause().unwrap().to_string(),
        "no disk"
    );
    assert!(!to.is_closed());
    assert_eq!(drain(&out), [1]);
}

/// core.async takes and loses a value here, and then waits for ever.
#[test]
fn pipe_that_waits_for_a_value_ends_when_its_target_closes() {
    let stage = Stage::new();
    let (tx, from) = chan::<u32>(1);
    let (to, out) = chan(1);
    let pipe = stage.with(|| ops::pipe(from, to));
    assert!(!pipe.is_finished() && !tx.is_closed());

    drop(out);
    stage.idle();
    assert!(pipe.is_finished());
    assert!(matches!(value(pipe), Err(PipeError::Closed(None))));
    assert!(tx.is_closed(), "it had the last receiver");
}

/// Both before the pipe runs again: its take was handed a value, and its target closed.
#[test]
fn pipe_gives_back_what_it_was_handed_when_its_target_closes() {
    let stage = Stage::new();
    let (tx, from) = chan(0);
    let other = from.clone();
    let (to, out) = chan(1);
    let pipe = stage.with(|| ops::pipe(from, to));

    assert_eq!(tx.try_put(1), Ok(()));
    out.close();
    stage.idle();
    assert!(matches!(value(pipe), Err(PipeError::Closed(None))));
    assert_eq!(other.try_take(), Ok(1));
}

#[test]
fn pipe_returns_the_value_in_hand_when_its_target_closes() {
    let stage = Stage::new();
    let from = ready([1, 2, 3]);
    let (to, out) = chan(0);
    let pipe = stage.with(|| ops::pipe(from.clone(), to));
    assert_eq!(from.len(), 2, "one is on its way");

    drop(out);
    stage.idle();
    let error = value(pipe).unwrap_err();
    assert!(error.is_closed());
    assert_eq!(error.into_inner(), Some(1));
    assert_eq!(drain(&from), [2, 3]);
}

#[test]
fn pipe_into_a_closed_channel_takes_nothing() {
    let from = ready([1, 2]);
    let (to, out) = chan(5);
    drop(out);
    assert!(matches!(
        value(ops::pipe(from.clone(), to)),
        Err(PipeError::Closed(None))
    ));
    assert_eq!(drain(&from), [1, 2]);
}

#[test]
fn pipe_cancelled_while_it_waits_for_a_value_loses_nothing() {
    let stage = Stage::new();
    let (tx, from) = chan(0);
    let other = from.clone();
    let (to, out) = chan::<u32>(1);
    let pipe = stage.with(|| ops::pipe(from, to.clone()));
    assert_eq!(tx.try_put(1), Ok(()), "the pipe waits, and is handed it");
    assert!(pipe.cancel());
    stage.idle();
    assert_eq!(outcome(pipe).unwrap_err(), Failure::Cancelled);
    assert_eq!(other.try_take(), Ok(1));
    assert!(!to.is_closed() && out.try_take().is_err());
}

#[test]
fn pipe_cancelled_while_it_waits_for_room_drops_the_value_in_hand_only() {
    let stage = Stage::new();
    let census = Census::default();
    let from = ready([census.of(1), census.of(2)]);
    let (to, out) = chan(0);
    let pipe = stage.with(|| ops::pipe(from.clone(), to.clone()));
    assert!(pipe.cancel());
    stage.idle();
    assert_eq!(census.living(), 1);
    assert_eq!(from.try_take().unwrap().value, 2);
    assert!(out.try_take().is_err() && !to.is_closed());
}

#[test]
fn pipe_dropped_runs_on() {
    let (to, out) = chan(0);
    drop(ops::pipe(ready([1, 2]), to));
    assert_eq!(all(&out), [1, 2]);
}

#[test]
fn pipe_that_always_finds_a_value_and_room_lets_others_run() {
    let rt = runtime(1);
    let stop = Arc::new(AtomicBool::new(false));
    let pipe = {
        let _entered = rt.enter();
        let stop = Arc::clone(&stop);
        let (to, out) = chan(sliding(1));
        let from = ops::to_chan(std::iter::repeat_with(move || {
            assert!(!stop.load(Ordering::SeqCst), "done");
            7
        }));
        // Nobody takes; the pipe never parks for room.
        let pipe = ops::pipe(from, to);
        let late = go!({ 1 });
        assert_eq!(value(late), 1);
        assert!(!out.is_closed() && !pipe.is_finished());
        (pipe, out)
    };
    stop.store(true, Ordering::SeqCst);
    let error = value(pipe.0).unwrap_err();
    assert!(
        error
            .to_string()
            .ends_with("the iterator of `ops::onto_chan` panicked: done")
    );
    rt.shutdown(LIMIT).unwrap();
}

#[test]
fn pipe_competes_with_other_takers_for_its_source() {
    let (tx, from) = chan(4);
    let (to, out) = chan(4);
    let pipe = ops::pipe(from.clone(), to);
    let other = ops::collect::<Vec<_>, u32>(from);
    let out = ops::collect::<Vec<_>, _>(out);
    value(ops::onto_chan(tx, 0..10_000)).unwrap();
    assert!(value(pipe).is_ok());
    let (a, b) = (value(out).unwrap(), value(other).unwrap());
    assert!(a.is_sorted() && b.is_sorted());
    let mut both = [a, b].concat();
    both.sort_unstable();
    assert!(both.into_iter().eq(0..10_000));
}

#[test]
fn take_takes_exactly_n() {
    for buffer in [0, 1, 10] {
        let from = ready(0..10);
        let out = ops::take(from.clone(), 3, buffer);
        assert_eq!(all(&out), [0, 1, 2]);
        assert_eq!(drain(&from), (3..10).collect::<Vec<_>>());
    }
}

#[test]
fn take_of_nothing_takes_nothing_and_is_closed() {
    let from = ready([1]);
    let stage = Stage::new();
    let out = stage.start(|| ops::take(from.clone(), 0, 5));
    assert!(out.is_closed(), "at once");
    assert_eq!(all(&out), []);
    assert_eq!(drain(&from), [1]);
}

#[test]
fn take_closes_when_the_source_ends_early() {
    assert_eq!(all(&ops::take(ready([1, 2]), 5, 0)), [1, 2]);
}

#[test]
fn take_drops_its_source_after_n() {
    let stage = Stage::new();
    let (tx, from) = chan(1);
    let out = stage.with(|| ops::take(from, 1, 1));
    tx.try_put(1).unwrap();
    assert!(!tx.is_closed());
    stage.idle();
    assert!(tx.is_closed());
    assert_eq!(drain(&out), [1]);
}
