//! The ends of a channel's life: close on either end, fail, last handles.

use std::pin::pin;

use csp_core::{Closed, TryPutError, TryTakeError, alts, chan, promise_buffer};

use crate::util::{Counter, Ledger, id, one, parks, ready};

/// How a channel may be closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum How {
    Sender,
    Receiver,
    Fail,
    LastSender,
    LastReceiver,
}

const ALL: [How; 5] = [
    How::Sender,
    How::Receiver,
    How::Fail,
    How::LastSender,
    How::LastReceiver,
];

impl How {
    /// True if parked puts fail.
    fn fails_puts(self) -> bool {
        matches!(self, Self::Receiver | Self::LastReceiver)
    }
}

/// GO-034, GO-050, GO-051, GO-035, GO-036, GO-059, GO-060: operation, one-arm alts, two-arm alts
#[test]
fn go_034_to_036_a_closed_empty_channel_in_every_form() {
    for capacity in [0, 1] {
        let ledger = Ledger::new();
        let (tx, rx) = chan(capacity);
        let (_quiet_tx, quiet) = chan::<u32>(0);
        assert!(tx.close());
        for _ in 0..3 {
            assert!(ready(pin!(rx.take())).is_none());
            assert_eq!(rx.try_take().err(), Some(TryTakeError::Closed));
            assert!(ready(pin!(one(rx.take()))).into_took().is_none());
            let two = ready(pin!(async { alts!(quiet.take(), rx.take()) }));
            assert!(matches!(two, csp_core::Of2::B(None)));
            let now = one(rx.take()).now();
            assert!(matches!(now, Some(csp_core::Of1::A(None))));

            let put = ready(pin!(tx.put(ledger.value(1))));
            assert_eq!(put.unwrap_err().into_inner(), 1);
            assert!(tx.try_put(ledger.value(2)).unwrap_err().is_closed());
            let two = ready(pin!(async { alts!(quiet.take(), tx.put(ledger.value(3))) }));
            assert!(matches!(two, csp_core::Of2::B(Err(Closed(v))) if v == 3));
            // Nothing was kept: the values came back, and died once.
            assert_eq!((ledger.live(), rx.len()), (0, 0));
        }
    }
}

trait IntoTook<T> {
    fn into_took(self) -> T;
}

impl<T> IntoTook<T> for csp_core::Of1<T> {
    fn into_took(self) -> T {
        let csp_core::Of1::A(value) = self;
        value
    }
}

/// GO-037
#[test]
fn go_037_a_buffered_value_comes_first_in_every_form() {
    type Form = fn(&csp_core::Receiver<u32>) -> Option<u32>;
    let forms: [Form; 5] = [
        |rx| ready(pin!(rx.take())),
        |rx| rx.try_take().ok(),
        |rx| rx.take_blocking(),
        |rx| rx.iter_blocking().next(),
        |rx| ready(pin!(one(rx.take()))).into_took(),
    ];
    for how in [How::Sender, How::Receiver, How::Fail, How::LastSender] {
        for form in forms {
            let (tx, rx) = chan(1);
            tx.try_put(7).unwrap();
            let tx = close(how, tx, &rx);
            assert_eq!(form(&rx), Some(7), "{how:?}");
            assert_eq!(form(&rx), None, "{how:?}");
            if let Some(tx) = tx {
                assert_eq!(tx.try_put(1), Err(TryPutError::Closed(1)));
            }
        }
    }
}

fn close<T>(
    how: How,
    tx: csp_core::Sender<T>,
    rx: &csp_core::Receiver<T>,
) -> Option<csp_core::Sender<T>> {
    match how {
        How::Sender => assert!(tx.close()),
        How::Fail => assert!(tx.fail("no more")),
        How::Receiver => assert!(rx.close()),
        How::LastSender => {
            drop(tx);
            return None;
        }
        How::LastReceiver => unreachable!("the receiver is borrowed"),
    }
    Some(tx)
}

/// GO-038
#[test]
fn go_038_closing_twice_is_harmless() {
    let (tx, rx) = chan::<u32>(0);
    assert!(!tx.is_closed() && !rx.is_closed());
    assert!(tx.close());
    assert!(!tx.close() && !rx.close() && !tx.fail("late"));
    assert!(tx.is_closed() && rx.is_closed());
    // A failure that came too late is none.
    assert!(rx.failure().is_none());
}

/// GO-040, CA-191: parked takers
#[test]
fn go_040_closing_wakes_every_parked_taker_once() {
    for how in ALL {
        let (tx, rx) = chan::<u32>(1);
        let waker = Counter::new();
        let mut takes: Vec<_> = (0..200).map(|_| Box::pin(rx.take())).collect();
        for take in &mut takes {
            assert!(waker.poll(take.as_mut()).is_pending());
        }
        match how {
            How::LastReceiver => continue, // the takes borrow it
            _ => drop(close(how, tx, &rx)),
        }
        assert_eq!(waker.wakes(), 200, "{how:?}");
        for take in &mut takes {
            assert_eq!(ready(take.as_mut()), None, "{how:?}");
        }
        assert_eq!(waker.held(), 0);
    }
}

