//! Who gets what from a hub.

use csp::{HubOptions, prelude::*};

use crate::util::blocks::{Counted, Ledger, Stage, is_over};

fn replaying(replay: usize) -> HubOptions {
    HubOptions {
        replay,
        ..HubOptions::default()
    }
}

/// EV-017, EV-018: a source with branches, and branches of these; every leaf gets every message. A tree of
/// depth 9 has 512 leaves.
#[test]
fn ev_018_a_tree_of_hubs_delivers_to_every_leaf() {
    let stage = Stage::new();
    let (tx, rx) = chan(0);
    let mut level = vec![stage.start(|| csp::hub(rx))];
    let mut inner = level.clone();
    for _ in 0..9 {
        level = stage.start(|| {
            let two = |hub: &csp::Hub<u32>| [hub.fork(0), hub.fork(0)];
            level.iter().flat_map(two).collect()
        });
        inner.extend(level.iter().cloned());
    }
    let leaves: Vec<_> = level.iter().map(|hub| hub.subscribe(2)).collect();
    stage.put(&tx, [1, 2]);
    assert_eq!(leaves.len(), 512);
    for leaf in &leaves {
        assert_eq!(stage.take_all(leaf), [1, 2]);
    }
    drop(tx);
    drop((level, inner));
    assert_eq!(stage.live(), 0);
    assert!(leaves.iter().all(is_over));
}

/// EV-019: what was put before anybody listened is delivered in order; also if the source is closed
/// already, and then the subscriber is at its end.
#[test]
fn ev_019_values_wait_for_the_first_subscriber() {
    for close_first in [false, true] {
        let stage = Stage::new();
        let (tx, rx) = chan(3);
        let hub = stage.start(|| csp::hub(rx));
        stage.put(&tx, [Some(1), None, Some(3)]);
        assert_eq!(tx.len(), 3, "the hub has taken nothing");
        if close_first {
            tx.close();
            stage.idle();
            assert!(!hub.is_ended());
        }
        let sub = hub.subscribe(0);
        assert_eq!(stage.take_all(&sub), [Some(1), None, Some(3)]);
        tx.close();
        stage.idle();
        assert!(is_over(&sub) && hub.is_ended());
    }
}

/// EV-204: the last subscriber leaves; the hub stays, takes nothing, and goes on with the next one.
#[test]
fn ev_204_without_subscribers_values_wait_in_the_source() {
    let stage = Stage::new();
    let (tx, rx) = chan(2);
    let hub = stage.start(|| csp::hub(rx));
    let first = hub.subscribe(9);
    stage.put(&tx, [1]);
    drop(first);
    // It has left while the hub waited for a value: none is taken for it.
    let third = stage.offer(&tx, [2, 3, 4]);
    assert_eq!(tx.len(), 2);
    assert!(!third.is_finished());
    let second = hub.subscribe(9);
    assert_eq!(stage.take_all(&second), [2, 3, 4]);
    assert!(third.is_finished());
}

/// The only subscriber goes while a value waits for it: the next one gets it, once.
#[test]
fn a_value_on_its_way_goes_to_the_next_subscriber() {
    let ledger = Ledger::default();
    let stage = Stage::new();
    let (tx, rx) = chan(0);
    let hub = stage.start(|| csp::hub(rx));
    let (first, tap) = (hub.subscribe(0), hub.tap(9));
    stage.put(&tx, [ledger.value(1)]);
    let ns = |values: Vec<Counted>| values.iter().map(|value| value.n).collect::<Vec<_>>();
    assert_eq!(ns(stage.take_all(&tap)), [1]);
    drop(first);
    stage.idle();
    assert_eq!(ledger.live(), 1, "the hub holds it");
    let late_tap = hub.tap(9);
    let second = hub.subscribe(9);
    assert_eq!(ns(stage.take_all(&second)), [1]);
    assert_eq!(ns(stage.take_all(&late_tap)), [1]);
    assert!(stage.take_all(&tap).is_empty(), "it has it already");
    stage.put(&tx, [ledger.value(2)]);
    for rx in [&second, &late_tap, &tap] {
        assert_eq!(ns(stage.take_all(rx)), [2]);
    }
    assert_eq!(ledger.live(), 0);
}

/// Several leave one after the other while the value waits for each of them.
#[test]
fn a_value_that_all_refuse_is_held_once() {
    let stage = Stage::new();
    let (tx, rx) = chan(0);
    let hub = stage.start(|| csp::hub(rx));
    let subs: Vec<_> = (0..5).map(|_| hub.subscribe(0)).collect();
    stage.put(&tx, [1]);
    for sub in subs {
        assert!(sub.close());
        stage.idle();
        drop(sub);
    }
    let last = hub.subscribe(9);
    stage.put(&tx, [2]);
    assert_eq!(stage.take_all(&last), [1, 2]);
}

