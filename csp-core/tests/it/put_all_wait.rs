//! Puts into several channels at one instant that have to wait: when they are woken, whose turn it is, and how it
//! ends.

use std::{
    future::Future,
    pin::{Pin, pin},
    task::Poll,
};

use csp_core::{Order, PutAllOrNone, Puts, alt, block_on, chan, park, put_all_or_none, sliding};

use crate::util::{Counter, Ledger, panic_of, parks, poll, ready};

#[test]
fn it_parks_until_all_have_room_at_one_instant() {
    let ((a_tx, a), (b_tx, b)) = (chan(1), chan(0));
    let waker = Counter::new();
    a_tx.try_put(0).unwrap();
    let mut all = pin!(put_all_or_none((a_tx.put(1), b_tx.put(2))));
    assert!(waker.poll(all.as_mut()).is_pending());
    assert_eq!((a.try_take(), a.len()), (Ok(0), 0));
    // (It waits for either channel first.)
    assert!(waker.poll(all.as_mut()).is_pending());
    let mut take = pin!(b.take());
    parks(take.as_mut());
    assert!((1..=2).contains(&waker.wakes()));
    assert!(a.is_empty());
    assert!(matches!(waker.poll(all.as_mut()), Poll::Ready(Ok(()))));
    assert_eq!((ready(take), a.try_take()), (Some(2), Ok(1)));
    assert_eq!(waker.held(), 0);
}

/// It looks at all channels each time that it is woken, so takers who come to one after the other must not wake it each.
#[test]
fn takers_who_come_in_order_do_not_wake_it_each() {
    const MANY: usize = 512;
    let forwards: Vec<usize> = (0..MANY).collect();
    let backwards: Vec<usize> = (0..MANY).rev().collect();
    let in_steps: Vec<usize> = (0..MANY).map(|n| n * 89 % MANY).collect();
    for order in [forwards, backwards, in_steps] {
        let (txs, rxs): (Vec<_>, Vec<_>) = (0..MANY).map(|_| chan(0)).unzip();
        let waker = Counter::new();
        let mut all = pin!(put_all_or_none(
            txs.iter().map(|tx| tx.put(())).collect::<Vec<_>>()
        ));
        assert!(waker.poll(all.as_mut()).is_pending());
        let mut takes = Vec::new();
        for at in order {
            let mut take = Box::pin(rxs[at].take());
            parks(take.as_mut());
            takes.push(take);
            assert_eq!(waker.poll(all.as_mut()).is_ready(), takes.len() == MANY);
        }
        assert!(waker.wakes() < 40, "{} wake-ups", waker.wakes());
        takes
            .into_iter()
            .for_each(|take| assert_eq!(ready(take), Some(())));
    }
}

#[test]
fn it_is_woken_only_by_room() {
    let (tx, rx) = chan(2);
    let waker = Counter::new();
    (0..2).for_each(|n| tx.try_put(n).unwrap());
    let mut behind = pin!(tx.put(2));
    parks(behind.as_mut());
    let mut all = pin!(put_all_or_none([tx.put(10), tx.put(11)]));
    assert!(waker.poll(all.as_mut()).is_pending());
    // The room goes to the put that waits, and then to one that comes in between.
    assert_eq!(rx.try_take(), Ok(0));
    assert!(ready(behind).is_ok());
    assert_eq!(waker.wakes(), 0);
    assert_eq!(rx.try_take(), Ok(1));
    assert_eq!(waker.wakes(), 1);
    tx.try_put(3).unwrap();
    assert!(waker.poll(all.as_mut()).is_pending());
    // Two places are needed.
    assert_eq!(rx.try_take(), Ok(2));
    assert!(waker.poll(all.as_mut()).is_pending());
    assert_eq!(rx.try_take(), Ok(3));
    assert_eq!(waker.wakes(), 3);
    assert!(waker.poll(all.as_mut()).is_ready());
    assert_eq!((rx.try_take(), rx.try_take()), (Ok(10), Ok(11)));
}

