//! `now`, futures among the arms, and sets that are used again.

use std::{mem::ManuallyDrop, pin::pin};

use super::{Order, alt, either};
use crate::{
    AltSet, Event, Of2, block_on, chan,
    models::{Flag, Payload, SITE, bounded, drain, model, poll_once, spawn},
    park,
};

/// At every instant one of two channels has a value, though not always the same: `now` must not say
/// that none was ready (GO-071, GO-072).
#[test]
fn now_when_something_is_always_ready() {
    for swapped in [false, true] {
        model(move || {
            let (a_tx, a) = chan(1);
            let (b_tx, b) = chan(1);
            a_tx.try_put(1).unwrap();
            let mover = a.clone();
            let other = spawn(move || {
                assert!(poll_once(pin!(b_tx.put(2))).is_ready());
                // May come too late: then `a` was ready all the time.
                poll_once(pin!(mover.take())).is_ready()
            });
            let got = if swapped {
                alt((b.take(), a.take()), Order::Priority, &SITE).now()
            } else {
                alt((a.take(), b.take()), Order::Priority, &SITE).now()
            };
            assert!(got.is_some(), "default, though one was always ready");
            other.join().unwrap();
            drop(a_tx);
        });
    }
}

/// The value moves to and fro, so that a look at one channel after the other can find both empty,
/// and the look after that too: only two looks that saw no change prove it. Five preemptions.
#[test]
fn now_when_a_value_moves_to_and_fro() {
    bounded(5, || {
        let (a_tx, a) = chan(1);
        let (b_tx, b) = chan(1);
        a_tx.try_put(1).unwrap();
        let (a_rx, b_rx) = (a.clone(), b.clone());
        let mover = spawn(move || {
            // (No tries here: they look at the hints, which loom would take for the last look. And
            // `now` may have the value, and leave nothing to move.)
            let put = poll_once(pin!(b_tx.put(2))).is_ready();
            let taken = poll_once(pin!(a_rx.take())).is_ready();
            let put = put && poll_once(pin!(a_tx.put(3))).is_ready();
            let taken = taken && poll_once(pin!(b_rx.take())).is_ready();
            if put && taken {
                let _put = poll_once(pin!(b_tx.put(4)));
                let _taken = poll_once(pin!(a_rx.take()));
            }
            (a_tx, b_tx)
        });
        let got = either(b.take(), a.take()).now();
        assert!(got.is_some(), "default, though one was always ready");
        drop(mover.join().unwrap());
    });
}

/// The same for puts, with parked takers instead of values: a taker comes to one channel, then the one
/// at the other goes.
#[test]
fn now_when_a_taker_is_always_there() {
    model(|| {
        let (a_tx, a) = chan::<u32>(0);
        let (b_tx, b) = chan::<u32>(0);
        let mut first = Box::pin(async move { a.take().await });
        assert!(poll_once(first.as_mut()).is_pending());
        let other = spawn(move || {
            let mut second = Box::pin(async move { b.take().await });
            let _parked = poll_once(second.as_mut());
            drop(first);
            second
        });
        let got = either(a_tx.put(1), b_tx.put(2)).now();
        assert!(got.is_some(), "default, though a taker was always there");
        drop(other.join().unwrap());
    });
}

/// A future among the arms becomes ready while the other arm is committed: the alts withdraws before
/// it polls the future, so one is chosen, and the value that was accepted is not lost.
#[test]
fn future_against_commit() {
    model(|| {
        let (tx, rx) = chan(0);
        let value = Payload::new(1);
        let sent = value.clone();
        let flag = Flag::new();
        let ready = flag.clone();
        let setter = spawn(move || flag.set());
        let putter = spawn(move || {
            let accepted = tx.try_put(sent).is_ok();
            (accepted, tx)
        });
        let got = block_on(either(rx.take(), park(ready.wait())));
        setter.join().unwrap();
        let (accepted, tx) = putter.join().unwrap();
        match got {
            Of2::A(taken) => assert!(taken.is_some() && accepted),
            Of2::B(()) => assert_eq!(drain(&rx).len(), usize::from(accepted)),
        }
        drop(tx);
        value.assert_alone();
    });
}

/// A round of a set is polled and dropped while an operation of it is committed; the next round goes
/// on where the first was left: the value is in the channel, or was accepted by nobody.
#[test]
fn set_round_dropped_against_commit() {
    model(|| {
        let (a_tx, a) = chan(0);
        let (b_tx, b) = chan(0);
        let value = Payload::new(1);
        let (first, second) = (value.clone(), value.clone());
        let mut set = AltSet::new();
        set.take(&a);
        set.put(&b_tx, second);
        let mut round = set.choose(Order::Priority);
        assert!(poll_once(pin!(&mut round)).is_pending());
        let putter = spawn(move || a_tx.try_put(first).is_ok());
        let taker = spawn(move || b.try_take().is_ok());
        drop(round);
        // Both channels are closed once the threads are through, so this round never parks for good.
        let (accepted, taken) = (putter.join().unwrap(), taker.join().unwrap());
        assert!(!(accepted && taken), "two arms of one round were committed");
        let (index, event) = set.choose(Order::Priority).now().expect("closed is ready");
        assert_eq!(index, 0);
        match event {
            Event::Took(got) => assert_eq!(got.is_some(), accepted),
            Event::Put(_) => unreachable!(),
        }
        drop(set);
        value.assert_alone();
    });
}

/// A round of a set is leaked while it is queued; the set is moved and dropped against a commit.
#[test]
fn leaked_round_against_commit() {
    model(|| {
        let (tx, rx) = chan(0);
        let value = Payload::new(1);
        let sent = value.clone();
        let mut set = AltSet::new();
        set.take(&rx);
        let mut round = ManuallyDrop::new(set.choose(Order::Random));
        assert!(poll_once(pin!(&mut *round)).is_pending());
        let putter = spawn(move || tx.try_put(sent).is_ok());
        let moved = set;
        drop(moved);
        let accepted = putter.join().unwrap();
        assert_eq!(drain(&rx).len(), usize::from(accepted));
        value.assert_alone();
    });
}

/// A set takes twice from two channels that are put to by two threads: its nodes are used again.
#[test]
fn set_used_again() {
    model(|| {
        let (a_tx, a) = chan(0);
        let (b_tx, b) = chan(0);
        let value = Payload::new(1);
        let (first, second) = (value.clone(), value.clone());
        let one = spawn(move || {
            a_tx.put_blocking(first).unwrap();
            a_tx
        });
        let two = spawn(move || {
            b_tx.put_blocking(second).unwrap();
            b_tx
        });
        let mut set = AltSet::new();
        set.take(&a);
        set.take(&b);
        let mut seen = 0;
        for _ in 0..2 {
            let (index, event) = block_on(set.choose(Order::Random));
            assert!(event.took().is_some());
            seen += 1 + index;
        }
        assert_eq!(seen, 3);
        drop((one.join().unwrap(), two.join().unwrap()));
        drop(set);
        value.assert_alone();
    });
}
