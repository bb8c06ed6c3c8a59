//! Ends that give a value.

use std::ops::ControlFlow::{Break, Continue};

use csp::{Failure, chan, stream};

use crate::util::blocks::{Census, Stage, drain, failing, outcome, ready, value};

#[test]
fn ev_038_fold_and_reduce_with_and_without_a_first_value() {
    for n in [0, 1, 2, 7] {
        let numbers = || stream(ready(1..=n)).map(|n| n * 2);
        let twin = || (1..=n).map(|n| n * 2);
        assert_eq!(
            value(numbers().fold(10, |a, b| a + b)).unwrap(),
            10 + twin().sum::<u32>()
        );
        assert_eq!(
            value(numbers().reduce(|a, b| a * 3 + b)).unwrap(),
            twin().reduce(|a, b| a * 3 + b)
        );
        assert_eq!(value(numbers().last()).unwrap(), twin().next_back());
        assert_eq!(value(numbers().first()).unwrap(), twin().next());
        assert_eq!(value(numbers().count()).unwrap(), twin().count());
        assert_eq!(
            value(numbers().collect::<Vec<_>>()).unwrap(),
            twin().collect::<Vec<_>>()
        );
        assert_eq!(
            value(numbers().partition_all(3).collect::<Vec<_>>()).unwrap(),
            twin()
                .collect::<Vec<_>>()
                .chunks(3)
                .map(<[u32]>::to_vec)
                .collect::<Vec<_>>(),
        );
    }
    // `conj nil`: a collection out of nothing.
    let all = stream(ready([1, 2])).fold(None, |all: Option<Vec<u32>>, n| {
        let mut all = all.unwrap_or_default();
        all.push(n);
        Some(all)
    });
    assert_eq!(value(all).unwrap(), Some(vec![1, 2]));
}

/// EV-202: also one that waits when it happens.
#[test]
fn ev_202_ends_say_that_the_source_failed() {
    let failed = || stream(failing([1, 2, 3], "no disk"));
    let error = value(failed().fold(0, |a, b| a + b)).unwrap_err();
    assert_eq!(
        (error.so_far, error.cause.to_string().as_str()),
        (6, "no disk")
    );
    assert_eq!(
        value(failed().reduce(|a, b| a + b)).unwrap_err().so_far,
        Some(6)
    );
    assert_eq!(value(failed().last()).unwrap_err().so_far, Some(3));
    assert_eq!(value(failed().count()).unwrap_err().so_far, 3);
    assert_eq!(
        value(failed().collect::<Vec<_>>()).unwrap_err().so_far,
        [1, 2, 3]
    );
    let groups = value(failed().partition_all(2).collect::<Vec<_>>()).unwrap_err();
    assert_eq!(groups.so_far, [vec![1, 2], vec![3]]);
    assert!(value(failed().for_each(drop)).is_err());
    assert_eq!(value(failed().first()).unwrap(), Some(1), "it came before");
    let none = stream(failing::<u32>([], "no disk")).first();
    assert_eq!(value(none).unwrap_err().so_far, None);

    let stage = Stage::new();
    let (tx, rx) = chan::<u32>(0);
    let sum = stage.with(|| stream(rx).fold(0, |a, b| a + b));
    assert!(!sum.is_finished());
    tx.fail("no disk");
    stage.idle();
    assert!(value(sum).is_err());
}

#[test]
fn ev_150_an_early_stop_leaves_the_rest() {
    let rx = ready(1..=9);
    let sum = stream(rx.clone()).try_fold(0, |sum, n| match sum + n {
        sum if sum >= 6 => Break(sum),
        sum => Continue(sum),
    });
    assert_eq!(value(sum).unwrap(), 6);
    assert_eq!(rx.try_take(), Ok(4));
    assert_eq!(value(stream(rx.clone()).first()).unwrap(), Some(5));
    assert_eq!(
        value(stream(rx.clone()).take(2).collect::<Vec<_>>()).unwrap(),
        [6, 7]
    );
    assert_eq!(value(stream(rx.clone()).take(0).count()).unwrap(), 0);
    assert_eq!(drain(&rx), [8, 9]);
    // In the middle of what one value gave: the function is not called again, not even at the end.
    let mut calls = 0;
    let first = stream(ready(1..=9))
        .mapcat(|n| [n; 3])
        .partition_all(2)
        .try_fold(0, move |_, _| {
            calls += 1;
            if calls == 2 {
                Break(calls)
            } else {
                Continue(calls)
            }
        });
    assert_eq!(value(first).unwrap(), 2);
}

/// A failure of what is left is not its concern.
#[test]
fn an_early_stop_does_not_see_the_failure() {
    let two = stream(failing(1..=5, "no disk"))
        .take(2)
        .collect::<Vec<_>>();
    assert_eq!(value(two).unwrap(), [1, 2]);
}

#[test]
fn ev_155_a_panic_ends_the_end_and_lets_the_source_go() {
    let (tx, rx) = chan(8);
    for n in 1..=3 {
        tx.try_put(n).unwrap();
    }
    let others = rx.clone();
    let count = stream(rx).for_each(|n| assert!(n < 2, "boom"));
    let Err(Failure::Panicked(panic)) = outcome(count) else {
        panic!("it panics");
    };
    assert_eq!(panic.message(), "boom");
    assert_eq!(drain(&others), [3]);
    drop(others);
    assert!(tx.is_closed());
}

/// Lamina's `receive-all`: what is queued, then what comes. EV-203: one that asked for one value before is
/// served first. EV-201: a value that is put from within is queued behind the others.
#[test]
fn ev_201_203_for_each_sees_all_in_order() {
    let stage = Stage::new();
    let (tx, rx) = chan(8);
    let first = stage.with(|| stream(rx.clone()).first());
    let (seen, log) = chan(16);
    let again = tx.clone();
    let each = stage.with(|| {
        stream(rx).for_each(move |n: u32| {
            seen.try_put(n).unwrap();
            if n < 10 {
                again.try_put(n + 10).unwrap();
                seen.try_put(n + 100).unwrap();
            }
        })
    });
    for n in 0..3 {
        tx.try_put(n).unwrap();
    }
    stage.idle();
    assert_eq!(value(first).unwrap(), Some(0));
    assert_eq!(drain(&log), [1, 101, 2, 102, 11, 12]);
    tx.close();
    stage.idle();
    assert!(value(each).is_ok());
}

/// EV-204: the last consumer that goes lets the source close, unless somebody keeps a receiver.
#[test]
fn ev_204_cancelling_an_end_loses_nothing() {
    let stage = Stage::new();
    let census = Census::default();
    let (tx, rx) = chan(8);
    let keep = rx.clone();
    let each = stage.with(|| stream(rx).for_each(drop));
    tx.try_put(census.of(1)).unwrap();
    stage.idle();
    assert_eq!(census.living(), 0);
    each.cancel();
    stage.idle();
    assert!(!tx.is_closed());
    tx.try_put(census.of(2)).unwrap();
    stage.idle();
    assert_eq!(keep.try_take().unwrap().value, 2);

    let each = stage.with(|| stream(keep).for_each(drop));
    each.cancel();
    stage.idle();
    assert!(tx.is_closed());
}