#[test]
fn a_poll_without_need_keeps_the_place_in_the_line() {
    let (tx, rx) = chan(0);
    let wakers = [Counter::new(), Counter::new(), Counter::new()];
    let mut first = pin!(put_all_or_none([tx.put(1)]));
    let mut second = pin!(put_all_or_none([tx.put(2)]));
    assert!(wakers[0].poll(first.as_mut()).is_pending());
    assert!(wakers[1].poll(second.as_mut()).is_pending());
    assert!(wakers[0].poll(first.as_mut()).is_pending());
    assert!(wakers[2].poll(first.as_mut()).is_pending());
    let mut take = pin!(rx.take());
    parks(take.as_mut());
    // Who polled last is woken.
    assert_eq!(wakers.each_ref().map(Counter::wakes), [0, 0, 1]);
    assert!(wakers[2].poll(first.as_mut()).is_ready());
    assert_eq!(ready(take), Some(1));
    assert_eq!(wakers[1].wakes(), 0);
    assert!(wakers.iter().all(|waker| waker.held() <= 1));
}

#[test]
fn who_cannot_use_the_room_passes_it_on() {
    let (a_tx, a) = chan(0);
    let wakers = [Counter::new(), Counter::new(), Counter::new()];
    // They wait for two takers.
    let mut greedy = pin!(put_all_or_none([a_tx.put(1), a_tx.put(2)]));
    let mut stuck = pin!(put_all_or_none([a_tx.put(3), a_tx.put(4)]));
    let mut modest = pin!(put_all_or_none([a_tx.put(5)]));
    assert!(wakers[0].poll(greedy.as_mut()).is_pending());
    assert!(wakers[1].poll(stuck.as_mut()).is_pending());
    assert!(wakers[2].poll(modest.as_mut()).is_pending());
    let mut take = pin!(a.take());
    parks(take.as_mut());
    let wakes = || wakers.each_ref().map(Counter::wakes);
    assert_eq!(wakes(), [1, 0, 0]);
    assert!(wakers[0].poll(greedy.as_mut()).is_pending());
    assert_eq!(wakes(), [1, 1, 0]);
    assert!(wakers[1].poll(stuck.as_mut()).is_pending());
    assert_eq!(wakes(), [1, 1, 1]);
    assert!(wakers[2].poll(modest.as_mut()).is_ready());
    assert_eq!(ready(take), Some(5));
}

#[test]
fn who_is_dropped_passes_the_room_on() {
    let (a_tx, a) = chan(0);
    let waker = Counter::new();
    let mut dropped = Box::pin(put_all_or_none([a_tx.put(1)]));
    let mut next = pin!(put_all_or_none([a_tx.put(2)]));
    parks(dropped.as_mut());
    assert!(waker.poll(next.as_mut()).is_pending());
    let mut take = pin!(a.take());
    parks(take.as_mut());
    assert_eq!(waker.wakes(), 0);
    drop(dropped);
    assert_eq!(waker.wakes(), 1);
    assert!(waker.poll(next.as_mut()).is_ready());
    assert_eq!(ready(take), Some(2));
}

#[test]
fn those_who_were_told_and_those_who_were_not_learn_of_the_close() {
    let (tx, rx) = chan(2);
    (0..2).for_each(|n| tx.try_put(n).unwrap());
    let wakers = [Counter::new(), Counter::new()];
    let mut greedy = pin!(put_all_or_none([tx.put(1), tx.put(2), tx.put(3)]));
    let mut modest = pin!(put_all_or_none([tx.put(4)]));
    assert!(wakers[0].poll(greedy.as_mut()).is_pending());
    assert!(wakers[1].poll(modest.as_mut()).is_pending());
    assert_eq!((rx.try_take(), wakers[0].wakes()), (Ok(0), 1));
    drop(rx);
    // It is closed: both are told.
    assert!(matches!(wakers[0].poll(greedy), Poll::Ready(Err(none)) if none.is_closed()));
    assert_eq!(wakers[1].wakes(), 1);
    assert!(matches!(wakers[1].poll(modest), Poll::Ready(Err(none)) if none.is_closed()));
}

#[test]
fn closing_either_side_ends_it() {
    for from_puts in [false, true] {
        let ((a_tx, a), (b_tx, b)) = (chan(1), chan(0));
        let waker = Counter::new();
        let mut all = pin!(put_all_or_none((a_tx.put(1), b_tx.put(2))));
        assert!(waker.poll(all.as_mut()).is_pending());
        if from_puts {
            b_tx.close();
        } else {
            drop(b);
        }
        assert_eq!(waker.wakes(), 1);
        let Poll::Ready(Err(none)) = waker.poll(all) else {
            panic!("it should be over")
        };
        assert!(none.is_closed());
        assert_eq!((none.index(), none.into_inner()), (1, (1, 2)));
        assert_eq!((a.len(), waker.held()), (0, 0));
    }
}

