//! Operations dropped in every state: nothing is lost, nothing is dropped twice, FIFO is kept.

use std::{pin::pin, sync::Arc};

use csp_core::{Buffer, Event, Of2, Order, Receiver, Sender, alts, chan, dropping, fixed, sliding};

use crate::util::{Counter, Ledger, Tracked, id, parks, ready};

fn channels() -> Vec<(Sender<Tracked>, Receiver<Tracked>)> {
    vec![
        chan(0),
        chan(1),
        chan(3),
        chan(sliding(2)),
        chan(dropping(2)),
        chan(Buffer::custom(crate::custom::Fifo::new(1))),
    ]
}

/// A put dropped: before its first poll, parked, and done.
#[test]
fn a_dropped_put_withdraws_its_value_once() {
    for (tx, rx) in channels() {
        let ledger = Ledger::new();
        drop(tx.put(ledger.value(1)));
        assert_eq!((ledger.live(), rx.len()), (0, 0));
        let mut filled = 0;
        while tx.try_put(ledger.value(0)).is_ok() && filled < 2 {
            filled += 1;
        }
        let waker = Counter::new();
        let mut put = Box::pin(tx.put(ledger.value(2)));
        if waker.poll(put.as_mut()).is_ready() {
            // A policy that always accepts: a put that is done has nothing to withdraw.
            let live = ledger.live();
            drop(put);
            assert_eq!(ledger.live(), live);
            continue;
        }
        let live = ledger.live();
        drop(put);
        assert_eq!(
            (ledger.live(), waker.wakes(), waker.held()),
            (live - 1, 0, 0)
        );
        // The next one is not in its way, nor behind it.
        let mut last = pin!(tx.put(ledger.value(3)));
        parks(last.as_mut());
        for _ in 0..rx.len() {
            assert_eq!(id(rx.try_take().ok()), Some(0));
        }
        assert_eq!(id(rx.try_take().ok()), Some(3));
        assert!(ready(last).is_ok());
        assert_eq!(ledger.live(), 0);
    }
}

/// A put that was handed over, and is dropped before it learns so, stays put.
#[test]
fn a_put_dropped_after_it_was_taken_stays_put() {
    let ledger = Ledger::new();
    let (tx, rx) = chan(0);
    let waker = Counter::new();
    let mut put = Box::pin(tx.put(ledger.value(1)));
    assert!(waker.poll(put.as_mut()).is_pending());
    let taken = rx.try_take().unwrap();
    assert_eq!(waker.wakes(), 1);
    drop(put);
    assert_eq!((taken.id, ledger.live(), waker.held()), (1, 1, 0));
}

/// `withdraw` in every state gives the value, or says that it has gone.
#[test]
fn withdraw_gives_the_value_unless_it_was_put() {
    let ledger = Ledger::new();
    let (tx, rx) = chan(0);
    // Not polled yet.
    let mut put = pin!(tx.put(ledger.value(1)));
    assert_eq!(id(put.as_mut().withdraw()), Some(1));
    assert!(put.as_mut().withdraw().is_none());
    // Parked.
    let mut put = pin!(tx.put(ledger.value(2)));
    parks(put.as_mut());
    assert_eq!(id(put.as_mut().withdraw()), Some(2));
    assert!(rx.try_take().is_err());
    // Handed over.
    let mut put = pin!(tx.put(ledger.value(3)));
    parks(put.as_mut());
    assert_eq!(id(rx.try_take().ok()), Some(3));
    assert!(put.as_mut().withdraw().is_none());
    // Failed by close, not seen yet.
    let mut put = pin!(tx.put(ledger.value(4)));
    parks(put.as_mut());
    rx.close();
    assert_eq!(id(put.as_mut().withdraw()), Some(4));
    assert_eq!(ledger.live(), 0);
}

/// A put that failed by close, and is dropped before it learns so, drops its value once.
#[test]
fn a_put_failed_by_close_and_dropped_unpolled_drops_its_value() {
    let ledger = Ledger::new();
    let (tx, rx) = chan(0);
    let mut put = Box::pin(tx.put(ledger.value(4)));
    parks(put.as_mut());
    drop(rx);
    assert_eq!(ledger.live(), 1);
    drop(put);
    assert_eq!(ledger.live(), 0);
}

/// A take dropped: before its first poll, parked, and done.
#[test]
fn a_dropped_take_leaves_no_trace() {
    for (tx, rx) in channels() {
        let ledger = Ledger::new();
        drop(rx.take());
        let waker = Counter::new();
        let (mut first, mut second) = (Box::pin(rx.take()), Box::pin(rx.take()));
        assert!(waker.poll(first.as_mut()).is_pending());
        assert!(waker.poll(second.as_mut()).is_pending());
        drop(first);
        // The value goes to the one behind it, not into the void.
        assert!(tx.try_put(ledger.value(1)).is_ok());
        assert_eq!(waker.wakes(), 1);
        assert_eq!(id(ready(second.as_mut())), Some(1));
        drop(second);
        assert_eq!((ledger.live(), waker.held(), rx.len()), (0, 0, 0));
    }
}

