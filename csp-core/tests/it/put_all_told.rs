//! Puts into several channels at one instant: who is told of them, in which order, and what goes with them.

use std::pin::pin;

use csp_core::{Buffer, BufferPolicy, chan, chan_with, dropping, put_all_or_none, xf};

use crate::util::{Counter, Ledger, panic_of, parks, poll};

/// They take from a buffer whose owner is asked first, so they are served after the values were stored.
#[test]
fn takers_who_wait_behind_a_policy_or_a_transducer_are_woken() {
    let buffers = [
        chan(Buffer::custom(crate::custom::Fifo::new(1))),
        chan_with(1, xf::map(|n: u32| n)),
    ];
    for (tx, rx) in buffers {
        let (other_tx, other) = chan(1);
        let taker = Counter::new();
        let mut take = pin!(rx.take());
        assert!(taker.poll(take.as_mut()).is_pending());
        put_all_or_none((tx.put(1), other_tx.put(2))).now().unwrap();
        assert_eq!(taker.wakes(), 1);
        assert_eq!(other.try_take(), Ok(2));
    }
}

/// The dropped value goes with the put, not with the future.
#[test]
fn what_a_buffer_does_not_keep_goes_at_once() {
    let ledger = Ledger::new();
    let (a_tx, a) = chan(dropping(1));
    let (b_tx, b) = chan(1);
    a_tx.try_put(ledger.value(1)).unwrap();
    let mut all = pin!(put_all_or_none((
        a_tx.put(ledger.value(2)),
        b_tx.put(ledger.value(3))
    )));
    assert!(poll(all.as_mut()).is_ready());
    assert_eq!(ledger.live(), 2);
    assert_eq!((a.len(), b.len()), (1, 1));
}

/// Two puts into one channel, and a third that stands behind them: polled again for nothing, the first keep their place.
#[test]
fn a_turn_for_nothing_costs_no_place_in_the_line() {
    let (tx, rx) = chan(2);
    tx.try_put(0).unwrap();
    tx.try_put(0).unwrap();
    let (first, second) = (Counter::new(), Counter::new());
    let mut two = pin!(put_all_or_none((tx.put(1), tx.put(2))));
    assert!(first.poll(two.as_mut()).is_pending());
    let mut one = pin!(put_all_or_none((tx.put(3),)));
    assert!(second.poll(one.as_mut()).is_pending());
    assert!(first.poll(two.as_mut()).is_pending());
    rx.try_take().unwrap();
    assert_eq!((first.wakes(), second.wakes()), (1, 0));
}

/// The channel without room is named, also when only the second of two puts into it does not fit.
#[test]
fn the_first_put_into_what_has_too_little_room_is_named() {
    let (a_tx, _a) = chan(1);
    let (b_tx, _b) = chan(1);
    let refused = put_all_or_none((a_tx.put(1), b_tx.put(2), b_tx.put(3)))
        .now()
        .unwrap_err();
    assert!(refused.is_full());
    assert_eq!(refused.index(), 1);
}

/// A panic's payload that panics itself when it is dropped.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            // (With a payload without size: what the drop of a payload panics with is leaked.)
            std::panic::resume_unwind(Box::new(()));
        }
    }
}

/// A buffer that takes nothing in.
struct Refuses(fn());

impl BufferPolicy<u32> for Refuses {
    fn len(&self) -> usize {
        0
    }
    fn is_full(&self) -> bool {
        false
    }
    fn add(&mut self, _: u32) -> Option<u32> {
        (self.0)();
        None
    }
    fn remove(&mut self) -> Option<u32> {
        None
    }
}

/// The first panic goes on; the others are dropped when no lock is held, and what that does harms nobody.
#[test]
fn of_two_panics_the_first_goes_on() {
    let (a_tx, a) = chan(Buffer::custom(Refuses(|| panic!("the first"))));
    let (b_tx, b) = chan(Buffer::custom(Refuses(|| std::panic::panic_any(Bomb))));
    let (c_tx, c) = chan(1);
    let all = put_all_or_none((a_tx.put(1), b_tx.put(2), c_tx.put(3)));
    assert_eq!(panic_of(|| all.now()), "the first");
    assert_eq!(c.try_take(), Ok(3));
    let mut take = pin!(b.take());
    parks(take.as_mut());
    assert_eq!((a.len(), b.len()), (0, 0));
}
