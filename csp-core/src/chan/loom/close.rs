//! The ends of a channel's life.

use crate::{
    block_on, chan,
    models::{Freed, Payload, drain, model, spawn},
};

/// `Receiver::close` against a parked put: it is accepted and can be taken, or comes back.
#[test]
fn receiver_close_against_put() {
    model(|| {
        let (tx, rx) = chan(0);
        let value = Payload::new(1);
        let sent = value.clone();
        let putter = spawn(move || tx.put_blocking(sent).is_ok());
        let got = rx.try_take().is_ok();
        rx.close();
        assert_eq!(putter.join().unwrap(), got);
        assert!(drain(&rx).is_empty());
        value.assert_alone();
    });
}

/// `Sender::close` against a parked take: it is ended with `None`.
#[test]
fn sender_close_against_take() {
    model(|| {
        let (tx, rx) = chan::<u32>(0);
        let taker = spawn(move || rx.take_blocking());
        assert!(tx.close());
        assert_eq!(taker.join().unwrap(), None);
        assert!(tx.try_put(1).is_err());
    });
}

/// `Sender::close` while a put is parked behind a full buffer: both values are still delivered.
#[test]
fn sender_close_keeps_parked_put() {
    model(|| {
        let (tx, rx) = chan(1);
        tx.try_put(1).unwrap();
        let other = tx.clone();
        let putter = spawn(move || tx.put_blocking(2).is_ok());
        other.close();
        drop(other);
        assert_eq!(rx.take_blocking(), Some(1));
        let accepted = putter.join().unwrap();
        assert_eq!(rx.take_blocking(), accepted.then_some(2));
        assert_eq!(rx.take_blocking(), None);
    });
}

/// The last sender goes while a taker parks: `None`, and the channel is freed when both are gone.
#[test]
fn last_sender_against_take() {
    model(|| {
        let (tx, rx) = chan(1);
        let (tx, freed) = Freed::watch(tx);
        let value = Payload::new(1);
        let sent = value.clone();
        let putter = spawn(move || {
            tx.put_blocking(sent).unwrap();
            drop(tx);
        });
        assert_eq!(rx.take_blocking().map(|v| v.n()), Some(1));
        assert!(rx.take_blocking().is_none());
        drop(rx);
        putter.join().unwrap();
        freed.assert();
        value.assert_alone();
    });
}

/// The last receiver goes against a put into the buffer and a parked one: what is buffered is dropped,
/// what is parked comes back.
#[test]
fn last_receiver_against_puts() {
    model(|| {
        let (tx, rx) = chan(1);
        let (tx, freed) = Freed::watch(tx);
        let value = Payload::new(1);
        let sent = value.clone();
        let putter = spawn(move || {
            let _first = tx.put_blocking(sent.clone());
            assert!(tx.put_blocking(sent).is_err());
        });
        drop(rx);
        putter.join().unwrap();
        freed.assert();
        value.assert_alone();
    });
}

/// Both last handles go at once, with clones made and dropped on the way: freed once, buffer and all.
#[test]
fn both_ends_at_once() {
    model(|| {
        let (tx, rx) = chan(1);
        let (tx, freed) = Freed::watch(tx);
        let value = Payload::new(1);
        tx.try_put(value.clone()).unwrap();
        let other = spawn(move || {
            let clone = rx.clone();
            drop(rx);
            drop(clone);
        });
        let clone = tx.clone();
        drop(tx);
        drop(clone);
        other.join().unwrap();
        freed.assert();
        value.assert_alone();
    });
}

/// Two clones of the last side's handles go on two threads: one of them closes.
#[test]
fn clones_dropped_on_two_threads() {
    model(|| {
        let (tx, rx) = chan::<u32>(0);
        let (tx, freed) = Freed::watch(tx);
        let clone = tx.clone();
        let first = spawn(move || drop(tx));
        let second = spawn(move || drop(clone));
        assert_eq!(rx.take_blocking(), None);
        drop(rx);
        first.join().unwrap();
        second.join().unwrap();
        freed.assert();
    });
}

/// A producer waits for the end while the last receiver goes.
#[test]
fn watcher_against_last_receiver() {
    model(|| {
        let (tx, rx) = chan::<u32>(0);
        let watcher = spawn(move || {
            block_on(tx.closed());
            assert!(tx.is_closed());
        });
        drop(rx);
        watcher.join().unwrap();
    });
}

/// A watcher is polled, polled again with another waker, and dropped, against close.
#[test]
fn watcher_polled_again_against_close() {
    model(|| {
        let (tx, rx) = chan::<u32>(0);
        let closer = spawn(move || rx.close());
        let mut closed = Box::pin(tx.closed());
        if crate::models::poll_once(closed.as_mut()).is_pending() {
            block_on(closed.as_mut());
        }
        drop(closed);
        let mut dropped = Box::pin(tx.closed());
        let _ready = crate::models::poll_once(dropped.as_mut());
        drop(dropped);
        assert!(closer.join().unwrap());
    });
}

/// Close from both ends at once, with a parked take: one of them was the first, all ends.
#[test]
fn close_from_both_ends() {
    model(|| {
        let (tx, rx) = chan::<u32>(0);
        let other = rx.clone();
        let taker = spawn(move || rx.take_blocking());
        let closer = spawn(move || other.close());
        let mine = tx.close();
        assert!(mine ^ closer.join().unwrap());
        assert_eq!(taker.join().unwrap(), None);
    });
}