/// GO-040, CA-191: parked putters
#[test]
fn ca_191_parked_puts_are_delivered_or_fail_with_their_value() {
    for capacity in [0, 1, 2] {
        for how in ALL {
            let ledger = Ledger::new();
            let (tx, rx) = chan(capacity);
            for n in 0..capacity {
                tx.try_put(ledger.value(n.try_into().unwrap())).unwrap();
            }
            let waker = Counter::new();
            let other = tx.clone();
            // More than one batch.
            let mut puts: Vec<_> = (100..300)
                .map(|n| Box::pin(other.put(ledger.value(n))))
                .collect();
            for put in &mut puts {
                assert!(waker.poll(put.as_mut()).is_pending());
            }
            let rx = match how {
                How::LastReceiver => {
                    drop(rx);
                    assert_eq!(
                        ledger.live(),
                        200,
                        "the buffer is dropped, the puts are not"
                    );
                    None
                }
                // Not the last yet, since the puts borrow one: the same as close.
                How::LastSender => {
                    tx.close();
                    Some(rx)
                }
                _ => {
                    close(how, tx, &rx);
                    Some(rx)
                }
            };
            if how.fails_puts() {
                assert_eq!(waker.wakes(), 200, "{how:?}");
                for (n, put) in (100..).zip(&mut puts) {
                    let Closed(value) = ready(put.as_mut()).unwrap_err();
                    assert_eq!(value, n);
                }
            } else {
                assert_eq!(waker.wakes(), 0, "{how:?}: they are still to be delivered");
                assert!(waker.poll(puts[0].as_mut()).is_pending());
            }
            if let Some(rx) = rx {
                let mut got = Vec::new();
                while let Some(value) = ready(pin!(rx.take())) {
                    got.push(value.id);
                }
                let buffered = 0..u32::try_from(capacity).unwrap();
                if how.fails_puts() {
                    assert!(got.into_iter().eq(buffered), "{how:?}");
                } else {
                    assert!(got.into_iter().eq(buffered.chain(100..300)), "{how:?}");
                    assert_eq!(waker.wakes(), 200);
                    assert!(puts.iter_mut().all(|put| ready(put.as_mut()).is_ok()));
                }
            }
            assert_eq!((ledger.live(), waker.held()), (0, 0));
        }
    }
}

/// The receiving side closes after the sending side did: the parked puts fail after all.
#[test]
fn receiver_close_after_sender_close_fails_the_parked_puts() {
    let (tx, rx) = chan(0);
    let mut put = pin!(tx.put(1));
    parks(put.as_mut());
    assert!(tx.close());
    parks(put.as_mut());
    assert!(!rx.close());
    assert_eq!(ready(put), Err(Closed(1)));
    assert_eq!(rx.try_take(), Err(TryTakeError::Closed));
}

/// The same by dropping the last receiver.
#[test]
fn dropping_the_last_receiver_after_close_fails_the_parked_puts() {
    let (tx, rx) = chan(0);
    let waker = Counter::new();
    let mut put = pin!(tx.put(1));
    assert!(waker.poll(put.as_mut()).is_pending());
    tx.close();
    let copy = rx.clone();
    drop(rx);
    assert_eq!(waker.wakes(), 0);
    drop(copy);
    assert_eq!(waker.wakes(), 1);
    assert_eq!(ready(put), Err(Closed(1)));
}

/// Only the last handle of a side closes.
#[test]
fn only_the_last_handle_closes() {
    let (tx, rx) = chan::<u32>(1);
    let (tx2, rx2) = (tx.clone(), rx.clone());
    drop((tx, rx));
    assert!(!tx2.is_closed() && !rx2.is_closed());
    tx2.try_put(1).unwrap();
    drop(tx2);
    assert!(rx2.is_closed());
    assert_eq!(rx2.try_take(), Ok(1));
    assert_eq!(rx2.try_take(), Err(TryTakeError::Closed));
}

/// GO-089
#[test]
fn go_089_a_sender_learns_at_once_that_the_receiver_is_gone() {
    let ledger = Ledger::new();
    let (tx, rx) = chan(4);
    tx.try_put(ledger.value(1)).unwrap();
    tx.try_put(ledger.value(2)).unwrap();
    drop(rx);
    assert_eq!(ledger.live(), 0, "what was buffered is dropped");
    assert!(tx.is_closed());
    assert!(tx.try_put(ledger.value(3)).unwrap_err().is_closed());
    assert_eq!(ready(pin!(tx.put(ledger.value(4)))).unwrap_err().0, 4);
    assert_eq!((tx.len(), ledger.live()), (0, 0));
    assert_eq!(tx.capacity(), 4, "it is still the same channel");
}

