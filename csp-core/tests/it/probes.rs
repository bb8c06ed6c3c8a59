//! The probes of `peers.md`, "Semantics, probed": polled by hand, one thread. Memory: `tests/alloc.rs`.

use std::pin::pin;

use csp_core::{Alt, Put, Take, TryTakeError, alts, chan};

use crate::util::{Counter, Ledger, id, parks, ready};

/// parked recv gets its value handed over, is dropped unpolled: kept
#[test]
fn probe_a_committed_take_dropped_unpolled_keeps_the_value() {
    for capacity in [0, 4] {
        let ledger = Ledger::new();
        let (tx, rx) = chan(capacity);
        let mut take = Box::pin(rx.take());
        parks(take.as_mut());
        assert!(ready(pin!(tx.put(ledger.value(1)))).is_ok());
        drop(take);
        assert_eq!(id(rx.try_take().ok()), Some(1));
    }
}

/// woken receiver dropped, is the next receiver woken?: yes
#[test]
fn probe_the_next_receiver_is_woken_when_a_woken_one_is_dropped() {
    for capacity in [0, 4] {
        let (tx, rx) = chan(capacity);
        let wakers = [Counter::new(), Counter::new()];
        let mut first = Box::pin(rx.take());
        let mut second = Box::pin(rx.take());
        assert!(wakers[0].poll(first.as_mut()).is_pending());
        assert!(wakers[1].poll(second.as_mut()).is_pending());
        tx.try_put(1).unwrap();
        assert_eq!((wakers[0].wakes(), wakers[1].wakes()), (1, 0));
        drop(first);
        assert_eq!((wakers[0].wakes(), wakers[1].wakes()), (1, 1));
        assert_eq!(ready(second.as_mut()), Some(1));
    }
}

/// parked send polled again with another waker: the new one is woken, and only that
#[test]
fn probe_a_parked_put_wakes_the_waker_of_its_last_poll() {
    for capacity in [0, 1] {
        let (tx, rx) = chan(capacity);
        if capacity == 1 {
            tx.try_put(0).unwrap();
        }
        let (old, new) = (Counter::new(), Counter::new());
        let mut put = pin!(tx.put(1));
        assert!(old.poll(put.as_mut()).is_pending());
        assert!(old.poll(put.as_mut()).is_pending());
        assert_eq!(old.held(), 1);
        assert!(new.poll(put.as_mut()).is_pending());
        assert_eq!((old.held(), new.held()), (0, 1));
        rx.try_take().unwrap();
        assert_eq!((old.wakes(), new.wakes()), (0, 1));
        ready(put).unwrap();
    }
}

/// parked recv polled again with another waker: ok
#[test]
fn probe_a_parked_take_wakes_the_waker_of_its_last_poll() {
    for capacity in [0, 1] {
        let (tx, rx) = chan(capacity);
        let (old, new) = (Counter::new(), Counter::new());
        let mut take = pin!(rx.take());
        assert!(old.poll(take.as_mut()).is_pending());
        assert!(old.poll(take.as_mut()).is_pending());
        assert!(new.poll(take.as_mut()).is_pending());
        assert_eq!((old.held(), new.held()), (0, 1));
        tx.try_put(1).unwrap();
        assert_eq!((old.wakes(), new.wakes()), (0, 1));
        assert_eq!(ready(take), Some(1));
    }
}

/// The same for an alts, over both its arms.
#[test]
fn probe_a_parked_alts_wakes_the_waker_of_its_last_poll() {
    let (tx, rx) = chan(0);
    let (out, _out_rx) = chan(0);
    let (old, new) = (Counter::new(), Counter::new());
    let mut block = pin!(async { alts!(out.put(1), rx.take()) });
    assert!(old.poll(block.as_mut()).is_pending());
    assert!(old.poll(block.as_mut()).is_pending());
    assert!(new.poll(block.as_mut()).is_pending());
    assert_eq!((old.held(), new.held()), (0, 1));
    tx.try_put(2).unwrap();
    assert_eq!((old.wakes(), new.wakes()), (0, 1));
    assert_eq!(ready(block), csp_core::Of2::B(Some(2)));
    assert_eq!((old.held(), new.held()), (0, 0));
}

/// woken recv, message stolen by another receiver: impossible here, since the value is handed over.
/// The woken one has it whatever the other does, and being polled a million times costs nothing.
#[test]
fn probe_a_woken_take_cannot_be_robbed() {
    let (tx, rx) = chan(4);
    let waker = Counter::new();
    let mut take = pin!(rx.take());
    for _ in 0..1000 {
        assert!(waker.poll(take.as_mut()).is_pending());
    }
    assert_eq!(waker.held(), 1);
    tx.try_put(1).unwrap();
    assert_eq!(rx.try_take(), Err(TryTakeError::Empty));
    assert_eq!(ready(take), Some(1));
}

/// parked send granted a place, never polled again; do 4 new sends fit an empty cap-4 channel?: 4
#[test]
fn probe_a_put_that_is_never_polled_again_keeps_no_place() {
    let (tx, rx) = chan(4);
    for n in 0..4 {
        tx.try_put(n).unwrap();
    }
    let mut forgotten = Box::pin(tx.put(4));
    parks(forgotten.as_mut());
    // Its value comes along like any other; it holds no permit.
    for n in 0..5 {
        assert_eq!(rx.try_take(), Ok(n));
    }
    for n in 5..9 {
        assert_eq!(tx.try_put(n), Ok(()));
    }
    assert!(tx.try_put(9).unwrap_err().is_full());
    assert_eq!(ready(forgotten), Ok(()));
}

/// parked send dropped: withdrawn
#[test]
fn probe_a_dropped_put_is_withdrawn() {
    let (tx, rx) = chan(1);
    tx.try_put(0).unwrap();
    let mut put = Box::pin(tx.put(1));
    parks(put.as_mut());
    drop(put);
    assert_eq!(rx.try_take(), Ok(0));
    assert_eq!(rx.try_take(), Err(TryTakeError::Empty));
}

/// senders dropped, 3 buffered: 3, then closed
#[test]
fn probe_three_buffered_values_then_closed() {
    let (tx, rx) = chan(8);
    for n in 0..3 {
        tx.try_put(n).unwrap();
    }
    drop(tx);
    assert!((0..3).all(|n| rx.try_take() == Ok(n)));
    assert_eq!(rx.try_take(), Err(TryTakeError::Closed));
}

/// order with parked senders: FIFO
#[test]
fn probe_parked_senders_are_served_in_order() {
    let (tx, rx) = chan(1);
    let mut puts: Vec<_> = (0..4).map(|n| Box::pin(tx.put(n))).collect();
    assert_eq!(ready(puts[0].as_mut()), Ok(()));
    puts[1..].iter_mut().for_each(|put| parks(put.as_mut()));
    assert!((0..4).all(|n| rx.try_take() == Ok(n)));
}

/// future size in bytes, u64 (send, recv): a snapshot. The best correct peers: 56 and 32.
#[cfg(target_pointer_width = "64")]
#[test]
fn probe_future_sizes() {
    assert_eq!(size_of::<Put<'_, u64>>(), 48);
    assert_eq!(size_of::<Take<'_, u64>>(), 48);
    assert_eq!(size_of::<Take<'_, ()>>(), 40);
    assert_eq!(size_of::<Alt<(Take<'_, u64>, Put<'_, u64>)>>(), 128);
    assert_eq!(size_of::<csp_core::Sender<u64>>(), 8);
    assert_eq!(size_of::<csp_core::Receiver<u64>>(), 8);
}