#[test]
fn many_who_wait_are_told_of_the_close() {
    let (tx, rx) = chan(0);
    let waker = Counter::new();
    let mut all: Vec<_> = (0..300)
        .map(|n| Box::pin(put_all_or_none([tx.put(n)])))
        .collect();
    assert!(
        all.iter_mut()
            .all(|all| waker.poll(all.as_mut()).is_pending())
    );
    drop(rx);
    assert_eq!(waker.wakes(), 300);
    let refused = all.into_iter().filter_map(|all| ready(all).err()).count();
    assert_eq!(refused, 300);
}

#[test]
fn a_channel_that_it_does_not_wait_for_may_close() {
    for from_puts in [false, true] {
        // `a` has no taker, and `b` has room: what it waits for may never come, but `b` can end it.
        let ((a_tx, a), (b_tx, b)) = (chan(0), chan(1));
        let waker = Counter::new();
        let mut all = pin!(put_all_or_none((a_tx.put(1), b_tx.put(2), b_tx.put(3))));
        let mut next = pin!(put_all_or_none((a_tx.put(4), a_tx.put(5))));
        assert!(waker.poll(all.as_mut()).is_pending());
        parks(next.as_mut());
        if from_puts {
            b_tx.close();
        } else {
            drop(b);
        }
        assert_eq!(waker.wakes(), 1);
        let none = ready(all).unwrap_err();
        assert_eq!((none.index(), none.is_closed()), (1, true));
        assert_eq!((none.into_inner(), waker.held()), ((1, 2, 3), 0));
        let (mut first, mut second) = (pin!(a.take()), pin!(a.take()));
        parks(first.as_mut());
        parks(second.as_mut());
        assert!(ready(next).is_ok());
        assert_eq!((ready(first), ready(second)), (Some(4), Some(5)));
    }
}

#[test]
fn who_polls_with_another_waker_is_told_of_the_close() {
    let ((a_tx, _a), (b_tx, b)) = (chan(0), chan(1));
    let all = || Box::pin(put_all_or_none((a_tx.put(1), b_tx.put(2))));
    let (mut first, mut second) = (all(), all());
    let wakers = [Counter::new(), Counter::new()];
    for waker in &wakers {
        assert!(waker.poll(first.as_mut()).is_pending());
        assert!(waker.poll(second.as_mut()).is_pending());
    }
    drop(first);
    b.close();
    assert_eq!(wakers.each_ref().map(Counter::wakes), [0, 1]);
    assert_eq!(wakers.each_ref().map(Counter::held), [0, 1]);
    assert_eq!(ready(second).unwrap_err().index(), 1);
}

#[test]
fn it_is_over_once() {
    let (tx, rx) = chan(2);
    let mut all = pin!(put_all_or_none([tx.put(1)]));
    assert!(ready(all.as_mut()).is_ok());
    assert_eq!(all.as_mut().withdraw(), None);
    assert!(panic_of(|| poll(all)).contains("polled after it had ended"));
    let mut all = pin!(put_all_or_none([tx.put(2)]));
    assert_eq!(all.as_mut().withdraw(), Some([2]));
    assert_eq!(all.as_mut().withdraw(), None);
    assert!(panic_of(|| poll(all)).contains("polled after it had ended"));
    assert_eq!((rx.try_take(), rx.len()), (Ok(1), 0));
}

#[test]
fn no_value_is_lost_or_doubled() {
    let ledger = Ledger::new();
    let ((a_tx, a), (b_tx, b)) = (chan(1), chan(sliding(1)));
    let all = |n| put_all_or_none((a_tx.put(ledger.value(n)), b_tx.put(ledger.value(n))));
    all(1).now().unwrap();
    assert_eq!(ledger.live(), 2);
    // Never polled, refused, dropped while parked, withdrawn.
    drop(all(2));
    drop(all(3).now());
    let mut dropped = Box::pin(all(4));
    parks(dropped.as_mut());
    assert_eq!(ledger.live(), 4);
    drop(dropped);
    assert_eq!(ledger.live(), 2);
    let mut withdrawn = Box::pin(all(5));
    parks(withdrawn.as_mut());
    assert_eq!(withdrawn.as_mut().withdraw().unwrap().0, 5);
    drop(withdrawn);
    assert_eq!(a.try_take().unwrap(), 1);
    // What slides out is dropped, once.
    all(6).now().unwrap();
    assert_eq!(ledger.live(), 2);
    assert_eq!((a.try_take().unwrap().id, b.try_take().unwrap().id), (6, 6));
    assert_eq!(ledger.live(), 0);
}

