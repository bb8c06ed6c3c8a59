//! Sets whose operations stay queued between their rounds: who comes to one marks it, and no mark is lost.

use std::pin::pin;

use super::{Order, either};
use crate::{
    AltSet, Event, Of2, Receiver, block_on, chan,
    models::{Payload, drain, model, poll_once, spawn},
    put_all_or_none,
};

/// A set of takes that are all in their queues, though nobody waits.
fn kept<T>(receivers: &[&Receiver<T>]) -> AltSet<T> {
    let mut set = AltSet::new();
    for rx in receivers {
        set.take(rx);
    }
    assert!(set.choose(Order::Priority).now().is_none());
    set
}

/// A put comes to a kept take while its set begins to wait: it marks it, and the set looks; or it commits it.
#[test]
fn mark_against_wait() {
    model(|| {
        let (tx, rx) = chan(0);
        let value = Payload::new(1);
        let sent = value.clone();
        let mut set = kept(&[&rx]);
        let putter = spawn(move || {
            tx.put_blocking(sent).unwrap();
            tx
        });
        let (_, event) = block_on(set.choose(Order::Random));
        assert!(event.took().is_some());
        drop((putter.join().unwrap(), set));
        value.assert_alone();
    });
}

/// The same into a buffer, whose put waits for nobody.
#[test]
fn mark_against_wait_with_a_buffer() {
    model(|| {
        let (tx, rx) = chan(1);
        let value = Payload::new(1);
        let sent = value.clone();
        let mut set = kept(&[&rx]);
        let putter = spawn(move || {
            tx.try_put(sent).unwrap();
            tx
        });
        let (_, event) = block_on(set.choose(Order::Random));
        assert!(event.took().is_some());
        drop((putter.join().unwrap(), set));
        value.assert_alone();
    });
}

/// Two puts come to two kept takes: they mark both, or one wins and is below the mark of the other. The set takes
/// both values, one at a round.
#[test]
fn two_marks() {
    model(|| {
        let (a_tx, a) = chan(0);
        let (b_tx, b) = chan(0);
        let value = Payload::new(1);
        let (first, second) = (value.clone(), value.clone());
        let mut set = kept(&[&a, &b]);
        let one = spawn(move || {
            a_tx.put_blocking(first).unwrap();
            a_tx
        });
        let two = spawn(move || {
            b_tx.put_blocking(second).unwrap();
            b_tx
        });
        let mut seen = 0;
        for _ in 0..2 {
            let (index, event) = block_on(set.choose(Order::Random));
            assert!(event.took().is_some());
            seen += 1 + index;
        }
        assert_eq!(seen, 3);
        drop((one.join().unwrap(), two.join().unwrap(), set));
        value.assert_alone();
    });
}

/// A round is given up while a put comes; the next has its value.
#[test]
fn given_up_against_mark() {
    model(|| {
        let (tx, rx) = chan(0);
        let value = Payload::new(1);
        let sent = value.clone();
        let mut set = kept(&[&rx]);
        let putter = spawn(move || {
            tx.put_blocking(sent).unwrap();
            tx
        });
        let first = poll_once(pin!(set.choose(Order::Random)));
        if first.is_pending() {
            let (_, event) = block_on(set.choose(Order::Random));
            assert!(event.took().is_some());
        }
        drop((putter.join().unwrap(), set, first));
        value.assert_alone();
    });
}

/// A set for which nobody waits has no value handed to it, also not while it is dropped.
#[test]
fn dropped_against_mark() {
    model(|| {
        let (tx, rx) = chan(0);
        let value = Payload::new(1);
        let sent = value.clone();
        let set = kept(&[&rx]);
        let putter = spawn(move || {
            assert!(tx.try_put(sent).is_err());
            tx
        });
        drop(set);
        drop(putter.join().unwrap());
        assert!(drain(&rx).is_empty());
        value.assert_alone();
    });
}

