//! `collect`, `into`, `reduce`, `try_reduce`, `transduce`: from a channel to a value.

use std::{collections::BTreeMap, ops::ControlFlow};

use csp::{
    Closed, Failure, Go, Receiver, chan,
    ops::{self, SourceFailed},
    xf,
};

use crate::util::blocks::{Census, Item, Stage, all, drain, failing, outcome, ready, value};

#[test]
fn collect_gives_all_values_in_order() {
    let list: Vec<_> = value(ops::collect(ready([3, 1, 2]))).unwrap();
    assert_eq!(list, [3, 1, 2]);
    let map: BTreeMap<_, _> = value(ops::collect(ready([("b", 2), ("a", 1)]))).unwrap();
    assert!(map.into_iter().eq([("a", 1), ("b", 2)]));
    let none: Vec<u32> = value(ops::collect(ready::<u32>([]))).unwrap();
    assert!(none.is_empty());
}

#[test]
fn into_adds_to_what_is_there() {
    assert_eq!(value(ops::into(ready([2, 3]), vec![1])).unwrap(), [1, 2, 3]);
}

#[test]
fn ca_058_reduce_of_an_empty_channel_is_init() {
    assert_eq!(
        value(ops::reduce(ready::<u32>([]), 7, |sum, n| sum + n)).unwrap(),
        7
    );
}

#[test]
fn ca_059_reduce_takes_everything() {
    let sum = ops::reduce(ops::to_chan(0..10), 0, |sum, n| sum + n);
    assert_eq!(value(sum).unwrap(), 45);
}

#[test]
fn ca_060_try_reduce_ends_early_and_leaves_the_rest() {
    let from = ready(0..10);
    let first = ops::try_reduce(from.clone(), 0, |sum, n| match n {
        4 => ControlFlow::Break(100 + sum),
        n => ControlFlow::Continue(sum + n),
    });
    assert_eq!(value(first).unwrap(), 106);
    assert_eq!(drain(&from), [5, 6, 7, 8, 9]);
}

#[test]
fn try_reduce_drops_its_source_when_it_ends_early() {
    let (tx, from) = chan(1);
    tx.try_put(1).unwrap();
    let first = ops::try_reduce(from, 0, |_, n| ControlFlow::Break(n));
    assert_eq!(value(first).unwrap(), 1);
    assert_eq!(tx.try_put(2), Err(Closed(2).into()));
}

#[test]
fn ca_064_transduce_steps_and_completes() {
    let push = |mut list: Vec<_>, value| {
        list.push(value);
        list
    };
    let list = ops::transduce(ready(0..5), xf::map(|n| n + 1), vec![], push);
    assert_eq!(value(list).unwrap(), [1, 2, 3, 4, 5]);

    let list = ops::transduce(
        ready(0..5),
        xf::partition_all(2),
        vec![],
        |mut list, group| {
            list.push(group);
            list
        },
    );
    assert_eq!(value(list).unwrap(), [vec![0, 1], vec![2, 3], vec![4]]);
}

#[test]
fn transduce_ends_when_the_transducer_wants_no_more() {
    let from = ready(0..10);
    let sum = ops::transduce(from.clone(), xf::take(3), 0, |sum, n| sum + n);
    assert_eq!(value(sum).unwrap(), 3);
    assert_eq!(drain(&from), (3..10).collect::<Vec<_>>());
}

#[test]
fn a_failed_source_is_told_with_what_came_before() {
    let error = value(ops::collect::<Vec<_>, _>(failing([1, 2], "no disk"))).unwrap_err();
    assert_eq!(error.so_far, [1, 2]);
    assert_eq!(error.cause.to_string(), "no disk");
    assert_eq!(error.to_string(), "the source channel failed: no disk");

    let error = value(ops::reduce(failing([1, 2], "no disk"), 0, |a, b| a + b)).unwrap_err();
    assert_eq!(error.so_far, 3);

    // It is completed: the tail is there.
    let groups = ops::transduce(
        failing([1, 2, 3], "no disk"),
        xf::partition_all(2),
        0,
        |sum, group: Vec<i32>| sum * 10 + group.len(),
    );
    assert_eq!(value(groups).unwrap_err().so_far, 21);
}

/// It stopped before the failure, and does not know of it.
#[test]
fn a_failure_after_an_early_end_is_nothing_to_it() {
    let from = failing([1, 2], "no disk");
    let first = ops::try_reduce(from.clone(), 0, |_, n| ControlFlow::Break(n));
    assert_eq!(value(first).unwrap(), 1);
    let first = ops::transduce(from, xf::take(1), 0, |_, n| n);
    assert_eq!(value(first).unwrap(), 2);
}

#[test]
fn a_function_that_panics_ends_the_reduction_and_releases_its_source() {
    let (tx, from) = chan(0);
    let go = ops::reduce(from, 0, |_, n: u32| panic!("no {n}"));
    assert_eq!(tx.put_blocking(1), Ok(()));
    match outcome(go) {
        Err(Failure::Panicked(panic)) => assert_eq!(panic.message(), "no 1"),
        other => panic!("{other:?}"),
    }
    assert_eq!(tx.put_blocking(2), Err(Closed(2)));
}

#[test]
fn a_reduction_that_is_cancelled_leaves_the_rest() {
    type Reduction =
        fn(Receiver<Item<u32>>) -> Go<Result<Vec<Item<u32>>, SourceFailed<Vec<Item<u32>>>>>;
    let reductions: [Reduction; 2] = [ops::collect, |from| {
        ops::transduce(from, xf::map(|n| n), vec![], |mut list, n| {
            list.push(n);
            list
        })
    }];
    for reduction in reductions {
        let stage = Stage::new();
        let census = Census::default();
        let (tx, from) = chan(0);
        let other = from.clone();
        let go = stage.with(|| reduction(from));
        tx.try_put(census.of(1)).unwrap();
        stage.idle();
        // Handed over, but not taken yet.
        tx.try_put(census.of(2)).unwrap();
        assert!(go.cancel());
        stage.idle();
        assert_eq!(outcome(go).unwrap_err(), Failure::Cancelled);
        assert_eq!(census.living(), 1);
        drop(tx);
        assert_eq!(all(&other)[0].value, 2);
    }
}
