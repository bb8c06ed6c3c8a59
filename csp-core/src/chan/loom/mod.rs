//! Models of the channel: hand-over, buffer, close, last handles, values that are given back.
//!
//! Real channels, driven by threads (`block_on`) and by real go blocks; see
//! [`models`](crate::models) for the bound. [`parked`] is about commits and the frames of parked blocks,
//! [`close`] about the ends of a channel's life, this file about the rest. What they were seen to catch:
//!
//! * the final status before the wake-up: `boxed_take_outlives_its_block` (and most models of alts).
//! * no CLAIMED: `commit_against_spurious_turn`, `commit_against_turn_on_another_worker`.
//! * the final status stored, or looked at, with Relaxed: `take_polled_with_another_waker` and others.
//! * an owner without a reference outside its frame: `boxed_take_outlives_its_block`.
//! * a promise that does not reach callbacks: `promise_serves_taker_and_callback`.

#![allow(
    clippy::similar_names,
    reason = "models are short: tx, rx, taker, taken"
)]

mod awake;
mod close;
mod divided;
mod parked;
mod put_all;
mod xform;

use std::pin::pin;

use crate::{
    block_on, chan, fixed,
    models::{Payload, drain, model, poll_once, spawn},
    promise_buffer,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
};

/// One putter, one taker, no buffer: whoever comes second commits the other, in either role, and the
/// one who parks is woken.
#[test]
fn rendezvous() {
    model(|| {
        let (tx, rx) = chan(0);
        let value = Payload::new(1);
        let sent = value.clone();
        let putter = spawn(move || tx.put_blocking(sent).unwrap());
        assert_eq!(rx.take_blocking().map(|v| v.n()), Some(1));
        putter.join().unwrap();
        value.assert_alone();
    });
}

/// Two values through a buffer of one: the second put parks, and is moved in by the take (`refill`) or
/// served directly. In order.
#[test]
fn buffered_in_order() {
    model(|| {
        let (tx, rx) = chan(1);
        let putter = spawn(move || {
            tx.put_blocking(Payload::new(1)).unwrap();
            tx.put_blocking(Payload::new(2)).unwrap();
        });
        assert_eq!(rx.take_blocking().unwrap().n(), 1);
        assert_eq!(rx.take_blocking().unwrap().n(), 2);
        putter.join().unwrap();
    });
}

/// Two takers compete for two values of one putter: each gets one.
#[test]
fn two_takers() {
    model(|| {
        let (tx, rx) = chan::<Payload>(0);
        let other = rx.clone();
        let taker = spawn(move || other.take_blocking().unwrap().n());
        let putter = spawn(move || {
            tx.put_blocking(Payload::new(1)).unwrap();
            tx.put_blocking(Payload::new(2)).unwrap();
        });
        let mine = rx.take_blocking().unwrap().n();
        assert_eq!(mine + taker.join().unwrap(), 3);
        putter.join().unwrap();
    });
}

/// Two putters, one taker, through a buffer of one.
#[test]
fn two_putters() {
    model(|| {
        let (tx, rx) = chan(1);
        let other = tx.clone();
        let first = spawn(move || other.put_blocking(Payload::new(1)).unwrap());
        let second = spawn(move || tx.put_blocking(Payload::new(2)).unwrap());
        let sum = rx.take_blocking().unwrap().n() + rx.take_blocking().unwrap().n();
        assert_eq!(sum, 3);
        first.join().unwrap();
        second.join().unwrap();
    });
}

/// A take is polled with one waker, then with another, against a put: `change_owner` against the
/// commit. The second waker is woken, or the second poll has the value.
#[test]
fn take_polled_with_another_waker() {
    model(|| {
        let (tx, rx) = chan(0);
        let value = Payload::new(1);
        let sent = value.clone();
        let putter = spawn(move || tx.put_blocking(sent).unwrap());
        let mut take = pin!(rx.take());
        let got = match poll_once(take.as_mut()) {
            std::task::Poll::Ready(got) => got,
            std::task::Poll::Pending => block_on(take),
        };
        assert_eq!(got.map(|v| v.n()), Some(1));
        putter.join().unwrap();
        value.assert_alone();
    });
}

/// The same for a put.
#[test]
fn put_polled_with_another_waker() {
    model(|| {
        let (tx, rx) = chan::<Payload>(0);
        let value = Payload::new(1);
        let taker = spawn(move || rx.take_blocking().map(|v| v.n()));
        let mut put = pin!(tx.put(value.clone()));
        let done = match poll_once(put.as_mut()) {
            std::task::Poll::Ready(done) => done,
            std::task::Poll::Pending => block_on(put),
        };
        done.unwrap();
        assert_eq!(taker.join().unwrap(), Some(1));
        value.assert_alone();
    });
}

/// A take that was handed a value is dropped before it looks: the value goes to the other taker, who
/// waits or comes later. The putter is told that it was accepted exactly if it was.
#[test]
fn dropped_take_gives_back_to_a_taker() {
    model(|| {
        let (tx, rx) = chan(0);
        let value = Payload::new(1);
        let sent = value.clone();
        let mut take = Box::pin(rx.take());
        assert!(poll_once(take.as_mut()).is_pending());
        let other = rx.clone();
        let putter = spawn(move || {
            tx.put_blocking(sent).unwrap();
            // Not closed yet: a taker would be told so while the value is on its way back.
            tx
        });
        let taker = spawn(move || other.take_blocking().map(|v| v.n()));
        drop(take);
        assert_eq!(taker.join().unwrap(), Some(1));
        drop(putter.join().unwrap());
        assert!(drain(&rx).is_empty());
        value.assert_alone();
    });
}

