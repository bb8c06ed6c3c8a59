//! Models of puts into several channels at one instant: nobody sees some of the values and not the others,
//! no dead-lock in whatever order the channels are named, no wake-up lost, no value lost.
//!
//! What they were seen to catch:
//!
//! * hints that are not raised before the first change: `put_all_seen_by_a_refused_put`, `put_all_seen_by_default`.
//! * words won one after the other: `put_all_against_two_alts_and_another_putter`.
//! * a transaction that is dropped and tells nobody: `put_all_dropped_passes_room_on`; one that cannot use its room
//!   and tells nobody: `put_all_that_cannot_use_room_passes_it_on`.
//! * no CLAIMED at all: `put_all_seen_by_a_spurious_turn`.
//!
//! (A `try_lock` of loom waits if somebody takes the lock at that very moment. So that a transaction gives its locks
//! up when one is not free is not modelled: see the stress tests.)

use std::{
    future::Future,
    pin::pin,
    task::{Poll, Waker},
};

use crate::{
    Of2, Order, Receiver, Sender,
    alts::{Alt, Arm, alt},
    block_on, chan,
    models::{Flag, Payload, SITE, World, bounded, drain, model, poll_once, spawn},
    put_all_or_none,
};

fn by_priority<A: Arm, B: Arm>(a: A, b: B) -> Alt<(A, B)> {
    alt((a, b), Order::Priority, &SITE)
}

/// Two transactions over the same two channels, named in opposite orders: no dead-lock, and both channels have the
/// values in the same order.
#[test]
fn put_all_twice_in_opposite_order() {
    model(|| {
        let ((a_tx, a), (b_tx, b)) = (chan(2), chan(2));
        let (a_too, b_too) = (a_tx.clone(), b_tx.clone());
        let other = spawn(move || {
            put_all_or_none((b_too.put(2), a_too.put(2)))
                .blocking()
                .unwrap();
        });
        put_all_or_none([a_tx.put(1), b_tx.put(1)])
            .blocking()
            .unwrap();
        other.join().unwrap();
        let (first, second) = (drain(&a), drain(&b));
        assert_eq!(first.len(), 2);
        assert_eq!(first, second);
    });
}

/// The same with room for one only: one of them waits, now for this channel and now for that, and is told when a
/// taker makes room.
#[test]
fn put_all_twice_with_room_for_one() {
    model(|| {
        let ((a_tx, a), (b_tx, b)) = (chan(1), chan(1));
        let (a_too, b_too) = (a_tx.clone(), b_tx.clone());
        let other = spawn(move || {
            put_all_or_none([b_too.put(2), a_too.put(2)])
                .blocking()
                .unwrap();
        });
        let taker = spawn(move || {
            let take = || (a.take_blocking().unwrap(), b.take_blocking().unwrap());
            let pairs = [take(), take()];
            assert!(pairs.iter().all(|(a, b)| a == b), "{pairs:?}");
        });
        put_all_or_none([a_tx.put(1), b_tx.put(1)])
            .blocking()
            .unwrap();
        other.join().unwrap();
        taker.join().unwrap();
    });
}

/// Room comes in one channel and then in the other, as blocks: a transaction that is told of the first waits for
/// the second.
#[test]
fn put_all_waits_for_one_and_then_the_other() {
    model(|| {
        let world = World::new();
        let ((a_tx, a), (b_tx, b)) = (chan(1), chan(1));
        let values = [Payload::new(1), Payload::new(2)];
        let sent = values.clone();
        a_tx.try_put(Payload::new(8)).unwrap();
        b_tx.try_put(Payload::new(9)).unwrap();
        let all = world.go(async move {
            let [first, second] = sent;
            put_all_or_none((a_tx.put(first), b_tx.put(second)))
                .await
                .is_ok()
        });
        let taker = spawn(move || {
            assert_eq!(a.take_blocking().unwrap().n(), 8);
            assert_eq!(b.take_blocking().unwrap().n(), 9);
            (a, b)
        });
        world.run_all();
        assert_eq!(block_on(all), Ok(true));
        let (a, b) = taker.join().unwrap();
        assert_eq!(
            (a.try_take().unwrap().n(), b.try_take().unwrap().n()),
            (1, 2)
        );
        values.iter().for_each(Payload::assert_alone);
    });
}

