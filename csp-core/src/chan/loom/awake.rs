//! Threads that look before they sleep: an operation that is queued without an owner, and gets one.

use std::{
    pin::{Pin, pin},
    task::Poll,
};

use crate::{
    block_on, chan,
    chan::awake::Waits,
    models::{Payload, model, spawn},
};

/// Begins without an owner, looks once, and then sleeps.
fn waits<W: Waits>(mut op: Pin<&mut W>) -> W::Output {
    match op.as_mut().start_awake() {
        Poll::Ready(output) => output,
        Poll::Pending if !op.is_queued() => op.end(),
        Poll::Pending => block_on(op),
    }
}

/// A commit comes before the look, after it, or after the owner has been said: the value moves once, and the
/// thread does not sleep on.
#[test]
fn awake_put_and_take() {
    model(|| {
        let (tx, rx) = chan(0);
        let value = Payload::new(1);
        let sent = value.clone();
        let putter = spawn(move || waits(pin!(tx.put(sent))).unwrap());
        assert_eq!(waits(pin!(rx.take())).map(|v| v.n()), Some(1));
        putter.join().unwrap();
        value.assert_alone();
    });
}

/// Close ends one that looks as it does one that sleeps; the value is given back.
#[test]
fn awake_put_against_close() {
    model(|| {
        let (tx, rx) = chan(0);
        let value = Payload::new(1);
        let sent = value.clone();
        let closer = spawn(move || drop(rx));
        let closed = waits(pin!(tx.put(sent))).unwrap_err();
        assert_eq!(closed.0.n(), 1);
        drop(closed);
        closer.join().unwrap();
        value.assert_alone();
    });
}

/// One that gives up while it looks has its value or a taker has it.
#[test]
fn awake_put_given_up() {
    model(|| {
        let (tx, rx) = chan(0);
        let value = Payload::new(1);
        let sent = value.clone();
        let taker = spawn(move || waits(pin!(rx.take())).map(|v: Payload| v.n()));
        let mut put = pin!(tx.put(sent));
        let kept = match put.as_mut().start_awake() {
            Poll::Ready(done) => done.err().map(|closed| closed.0),
            Poll::Pending => put.withdraw(),
        };
        drop(tx);
        assert_eq!(taker.join().unwrap().is_some(), kept.is_none());
        drop(kept);
        value.assert_alone();
    });
}
