//! `merge`, `map`, `split`: several channels into one, and one into two.

use csp::{Receiver, chan, ops};

use crate::util::blocks::{Census, Stage, all, cause, drain, failing, ready, sorted};

#[test]
fn ca_046_split_gives_both_halves_in_order_and_closes_both() {
    let (even, odd) = ops::split(ready(0..10), |n| n % 2 == 0, 5, 5);
    assert_eq!(all(&even), [0, 2, 4, 6, 8]);
    assert_eq!(all(&odd), [1, 3, 5, 7, 9]);
}

/// core.async stops reading, and never closes the other side.
#[test]
fn split_goes_on_with_one_side_when_the_other_closes() {
    let stage = Stage::new();
    let census = Census::default();
    let from = ready((0..10).map(|n| census.of(n)));
    let (even, odd) = stage.with(|| ops::split(from, |n| n.value % 2 == 0, 0, 0));
    // It waits for room for 0.
    drop(even);
    stage.idle();
    let mut seen = vec![];
    while let Ok(item) = odd.try_take() {
        seen.push(item.value);
        stage.idle();
    }
    assert_eq!(seen, [1, 3, 5, 7, 9]);
    assert!(odd.is_closed());
    assert_eq!(census.living(), 0);
}

#[test]
fn split_waits_for_a_value_as_long_as_one_side_is_open() {
    for even_first in [true, false] {
        let stage = Stage::new();
        let (tx, from) = chan(1);
        let (even, odd) = stage.with(|| ops::split(from, |n| n % 2 == 0, 1, 1));
        let (first, last, want) = if even_first {
            (even, odd, 1)
        } else {
            (odd, even, 2)
        };
        drop(first);
        stage.idle();
        assert!(!tx.is_closed());
        for n in [2, 1] {
            tx.try_put(n).unwrap();
            stage.idle();
        }
        assert_eq!(drain(&last), [want]);
        drop(last);
        stage.idle();
        assert!(tx.is_closed());
    }
}

#[test]
fn ca_047_map_goes_in_lock_step_and_closes() {
    let sums = ops::map(
        (0..4).map(|_| ready(0..4)),
        |round| round.iter().sum::<i32>(),
        0,
    );
    assert_eq!(all(&sums), [0, 4, 8, 12]);
}

#[test]
fn ca_048_map_of_no_sources_is_closed() {
    let none: [Receiver<u32>; 0] = [];
    let stage = Stage::new();
    let out = stage.start(|| ops::map(none, |round| round.len(), 3));
    assert!(out.is_closed(), "at once");
    assert_eq!(all(&out), []);
}

#[test]
fn map_ends_with_the_shortest_source() {
    let (short, long) = (ready([1, 2]), ready([10, 20, 30, 40]));
    let out = ops::map(
        [short.clone(), long.clone()],
        |round| round.iter().sum::<i32>(),
        0,
    );
    assert_eq!(all(&out), [11, 22]);
    // The shortest comes first: nothing was taken in vain.
    assert_eq!(drain(&long), [30, 40]);

    let (short, long) = (ready([1, 2]), ready([10, 20, 30, 40]));
    let out = ops::map([long.clone(), short], |round| round.iter().sum::<i32>(), 0);
    assert_eq!(all(&out), [11, 22]);
    assert_eq!(drain(&long), [40], "the round that was not full took one");
}

#[test]
fn map_lets_its_function_take_the_values() {
    let out = ops::map([ready([vec![1]]), ready([vec![2]])], std::mem::take, 1);
    assert_eq!(all(&out), [[vec![1], vec![2]]]);
}

#[test]
fn map2_and_map3_go_in_lock_step_over_different_types() {
    let out = ops::map2(
        ready([1, 2, 3]),
        ready(["a", "b"]),
        |n, s| format!("{n}{s}"),
        0,
    );
    assert_eq!(all(&out), ["1a", "2b"]);
    let out = ops::map3(
        ready([1, 2]),
        ready(["a", "b"]),
        ready([true, false]),
        |a, b, c| (a, b, c),
        0,
    );
    assert_eq!(all(&out), [(1, "a", true), (2, "b", false)]);
}

#[test]
fn ca_049_merge_gives_everything_and_closes() {
    let out = ops::merge((0..4).map(|_| ready(0..4)), 0);
    let want: Vec<_> = (0..4).flat_map(|n| [n; 4]).collect();
    assert_eq!(sorted(all(&out)), want);
}