/// A rendezvous with an alts that waits on both channels, and a plain taker of one: the alts is left to the channel
/// that has nobody else, whoever came first.
#[test]
fn put_all_against_alts_over_both() {
    model(|| {
        let ((a_tx, a), (b_tx, b)) = (chan(0), chan(0));
        let plain = a.clone();
        let taker = spawn(move || plain.take_blocking());
        let alts = spawn(move || match block_on(by_priority(a.take(), b.take())) {
            Of2::A(value) => ('a', value),
            Of2::B(value) => ('b', value),
        });
        put_all_or_none((a_tx.put(1), b_tx.put(2)))
            .blocking()
            .unwrap();
        assert_eq!(taker.join().unwrap(), Some(1));
        assert_eq!(alts.join().unwrap(), ('b', Some(2)));
    });
}

/// The only taker of two channels is one alts: these have no room together. A putter that serves it meanwhile is
/// served, too, and nothing else is.
#[test]
fn put_all_against_a_putter_for_one_alts() {
    model(|| {
        let ((a_tx, a), (b_tx, b)) = (chan(0), chan(0));
        let a_too = a_tx.clone();
        let mut alts = Box::pin(by_priority(a.take(), b.take()));
        assert!(poll_once(alts.as_mut()).is_pending());
        let putter = spawn(move || a_too.try_put(7).unwrap());
        let none = put_all_or_none([a_tx.put(1), b_tx.put(2)])
            .now()
            .unwrap_err();
        assert!(none.is_full());
        putter.join().unwrap();
        assert!(matches!(block_on(alts), Of2::A(Some(7))));
    });
}

/// The takers of both channels are alts that others may serve, or that give up, at the same time.
#[test]
fn put_all_against_two_alts_and_another_putter() {
    model(|| {
        let ((a_tx, a), (b_tx, b), (c_tx, c)) = (chan(0), chan(0), chan(0));
        let mut one = pin!(by_priority(a.take(), c.take()));
        let mut two = pin!(by_priority(c.take(), b.take()));
        assert!(poll_once(one.as_mut()).is_pending());
        assert!(poll_once(two.as_mut()).is_pending());
        // It serves `one`, or `two` if that is served already, or nobody.
        let putter = spawn(move || (c_tx.try_put(3).is_ok(), c_tx));
        let all = poll_once(pin!(put_all_or_none((b_tx.put(2), a_tx.put(1))))).is_ready();
        let (other, _c_tx) = putter.join().unwrap();
        assert_ne!(all, other);
        let one = poll_once(one.as_mut());
        let two = poll_once(two.as_mut());
        if all {
            assert!(matches!(one, Poll::Ready(Of2::A(Some(1)))));
            assert!(matches!(two, Poll::Ready(Of2::B(Some(2)))));
        } else {
            assert!(matches!(one, Poll::Ready(Of2::B(Some(3)))));
            assert!(two.is_pending());
        }
    });
}

/// The takers of both channels are alts that may also meet one another on a third: a transaction that wins two words
/// against an alts that wins the same two.
#[test]
fn put_all_against_alts_that_meet_each_other() {
    model(|| {
        let ((a_tx, a), (b_tx, b), (c_tx, c)) = (chan(0), chan(0), chan(0));
        // No channel is closed when these are through.
        let _ends = (a.clone(), b.clone(), c.clone(), c_tx.clone());
        let one = spawn(move || match block_on(by_priority(a.take(), c.take())) {
            Of2::A(Some(1)) => true,
            Of2::B(Some(3)) => false,
            other => panic!("{other:?}"),
        });
        let two = spawn(move || match block_on(by_priority(b.take(), c_tx.put(3))) {
            Of2::A(Some(2)) => true,
            Of2::B(Ok(())) => false,
            other => panic!("{other:?}"),
        });
        let mut all = Box::pin(put_all_or_none((b_tx.put(2), a_tx.put(1))));
        // Two tries: so fewer preemptions let it find both parked.
        let mut done = poll_once(all.as_mut());
        if done.is_pending() {
            done = poll_once(all.as_mut());
        }
        let all = matches!(done, Poll::Ready(Ok(())));
        assert_eq!((one.join().unwrap(), two.join().unwrap()), (all, all));
    });
}

/// One of the channels is closed while all are put: all or none, and the values come back.
#[test]
fn put_all_against_close() {
    model(|| {
        let ((a_tx, a), (b_tx, b)) = (chan(1), chan(1));
        let values = [Payload::new(1), Payload::new(2)];
        let sent = values.clone();
        let closer = spawn(move || {
            b.close();
            b
        });
        let result = put_all_or_none(sent.map(|value| match value.n() {
            1 => a_tx.put(value),
            _ => b_tx.put(value),
        }))
        .blocking();
        let b = closer.join().unwrap();
        let found = [drain(&a).len(), drain(&b).len()];
        match result {
            Ok(()) => assert_eq!(found[0], 1),
            Err(none) => {
                assert!(none.is_closed());
                assert_eq!(none.index(), 1);
                assert_eq!(none.into_inner().map(|value| value.n()), [1, 2]);
                assert_eq!(found, [0, 0]);
            }
        }
        values.iter().for_each(Payload::assert_alone);
    });
}

