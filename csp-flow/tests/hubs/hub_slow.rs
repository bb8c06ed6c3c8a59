//! Slow subscribers.

use csp::{HubOptions, Severed, SlowConsumer, prelude::*};

use crate::util::blocks::{Ledger, Stage, failure, is_over};

/// Manifold's rule, EV-145 with two sinks: the slow one governs.
#[test]
fn the_slowest_governs_without_more() {
    let stage = Stage::new();
    let (tx, rx) = chan(0);
    let hub = stage.start(|| csp::hub(rx));
    let (quick, slow) = (hub.subscribe(9), hub.subscribe(1));
    let done = stage.offer(&tx, 1..=4);
    stage.pass(secs(3600));
    assert_eq!(stage.take_all(&quick), [1, 2]);
    assert!(!done.is_finished());
    assert_eq!(stage.take_all(&slow), [1, 2, 3, 4]);
    assert!(done.is_finished());
}

/// EV-156: a timeout severs only the slow one, after its time and not before; what it has stays with it.
#[test]
fn ev_156_sever_cuts_off_the_slow_one_alone() {
    let stage = Stage::new();
    let (tx, rx) = chan(0);
    let hub = stage.start(|| csp::hub(rx));
    let quick = hub.subscribe(9);
    let slow = hub.subscribe_with(1, SlowConsumer::Sever(secs(5)));
    let patient = hub.subscribe_with(9, SlowConsumer::Sever(secs(1)));
    let done = stage.offer(&tx, 1..=4);
    stage.pass(ms(4_999));
    assert!(!slow.is_closed() && !done.is_finished());
    assert_eq!(stage.take_all(&quick), [1, 2]);
    stage.pass(ms(1));
    assert!(done.is_finished());
    assert_eq!(stage.take_all(&quick), [3, 4]);
    assert_eq!(stage.take_all(&patient), [1, 2, 3, 4]);
    // What it had accepted, without a gap, and then why there is no more.
    assert_eq!(stage.take_all(&slow), [1]);
    assert!(is_over(&slow));
    let cause = slow.failure().unwrap();
    assert_eq!(
        cause.downcast_ref::<Severed>(),
        Some(&Severed { after: secs(5) })
    );
    assert!(!hub.is_ended());
}

/// The time counts for each value anew: one that takes in time is never cut off.
#[test]
fn the_time_counts_for_each_value() {
    let stage = Stage::new();
    let (tx, rx) = chan(0);
    let hub = stage.start(|| csp::hub(rx));
    let slow = hub.subscribe_with(0, SlowConsumer::Sever(secs(5)));
    let done = stage.offer(&tx, 1..=10);
    for n in 1..=10 {
        stage.pass(secs(4));
        assert_eq!(slow.try_take(), Ok(n));
        stage.idle();
    }
    assert!(done.is_finished());
    stage.pass(secs(100));
    assert!(!slow.is_closed(), "nothing waits for it");
}

/// Limits of several: each at its own time. Who comes meanwhile starts no time anew.
#[test]
fn each_is_cut_off_at_its_own_time() {
    let stage = Stage::new();
    let (tx, rx) = chan(0);
    let hub = stage.start(|| csp::hub(rx));
    let subs: Vec<_> = (1..=4)
        .map(|n| hub.subscribe_with(0, SlowConsumer::Sever(secs(n))))
        .collect();
    stage.put(&tx, [1]);
    let mut comers = Vec::new();
    for n in 1..=4 {
        stage.pass(ms(500));
        comers.push(hub.subscribe(9));
        stage.pass(ms(500));
        let open = subs.iter().filter(|sub| !sub.is_closed()).count();
        assert_eq!(open, 4 - n);
    }
    // Nobody had it: it goes to those who came.
    for comer in comers {
        assert_eq!(stage.take_all(&comer), [1]);
    }
}

