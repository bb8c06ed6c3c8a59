//! Alts that meet alts: two words are won at one instant, in the order of their addresses.

use std::{
    future::{Future, poll_fn},
    task::Poll,
};

use super::{Order, alt, either, poll_then_block};
use crate::{
    Closed, Of2, Of3, ParkArm, block_on, chan,
    models::{Flag, Payload, SITE, drain, model, spawn},
    park,
    sync::{Arc, Mutex},
};

/// Two alts on the same two channels, each with a put where the other has a take, no buffer: they meet
/// on exactly one channel, in both roles.
#[test]
fn rendezvous_both_ways() {
    model(|| {
        let (a_tx, a) = chan(0);
        let (b_tx, b) = chan(0);
        let value = Payload::new(1);
        let (mine, theirs) = (value.clone(), value.clone());
        let other = spawn(move || match block_on(either(b_tx.put(theirs), a.take())) {
            Of2::A(Ok(())) => 'b',
            Of2::B(Some(_)) => 'a',
            other => panic!("{other:?}"),
        });
        let met_on = match block_on(either(a_tx.put(mine), b.take())) {
            Of2::A(Ok(())) => 'a',
            Of2::B(Some(_)) => 'b',
            other => panic!("{other:?}"),
        };
        assert_eq!(met_on, other.join().unwrap());
        value.assert_alone();
    });
}

/// The same with the arms the other way round, so that each queues first where the other looks last.
#[test]
fn rendezvous_same_order() {
    model(|| {
        let (a_tx, a) = chan(0);
        let (b_tx, b) = chan(0);
        let value = Payload::new(1);
        let (mine, theirs) = (value.clone(), value.clone());
        let other = spawn(move || match block_on(either(a.take(), b_tx.put(theirs))) {
            Of2::B(Ok(())) => 'b',
            Of2::A(Some(_)) => 'a',
            other => panic!("{other:?}"),
        });
        let met_on = match block_on(either(a_tx.put(mine), b.take())) {
            Of2::A(Ok(())) => 'a',
            Of2::B(Some(_)) => 'b',
            other => panic!("{other:?}"),
        };
        assert_eq!(met_on, other.join().unwrap());
        value.assert_alone();
    });
}

/// Two alts meet on one channel while a plain putter offers something to one of them: two of the
/// three meet, and the third is served afterwards.
#[test]
fn alts_alts_and_a_putter() {
    model(|| {
        let (a_tx, a) = chan(0);
        let (b_tx, b) = chan::<u32>(0);
        let third = a_tx.clone();
        let putter = spawn(move || third.put_blocking(2).is_ok());
        let (c_tx, c) = chan::<u32>(0);
        let other = spawn(move || match block_on(either(c.take(), a_tx.put(1))) {
            Of2::B(Ok(())) => true,
            other => panic!("{other:?}"),
        });
        let Of2::B(Some(first)) = block_on(either(b.take(), a.take())) else {
            panic!("the wrong arm")
        };
        assert_eq!(first + a.take_blocking().unwrap(), 3);
        assert!(other.join().unwrap());
        assert!(putter.join().unwrap());
        drop((b_tx, c_tx));
    });
}

/// Two alts cross two full buffers, each with a put to one and a take from the other, and are polled
/// anew on the way: nobody waits for the other while holding its own word.
#[test]
fn full_buffers() {
    model(|| {
        let (a_tx, a) = chan(1);
        let (b_tx, b) = chan(1);
        a_tx.try_put(1).unwrap();
        let fill = b_tx.clone();
        let filler = spawn(move || u32::from(fill.try_put(2).is_ok()));
        let (a_rest, b_rest) = (a.clone(), b.clone());
        let other = spawn(
            move || match poll_then_block(either(b_tx.put(4), a.take())) {
                Of2::A(result) => {
                    result.unwrap();
                    1_i32
                }
                Of2::B(got) => {
                    got.unwrap();
                    -1
                }
            },
        );
        let mine = match block_on(either(a_tx.put(8), b.take())) {
            Of2::A(result) => {
                result.unwrap();
                1
            }
            Of2::B(got) => {
                got.unwrap();
                -1
            }
        };
        let filled = filler.join().unwrap();
        let left = drain(&a_rest).len() + drain(&b_rest).len();
        let sum = 1 + i32::try_from(filled).unwrap() + mine + other.join().unwrap();
        // Drained before the other may have been done: what is left comes now.
        let left = left + drain(&a_rest).len() + drain(&b_rest).len();
        assert_eq!(i32::try_from(left).unwrap(), sum);
    });
}