/// The same while it waits for room, there or elsewhere: close ends it, from either side.
#[test]
fn put_all_parked_against_close() {
    for (from_puts, has_room) in [(false, false), (false, true), (true, false), (true, true)] {
        model(move || {
            let ((a_tx, a), (b_tx, b)) =
                (chan(usize::from(!has_room)), chan(usize::from(has_room)));
            let b_too = b_tx.clone();
            let closer = spawn(move || {
                if from_puts {
                    b_too.close();
                } else {
                    b.close();
                }
                (b_too, b)
            });
            let none = put_all_or_none((a_tx.put(1), b_tx.put(2)))
                .blocking()
                .unwrap_err();
            assert!(none.is_closed());
            assert_eq!(none.into_inner(), (1, 2));
            assert!(a.try_take().is_err());
            drop(closer.join().unwrap());
        });
    }
}

/// A parked transaction is dropped while room comes: it puts nothing, its values are dropped, and the other one that
/// waits for the same room is told instead.
#[test]
fn put_all_dropped_passes_room_on() {
    model(|| {
        let (a_tx, a) = chan(1);
        let (b_tx, b) = chan(1);
        let value = Payload::new(1);
        a_tx.try_put(Payload::new(9)).unwrap();
        let a_too = a_tx.clone();
        let mut dropped = Box::pin(put_all_or_none((
            b_tx.put(value.clone()),
            a_tx.put(value.clone()),
        )));
        assert!(poll_once(dropped.as_mut()).is_pending());
        let other = spawn(move || {
            put_all_or_none([a_too.put(Payload::new(2))])
                .blocking()
                .unwrap();
        });
        let taker = spawn(move || {
            assert_eq!(a.take_blocking().unwrap().n(), 9);
            a
        });
        drop(dropped);
        value.assert_alone();
        other.join().unwrap();
        assert_eq!(taker.join().unwrap().try_take().unwrap().n(), 2);
        assert!(b.try_take().is_err());
    });
}

/// A transaction is told of room that it cannot use, since its other channel is full: it passes that on. (Of two
/// channels without room it watches the older.)
#[test]
fn put_all_that_cannot_use_room_passes_it_on() {
    for swapped in [false, true] {
        model(move || {
            let (mut one, mut two) = (chan(1), chan(1));
            if swapped {
                std::mem::swap(&mut one, &mut two);
            }
            let ((a_tx, a), (b_tx, b)) = (one, two);
            let world = World::new();
            a_tx.try_put(9).unwrap();
            b_tx.try_put(9).unwrap();
            let a_too = a_tx.clone();
            let stuck =
                world.go(async move { put_all_or_none((a_tx.put(1), b_tx.put(1))).await.is_ok() });
            let (also_a, also_b) = (a.clone(), b.clone());
            let other = world.go(async move {
                put_all_or_none([a_too.put(2)]).await.unwrap();
                // (A take on `a` before this would tell it of room, too.)
                (also_b.take().await, also_a.take().await)
            });
            let taker = spawn(move || {
                assert_eq!(a.take_blocking(), Some(9));
                a
            });
            world.run_all();
            assert_eq!(block_on(stuck), Ok(true));
            assert_eq!(block_on(other), Ok((Some(9), Some(2))));
            let a = taker.join().unwrap();
            assert_eq!((a.try_take(), b.try_take()), (Ok(1), Ok(1)));
        });
    }
}

/// A transaction and a put wait for the same room: the put is served first, and both are in the end.
#[test]
fn put_all_beside_a_parked_put() {
    model(|| {
        let (a_tx, a) = chan(0);
        let a_too = a_tx.clone();
        let putter = spawn(move || a_too.put_blocking(1).unwrap());
        let taker = spawn(move || a.take_blocking().unwrap() + a.take_blocking().unwrap());
        put_all_or_none([a_tx.put(2)]).blocking().unwrap();
        putter.join().unwrap();
        assert_eq!(taker.join().unwrap(), 3);
    });
}

/// A transaction is polled with one waker, then with another, while room comes: the second is woken.
#[test]
fn put_all_polled_with_another_waker() {
    model(|| {
        let (a_tx, a) = chan(0);
        let mut all = pin!(put_all_or_none([a_tx.put(1)]));
        assert!(poll_once(all.as_mut()).is_pending());
        let taker = spawn(move || a.take_blocking());
        block_on(all).unwrap();
        assert_eq!(taker.join().unwrap(), Some(1));
    });
}

