//! How a mult ends, and how its taps do.

use csp::{AtEnd, BufferPolicy, Mult, prelude::*};

use crate::util::blocks::{Stage, failure, is_over};

type Leave = fn(&Mult<u32>, &Sender<u32>, Receiver<u32>) -> Option<Receiver<u32>>;

const WAYS_TO_LEAVE: [(&str, Leave); 6] = [
    ("the receiver is dropped", |_, _, rx| {
        drop(rx);
        None
    }),
    ("the receiver closes", |_, _, rx| {
        rx.close();
        Some(rx)
    }),
    ("another sender closes", |_, tx, rx| {
        tx.close();
        Some(rx)
    }),
    ("another sender fails", |_, tx, rx| {
        tx.fail("enough");
        Some(rx)
    }),
    ("it is untapped", |mult, tx, rx| {
        mult.untap(tx);
        Some(rx)
    }),
    ("all are untapped", |mult, _, rx| {
        mult.untap_all();
        Some(rx)
    }),
];

/// A tap that goes while a value waits in it releases the mult at once, and gets nothing more.
#[test]
fn ca_198_a_tap_that_goes_with_a_put_pending_releases_the_mult() {
    for (how, leave) in WAYS_TO_LEAVE {
        let stage = Stage::new();
        let (tx, rx) = chan(0);
        let mult = stage.start(|| csp::mult(rx));
        let (slow_tx, slow) = chan(0);
        let quick = mult.subscribe(8);
        mult.tap(slow_tx.clone());
        stage.put(&tx, [1]);
        let next = stage.offer(&tx, [2, 3]);
        assert!(!next.is_finished(), "{how}: the slow tap holds the mult");
        let slow = leave(&mult, &slow_tx, slow);
        stage.idle();
        assert!(next.is_finished(), "{how}: the mult goes on");
        if how != "all are untapped" {
            assert_eq!(stage.take_all(&quick), [1, 2, 3], "{how}");
        }
        if let Some(slow) = slow {
            assert_eq!(stage.take_all(&slow), [], "{how}: the put was taken back");
        }
    }
}

#[test]
fn a_tap_after_the_end_closes_at_once() {
    let stage = Stage::new();
    let (tx, rx) = chan::<u32>(0);
    let mult = stage.start(|| csp::mult(rx));
    drop(tx);
    assert_eq!(stage.live(), 0);
    let tap = mult.subscribe(0);
    assert!(is_over(&tap) && failure(&tap).is_none());
    let (kept, kept_rx) = chan(1);
    mult.tap_with(kept.clone(), AtEnd::KeepOpen);
    assert!(!kept.is_closed());
    // They have nothing to do any more.
    mult.untap(&kept);
    mult.untap_all();
    kept.try_put(1).unwrap();
    assert_eq!(kept_rx.try_take(), Ok(1));
}

/// A tap that the mult has not seen yet when the source ends is a tap.
#[test]
fn a_tap_that_crosses_the_end_is_closed() {
    let stage = Stage::new();
    let (tx, rx) = chan::<u32>(0);
    let mult = stage.start(|| csp::mult(rx));
    stage.idle();
    drop(tx);
    let (one, (gone_tx, gone)) = (mult.subscribe(0), chan(0));
    mult.tap(gone_tx.clone());
    mult.untap(&gone_tx);
    assert_eq!(stage.live(), 0);
    assert!(is_over(&one));
    assert!(!gone.is_closed(), "it was untapped before");
}

#[test]
fn a_failure_of_the_source_reaches_the_taps_after_the_last_value() {
    let stage = Stage::new();
    let (tx, rx) = chan(4);
    let mult = stage.start(|| csp::mult(rx));
    let (tap, late) = (mult.subscribe(0), mult.subscribe(4));
    let (kept, kept_rx) = chan(4);
    mult.tap_with(kept.clone(), AtEnd::KeepOpen);
    tx.try_put(1).unwrap();
    tx.fail("the wire was cut");
    for rx in [&tap, &late] {
        assert_eq!(stage.take_all(rx), [1]);
        assert!(is_over(rx));
        assert_eq!(failure(rx).as_deref(), Some("the wire was cut"));
    }
    assert!(!kept.is_closed() && failure(&kept_rx).is_none());
    let after = mult.subscribe(0);
    assert_eq!(failure(&after).as_deref(), Some("the wire was cut"));
}