/// The only subscriber is cut off: its value waits for the next one.
#[test]
fn a_severed_value_is_held_if_nobody_else_has_it() {
    let ledger = Ledger::default();
    let stage = Stage::new();
    let (tx, rx) = chan(0);
    let hub = stage.start(|| csp::hub(rx));
    let slow = hub.subscribe_with(0, SlowConsumer::Sever(secs(1)));
    stage.put(&tx, [ledger.value(1)]);
    stage.pass(secs(1));
    assert!(failure(&slow).is_some());
    assert_eq!(ledger.live(), 1);
    let next = hub.subscribe(1);
    assert_eq!(
        stage
            .take_all(&next)
            .iter()
            .map(|v| v.n)
            .collect::<Vec<_>>(),
        [1]
    );
}

/// A newcomer that does not take what is replayed to it is cut off as well.
#[test]
fn sever_holds_for_a_replay() {
    let stage = Stage::new();
    let (tx, rx) = chan(0);
    let options = HubOptions {
        replay: 2,
        ..HubOptions::default()
    };
    let hub = stage.start(|| csp::hub_with(rx, options));
    let first = hub.subscribe(9);
    stage.put(&tx, [1, 2]);
    let asleep = hub.subscribe_with(0, SlowConsumer::Sever(secs(5)));
    let three = stage.offer(&tx, [3]);
    stage.pass(secs(4));
    assert!(!asleep.is_closed());
    stage.pass(secs(1));
    assert!(asleep.is_closed() && three.is_finished());
    assert_eq!(stage.take_all(&first), [1, 2, 3]);
}

/// EV-156: dropping keeps the first n, sliding the last n; nobody waits for them.
#[test]
fn ev_156_drop_and_slide_hold_nobody_up() {
    let stage = Stage::new();
    let (tx, rx) = chan(0);
    let hub = stage.start(|| csp::hub(rx));
    let all = hub.subscribe(9);
    let first = hub.subscribe_with(2, SlowConsumer::Drop);
    let last = hub.subscribe_with(2, SlowConsumer::Slide);
    stage.put(&tx, 1..=5);
    drop(tx);
    assert_eq!(stage.take_all(&all), [1, 2, 3, 4, 5]);
    assert_eq!(stage.take_all(&first), [1, 2]);
    assert_eq!(stage.take_all(&last), [4, 5]);
    assert!(is_over(&first) && is_over(&last));
}

/// A slow one that leaves, instead of being cut off, lets the others go on at once.
#[test]
fn a_slow_one_that_leaves_holds_nobody_up() {
    let stage = Stage::new();
    let (tx, rx) = chan(0);
    let hub = stage.start(|| csp::hub(rx));
    let slow = hub.subscribe_with(0, SlowConsumer::Sever(secs(5)));
    let slower = hub.subscribe(0);
    let quick = hub.subscribe(9);
    let done = stage.offer(&tx, 1..=3);
    drop(slower);
    stage.idle();
    assert!(!done.is_finished());
    assert!(slow.close());
    stage.idle();
    assert!(done.is_finished());
    assert_eq!(stage.take_all(&quick), [1, 2, 3]);
    assert!(failure(&slow).is_none());
}

/// Who leaves leaves nothing behind: neither the values that it had, nor its place, also when no value
/// comes that would find it gone.
#[test]
fn who_leaves_leaves_nothing_behind() {
    let ledger = Ledger::default();
    let stage = Stage::new();
    let (tx, rx) = chan(0);
    let hub = stage.start(|| csp::hub(rx));
    let (stays, leaves) = (hub.subscribe(9), hub.subscribe(9));
    stage.put(&tx, [1, 2, 3].map(|n| ledger.value(n)));
    assert_eq!(stage.take_all(&stays).len(), 3);
    assert_eq!(ledger.live(), 3);
    drop(leaves);
    assert_eq!(ledger.live(), 0);
    for _ in 0..1000 {
        let sub = hub.subscribe(0);
        stage.idle();
        drop(sub);
    }
    let text = format!("{hub:?}");
    let count = text.split(&[' ', ',']).nth(3).unwrap();
    assert!(count.parse::<u32>().unwrap() < 100, "{text}");
}
