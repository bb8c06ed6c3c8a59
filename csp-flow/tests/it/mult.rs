//! One channel to many taps.

use std::{cell::Cell, sync::Arc};

use csp::{AtEnd, Local, Runtime, prelude::*};

use crate::util::blocks::{Ledger, Stage, is_over, value, wait_until_empty};

#[test]
fn ca_050_each_tap_gets_every_value_in_order_and_closes() {
    let stage = Stage::new();
    let (tx, rx) = chan(0);
    let mult = stage.start(|| csp::mult(rx));
    let taps = [mult.subscribe(4), mult.subscribe(4)];
    stage.put(&tx, 0..4);
    drop(tx);
    for tap in &taps {
        assert_eq!(stage.take_all(tap), [0, 1, 2, 3]);
        assert!(is_over(tap));
    }
    assert_eq!(stage.live(), 0);
}

/// ASYNC-127: a closed tap does not stall; the slowest of the others governs.
#[test]
fn ca_051_the_next_value_comes_when_every_open_tap_has_the_last() {
    let stage = Stage::new();
    let (tx, rx) = chan(0);
    let mult = stage.start(|| csp::mult(rx));
    let (one, two, three) = (mult.subscribe(0), mult.subscribe(0), mult.subscribe(0));
    three.close();
    stage.put(&tx, [1]);
    let second = stage.offer(&tx, [2]);
    assert!(!second.is_finished(), "the first is still on its way");
    assert_eq!(stage.take_all(&one), [1]);
    assert!(!second.is_finished());
    assert_eq!(two.try_take(), Ok(1));
    assert_eq!(stage.take_all(&one), [2]);
    assert_eq!(stage.take_all(&two), [2]);
    assert!(second.is_finished() && three.try_take().is_err());
}

/// The value waits in all taps at the same time, however many: they may take it in any order. (More than
/// a turn's budget of operations.)
#[test]
fn a_value_waits_in_all_taps_at_once() {
    for count in [2_u32, 64, 300] {
        let stage = Stage::new();
        let (tx, rx) = chan(0);
        let mult = stage.start(|| csp::mult(rx));
        let taps: Vec<_> = (0..count).map(|_| mult.subscribe(0)).collect();
        stage.put(&tx, [1]);
        let next = stage.offer(&tx, [2]);
        // From the middle outwards, without a turn of the mult in between, but once.
        let half = taps.len() / 2;
        for tap in taps[..half].iter().rev() {
            assert_eq!(tap.try_take(), Ok(1));
        }
        stage.idle();
        assert!(!next.is_finished());
        for tap in &taps[half..] {
            assert_eq!(tap.try_take(), Ok(1));
            assert!(tap.try_take().is_err());
        }
        stage.idle();
        assert!(next.is_finished());
        for tap in &taps {
            assert_eq!(tap.try_take(), Ok(2));
        }
    }
}

/// The same, where each tap's taker comes after another: the mult's put is what wakes it.
#[test]
fn taps_that_wait_for_each_other_do_not_deadlock() {
    let rt = Runtime::builder().workers(2).build();
    let _entered = rt.enter();
    let (tx, rx) = chan(0);
    let mult = csp::mult(rx);
    let taps: Vec<_> = (0..300).map(|_| mult.subscribe(0)).collect();
    let taker = go!({
        let mut sum = 0;
        for round in 0..20_usize {
            for at in 0..taps.len() {
                let at = if round % 2 == 0 {
                    at
                } else {
                    taps.len() - 1 - at
                };
                sum += take!(taps[at]).unwrap();
            }
        }
        sum
    });
    go!({
        for _ in 0..20 {
            put!(tx, 1_usize).unwrap();
        }
    });
    assert_eq!(value(taker), 20 * 300);
    drop(mult);
    wait_until_empty(&rt);
}

#[test]
fn a_tap_that_slides_or_drops_holds_nobody_up() {
    let stage = Stage::new();
    let (tx, rx) = chan(0);
    let mult = stage.start(|| csp::mult(rx));
    let (all, newest, oldest) = (
        mult.subscribe(9),
        mult.subscribe(sliding(2)),
        mult.subscribe(dropping(2)),
    );
    stage.put(&tx, 1..=9);
    assert_eq!(stage.take_all(&all), (1..=9).collect::<Vec<_>>());
    assert_eq!(stage.take_all(&newest), [8, 9]);
    assert_eq!(stage.take_all(&oldest), [1, 2]);
}

#[test]
fn without_taps_values_are_dropped_and_the_source_goes_on() {
    let stage = Stage::new();
    let (tx, rx) = chan(0);
    let mult = stage.start(|| csp::mult(rx));
    stage.put(&tx, 1..=5000);
    let tap = mult.subscribe(1);
    stage.put(&tx, [5001]);
    assert_eq!(stage.take_all(&tap), [5001]);
}

