//! Models of alts: exactly one arm, nothing lost, no meeting with oneself, no dead-lock.
//!
//! Real alts on real channels, driven by threads (`block_on`) and by go blocks; see
//! [`models`](crate::models) for the bound. [`crossing`] has the models of alts that meet alts,
//! [`rounds`] those of [`AltSet`](crate::AltSet), `now` and futures, [`kept`] those of sets whose operations are queued
//! between rounds, this file the rest. What they were
//! seen to catch:
//!
//! * a winner that does not wait for its committer (the word is won first): `two_committers` and most.
//! * two words not taken in the order of their addresses: `rendezvous_both_ways` dead-locks.
//! * the own word `LOCK` instead of `WON` while a buffer is refilled: `refill_from_each_other` dead-locks.
//! * what a dropped take was handed dropped with it: `drop_against_commit`, `end_of_frame_against_commit`.
//! * a future arm that ignores that another was won: `future_against_commit`.
//! * the cell's owner changed without LOCK: `boxed_alts_outlives_its_block`.
//! * a set that waits though there is a mark, or an arm marked though its set waits: `mark_against_wait`.
//! * a mark that forgets the winner below it: `two_marks`.
//! * a set that only tries anew where arms were marked: `put_all_against_a_kept_set` does not end.
//! * `now` by one scan: `now_when_a_taker_is_always_there`; by a scan and one look:
//!   `now_when_a_value_moves_to_and_fro`.

#![allow(
    clippy::similar_names,
    clippy::match_wildcard_for_single_variants,
    reason = "models are short: tx, rx, taker, taken"
)]

mod crossing;
mod kept;
mod rounds;

use std::{future::Future, pin::pin, task::Poll};

use super::{Alt, Order, alt, future::Arms};
use crate::{
    Failure, Of2, block_on, chan,
    models::{Payload, SITE, World, drain, model, poll_once, spawn},
};

/// An alts over two arms, in order.
fn either<A: super::Arm, B: super::Arm>(a: A, b: B) -> Alt<(A, B)>
where
    (A, B): Arms,
{
    alt((a, b), Order::Priority, &SITE)
}

/// Polls once with a waker of nobody, then blocks.
fn poll_then_block<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    match poll_once(future.as_mut()) {
        Poll::Ready(output) => output,
        Poll::Pending => block_on(future),
    }
}

/// Two committers on two channels meet one parked alts: exactly one wins its word. Also the first arm
/// committed while the second is still being queued.
#[test]
fn two_committers() {
    model(|| {
        let (a_tx, a) = chan(0);
        let (b_tx, b) = chan(0);
        let value = Payload::new(1);
        let (first, second) = (value.clone(), value.clone());
        let parked = spawn(move || a_tx.put_blocking(first).is_ok());
        let tried = spawn(move || b_tx.try_put(second).is_ok());
        let from_b = match block_on(either(a.take(), b.take())) {
            Of2::A(got) => {
                assert!(got.is_some());
                false
            }
            // None: the sender gave up and went, which closed `b`.
            Of2::B(got) => {
                let some = got.is_some();
                if a.try_take().is_err() {
                    assert!(a.take_blocking().is_some());
                }
                some
            }
        };
        assert!(parked.join().unwrap());
        assert_eq!(tried.join().unwrap(), from_b);
        drop((a, b));
        value.assert_alone();
    });
}

/// An alts over a put and a take, against a taker and a putter: one of them is served, and the arm
/// that lost keeps its value.
#[test]
fn put_and_take_arms() {
    model(|| {
        let (a_tx, a) = chan(0);
        let (b_tx, b) = chan(0);
        let value = Payload::new(1);
        let (put, sent) = (value.clone(), value.clone());
        let taker = spawn(move || a.try_take().is_ok());
        let putter = spawn(move || b_tx.put_blocking(sent).is_ok());
        let put_done = match block_on(either(a_tx.put(put), b.take())) {
            Of2::A(Ok(())) => true,
            // The taker gave up and went, which closed `a`.
            Of2::A(Err(_)) => false,
            Of2::B(got) => {
                assert!(got.is_some());
                drop(got);
                assert!(putter.join().unwrap());
                assert!(!taker.join().unwrap());
                value.assert_alone();
                return;
            }
        };
        assert!(b.take_blocking().is_some());
        assert_eq!(taker.join().unwrap(), put_done);
        assert!(putter.join().unwrap());
        value.assert_alone();
    });
}

/// A parked alts is dropped while an arm is committed: the value is given back to the channel, the
/// other arm leaves its queue.
#[test]
fn drop_against_commit() {
    model(|| {
        let (a_tx, a) = chan(0);
        let (b_tx, b) = chan(0);
        let value = Payload::new(1);
        let (first, second) = (value.clone(), value.clone());
        let mut alts = Box::pin(either(a.take(), b.take()));
        assert!(poll_once(alts.as_mut()).is_pending());
        let one = spawn(move || a_tx.try_put(first).is_ok());
        let two = spawn(move || b_tx.try_put(second).is_ok());
        drop(alts);
        let accepted = [one.join().unwrap(), two.join().unwrap()];
        assert_ne!(accepted, [true, true]);
        assert_eq!(drain(&a).len(), usize::from(accepted[0]));
        assert_eq!(drain(&b).len(), usize::from(accepted[1]));
        value.assert_alone();
    });
}