/// A value that was given back is delivered before `None`, closed or not.
#[test]
fn a_value_given_back_after_close_comes_before_none() {
    for how in [How::Sender, How::Receiver, How::LastSender] {
        let ledger = Ledger::new();
        let (tx, rx) = chan(0);
        {
            let mut take = pin!(rx.take());
            parks(take.as_mut());
            tx.try_put(ledger.value(5)).unwrap();
            drop(close(how, tx, &rx));
        }
        assert_eq!((rx.len(), ledger.live()), (1, 1));
        assert_eq!(id(ready(pin!(rx.take()))), Some(5), "{how:?}");
        assert!(ready(pin!(rx.take())).is_none());
    }
}

/// `fail` closes, delivers, and tells the cause; the first cause stays.
#[test]
fn fail_tells_its_cause_after_what_is_buffered() {
    let (tx, rx) = chan(1);
    assert!(rx.failure().is_none());
    tx.try_put(1).unwrap();
    let mut parked = pin!(tx.put(2));
    parks(parked.as_mut());
    assert!(tx.fail("the disk is full"));
    assert!(!tx.fail("something else"));
    assert_eq!(rx.iter_blocking().collect::<Vec<_>>(), [1, 2]);
    assert_eq!(ready(parked), Ok(()));
    let cause = rx.failure().unwrap();
    assert_eq!(cause.to_string(), "the disk is full");
    drop((tx.clone(), rx));
    assert!(tx.is_closed());
}

/// `closed()`: a producer waits until nobody wants its values.
#[test]
fn closed_is_ready_once_the_channel_is_closed_from_either_end() {
    for how in ALL {
        let (tx, rx) = chan::<u32>(0);
        let watcher = tx.clone();
        let (old, new, gone) = (Counter::new(), Counter::new(), Counter::new());
        let mut closed = pin!(watcher.closed());
        let mut dropped = Box::pin(watcher.closed());
        assert!(old.poll(closed.as_mut()).is_pending());
        assert!(gone.poll(dropped.as_mut()).is_pending());
        assert!(new.poll(closed.as_mut()).is_pending());
        drop(dropped);
        match how {
            How::LastReceiver => drop(rx),
            How::LastSender => {
                tx.close(); // not the last: the watcher is one
            }
            _ => drop(close(how, tx, &rx)),
        }
        assert_eq!(
            (old.wakes(), new.wakes(), gone.wakes()),
            (0, 1, 0),
            "{how:?}"
        );
        ready(closed.as_mut());
        ready(closed);
        ready(pin!(watcher.closed()));
        assert_eq!((old.held(), new.held(), gone.held()), (0, 0, 0));
    }
}

/// More watchers than a batch, and a million are no problem either.
#[test]
fn closing_wakes_more_watchers_than_a_batch() {
    let (tx, rx) = chan::<u32>(0);
    let waker = Counter::new();
    let mut watchers: Vec<_> = (0..1000).map(|_| Box::pin(tx.closed())).collect();
    for watcher in &mut watchers {
        assert!(waker.poll(watcher.as_mut()).is_pending());
    }
    rx.close();
    assert_eq!(waker.wakes(), 1000);
    watchers.iter_mut().for_each(|w| ready(w.as_mut()));
}

/// CA-025, CA-026, and CA-027 with takers that wait
#[test]
fn ca_025_closing_an_empty_promise_gives_none_to_all() {
    let (tx, rx) = chan::<u32>(promise_buffer());
    let mut takes: Vec<_> = (0..100).map(|_| Box::pin(rx.take())).collect();
    takes.iter_mut().for_each(|take| parks(take.as_mut()));
    tx.close();
    assert!(takes.iter_mut().all(|take| ready(take.as_mut()).is_none()));
    assert_eq!(rx.try_take(), Err(TryTakeError::Closed));
}

/// A waker that panics does not keep the others from being woken.
#[test]
fn a_panicking_waker_does_not_lose_the_other_wake_ups() {
    struct Bad;
    impl std::task::Wake for Bad {
        fn wake(self: std::sync::Arc<Self>) {
            panic!("bad waker");
        }
    }
    let (tx, rx) = chan::<u32>(0);
    let bad = std::task::Waker::from(std::sync::Arc::new(Bad));
    let mut takes: Vec<_> = (0..3).map(|_| Box::pin(rx.take())).collect();
    let good = Counter::new();
    assert!(good.poll(takes[0].as_mut()).is_pending());
    let cx = &mut std::task::Context::from_waker(&bad);
    assert!(takes[1].as_mut().poll(cx).is_pending());
    assert!(good.poll(takes[2].as_mut()).is_pending());
    assert!(
        tx.close(),
        "the panic is the waker's own: the panic hook sees it"
    );
    assert_eq!(good.wakes(), 2);
    assert!(takes.iter_mut().all(|take| ready(take.as_mut()).is_none()));
}

/// A cause that is handed on from channel to channel stays the same error
#[test]
fn a_cause_that_is_handed_on_can_still_be_downcast() {
    let (tx, rx) = chan::<u32>(0);
    tx.fail(std::io::Error::other("no disk"));
    let (next_tx, next) = chan::<u32>(0);
    next_tx.fail(rx.failure().unwrap());
    let (last_tx, last) = chan::<u32>(0);
    last_tx.fail(next.failure().unwrap());
    assert!(last.failure().unwrap().is::<std::io::Error>());
}
