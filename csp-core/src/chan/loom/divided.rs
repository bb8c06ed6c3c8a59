//! Models of the [divided](crate::chan::divided) buffer: what is put comes out, in order and once, whoever divides it or joins
//! it meanwhile, and who waits is woken.
//!
//! What they were seen to catch:
//!
//! * a putter who does not ask whether the back is open: `divided_in_order`, `divided_full` and four others.
//! * a taker who swaps a front that is not empty: `divided_meanwhile`.
//! * an alts that does not win before it takes or puts: the two `…_that_may_lose`.
//! * a putter who forgets the front as it counts the room: `divided_two_putters_and_room_for_one`.
//! * a buffer that is divided while a transaction waits for room, or any other: `divided_against_put_all_that_waits`;
//!   `divided_meanwhile` and two others.
//! * a transaction that does not join what it locks soon: `divided_both_against_put_all`.
//! * a value that is given back while the buffer is divided: `divided_against_a_value_that_comes_back`.

use crate::{
    AltSet, Of2, Order, Receiver, Sender,
    alts::alt,
    block_on, chan,
    models::{Freed, Payload, SITE, drain, model, poll_once, spawn},
    put_all_or_none,
    sync::{
        atomic::{AtomicU32, Ordering},
        plain::Arc,
    },
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

/// The same over two divided channels, of which the second is asked for soon, not waited for, and may be refused.
#[test]
fn divided_both_against_put_all() {
    model(|| {
        let ((a_tx, a), (b_tx, b)) = (divided(2, 0), divided(2, 0));
        let other = spawn(move || {
            put_all_or_none((a_tx.put(1), b_tx.put(2)))
                .blocking()
                .unwrap();
        });
        assert_eq!((b.try_take(), a.try_take()), (Ok(0), Ok(0)));
        let in_b = b.try_take().is_ok();
        assert!(!in_b || a.try_take() == Ok(1), "both or none");
        other.join().unwrap();
        assert_eq!(a.try_take().is_ok(), !in_b);
        assert_eq!(b.try_take().is_ok(), !in_b);
    });
}

/// A transaction finds a divided buffer full, joins it and waits there, against a take from the front.
#[test]
fn divided_against_put_all_that_waits() {
    model(|| {
        let (a_tx, a) = divided(1, 0);
        let (b_tx, b) = chan(1);
        let other = spawn(move || {
            put_all_or_none((a_tx.put(1), b_tx.put(2)))
                .blocking()
                .unwrap();
        });
        a.inner().core.contend();
        assert_eq!(a.take_blocking(), Some(0));
        assert_eq!(b.take_blocking(), Some(2));
        assert_eq!(a.try_take(), Ok(1));
        other.join().unwrap();
    });
}

/// An alts that waits on a channel comes to a divided one, while it may be committed by the first: it takes from one.
#[test]
fn divided_against_alts_that_may_lose() {
    model(|| {
        let (a_tx, a) = contended(2);
        let (b_tx, b) = chan(0);
        let value = Payload::new(1);
        let (first, second) = (value.clone(), value.clone());
        let put = spawn(move || a_tx.put_blocking(first).unwrap());
        let tried = spawn(move || b_tx.try_put(second).is_ok());
        let from_b = match block_on(alt((b.take(), a.take()), Order::Priority, &SITE)) {
            Of2::A(got) => {
                assert!(a.take_blocking().is_some());
                got.is_some()
            }
            Of2::B(got) => {
                assert!(got.is_some());
                false
            }
        };
        put.join().unwrap();
        assert_eq!(tried.join().unwrap(), from_b);
        drop((a, b));
        value.assert_alone();
    });
}

/// The same with puts: into the back of a channel whose place has just become free, or to a taker of the other.
#[test]
fn divided_against_alts_of_puts_that_may_lose() {
    model(|| {
        let (a_tx, a) = chan(1);
        let (b_tx, b) = chan(0);
        a_tx.try_put(Payload::new(1)).unwrap();
        a.inner().core.contend();
        let values = [Payload::new(2), Payload::new(3)];
        let sent = values.clone();
        let taker = spawn(move || {
            assert_eq!(a.take_blocking().unwrap().n(), 1);
            a.inner().core.contend();
            a
        });
        let tried = spawn(move || b.try_take().is_ok());
        let [two, three] = sent;
        let arms = (b_tx.put(two), a_tx.put(three));
        let (to_a, to_b) = match block_on(alt(arms, Order::Priority, &SITE)) {
            Of2::A(put) => (false, put.is_ok()),
            Of2::B(put) => (put.is_ok(), false),
        };
        assert_eq!(tried.join().unwrap(), to_b);
        let a = taker.join().unwrap();
        let left: Vec<u32> = drain(&a).iter().map(Payload::n).collect();
        assert_eq!(left, if to_a { &[3][..] } else { &[] });
        values.iter().for_each(Payload::assert_alone);
    });
}

/// Two putters at a back that was full count its room anew while a taker makes some: no more is put than fits.
#[test]
fn divided_two_putters_and_room_for_one() {
    model(|| {
        let (tx, rx) = divided(2, 1);
        tx.try_put(2).unwrap();
        assert_eq!(rx.try_take(), Ok(1));
        let puts = [tx.clone(), tx].map(|tx| spawn(move || tx.try_put(3).is_ok()));
        let before = rx.len();
        assert_eq!(rx.try_take(), Ok(2));
        let after = rx.len();
        let put = puts.map(|put| usize::from(put.join().unwrap()));
        assert!(before.max(after) <= 2, "{before}, {after} in room for two");
        assert!((1..=2).contains(&(put[0] + put[1])));
        assert_eq!(drain(&rx), vec![3; put[0] + put[1]]);
    });
}

/// A third party joins the ends and divides the buffer anew: what is put stays in order, and who waits is woken.
#[test]
fn divided_again_meanwhile() {
    model(|| {
        let (tx, rx) = divided(2, Payload::new(1));
        let other = rx.clone();
        let joiner = spawn(move || {
            drop(other.inner().lock());
            other.inner().core.contend();
        });
        let putter = spawn(move || tx.put_blocking(Payload::new(2)).unwrap());
        assert_eq!(rx.take_blocking().unwrap().n(), 1);
        assert_eq!(rx.take_blocking().unwrap().n(), 2);
        putter.join().unwrap();
        joiner.join().unwrap();
    });
}

/// Two who see that the lock was found taken: one divides, for both.
#[test]
fn divided_by_two() {
    model(|| {
        let (tx, rx) = contended(2);
        tx.inner().core.contend();
        let putter = spawn(move || {
            tx.put_blocking(1).unwrap();
            tx.put_blocking(2).unwrap();
        });
        assert_eq!((rx.take_blocking(), rx.take_blocking()), (Some(1), Some(2)));
        putter.join().unwrap();
    });
}

/// Whether a take is ready is asked while a value goes from the back to the front: who put it before sees it.
#[test]
fn divided_against_an_alts_that_does_not_wait() {
    model(|| {
        let (tx, rx) = divided(3, 1);
        tx.try_put(2).unwrap();
        let putter = spawn(move || {
            let _ = tx.try_put(3);
            tx
        });
        let mut got = Vec::new();
        for _ in 0..2 {
            let arms = alt((rx.take(), rx.take()), Order::Priority, &SITE);
            match arms.now().expect("a value was put before") {
                Of2::A(value) | Of2::B(value) => got.extend(value),
            }
        }
        assert_eq!(got, [1, 2]);
        drop(putter.join().unwrap());
        assert_eq!(drain(&rx), [3]);
    });
}

/// A set of takes that stay queued: that means that it joins the ends, and is told of the put.
#[test]
fn divided_against_a_kept_set() {
    model(|| {
        let (tx, rx) = divided(2, 1);
        let putter = spawn(move || {
            tx.put_blocking(2).unwrap();
            tx.inner().core.contend();
            tx.put_blocking(3).unwrap();
        });
        let mut set = AltSet::new();
        set.take(&rx);
        for n in 1..=3 {
            let (_, event) = block_on(set.choose(Order::Priority));
            assert_eq!(event.took(), Some(n));
        }
        putter.join().unwrap();
    });
}

/// A value comes back from a taker who went away, while the next one is put and divides the buffer: it is the first.
#[test]
fn divided_against_a_value_that_comes_back() {
    model(|| {
        let (tx, rx) = chan(2);
        let mut take = Box::pin(rx.take());
        assert!(poll_once(take.as_mut()).is_pending());
        let putter = spawn(move || {
            tx.try_put(1).unwrap();
            tx.inner().core.contend();
            tx.try_put(2).unwrap();
            tx
        });
        drop(take);
        // (It joins the ends when it goes.)
        let _tx = putter.join().unwrap();
        assert_eq!(drain(&rx), [1, 2]);
    });
}

/// A callback takes from the front, or waits once the ends are joined.
#[test]
fn divided_against_a_callback() {
    model(|| {
        let (tx, rx) = contended(2);
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

/// Who waits for a divided channel to close is told; what was put is dropped.
#[test]
fn divided_against_who_waits_for_its_end() {
    model(|| {
        let value = Payload::new(1);
        let (tx, rx) = divided(2, value.clone());
        let taker = spawn(move || assert_eq!(rx.try_take().unwrap().n(), 1));
        let put = tx.try_put(value.clone());
        block_on(tx.closed());
        taker.join().unwrap();
        drop(put);
        value.assert_alone();
    });
}