/// The same against close: a value that was accepted is delivered before `None`.
#[test]
fn dropped_take_against_close() {
    model(|| {
        let (tx, rx) = chan(0);
        let value = Payload::new(1);
        let sent = value.clone();
        let mut take = Box::pin(rx.take());
        assert!(poll_once(take.as_mut()).is_pending());
        let putter = spawn(move || tx.try_put(sent).is_ok());
        drop(take);
        let accepted = putter.join().unwrap();
        // The sender is gone, so the channel is closed.
        assert_eq!(drain(&rx).len(), usize::from(accepted));
        assert!(rx.try_take().unwrap_err().is_closed());
        value.assert_alone();
    });
}

/// A parked put is dropped or withdrawn while a taker comes: either the taker has the value, or the
/// putter.
#[test]
fn withdrawn_put_against_take() {
    model(|| {
        let (tx, rx) = chan(0);
        let value = Payload::new(1);
        let mut put = Box::pin(tx.put(value.clone()));
        assert!(poll_once(put.as_mut()).is_pending());
        let taker = spawn(move || rx.try_take().is_ok());
        let back = put.as_mut().withdraw();
        drop(put);
        assert_eq!(taker.join().unwrap(), back.is_none());
        drop(back);
        value.assert_alone();
    });
}

/// A put happens, then a try on the other thread that knows of it (by another atomic): the hint, which
/// is read without the lock, must not say "empty".
#[test]
fn try_take_sees_what_happened_before() {
    model(|| {
        let (tx, rx) = chan(1);
        let done = Arc::new(AtomicBool::new(false));
        let told = done.clone();
        let putter = spawn(move || {
            tx.try_put(1).unwrap();
            told.store(true, Ordering::Release);
            tx
        });
        if done.load(Ordering::Acquire) {
            assert_eq!(rx.try_take(), Ok(1));
        }
        drop(putter.join().unwrap());
    });
}

/// Tries, with no lock when the hint says so, against puts of which the second finds the buffer full or
/// not: what is accepted is there. (The putter looks at the hint once only, and last: see
/// `sync::load_locked`.)
#[test]
fn tries_against_puts() {
    model(|| {
        let (tx, rx) = chan(1);
        let putter = spawn(move || {
            tx.put_blocking(1).unwrap();
            1 + usize::from(tx.try_put(2).is_ok())
        });
        let taken = usize::from(rx.try_take().is_ok()) + usize::from(rx.try_take().is_ok());
        let accepted = putter.join().unwrap();
        assert_eq!(taken + drain(&rx).len(), accepted);
    });
}

/// A callback waits for a value while it is put: it runs once, with it, and its box is freed.
#[test]
fn callback_against_put() {
    model(|| {
        let (tx, rx) = chan(0);
        let value = Payload::new(1);
        let sent = value.clone();
        let runs = Arc::new(AtomicU32::new(0));
        let count = runs.clone();
        let putter = spawn(move || tx.put_blocking(sent).unwrap());
        rx.take_then(move |got| {
            assert_eq!(got.map(|v| v.n()), Some(1));
            count.fetch_add(1, Ordering::Relaxed);
        })
        .unwrap();
        putter.join().unwrap();
        assert_eq!(runs.load(Ordering::Relaxed), 1);
        value.assert_alone();
    });
}

/// A put with a callback against the last receiver's end: accepted or given back, once.
#[test]
fn put_callback_against_close() {
    model(|| {
        let (tx, rx) = chan(0);
        let value = Payload::new(1);
        let sent = value.clone();
        let accepted = Arc::new(AtomicU32::new(0));
        let told = accepted.clone();
        let putter = spawn(move || {
            tx.put_then(sent, move |result| {
                told.store(if result.is_ok() { 1 } else { 2 }, Ordering::Relaxed);
            })
            .unwrap();
        });
        let got = rx.try_take().is_ok();
        drop(rx);
        putter.join().unwrap();
        assert_eq!(accepted.load(Ordering::Relaxed), if got { 1 } else { 2 });
        value.assert_alone();
    });
}

/// A promise comes while one thread takes and a callback waits: each gets its own clone, also when
/// the channel closes right after.
#[test]
fn promise_serves_taker_and_callback() {
    model(|| {
        let (tx, rx) = chan(promise_buffer());
        let value = 7_u32;
        let runs = Arc::new(AtomicU32::new(0));
        let got = runs.clone();
        rx.take_then(move |value| got.store(value.unwrap_or(100), Ordering::Relaxed))
            .unwrap();
        let putter = spawn(move || tx.try_put(value).unwrap());
        assert_eq!(rx.take_blocking(), Some(7));
        putter.join().unwrap();
        assert_eq!(runs.load(Ordering::Relaxed), 7);
    });
}

/// A full buffer, a parked put that is dropped, and a take that refills: the value is in the buffer,
/// or went with its put.
#[test]
fn refill_against_dropped_put() {
    model(|| {
        let (tx, rx) = chan(fixed(1));
        let value = Payload::new(2);
        tx.try_put(Payload::new(1)).unwrap();
        let mut put = Box::pin(tx.put(value.clone()));
        assert!(poll_once(put.as_mut()).is_pending());
        let taker = spawn(move || {
            assert_eq!(rx.try_take().unwrap().n(), 1);
            rx
        });
        drop(put);
        let rx = taker.join().unwrap();
        let left = drain(&rx);
        assert!(left.len() <= 1);
        drop(left);
        value.assert_alone();
    });
}