/// A kept take is switched off and on while a put comes to it: it is among those to be tried once.
#[test]
fn switched_against_mark() {
    model(|| {
        let (tx, rx) = chan(0);
        let value = Payload::new(1);
        let sent = value.clone();
        let mut set = kept(&[&rx]);
        let putter = spawn(move || {
            tx.put_blocking(sent).unwrap();
            tx
        });
        set.disable(0);
        set.enable(0);
        let (_, event) = block_on(set.choose(Order::Random));
        assert!(event.took().is_some());
        drop((putter.join().unwrap(), set));
        value.assert_alone();
    });
}

/// A kept set and an alts that could meet on two channels, in two roles, meet on one.
#[test]
fn kept_set_meets_alts() {
    model(|| {
        let (a_tx, a) = chan(0);
        let (b_tx, b) = chan(0);
        let value = Payload::new(1);
        let theirs = value.clone();
        let mut set = kept(&[&b]);
        set.put(&a_tx, value.clone());
        let other = spawn(move || match block_on(either(b_tx.put(theirs), a.take())) {
            Of2::A(Ok(())) => 'b',
            Of2::B(Some(_)) => 'a',
            other => panic!("{other:?}"),
        });
        let met_on = match block_on(set.choose(Order::Random)) {
            (0, Event::Took(Some(_))) => 'b',
            (1, Event::Put(Ok(()))) => 'a',
            other => panic!("{other:?}"),
        };
        assert_eq!(met_on, other.join().unwrap());
        drop((set, a_tx, b));
        value.assert_alone();
    });
}

/// A set with both ends of one channel: the one passes over the other, kept or not, and a taker is served.
#[test]
fn kept_ends_of_one_channel() {
    model(|| {
        let (tx, rx) = chan(0);
        let other = rx.clone();
        let mut set = AltSet::new();
        set.take(&rx);
        set.put(&tx, 1);
        assert!(set.choose(Order::Random).now().is_none());
        let taker = spawn(move || other.take_blocking());
        assert_eq!(block_on(set.choose(Order::Random)), (1, Event::Put(Ok(()))));
        assert_eq!(taker.join().unwrap(), Some(1));
    });
}

/// A transaction needs a kept set to wait, and another taker: it puts to both at once.
#[test]
fn put_all_against_a_kept_set() {
    model(|| {
        let (a_tx, a) = chan(0);
        let (b_tx, b) = chan(0);
        let mut set = kept(&[&a]);
        let putter = spawn(move || {
            put_all_or_none((a_tx.put(1), b_tx.put(2)))
                .blocking()
                .unwrap();
        });
        let taker = spawn(move || b.take_blocking());
        assert_eq!(
            block_on(set.choose(Order::Random)),
            (0, Event::Took(Some(1)))
        );
        assert_eq!(taker.join().unwrap(), Some(2));
        putter.join().unwrap();
    });
}

/// A transaction serves a set through one arm, and what it puts into a buffer stands behind another arm of it: that one
/// is marked, before the set has the first value.
#[test]
fn put_all_behind_a_kept_arm() {
    model(|| {
        let (a_tx, a) = chan(1);
        let (b_tx, b) = chan(1);
        let mut set = kept(&[&a, &b]);
        let putter = spawn(move || {
            put_all_or_none((a_tx.put(1), b_tx.put(2))).now().unwrap();
            (a_tx, b_tx)
        });
        let (first, event) = block_on(set.choose(Order::Random));
        assert!(event.took().is_some());
        let (second, event) = set.choose(Order::Random).now().expect("all at one instant");
        assert!(event.took().is_some());
        assert_eq!(first + second, 1);
        drop(putter.join().unwrap());
    });
}

/// A channel is closed by its putting side while a kept put begins to wait: the put waited before, and is taken, or it is
/// tried again, and comes back.
#[test]
fn close_against_kept_put() {
    model(|| {
        let (tx, rx) = chan(0);
        let value = Payload::new(1);
        let mut set = AltSet::new();
        set.put(&tx, value.clone());
        assert!(set.choose(Order::Random).now().is_none());
        let taker = spawn(move || {
            tx.close();
            rx.take_blocking().is_some()
        });
        let taken = match block_on(set.choose(Order::Random)) {
            (0, Event::Put(Ok(()))) => true,
            (0, Event::Put(Err(_))) => false,
            other => panic!("{other:?}"),
        };
        assert_eq!(taken, taker.join().unwrap());
        drop(set);
        value.assert_alone();
    });
}