/// A take that was handed a value, and is dropped before it sees it: the next taker has it.
#[test]
fn a_dropped_committed_take_gives_to_the_next_taker() {
    for (tx, rx) in channels() {
        let ledger = Ledger::new();
        let waker = Counter::new();
        let (mut first, mut second) = (Box::pin(rx.take()), Box::pin(rx.take()));
        parks(first.as_mut());
        assert!(waker.poll(second.as_mut()).is_pending());
        tx.try_put(ledger.value(1)).unwrap();
        assert_eq!(waker.wakes(), 0);
        drop(first);
        assert_eq!((waker.wakes(), rx.len()), (1, 0));
        assert_eq!(id(ready(second.as_mut())), Some(1));
        assert_eq!(ledger.live(), 0);
    }
}

/// ... and without another taker it is the very next to be taken, also from a rendezvous.
#[test]
fn a_dropped_committed_take_gives_back_to_the_front() {
    for (tx, rx) in channels() {
        let ledger = Ledger::new();
        let mut first = Box::pin(rx.take());
        parks(first.as_mut());
        tx.try_put(ledger.value(1)).unwrap();
        let rendezvous = tx.capacity() == 0;
        let mut parked = Box::pin(tx.put(ledger.value(2)));
        if rendezvous {
            parks(parked.as_mut());
        } else {
            ready(parked.as_mut()).unwrap();
        }
        drop(first);
        assert_eq!(rx.len(), if rendezvous { 1 } else { 2 });
        assert_eq!(id(rx.try_take().ok()), Some(1));
        assert_eq!(id(ready(pin!(rx.take()))), Some(2));
        if rendezvous {
            ready(parked.as_mut()).unwrap();
        }
        assert!(rx.try_take().is_err());
        assert_eq!(ledger.live(), 0);
    }
}

/// A value that went back is no room for putters: a rendezvous stays one.
#[test]
fn a_value_given_back_makes_no_buffer() {
    let (tx, rx) = chan(0);
    {
        let mut take = pin!(rx.take());
        parks(take.as_mut());
        tx.try_put(1).unwrap();
    }
    assert!(tx.try_put(2).unwrap_err().is_full());
    assert_eq!(rx.try_take(), Ok(1));
    assert!(tx.try_put(2).unwrap_err().is_full());
    assert!(rx.try_take().unwrap_err().is_empty());
}

/// A hand-over that goes through many abandoned takers reaches the last.
#[test]
fn a_value_wanders_through_a_thousand_abandoned_takers() {
    let ledger = Ledger::new();
    let (tx, rx) = chan(0);
    let mut takes: Vec<_> = (0..1000).map(|_| Box::pin(rx.take())).collect();
    takes.iter_mut().for_each(|take| parks(take.as_mut()));
    tx.try_put(ledger.value(1)).unwrap();
    let mut last = takes.pop().unwrap();
    for take in takes {
        drop(take);
        assert_eq!(ledger.live(), 1);
    }
    assert_eq!(id(ready(last.as_mut())), Some(1));
}

/// The last receiver goes with a value given back: it is dropped once.
#[test]
fn what_was_given_back_is_dropped_with_the_channel() {
    let ledger = Ledger::new();
    let (tx, rx) = chan(0);
    {
        let mut take = pin!(rx.take());
        parks(take.as_mut());
        tx.try_put(ledger.value(1)).unwrap();
    }
    assert_eq!(ledger.live(), 1);
    drop(rx);
    assert_eq!(ledger.live(), 0);
}

