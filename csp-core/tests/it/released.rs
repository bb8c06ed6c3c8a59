//! What is let go, and when: channels with their last handle, wakers with the operation that had them.

use std::{mem::ManuallyDrop, pin::Pin, sync::Arc};

use csp_core::{AltSet, Event, Order, chan, chan_with, xf};

use crate::util::{Counter, Ledger, parks};

/// The channel itself, not only what is in it: its name lives as long.
#[test]
fn a_channel_goes_with_its_last_handle_whichever_that_is() {
    for sender_first in [false, true] {
        for transduced in [false, true] {
            let name: Arc<str> = "freed".into();
            let (tx, rx) = if transduced {
                chan_with(1, xf::map(|n: u32| n))
            } else {
                chan(1)
            };
            let tx = tx.named(Arc::clone(&name));
            let another = rx.clone();
            tx.try_put(1).unwrap();
            drop(another);
            assert_eq!(Arc::strong_count(&name), 2);
            if sender_first {
                drop(tx);
                assert_eq!(rx.name().as_deref(), Some("freed"));
                drop(rx);
            } else {
                drop(rx);
                assert_eq!(tx.name().as_deref(), Some("freed"));
                drop(tx);
            }
            assert_eq!(Arc::strong_count(&name), 1);
        }
    }
}

/// A round that was leaked has left the set's operations queued, with a clone of the waker.
#[test]
fn a_set_that_goes_after_a_leaked_round_lets_the_waker_go() {
    let (_tx, rx) = chan::<u32>(0);
    let (other_tx, _other) = chan(0);
    let waker = Counter::new();
    let mut set = AltSet::new();
    set.take(&rx);
    set.put(&other_tx, 1);
    assert!(!set.is_empty());
    {
        let mut round = ManuallyDrop::new(set.choose(Order::Random));
        assert!(waker.poll(Pin::new(&mut *round)).is_pending());
    }
    assert!(waker.held() > 0);
    drop(set);
    assert_eq!(waker.held(), 0);
    assert!(!format!("{rx:?}").contains("takers: 1"), "{rx:?}");
}

/// A put that a taker came for in a round that was given up has no value any more: it is off, until it is given one.
#[test]
fn a_put_served_in_a_round_given_up_is_off() {
    let ledger = Ledger::new();
    let (tx, rx) = chan(0);
    let (_never, other) = chan(0);
    let mut set = AltSet::new();
    set.put(&tx, ledger.value(1));
    set.take(&other);
    {
        let mut round = Box::pin(set.choose(Order::Random));
        parks(round.as_mut());
        assert_eq!(rx.try_take().unwrap(), 1);
    }
    let mut take = Box::pin(rx.take());
    parks(take.as_mut());
    assert!(set.choose(Order::Random).now().is_none());
    set.put_again(0, ledger.value(2));
    let put = set.choose(Order::Random).now();
    assert!(matches!(put, Some((0, Event::Put(Ok(()))))), "{put:?}");
    drop(set);
    drop(take);
    drop(rx);
    assert_eq!(ledger.live(), 0);
}

/// One that a close refused in such a round has its value still: it stays on, and gives it back.
#[test]
fn a_put_refused_in_a_round_given_up_gives_its_value_back() {
    let (tx, rx) = chan(0);
    let (_never, other) = chan::<u32>(0);
    let mut set = AltSet::new();
    set.put(&tx, 7);
    set.take(&other);
    {
        let mut round = Box::pin(set.choose(Order::Random));
        parks(round.as_mut());
        rx.close();
    }
    let refused = set.choose(Order::Random).now();
    let Some((0, Event::Put(Err(closed)))) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(closed.0, 7);
}

/// Polled again, one who waits for the close stands in the line once; who goes away is in it no more.
#[test]
fn who_waits_for_the_close_stands_in_the_line_once() {
    let (tx, rx) = chan::<u32>(0);
    let (first, second) = (Counter::new(), Counter::new());
    let mut one = Box::pin(tx.closed());
    let mut two = Box::pin(tx.closed());
    let mut gone = Box::pin(tx.closed());
    for _ in 0..2 {
        assert!(first.poll(one.as_mut()).is_pending());
        assert!(second.poll(two.as_mut()).is_pending());
        assert!(second.poll(gone.as_mut()).is_pending());
    }
    drop(gone);
    rx.close();
    assert_eq!((first.wakes(), second.wakes()), (1, 1));
    assert!(first.poll(one.as_mut()).is_ready());
    assert!(second.poll(two.as_mut()).is_ready());
    assert_eq!((first.held(), second.held()), (0, 0));
}
