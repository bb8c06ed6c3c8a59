//! Permanent and grounded channels.

use csp::{HubOptions, Permanent, prelude::*};

use crate::util::blocks::{Stage, failure, is_over};

/// Lamina's rule, EV-050: close and fail are refused, by force they work, and what was put can be taken.
#[test]
fn ev_050_a_permanent_channel_is_closed_by_force_only() {
    let stage = Stage::new();
    let ch = Permanent::new(3);
    assert!(!ch.close() && !ch.fail("no"));
    assert!(!ch.is_closed());
    ch.try_put(1).unwrap();
    let same = ch.clone();
    assert!(same.force_fail("by force"));
    assert!(!ch.force_close() && ch.is_closed());
    assert_eq!(ch.try_put(2).unwrap_err().into_inner(), 2);
    assert_eq!(stage.take_all(&ch.receiver()), [1]);
    assert_eq!(failure(&ch.receiver()).as_deref(), Some("by force"));
    let other = Permanent::<u32>::new(0);
    assert!(other.force_close());
    assert!(is_over(&other.receiver()));
}

/// EV-050, EV-027: it survives its last consumer, holds what comes, and feeds the next one, by link, hub or hand.
#[test]
fn ev_050_a_permanent_source_feeds_one_consumer_after_another() {
    let stage = Stage::new();
    let ch = Permanent::new(3);
    let tx = ch.sender();
    stage.put(&tx, [1]);
    for round in 0..3 {
        let (dst, rx) = chan(0);
        let link = stage.start(|| csp::join(ch.receiver(), dst));
        assert_eq!(stage.take_all(&rx), [1]);
        drop(rx);
        stage.idle();
        assert!(link.is_finished() && !tx.is_closed(), "{round}");
        stage.put(&tx, [1]);
    }
    let options = HubOptions {
        close_on_last: true,
        ..HubOptions::default()
    };
    let hub = stage.start(|| csp::hub_with(ch.receiver(), options));
    let sub = hub.subscribe(9);
    assert_eq!(stage.take_all(&sub), [1]);
    drop(sub);
    stage.idle();
    assert!(hub.is_ended() && !tx.is_closed());
    stage.put(&tx, [2, 3]);
    assert_eq!(stage.take_all(&ch.receiver()), [2, 3]);
    let there = ch.clone();
    let parked = stage.go(async move { there.take().await });
    stage.put(&tx, [4]);
    assert_eq!(parked.wait(), Ok(Some(4)));
    drop(ch);
    assert!(tx.is_closed(), "nobody can take any more");
}

/// Nobody takes: dropped, the putter goes on. Somebody waits: handed over.
#[test]
fn a_grounded_channel_drops_what_nobody_waits_for() {
    let stage = Stage::new();
    let (tx, rx) = stage.start(csp::grounded);
    stage.put(&tx, 1..=1000);
    assert!(rx.try_take().is_err());
    let there = rx.clone();
    let waits = stage.go(async move { (there.take().await, there.take().await) });
    stage.put(&tx, [1]);
    stage.put(&tx, [2]);
    assert_eq!(waits.wait(), Ok((Some(1), Some(2))));
    stage.put(&tx, [3]);
    tx.fail("over");
    stage.idle();
    assert!(is_over(&rx));
    assert_eq!(failure(&rx).as_deref(), Some("over"));
    let (tx, rx) = stage.start(csp::grounded::<u32>);
    stage.idle();
    drop(rx);
    stage.idle();
    assert!(tx.is_closed());
    assert_eq!(stage.live(), 0);
}

/// Who wants to know tries a rendezvous.
#[test]
fn a_putter_that_tries_a_rendezvous_is_told() {
    let (tx, rx) = chan(0);
    assert!(tx.try_put("dropped").unwrap_err().is_full());
    drop(rx);
}

/// What was queued is dropped, and whoever puts goes on; cancelled, it takes nothing more.
#[test]
fn ground_drops_all_until_it_is_cancelled() {
    let stage = Stage::new();
    let (tx, rx) = chan(3);
    stage.put(&tx, [1, 2, 3]);
    let rest = rx.clone();
    let grounded = stage.start(|| csp::ground(rx));
    stage.idle();
    stage.put(&tx, 4..=100);
    grounded.cancel();
    stage.idle();
    stage.put(&tx, [101]);
    assert_eq!(stage.take_all(&rest), [101]);
}