/// EV-027: fork and tap get all that was queued, from an open and from a closed source; and a fork that goes
/// leaves the hub as it was.
#[test]
fn ev_027_forks_and_taps_get_what_was_queued() {
    for closed in [false, true] {
        let stage = Stage::new();
        let (tx, rx) = chan(3);
        stage.put(&tx, [1, 2, 3]);
        if closed {
            tx.close();
        }
        let options = HubOptions {
            begin_with: 2,
            ..HubOptions::default()
        };
        let hub = stage.start(|| csp::hub_with(rx, options));
        let tap = hub.tap(9);
        let fork = stage.start(|| hub.fork(0));
        stage.idle();
        assert!(tap.try_take().is_err(), "one subscriber is not two");
        let (there, here) = (fork.subscribe(9), hub.subscribe(9));
        for rx in [&there, &here, &tap] {
            assert_eq!(stage.take_all(rx), [1, 2, 3]);
        }
        assert_eq!(is_over(&there), closed);
        drop((fork, there));
        stage.idle();
        assert_eq!(hub.is_ended(), closed);
        if !closed {
            stage.put(&tx, [4]);
            assert_eq!(stage.take_all(&here), [4]);
        }
    }
}

/// EV-025, EV-152: what is put into a derived channel is not seen by the source; three transforms of one source see all.
#[test]
fn ev_152_three_transforms_of_one_source_see_all_of_it() {
    let stage = Stage::new();
    let (tx, rx) = chan(0);
    let hub = stage.start(|| csp::hub(rx));
    let (doubled, odd, all) = stage.start(|| {
        let doubled = csp::ops::apply(hub.subscribe(0), xf::map(|n: u32| 2 * n), 9);
        let odd = csp::ops::apply(hub.subscribe(0), xf::filter(|n: &u32| n % 2 == 1), 9);
        (doubled, odd, hub.subscribe(9))
    });
    stage.put(&tx, 1..=4);
    assert_eq!(stage.take_all(&doubled), [2, 4, 6, 8]);
    assert_eq!(stage.take_all(&odd), [1, 3]);
    assert_eq!(stage.take_all(&all), [1, 2, 3, 4]);
}

/// A newcomer gets the last values first, then what comes, without a gap and nothing twice.
#[test]
fn replay_gives_a_newcomer_the_last_values_first() {
    let stage = Stage::new();
    let (tx, rx) = chan(0);
    let hub = stage.start(|| csp::hub_with(rx, replaying(3)));
    let first = hub.subscribe(99);
    stage.put(&tx, 1..=2);
    let second = hub.subscribe(0);
    assert_eq!(stage.take_all(&second), [1, 2]);
    let five = stage.offer(&tx, 3..=5);
    assert_eq!(stage.take_all(&second), [3, 4, 5]);
    assert!(five.is_finished());
    let (third, tap) = (hub.subscribe(0), hub.tap(9));
    // While the newcomer has not taken what is replayed to it, the next value waits.
    let six = stage.offer(&tx, [6, 7]);
    assert_eq!(stage.take_all(&first), [1, 2, 3, 4, 5]);
    assert!(!six.is_finished());
    assert_eq!(stage.take_all(&third), [3, 4, 5, 6]);
    assert_eq!(stage.take_all(&second), [6, 7]);
    assert_eq!(stage.take_all(&third), [7]);
    assert_eq!(stage.take_all(&tap), [3, 4, 5, 6, 7]);
}

/// A newcomer that goes in the midst of its replay holds nobody up.
#[test]
fn a_newcomer_may_leave_during_its_replay() {
    let stage = Stage::new();
    let (tx, rx) = chan(0);
    let hub = stage.start(|| csp::hub_with(rx, replaying(3)));
    let first = hub.subscribe(99);
    stage.put(&tx, 1..=3);
    let (leaves, stays) = (hub.subscribe(0), hub.subscribe(9));
    stage.idle();
    assert_eq!(leaves.try_take(), Ok(1));
    stage.idle();
    drop(leaves);
    assert_eq!(stage.take_all(&stays), [1, 2, 3]);
    stage.put(&tx, [4]);
    assert_eq!(stage.take_all(&first), [1, 2, 3, 4]);
    assert_eq!(stage.take_all(&stays), [4]);
}