/// Every stage of a two-arm alts (a take and a put), dropped there.
#[test]
fn an_alts_dropped_in_every_state_loses_nothing() {
    #[derive(Debug, Clone, Copy, PartialEq)]
    enum Stage {
        Unpolled,
        Parked,
        TakeCommitted,
        PutCommitted,
        TakeEnded,
        PutFailed,
    }
    use Stage::{Parked, PutCommitted, PutFailed, TakeCommitted, TakeEnded, Unpolled};
    for stage in [
        Unpolled,
        Parked,
        TakeCommitted,
        PutCommitted,
        TakeEnded,
        PutFailed,
    ] {
        for with_set in [false, true] {
            let ledger = Ledger::new();
            let (in_tx, in_rx) = chan(0);
            let (out_tx, out_rx) = chan(0);
            let waker = Counter::new();
            let mut block = two_arms(with_set, &in_rx, &out_tx, &ledger);
            if stage != Unpolled {
                assert!(waker.poll(block.as_mut()).is_pending());
            }
            let mut taken = None;
            match stage {
                Unpolled | Parked => {}
                TakeCommitted => in_tx.try_put(ledger.value(1)).unwrap(),
                PutCommitted => taken = out_rx.try_take().ok(),
                TakeEnded => assert!(in_tx.close()),
                PutFailed => assert!(out_rx.close()),
            }
            assert_eq!(
                waker.wakes(),
                usize::from(!matches!(stage, Unpolled | Parked))
            );
            drop(block);
            assert_eq!(waker.held(), 0, "{stage:?}");
            match stage {
                TakeCommitted => assert_eq!(id(in_rx.try_take().ok()), Some(1)),
                PutCommitted => assert_eq!(id(taken), Some(2)),
                _ => {}
            }
            assert_eq!(ledger.live(), 0, "{stage:?}, set: {with_set}");
            assert!(in_rx.try_take().is_err() && out_rx.try_take().is_err());
            // Both channels are as new: a plain pair meets (unless it was closed).
            if !matches!(stage, TakeEnded | PutFailed) {
                for (tx, rx) in [(&in_tx, &in_rx), (&out_tx, &out_rx)] {
                    let mut take = pin!(rx.take());
                    parks(take.as_mut());
                    tx.try_put(ledger.value(3)).unwrap();
                    assert_eq!(id(ready(take)), Some(3));
                }
            }
        }
    }
}

type Block<'a> = std::pin::Pin<Box<dyn Future<Output = ()> + 'a>>;

fn two_arms<'a>(
    with_set: bool,
    rx: &'a Receiver<Tracked>,
    tx: &'a Sender<Tracked>,
    ledger: &Arc<Ledger>,
) -> Block<'a> {
    let value = ledger.value(2);
    if with_set {
        return Box::pin(async move {
            let mut set = csp_core::AltSet::new();
            set.take(rx);
            set.put(tx, value);
            match set.choose(Order::Random).await {
                (0, Event::Took(_)) | (1, Event::Put(_)) => {}
                other => panic!("{other:?}"),
            }
        });
    }
    Box::pin(async move {
        match alts!(rx.take(), tx.put(value)) {
            Of2::A(value) => drop(value),
            Of2::B(result) => drop(result),
        }
    })
}

/// An alts whose take was committed, dropped unpolled: the next taker has the value.
#[test]
fn a_dropped_committed_alts_gives_to_the_next_taker() {
    let ledger = Ledger::new();
    let (tx, rx) = chan(0);
    let (_quiet_tx, quiet) = chan::<Tracked>(0);
    let mut block = Box::pin(async { alts!(quiet.take(), rx.take()) });
    parks(block.as_mut());
    let waker = Counter::new();
    let mut next = pin!(rx.take());
    assert!(waker.poll(next.as_mut()).is_pending());
    tx.try_put(ledger.value(1)).unwrap();
    assert_eq!(waker.wakes(), 0);
    drop(block);
    assert_eq!(waker.wakes(), 1);
    assert_eq!(id(ready(next)), Some(1));
}

/// Future by future, dropped after each number of polls: a chain of operations keeps its accounts.
#[test]
fn a_block_dropped_at_every_poll_keeps_its_accounts() {
    for buffer in [0, 1, 2] {
        for polls in 0..12 {
            let ledger = Ledger::new();
            let (a_tx, a_rx) = chan(fixed(buffer));
            let (b_tx, b_rx) = chan(fixed(buffer));
            let mut relay = Box::pin({
                let (a_rx, b_tx, ledger) = (a_rx.clone(), b_tx.clone(), Arc::clone(&ledger));
                async move {
                    loop {
                        match alts!(a_rx.take(), b_tx.put(ledger.value(100))) {
                            Of2::A(Some(value)) => b_tx.put(value).await.unwrap(),
                            Of2::A(None) => return,
                            Of2::B(result) => result.unwrap(),
                        }
                    }
                }
            });
            let (mut put, mut got) = (0, Vec::new());
            for turn in 0..polls {
                let _ = crate::util::poll(relay.as_mut());
                if turn % 3 == 0 && a_tx.try_put(ledger.value(put)).is_ok() {
                    put += 1;
                }
                if turn % 3 == 1 {
                    got.extend(id(b_rx.try_take().ok()));
                }
            }
            drop(relay);
            // What was accepted is in one of the two channels, or has come out; nothing else lives.
            let mut left = Vec::new();
            left.extend(std::iter::from_fn(|| id(a_rx.try_take().ok())));
            got.extend(std::iter::from_fn(|| id(b_rx.try_take().ok())));
            got.retain(|id| *id < 100);
            assert!(got.is_sorted() && left.is_sorted());
            assert!(got.len() + left.len() <= put as usize);
            // The relay itself may die with one value between take and put.
            assert!(got.len() + left.len() + 1 >= put as usize);
            assert_eq!(ledger.live(), 0, "buffer {buffer}, {polls} polls");
        }
    }
}
