//! What once went wrong.

use csp::{HubOptions, Runtime, prelude::*};

use crate::util::blocks::{LIMIT, Stage};

/// A hub that ends with its last subscriber does so at once: it does not keep its source open until a tap, which
/// is only to look on, has taken its value. The tap has the value nevertheless.
#[test]
fn a_slow_tap_does_not_keep_a_hub_that_nobody_subscribes_to() {
    for close_on_last in [true, false] {
        let stage = Stage::new();
        let (tx, rx) = chan(0);
        let options = HubOptions {
            close_on_last,
            ..HubOptions::default()
        };
        let hub = stage.start(|| csp::hub_with(rx, options));
        let (sub, tap) = (hub.subscribe(1), hub.tap(0));
        // With no handle left it ends with the last subscriber as well.
        let hub = close_on_last.then_some(hub);
        stage.put(&tx, [1]);
        assert_eq!(sub.try_take(), Ok(1));
        stage.idle();
        assert!(!tx.is_closed());
        drop(sub);
        stage.idle();
        assert!(tx.is_closed(), "close_on_last: {close_on_last}");
        let late = hub.as_ref().map(|hub| hub.subscribe(1));
        let seen = stage.go(async move { (take!(tap), take!(tap)) });
        assert_eq!(seen.wait(), Ok((Some(1), None)));
        assert_eq!(stage.live(), 0);
        assert!(late.is_none_or(|late| late.is_closed()));
    }
}

/// The same while the tap has others wait for what is replayed to it; and what was put comes back in order.
#[test]
fn a_slow_tap_that_gets_a_replay_does_not_keep_a_hub() {
    let stage = Stage::new();
    let (tx, rx) = chan(4);
    let options = HubOptions {
        replay: 2,
        close_on_last: true,
        ..HubOptions::default()
    };
    let hub = stage.start(|| csp::hub_with(rx, options));
    let sub = hub.subscribe(4);
    stage.put(&tx, [1, 2]);
    let tap = hub.tap(0);
    stage.idle();
    stage.put(&tx, [3, 4]);
    drop(sub);
    stage.idle();
    assert!(tx.is_closed());
    drop(tap);
    assert_eq!(stage.live(), 0);
    assert_eq!(hub.take_rest(), [3, 4]);
}

/// A subscriber who comes while the last one leaves, and a tap is slow, keeps the hub.
#[test]
fn who_comes_while_a_tap_is_slow_keeps_the_hub() {
    let stage = Stage::new();
    let (tx, rx) = chan(1);
    let options = HubOptions {
        close_on_last: true,
        ..HubOptions::default()
    };
    let hub = stage.start(|| csp::hub_with(rx, options));
    let (sub, tap) = (hub.subscribe(1), hub.tap(0));
    stage.put(&tx, [1]);
    let next = hub.subscribe(1);
    drop(sub);
    stage.idle();
    assert!(!tx.is_closed());
    drop(tap);
    stage.put(&tx, [2]);
    assert_eq!(next.try_take(), Ok(2));
    drop(next);
    assert_eq!(stage.live(), 0);
    assert!(tx.is_closed());
}

/// Who has subscribed before the source ends gets what is replayed, also if the hub learns of both at once.
#[test]
fn who_comes_just_before_the_end_gets_the_replay() {
    let stage = Stage::new();
    let (tx, rx) = chan(0);
    let options = HubOptions {
        replay: 2,
        ..HubOptions::default()
    };
    let hub = stage.start(|| csp::hub_with(rx, options));
    let first = hub.subscribe(9);
    stage.put(&tx, [1, 2, 3]);
    let second = hub.subscribe(9);
    drop(tx);
    stage.idle();
    assert!(first.into_iter().eq([1, 2, 3]));
    assert!(second.into_iter().eq([2, 3]));
    assert_eq!(stage.live(), 0);
}

/// What the block between the ends of a grounded channel leaves behind does not look like a regular end.
#[test]
fn a_grounded_channel_fails_with_its_runtime() {
    let rt = Runtime::builder().workers(1).build();
    let entered = rt.enter();
    let (tx, rx) = csp::grounded::<u32>();
    drop(entered);
    drop(rt);
    assert_eq!(rx.take_blocking_for(LIMIT), Ok(None));
    assert!(rx.failure().is_some());
    assert!(
        tx.put_blocking_for(1, LIMIT)
            .is_err_and(|error| error.is_closed())
    );
}