fn observe(look: fn(&Sender<u32>, &Receiver<u32>, &Receiver<u32>)) {
    bounded(3, move || {
        let ((a_tx, a), (b_tx, b)) = (chan(1), chan(1));
        let a_too = a_tx.clone();
        let other = spawn(move || {
            // (`now` looks at the hints first, and loom would not interleave the stores that follow.)
            let _done = poll_once(pin!(put_all_or_none([a_tx.put(1), b_tx.put(1)])));
            (a_tx, b_tx)
        });
        look(&a_too, &a, &b);
        drop(other.join().unwrap());
    });
}

/// Whoever has seen one value sees the other: takes and lengths, in either order.
#[test]
fn put_all_seen_by_takes() {
    observe(|_, a, b| {
        if a.try_take().is_ok() {
            assert!(b.try_take().is_ok());
        }
    });
    observe(|_, a, b| {
        if b.try_take().is_ok() {
            assert_eq!(a.len(), 1);
        }
    });
}

/// One value is seen by a put that finds its channel full, without a lock: the other is there.
#[test]
fn put_all_seen_by_a_refused_put() {
    observe(|a_tx, a, b| {
        // Both hints are read without the lock.
        if a_tx.try_put(9).is_err() {
            assert!(b.try_take().is_ok());
            assert_eq!(a.try_take(), Ok(1));
        }
    });
}

/// At each instant the one channel has room or the other a value, so `default` is never chosen.
#[test]
fn put_all_seen_by_default() {
    observe(|a_tx, _, b| {
        assert!(by_priority(a_tx.put(9), b.take()).now().is_some());
    });
    observe(|a_tx, _, b| {
        assert!(by_priority(b.take(), a_tx.put(9)).now().is_some());
    });
}

/// Takes that are parked in one task are served at one instant: none has its value while another waits.
#[test]
fn put_all_seen_by_parked_takes() {
    for swapped in [false, true] {
        bounded(3, move || {
            let ((a_tx, a), (b_tx, b)) = (chan(0), chan(1));
            let (mut first, mut second) = (pin!(a.take()), pin!(b.take()));
            assert!(poll_once(first.as_mut()).is_pending());
            assert!(poll_once(second.as_mut()).is_pending());
            let all = spawn(move || {
                put_all_or_none((a_tx.put(1), b_tx.put(1)))
                    .blocking()
                    .unwrap();
                (a_tx, b_tx)
            });
            if swapped {
                std::mem::swap(&mut first, &mut second);
            }
            if poll_once(first.as_mut()) == Poll::Ready(Some(1)) {
                assert_eq!(poll_once(second.as_mut()), Poll::Ready(Some(1)));
            } else {
                assert_eq!((block_on(first), block_on(second)), (Some(1), Some(1)));
            }
            drop(all.join().unwrap());
        });
    }
}

/// The same in a go block that has a turn without need meanwhile: it looks at what is still parked without a lock.
/// With takes, and with alts.
#[test]
fn put_all_seen_by_a_spurious_turn() {
    for (swapped, alts) in [(false, false), (true, false), (false, true), (true, true)] {
        model(move || {
            let ((a_tx, a), (b_tx, b), (_c_tx, c)) = (chan(0), chan(0), chan::<u32>(0));
            let world = World::new();
            let flag = Flag::new();
            let known = flag.clone();
            let go = world.go(async move {
                let take = async |rx: Receiver<u32>| {
                    if alts {
                        matches!(by_priority(rx.take(), c.take()).await, Of2::A(Some(1)))
                    } else {
                        rx.take().await == Some(1)
                    }
                };
                let (mut first, mut second) = (pin!(take(a)), pin!(take(b)));
                if swapped {
                    std::mem::swap(&mut first, &mut second);
                }
                let mut queued = false;
                std::future::poll_fn(move |cx| {
                    let _known = known.poll(cx);
                    // In the turn that queues them the second may come to know of it at once.
                    let early = !queued && {
                        assert!(first.as_mut().poll(cx).is_pending());
                        queued = true;
                        second.as_mut().poll(cx).is_ready()
                    };
                    let ready = first.as_mut().poll(cx).is_ready();
                    assert!(ready || !early);
                    if !ready {
                        return Poll::Pending;
                    }
                    assert!(early || second.as_mut().poll(cx) == Poll::Ready(true));
                    Poll::Ready(true)
                })
                .await
            });
            let all = spawn(move || {
                put_all_or_none((a_tx.put(1), b_tx.put(1)))
                    .blocking()
                    .unwrap();
                (a_tx, b_tx)
            });
            let waker = spawn(move || flag.waker().into_iter().for_each(Waker::wake));
            world.run_all();
            waker.join().unwrap();
            assert_eq!(block_on(go), Ok(true));
            drop(all.join().unwrap());
        });
    }
}