/// Without handles it serves the taps that it has, and stops with the last of them.
#[test]
fn when_handles_and_taps_are_gone_the_source_is_dropped() {
    let stage = Stage::new();
    for busy in [false, true] {
        let (tx, rx) = chan(0);
        let mult = stage.start(|| csp::mult(rx));
        let (one, two) = (mult.subscribe(8), mult.subscribe(0));
        let again = mult.clone();
        drop(mult);
        stage.put(&tx, [1]);
        drop(again);
        if busy {
            // It waits in `two`.
            assert_eq!(stage.take_all(&one), [1]);
        } else {
            assert_eq!((two.try_take(), stage.take_all(&one)), (Ok(1), vec![1]));
        }
        drop(two);
        stage.put(&tx, [2]);
        assert_eq!(stage.take_all(&one), [2]);
        assert!(!tx.is_closed());
        drop(one);
        assert_eq!(stage.live(), 0);
        assert!(tx.is_closed(), "busy: {busy}");
    }
    // Nobody ever tapped.
    let (tx, rx) = chan::<u32>(1);
    tx.try_put(1).unwrap();
    drop(stage.start(|| csp::mult(rx.clone())));
    assert_eq!(stage.live(), 0);
    assert_eq!(rx.try_take(), Ok(1), "it took nothing");
}

#[derive(Debug)]
struct Fragile(u32);

impl Clone for Fragile {
    fn clone(&self) -> Self {
        assert!(self.0 != 13, "13 cannot be cloned");
        Self(self.0)
    }
}

#[test]
fn a_clone_that_panics_fails_the_taps_and_nothing_hangs() {
    let stage = Stage::new();
    let (tx, rx) = chan(0);
    let mult = stage.start(|| csp::mult(rx));
    let (one, two) = (mult.subscribe(8), mult.subscribe(8));
    let (kept, _kept_rx) = chan(8);
    mult.tap_with(kept.clone(), AtEnd::KeepOpen);
    stage.put(&tx, [Fragile(1), Fragile(13)]);
    assert_eq!(stage.live(), 0);
    let said = "the mult panicked: 13 cannot be cloned";
    for tap in [one, two, mult.subscribe(0)] {
        assert!(stage.take_all(&tap).len() <= 1);
        assert_eq!(failure(&tap).as_deref(), Some(said));
    }
    assert!(tx.is_closed(), "the source was dropped");
    assert!(!kept.is_closed());
}

#[test]
fn when_the_executor_goes_the_taps_fail() {
    let stage = Stage::new();
    let (tx, rx) = chan(0);
    let mult = stage.start(|| csp::mult(rx));
    let (full, idle) = (mult.subscribe(0), mult.subscribe(8));
    stage.put(&tx, [1]);
    let unseen = mult.subscribe(8);
    drop(stage);
    let late = mult.subscribe(8);
    assert_eq!(
        (full.try_take().ok(), idle.try_take().ok()),
        (None, Some(1))
    );
    for tap in [full, idle, unseen, late] {
        assert!(is_over(&tap));
        assert_eq!(failure(&tap).as_deref(), Some("the mult was cancelled"));
    }
    assert!(tx.is_closed());
}

/// A buffer that refuses 2 by panicking.
struct Picky(Option<u32>);

impl BufferPolicy<u32> for Picky {
    fn len(&self) -> usize {
        usize::from(self.0.is_some())
    }

    fn is_full(&self) -> bool {
        false
    }

    fn add(&mut self, value: u32) -> Option<u32> {
        assert!(value != 2, "no room for 2");
        self.0.replace(value)
    }

    fn remove(&mut self) -> Option<u32> {
        self.0.take()
    }
}

/// What one tap has for a buffer is not the others' business.
#[test]
fn a_buffer_policy_that_panics_fails_its_own_tap_alone() {
    let stage = Stage::new();
    let (tx, rx) = chan(0);
    let mult = stage.start(|| csp::mult(rx));
    let picky = mult.subscribe(Buffer::custom(Picky(None)));
    let others = [mult.subscribe(8), mult.subscribe(0)];
    let puts = stage.offer(&tx, [1, 2, 3]);
    assert_eq!(stage.take_all(&others[1]), [1, 2, 3]);
    assert_eq!(stage.take_all(&others[0]), [1, 2, 3]);
    assert!(puts.is_finished());
    assert_eq!(stage.take_all(&picky), [1]);
    let said = "the buffer of this channel panicked: no room for 2";
    assert_eq!(failure(&picky).as_deref(), Some(said));
    drop((tx, mult));
    assert_eq!(stage.live(), 0);
    for tap in &others {
        assert!(is_over(tap) && failure(tap).is_none());
    }
}