/// A block parked at an alts, its word in the frame, is cancelled while an arm is committed: the
/// frame's end waits for the committer, which reads the word and the owner beside it.
#[test]
fn end_of_frame_against_commit() {
    model(|| {
        let world = World::new();
        let (a_tx, a) = chan(0);
        let (_b_tx, b) = chan::<u32>(0);
        let value = Payload::new(1);
        let (sent, receiver) = (value.clone(), a.clone());
        let go = world.go(async move { either(receiver.take(), b.take()).await });
        let putter = spawn(move || a_tx.try_put(sent).is_ok());
        let canceller = spawn(move || {
            go.cancel();
            go
        });
        world.run_all();
        let accepted = putter.join().unwrap();
        let mut found = drain(&a).len();
        match block_on(canceller.join().unwrap()) {
            Ok(Of2::A(got)) => found += usize::from(got.is_some()),
            Err(Failure::Cancelled) => {}
            other => panic!("{other:?}"),
        }
        assert_eq!(found, usize::from(accepted));
        value.assert_alone();
    });
}

/// A boxed alts is parked by a block, and awaited elsewhere when the block is gone: its owner is
/// counted. The owner is changed while a put commits it.
#[test]
fn boxed_alts_outlives_its_block() {
    model(|| {
        let world = World::new();
        let (a_tx, a) = chan(0);
        let (b_tx, b) = chan::<u32>(0);
        let value = Payload::new(1);
        let sent = value.clone();
        let go = world.go(async move {
            let mut alts = Box::pin(async move { either(a.take(), b.take()).await });
            let first = std::future::poll_fn(|cx| Poll::Ready(alts.as_mut().poll(cx))).await;
            (first, alts)
        });
        let putter = spawn(move || a_tx.put_blocking(sent).unwrap());
        world.run_all();
        let (first, alts) = block_on(go).unwrap();
        let got = match first {
            Poll::Ready(got) => got,
            Poll::Pending => block_on(alts),
        };
        let Of2::A(Some(got)) = got else {
            panic!("{got:?}")
        };
        drop((got, b_tx));
        putter.join().unwrap();
        value.assert_alone();
    });
}

/// An alts is polled with one waker, then with another, against a commit of its first or its second
/// arm: `change_owner` of the cell against winning its word.
#[test]
fn polled_with_another_waker() {
    model(|| {
        let (a_tx, a) = chan(0);
        let (b_tx, b) = chan::<u32>(0);
        let value = Payload::new(1);
        let sent = value.clone();
        let putter = spawn(move || a_tx.put_blocking(sent).unwrap());
        let Of2::B(Some(got)) = poll_then_block(either(b.take(), a.take())) else {
            panic!("the wrong arm")
        };
        drop((got, b_tx));
        putter.join().unwrap();
        value.assert_alone();
    });
}

/// A block is woken without need while a put commits an arm of its alts: a turn that finds the word
/// won waits until the value is there.
#[test]
fn spurious_turn_against_commit() {
    model(|| {
        let world = World::new();
        let (a_tx, a) = chan(0);
        let (b_tx, b) = chan::<u32>(0);
        let flag = crate::models::Flag::new();
        let known = flag.clone();
        let go = world.go(async move {
            let mut alts = pin!(either(b.take(), a.take()));
            std::future::poll_fn(|cx| {
                let _known = known.poll(cx);
                alts.as_mut().poll(cx)
            })
            .await
        });
        let waker = spawn(move || {
            if let Some(waker) = flag.waker() {
                waker.wake();
            }
        });
        let putter = spawn(move || a_tx.put_blocking(Payload::new(1)).unwrap());
        world.run_all();
        let Ok(Of2::B(Some(got))) = block_on(go) else {
            panic!("the wrong arm")
        };
        assert_eq!(got.n(), 1);
        waker.join().unwrap();
        putter.join().unwrap();
        drop(b_tx);
    });
}

/// One channel closes while a value comes on the other: one of the two is seen, and the value is not
/// lost.
#[test]
fn close_against_commit() {
    model(|| {
        let (a_tx, a) = chan(0);
        let (b_tx, b) = chan::<u32>(0);
        let value = Payload::new(1);
        let sent = value.clone();
        let closer = spawn(move || drop(b_tx));
        let putter = spawn(move || a_tx.put_blocking(sent).is_ok());
        match block_on(either(b.take(), a.take())) {
            Of2::A(closed) => {
                assert_eq!(closed, None);
                assert!(a.take_blocking().is_some());
            }
            Of2::B(got) => assert!(got.is_some()),
        }
        closer.join().unwrap();
        assert!(putter.join().unwrap());
        value.assert_alone();
    });
}