#[test]
fn ca_172_merge_is_multiplex() {
    let (tx, a) = chan(0);
    let (ty, b) = chan(0);
    ops::onto_chan(tx, 0..100);
    ops::onto_chan(ty, 100..200);
    assert_eq!(
        sorted(all(&ops::merge([a, b], 0))),
        (0..200).collect::<Vec<_>>()
    );
}

#[test]
fn ca_173_merge_does_not_end_while_one_source_is_open() {
    let (tx, a) = chan(0);
    let (ty, b) = chan(0);
    let out = ops::merge([a, b], 0);
    ops::onto_chan(tx, 0..10_000);
    for want in 0..10_000 {
        assert_eq!(out.take_blocking(), Some(want));
    }
    ops::onto_chan(ty, 0..10);
    assert_eq!(all(&out), (0..10).collect::<Vec<_>>());
}

#[test]
fn ca_174_merge_of_closed_channels_is_closed() {
    assert_eq!(all(&ops::merge([ready::<u32>([]), ready([])], 0)), []);
    let none: [Receiver<u32>; 0] = [];
    let stage = Stage::new();
    let out = stage.start(|| ops::merge(none, 0));
    assert!(out.is_closed(), "at once");
}

#[test]
fn merge_keeps_the_order_of_each_source() {
    let out = ops::merge(
        (0..3).map(|s| ops::to_chan((0..1000).map(move |n| (s, n)))),
        0,
    );
    let all = all(&out);
    for s in 0..3 {
        let of_one = all
            .iter()
            .filter(|(source, _)| *source == s)
            .map(|(_, n)| *n);
        assert!(of_one.eq(0..1000));
    }
}

#[test]
fn merge_serves_its_sources_in_turn() {
    let stage = Stage::new();
    let out = stage.with(|| ops::merge([ready([0; 100]), ready([1; 100]), ready([2; 100])], 0));
    let mut counts = [0; 3];
    for _ in 0..30 {
        counts[out.try_take().unwrap()] += 1;
        stage.idle();
    }
    assert_eq!(counts, [10, 10, 10]);
}

#[test]
fn merge_takes_one_value_at_a_time() {
    let stage = Stage::new();
    let (a, b) = (ready(0..5), ready(5..10));
    let out = stage.with(|| ops::merge([a.clone(), b.clone()], 0));
    assert_eq!(a.len() + b.len(), 9);
    drop(out);
    stage.idle();
    assert_eq!(a.len() + b.len(), 9, "only the value in hand is gone");
}

#[test]
fn merge_of_2000_sources_gives_everything() {
    let (txs, rxs): (Vec<_>, Vec<_>) = (0..2000).map(|_| chan(0)).unzip();
    let out = ops::merge(rxs, 16);
    for (n, tx) in (0..).zip(txs) {
        ops::onto_chan(tx, (0..3).map(move |k| 3 * n + k));
    }
    assert_eq!(sorted(all(&out)), (0..6000).collect::<Vec<_>>());
}

#[test]
fn merge_watches_all_of_2000_sources_while_it_is_parked() {
    let stage = Stage::new();
    let (txs, rxs): (Vec<_>, Vec<_>) = (0..2000).map(|_| chan(0)).unzip();
    let out = stage.with(|| ops::merge(rxs, 1));
    for (n, tx) in txs.into_iter().enumerate().rev() {
        // The others are dropped as they come: it shrinks.
        if n % 7 == 0 {
            assert_eq!(tx.try_put(n), Ok(()));
            stage.idle();
            assert_eq!(out.try_take(), Ok(n));
        }
        drop(tx);
        stage.idle();
    }
    assert!(out.is_closed());
}

#[test]
fn merge_fails_at_once_with_the_first_source_that_fails() {
    let (open, a) = chan::<u32>(4);
    let out = ops::merge([a, failing([1, 2], "no disk")], 0);
    assert_eq!(all(&out), [1, 2]);
    assert_eq!(cause(&out), "no disk");
    csp::block_on(open.closed());
}

#[test]
#[should_panic(expected = "65536")]
fn merge_of_too_many_sources_says_so_to_its_caller() {
    let (_tx, rx) = chan::<u32>(0);
    drop(ops::merge((0..65_537).map(|_| rx.clone()), 0));
}