/// Values that were put after `tap`, and none that were put after `untap`.
#[test]
fn taps_count_from_the_next_value_on() {
    let stage = Stage::new();
    let (tx, rx) = chan(8);
    let mult = stage.start(|| csp::mult(rx));
    let (tap_tx, tap) = chan(8);
    // Nothing has run yet: the changes and the values are all there at once.
    mult.tap(tap_tx.clone());
    tx.try_put(1).unwrap();
    stage.idle();
    tx.try_put(2).unwrap();
    mult.untap(&tap_tx);
    assert_eq!(stage.take_all(&tap), [1]);
    stage.put(&tx, [3]);
    mult.tap(tap_tx.clone());
    stage.put(&tx, [4]);
    mult.untap_all();
    stage.put(&tx, [5]);
    assert_eq!(stage.take_all(&tap), [4]);
    assert!(!tap.is_closed(), "untapping leaves the channel open");
    drop(tap_tx);
    assert!(tap.is_closed(), "the mult has dropped its sender");
}

#[test]
fn the_same_channel_twice_is_one_tap_and_the_last_end_counts() {
    let stage = Stage::new();
    for (first, last) in [
        (AtEnd::Close, AtEnd::KeepOpen),
        (AtEnd::KeepOpen, AtEnd::Close),
    ] {
        let (tx, rx) = chan(0);
        let mult = stage.start(|| csp::mult(rx));
        let (tap_tx, tap) = chan(8);
        mult.tap_with(tap_tx.clone(), first);
        stage.put(&tx, [1]);
        mult.tap_with(tap_tx.clone(), last);
        stage.put(&tx, [2]);
        drop(tx);
        assert_eq!(stage.take_all(&tap), [1, 2]);
        assert_eq!(tap.is_closed(), last == AtEnd::Close);
    }
}

/// Taps that come and go while no value does leave nothing behind; nor do those that a value finds closed.
#[test]
fn closed_taps_are_forgotten() {
    let stage = Stage::new();
    let (tx, rx) = chan::<u32>(0);
    let mult = stage.start(|| csp::mult(rx));
    let name: Arc<str> = "shared by all, so that it tells how many there are".into();
    for _ in 0..100 {
        let (tx, rx) = chan(0);
        mult.tap(tx.named(Arc::clone(&name)));
        stage.idle();
        drop(rx);
    }
    let taps = Arc::strong_count(&name) - 1;
    assert!(taps <= 1, "{taps} taps are still there");
    stage.put(&tx, [1]);
    assert_eq!(Arc::strong_count(&name), 1);
}

#[test]
fn every_copy_is_delivered_or_dropped() {
    let stage = Stage::new();
    let ledger = Ledger::default();
    let (tx, rx) = chan(0);
    let mult = stage.start(|| csp::mult(rx));
    let (one, two, three) = (
        mult.subscribe(4),
        mult.subscribe(0),
        mult.subscribe(sliding(1)),
    );
    stage.put(&tx, [ledger.value(1)]);
    assert_eq!(ledger.live(), 3, "the last tap gets the value itself");
    drop(two);
    stage.put(&tx, (2..=4).map(|n| ledger.value(n)));
    assert_eq!(ledger.live(), 5);
    let got: Vec<_> = stage.take_all(&one).iter().map(|value| value.n).collect();
    assert_eq!(got, [1, 2, 3, 4]);
    drop((one, three));
    stage.put(&tx, [ledger.value(5)]);
    drop((tx, mult));
    assert_eq!((stage.live(), ledger.live()), (0, 0));
}

/// Values need not be `Sync`; a mult of a mult works.
#[test]
fn mults_can_be_chained_and_values_need_not_be_sync() {
    let stage = Stage::new();
    let (tx, rx) = chan(0);
    let first = stage.start(|| csp::mult(rx));
    let second = stage.start(|| csp::mult(first.subscribe(0)));
    let (a, b) = (first.subscribe(8), second.subscribe(8));
    drop((first, second));
    stage.put(&tx, [Cell::new(1), Cell::new(2)]);
    drop(tx);
    for tap in [a, b] {
        let got: Vec<_> = stage.take_all(&tap).iter().map(Cell::get).collect();
        assert_eq!(got, [1, 2]);
        assert!(is_over(&tap));
    }
    assert_eq!(stage.live(), 0);
}

/// A busy mult lets others run: its source never runs dry here, and its tap never fills.
#[test]
fn a_mult_that_never_parks_yields() {
    let local = Local::new();
    let (tx, rx) = chan(100_000);
    for n in 0..100_000 {
        tx.try_put(n).unwrap();
    }
    let left = rx.clone();
    let (_mult, tap) = local.run_until(async {
        let mult = csp::mult(rx);
        let tap = mult.subscribe(sliding(1));
        (mult, tap)
    });
    let seen = local.go(async move { left.len() });
    local.run_until_idle();
    let left = value(seen);
    assert!(
        (1..100_000).contains(&left),
        "{left} were left when another block had its turn"
    );
    assert_eq!(tap.try_take(), Ok(99_999));
}
