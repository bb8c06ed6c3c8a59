//! Sets of alts whose arms stay queued from round to round: what happens to them between the rounds.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    pin::{Pin, pin},
    task::{Context, Poll, Waker},
};

use csp::{Buffer, BufferPolicy, Order, prelude::*, put_all_or_none};

fn poll_once<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// A transaction puts into two buffered channels that one set waits on: it serves the one arm, and the value that
/// goes into the other's buffer is found in the next round.
#[test]
fn a_transaction_puts_behind_an_arm_of_the_set_it_serves() {
    let (a_tx, a) = chan(1);
    let (b_tx, b) = chan(1);
    let mut set = AltSet::new();
    set.take(&a);
    set.take(&b);
    {
        let mut round = pin!(set.choose(Order::Random));
        assert!(poll_once(round.as_mut()).is_pending());
        put_all_or_none((a_tx.put(1), b_tx.put(2))).now().unwrap();
        assert!(poll_once(round.as_mut()).is_ready());
    }
    assert_eq!(a.len() + b.len(), 1, "the other is in its buffer");
    let (_, event) = set.choose(Order::Random).now().expect("it is there");
    assert!(matches!(event, Event::Took(Some(1 | 2))));
}

/// As above, with both arms on one channel.
#[test]
fn a_transaction_puts_twice_into_one_channel() {
    let (tx, rx) = chan(1);
    let mut set = AltSet::new();
    set.take(&rx);
    set.take(&rx);
    {
        let mut round = pin!(set.choose(Order::Random));
        assert!(poll_once(round.as_mut()).is_pending());
        put_all_or_none((tx.put(1), tx.put(2))).now().unwrap();
        assert!(poll_once(round.as_mut()).is_ready());
    }
    assert_eq!(rx.len(), 1);
    assert!(set.choose(Order::Random).now().is_some());
}

/// A round that was polled, and is then asked at once: nobody waits any more.
#[test]
fn now_after_a_poll() {
    let (tx, rx) = chan(0);
    let mut set = AltSet::new();
    set.take(&rx);
    let mut round = set.choose(Order::Random);
    assert!(poll_once(Pin::new(&mut round)).is_pending());
    assert_eq!(round.now(), None);
    assert!(tx.try_put(1).is_err(), "it would be lost");
}

/// As above, and a value was handed over in between.
#[test]
fn now_after_a_poll_that_took() {
    let (tx, rx) = chan(0);
    let mut set = AltSet::new();
    set.take(&rx);
    let mut round = set.choose(Order::Random);
    assert!(poll_once(Pin::new(&mut round)).is_pending());
    tx.try_put("x").unwrap();
    assert_eq!(round.now(), Some((0, Event::Took(Some("x")))));
}

/// As above, with a put: its value moves once.
#[test]
fn now_after_a_poll_that_put() {
    let (tx, rx) = chan(0);
    let mut set = AltSet::new();
    set.put(&tx, "x".to_string());
    let mut round = set.choose(Order::Random);
    assert!(poll_once(Pin::new(&mut round)).is_pending());
    assert_eq!(rx.try_take().unwrap(), "x");
    assert!(matches!(round.now(), Some((0, Event::Put(Ok(()))))));
    assert!(rx.try_take().is_err());
}

/// A put that is kept while nobody waits learns that its channel has closed, from either end.
#[test]
fn a_kept_put_meets_a_close() {
    for by_taker in [false, true] {
        let (tx, rx) = chan(0);
        let mut set = AltSet::new();
        set.put(&tx, 1);
        assert_eq!(set.choose(Order::Random).now(), None);
        assert!(if by_taker { rx.close() } else { tx.close() });
        let Some((0, Event::Put(Err(Closed(1))))) = set.choose(Order::Random).now() else {
            panic!("closed by its taker: {by_taker}");
        };
    }
}

/// Panics over every value.
struct Fussy;

impl BufferPolicy<u32> for Fussy {
    fn len(&self) -> usize {
        0
    }
    fn is_full(&self) -> bool {
        false
    }
    fn add(&mut self, _: u32) -> Option<u32> {
        panic!("not this one")
    }
    fn remove(&mut self) -> Option<u32> {
        None
    }
}

/// A put over whose value a policy panicked is given another: it counts once among the arms that are on.
#[test]
fn a_put_again_after_a_policys_panic() {
    let (tx, _rx) = chan(Buffer::custom(Fussy));
    let mut set = AltSet::new();
    set.put(&tx, 1);
    catch_unwind(AssertUnwindSafe(|| set.choose(Order::Random).now())).unwrap_err();
    set.put_again(0, 2);
    set.disable(0);
    let round = AssertUnwindSafe(|| poll_once(pin!(set.choose(Order::Random)).as_mut()));
    assert!(catch_unwind(round).is_err(), "no arm is on");
}