#[test]
fn a_parked_put_is_not_overtaken() {
    let ((a_tx, a), (b_tx, b)) = (chan(1), chan(1));
    a_tx.try_put(0).unwrap();
    let mut first = pin!(a_tx.put(1));
    parks(first.as_mut());
    let mut all = pin!(put_all_or_none([a_tx.put(2), b_tx.put(2)]));
    parks(all.as_mut());
    let mut last = pin!(a_tx.put(3));
    parks(last.as_mut());
    let mut took = Vec::new();
    for _ in 0..3 {
        took.push(a.try_take().unwrap());
    }
    // Both puts had the room before it looked.
    assert_eq!(took, [0, 1, 3]);
    assert!(ready(all).is_ok());
    assert_eq!((a.try_take(), b.try_take()), (Ok(2), Ok(2)));
}

#[test]
fn it_is_an_arm_and_can_be_sent() {
    fn sent<F: Future + Send + Sync>(_: &F) {}
    let ((a_tx, a), (b_tx, b)) = (chan(1), chan(0));
    let all = put_all_or_none((a_tx.put(1), b_tx.put("x")));
    sent(&all);
    let gave_up = block_on(async {
        alt! {
            _ = park!(all) => false,
            default => true,
        }
    });
    assert!(gave_up);
    let mut take = pin!(b.take());
    parks(take.as_mut());
    let all = put_all_or_none((a_tx.put(1), b_tx.put("x")));
    let done = block_on(async {
        alt! {
            done = park!(all) => done.is_ok(),
            default => false,
        }
    });
    assert!(done);
    assert_eq!((a.try_take(), ready(take)), (Ok(1), Some("x")));
}

/// Polls what it owns, and takes, thirty thousand times: linear, and no recursion.
#[test]
fn a_crowd_waits_in_line() {
    const MANY: usize = 30_000;
    let ((a_tx, a), (b_tx, b)) = (chan(1), chan(1));
    let waker = Counter::new();
    let put = |n: usize| Box::pin(put_all_or_none((a_tx.put(n), b_tx.put(n))));
    let mut crowd: Vec<Pin<Box<PutAllOrNone<_>>>> = (0..MANY).map(put).collect();
    assert!(waker.poll(crowd[0].as_mut()).is_ready());
    for all in &mut crowd[1..] {
        assert!(waker.poll(all.as_mut()).is_pending());
    }
    for (n, all) in (1..).zip(&mut crowd[1..]) {
        assert_eq!((a.try_take(), b.try_take()), (Ok(n - 1), Ok(n - 1)));
        // One is woken for each room of the channel that they watch, and it is the next in line.
        assert_eq!(waker.wakes(), n);
        assert!(waker.poll(all.as_mut()).is_ready(), "{n}");
    }
    // Those who are dropped leave in no time.
    let mut crowd: Vec<_> = (0..MANY).map(put).collect();
    for all in &mut crowd {
        parks(all.as_mut());
    }
}

fn lend<P: Puts>(all: &mut Pin<Box<PutAllOrNone<P>>>) -> Poll<bool> {
    poll(all.as_mut()).map(|result| result.is_ok())
}

#[test]
fn those_who_lack_takers_together_watch_all_of_them() {
    // One alts for two channels: a taker more on either is enough.
    for on_first in [false, true] {
        let ((a_tx, a), (b_tx, b)) = (chan(0), chan(0));
        let mut alts = pin!(crate::put_all::either!(a, b));
        parks(alts.as_mut());
        let mut all = Box::pin(put_all_or_none([a_tx.put(1), b_tx.put(1)]));
        let waker = Counter::new();
        assert!(waker.poll(all.as_mut()).is_pending());
        let mut take = pin!(if on_first { a.take() } else { b.take() });
        parks(take.as_mut());
        assert_eq!(waker.wakes(), 1);
        assert_eq!(lend(&mut all), Poll::Ready(true));
        assert_eq!(ready(take), Some(1));
        assert!(poll(alts).is_ready());
    }
}
