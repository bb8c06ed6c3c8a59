//! Models of the [divided](crate::chan::divided) buffer: what is put comes out, in order and once, whoever divides it or joins
//! it meanwhile, and who waits is woken.
//!
//! What they were seen to catch:
//!
//! * a putter who does not ask whether the back is open: `divided_in_order`, `divided_full` and four others.
//! * a taker who swaps a front that is not empty: `divided_meanwhile`.

use crate::{
    Of2, Order, Receiver, Sender,
    alts::alt,
    block_on, chan,
    models::{Freed, Payload, SITE, drain, model, spawn},
    put_all_or_none,
};

/// A channel whose next operation divides its buffer.
fn contended<T>(capacity: usize) -> (Sender<T>, Receiver<T>) {
    let (tx, rx) = chan(capacity);
    rx.inner().core.contend();
    (tx, rx)
}

/// One whose buffer is divided, with this value in it.
fn divided<T>(capacity: usize, value: T) -> (Sender<T>, Receiver<T>) {
    let (tx, rx) = contended(capacity);
    tx.try_put(value).ok().expect("there is room");
    assert!(rx.inner().core.is_divided());
    (tx, rx)
}

/// Three values, of which the second meets a taker at either end.
#[test]
fn divided_in_order() {
    model(|| {
        let (tx, rx) = divided(3, Payload::new(1));
        let putter = spawn(move || {
            tx.try_put(Payload::new(2)).unwrap();
            tx.try_put(Payload::new(3)).unwrap();
        });
        let mut got = vec![rx.take_blocking().unwrap().n()];
        got.extend(rx.try_take().ok().map(|value| value.n()));
        putter.join().unwrap();
        got.extend(drain(&rx).iter().map(Payload::n));
        assert_eq!(got, [1, 2, 3]);
    });
}

/// The buffer is divided while both are at it.
#[test]
fn divided_meanwhile() {
    model(|| {
        let (tx, rx) = chan(2);
        tx.try_put(Payload::new(1)).unwrap();
        let putter = spawn(move || {
            tx.inner().core.contend();
            tx.put_blocking(Payload::new(2)).unwrap();
        });
        assert_eq!(rx.take_blocking().unwrap().n(), 1);
        assert_eq!(rx.take_blocking().unwrap().n(), 2);
        putter.join().unwrap();
    });
}

/// A taker finds both ends empty, joins them and parks, against a put.
#[test]
fn divided_against_a_taker_who_parks() {
    model(|| {
        let (tx, rx) = divided(2, Payload::new(1));
        let putter = spawn(move || tx.put_blocking(Payload::new(2)).unwrap());
        assert_eq!(rx.take_blocking().unwrap().n(), 1);
        assert_eq!(rx.take_blocking().unwrap().n(), 2);
        putter.join().unwrap();
    });
}

/// A putter finds no room, joins the ends and parks, against a take.
#[test]
fn divided_full() {
    model(|| {
        let (tx, rx) = divided(1, Payload::new(1));
        let putter = spawn(move || tx.put_blocking(Payload::new(2)).unwrap());
        assert_eq!(rx.take_blocking().unwrap().n(), 1);
        assert_eq!(rx.take_blocking().unwrap().n(), 2);
        putter.join().unwrap();
    });
}

/// Two takers at one front.
#[test]
fn divided_two_takers() {
    model(|| {
        let (tx, rx) = divided(2, 1);
        tx.try_put(2).unwrap();
        let other = rx.clone();
        let taker = spawn(move || other.try_take().unwrap());
        let mine = rx.try_take().unwrap();
        assert_eq!(mine + taker.join().unwrap(), 3);
    });
}

/// The taking side closes: the put that comes too late has its value back, the others' can be taken.
#[test]
fn divided_against_close() {
    model(|| {
        let (tx, rx) = divided(2, Payload::new(1));
        let value = Payload::new(2);
        let sent = value.clone();
        let putter = spawn(move || tx.put_blocking(sent).is_ok());
        rx.close();
        let got: Vec<u32> = drain(&rx).iter().map(Payload::n).collect();
        let put = putter.join().unwrap();
        assert_eq!(got, if put { &[1, 2][..] } else { &[1] });
        value.assert_alone();
    });
}

/// The last receiver goes: what is in the ends is dropped, and they with the channel.
#[test]
fn divided_last_receiver() {
    model(|| {
        let value = Payload::new(1);
        let (tx, rx) = divided(2, value.clone());
        let (tx, freed) = Freed::watch(tx);
        let sent = value.clone();
        let putter = spawn(move || {
            let _ = tx.put_blocking(sent);
        });
        drop(rx);
        putter.join().unwrap();
        value.assert_alone();
        freed.assert();
    });
}

/// An alts that waits also on a divided channel, against a put there and one on another.
#[test]
fn divided_against_alts() {
    model(|| {
        let (a_tx, a) = contended(2);
        let (b_tx, b) = chan(0);
        let value = Payload::new(1);
        let (first, second) = (value.clone(), value.clone());
        let put = spawn(move || a_tx.put_blocking(first).unwrap());
        let tried = spawn(move || b_tx.try_put(second).is_ok());
        let from_b = match block_on(alt((a.take(), b.take()), Order::Priority, &SITE)) {
            Of2::A(got) => {
                assert!(got.is_some());
                false
            }
            Of2::B(got) => {
                assert!(a.take_blocking().is_some());
                got.is_some()
            }
        };
        put.join().unwrap();
        assert_eq!(tried.join().unwrap(), from_b);
        drop((a, b));
        value.assert_alone();
    });
}

/// A transaction over a divided channel and another, against a taker of both.
#[test]
fn divided_against_put_all() {
    model(|| {
        let (a_tx, a) = divided(2, 0);
        let (b_tx, b) = chan(1);
        let other = spawn(move || {
            put_all_or_none((a_tx.put(1), b_tx.put(2)))
                .blocking()
                .unwrap();
        });
        assert_eq!(a.take_blocking(), Some(0));
        let in_b = b.try_take().is_ok();
        assert!(!in_b || a.try_take() == Ok(1), "both or none");
        other.join().unwrap();
        assert_eq!(a.try_take().is_ok(), !in_b);
        assert_eq!(b.try_take().is_ok(), !in_b);
    });
}