/// Two alts, both past their first look, each queued to put into a full buffer from which the other
/// is about to take: each takes, and refills the buffer from the other's arm, if it still can be won.
/// (Their future arms set the scene: they are polled between the look at the hints and the queueing.)
#[test]
fn refill_from_each_other() {
    model(|| {
        let (a_tx, a) = chan(1);
        let (b_tx, b) = chan(1);
        let (a_keep, b_keep) = (a.clone(), b.clone());
        let other = Arc::new(Mutex::new(None));
        let theirs = other.clone();
        // My look: `a` is full, `b` is empty.
        a_tx.try_put(1).unwrap();
        let (set_a, set_b) = ((a_tx.clone(), a.clone()), b_tx.clone());
        let mut set_up = Some(move || {
            // Their look: `a` is empty, `b` is full. Then `a` is full too.
            set_a.1.try_take().unwrap();
            set_b.try_put(2).unwrap();
            let ready = Flag::new();
            let told = ready.clone();
            *theirs.lock() = Some(spawn(move || {
                let mut set_up = Some(move || {
                    set_a.0.try_put(3).unwrap();
                    told.set();
                });
                let first = first_poll(move || set_up.take().map_or((), |set_up| set_up()));
                put_or_take(alt((first, b_tx.put(4), a.take()), Order::Priority, &SITE))
            }));
            block_on(ready.wait());
        });
        let first = first_poll(move || set_up.take().map_or((), |set_up| set_up()));
        let mine = put_or_take(alt((first, a_tx.put(8), b.take()), Order::Priority, &SITE));
        let other = other.lock().take().expect("the future arm was polled");
        let sum = 2 + mine + other.join().unwrap();
        let left = drain(&a_keep).len() + drain(&b_keep).len();
        assert_eq!(isize::try_from(left).unwrap(), sum);
    });
}

/// An arm that is never chosen, but runs something when it is polled.
fn first_poll(mut run: impl FnMut()) -> ParkArm<impl Future<Output = ()>> {
    park(poll_fn(move |_| {
        run();
        Poll::Pending
    }))
}

/// What the alts added to the values in its channels.
fn put_or_take<F>(alts: F) -> isize
where
    F: Future<Output = Of3<(), Result<(), Closed<u32>>, Option<u32>>>,
{
    match block_on(alts) {
        Of3::B(Ok(())) => 1,
        Of3::C(Some(_)) => -1,
        other => panic!("{other:?}"),
    }
}

/// An alts over put and take of one channel, and another thread that takes: the alts never meets
/// itself, so the taker has its value.
#[test]
fn never_meets_itself() {
    model(|| {
        let (tx, rx) = chan(0);
        let other = rx.clone();
        let taker = spawn(move || other.take_blocking());
        let Of2::B(Ok(())) = block_on(either(rx.take(), tx.put(1))) else {
            panic!("it met itself")
        };
        assert_eq!(taker.join().unwrap(), Some(1));
    });
}

/// Two alts over put and take of one channel: they meet each other, not themselves.
#[test]
fn two_that_could_meet_themselves() {
    model(|| {
        let (tx, rx) = chan(0);
        let (tx2, rx2) = (tx.clone(), rx.clone());
        let other = spawn(move || match block_on(either(tx2.put(2), rx2.take())) {
            Of2::A(Ok(())) => None,
            Of2::B(got) => got,
            other => panic!("{other:?}"),
        });
        let mine = match block_on(either(rx.take(), tx.put(1))) {
            Of2::A(got) => got,
            Of2::B(Ok(())) => None,
            other => panic!("{other:?}"),
        };
        match (mine, other.join().unwrap()) {
            (Some(2), None) | (None, Some(1)) => {}
            other => panic!("{other:?}"),
        }
    });
}

/// The same through a buffer of one: what the alts put into the buffer is not taken by its own arm,
/// nor is it lost.
#[test]
fn own_buffer() {
    model(|| {
        let (tx, rx) = chan(1);
        let other = rx.clone();
        let taker = spawn(move || other.try_take().ok());
        let Of2::B(Ok(())) = block_on(either(rx.take(), tx.put(1))) else {
            panic!("it met itself")
        };
        let taken = taker.join().unwrap();
        assert_eq!(taken.is_some(), drain(&rx).is_empty());
    });
}