/// A value that nobody took is no part of what is replayed: who comes gets it once.
#[test]
fn a_held_value_is_not_replayed_as_well() {
    let stage = Stage::new();
    let (tx, rx) = chan(0);
    let hub = stage.start(|| csp::hub_with(rx, replaying(3)));
    let first = hub.subscribe(0);
    let done = stage.offer(&tx, 1..=2);
    assert_eq!(first.try_take(), Ok(1));
    stage.idle();
    assert!(done.is_finished());
    drop(first);
    let second = hub.subscribe(9);
    assert_eq!(stage.take_all(&second), [1, 2]);
}

/// The last in the list gets the value itself: one subscriber costs no clone.
#[test]
fn one_subscriber_costs_no_clone() {
    let ledger = Ledger::default();
    let stage = Stage::new();
    let (tx, rx) = chan(0);
    let hub = stage.start(|| csp::hub(rx));
    let sub = hub.subscribe(1);
    // To clone it would panic.
    stage.put(&tx, [ledger.value(13)]);
    assert_eq!(sub.try_take().ok().map(|value| value.n), Some(13));
    assert!(!hub.is_ended());
}

/// Takers may take from their channels in any order: all puts are there at once.
#[test]
fn subscribers_may_take_in_any_order() {
    let stage = Stage::new();
    let (tx, rx) = chan(0);
    let hub = stage.start(|| csp::hub(rx));
    let (a, b, tap) = (hub.subscribe(0), hub.subscribe(0), hub.tap(0));
    let sum = stage.go(async move {
        let mut sum = 0;
        for turn in 0..6 {
            let order = [[&a, &b, &tap], [&tap, &b, &a], [&b, &tap, &a]];
            for rx in order[turn % 3] {
                sum += rx.take().await.unwrap();
            }
        }
        sum
    });
    stage.put(&tx, 1..=6);
    assert_eq!(sum.wait(), Ok(3 * 21));
}

/// EV-029: what `Debug` says.
#[test]
fn ev_029_debug_shows_counts_and_name() {
    let stage = Stage::new();
    let (tx, rx) = chan::<u32>(1);
    let rx = rx.named("prices");
    let hub = stage.start(|| csp::hub(rx));
    let subs = [hub.subscribe(9), hub.subscribe(9)];
    let tap = hub.tap(9);
    stage.put(&tx, [7]);
    let text = format!("{hub:?}");
    let expected =
        r#"Hub { name: "prices", subscribers: 2, taps: 1, delivered: 1, ended: false, .. }"#;
    assert_eq!(text, expected);
    let [gone, stays] = subs;
    drop((gone, tap));
    stage.put(&tx, [8]);
    assert!(format!("{hub:?}").contains("subscribers: 1, taps: 0, delivered: 2"));
    drop(tx);
    assert_eq!(stage.take_all(&stays), [7, 8]);
    assert!(format!("{hub:?}").contains("ended: true"));
}

/// EV-201: a subscriber that puts into the source while it is served: what it puts comes after, in order, and
/// nothing nests.
#[test]
fn ev_201_what_a_subscriber_puts_comes_after() {
    let stage = Stage::new();
    let (tx, rx) = chan(1);
    let hub = stage.start(|| csp::hub(rx));
    let (echo, log) = (hub.subscribe(0), hub.subscribe(99));
    let back = tx.clone();
    let echoing = stage.go(async move {
        for next in 1..10 {
            assert_eq!(echo.take().await, Some(next - 1));
            back.put(next).await.unwrap();
        }
    });
    stage.put(&tx, [0]);
    assert!(echoing.is_finished());
    assert!(stage.take_all(&log).into_iter().eq(0..10));
}

/// EV-203: a take that waited in the source before the hub came is served first.
#[test]
fn ev_203_a_take_that_was_there_before_is_served_first() {
    let stage = Stage::new();
    let (tx, rx) = chan(0);
    let own = rx.clone();
    let first = stage.go(async move { own.take().await });
    let hub = stage.start(|| csp::hub(rx));
    let sub = hub.subscribe(9);
    stage.idle();
    stage.put(&tx, 1..=3);
    assert_eq!(first.wait(), Ok(Some(1)));
    assert_eq!(stage.take_all(&sub), [2, 3]);
}

/// EV-147: five who wait all learn of the end.
#[test]
fn ev_147_all_who_wait_learn_of_the_end() {
    let stage = Stage::new();
    let (tx, rx) = chan::<u32>(0);
    let hub = stage.start(|| csp::hub(rx));
    let one = hub.subscribe(0);
    let waiting: Vec<_> = (0..5)
        .map(|n| {
            // Some compete for one subscription, some have their own.
            let rx = if n < 2 { one.clone() } else { hub.subscribe(0) };
            stage.go(async move { rx.take().await })
        })
        .collect();
    tx.close();
    stage.idle();
    for taken in waiting {
        assert_eq!(taken.wait(), Ok(None));
    }
}
