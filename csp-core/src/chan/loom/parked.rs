//! Commits against what happens to the parked block meanwhile: a spurious turn, its end, its move.

use std::{
    future::{Future, poll_fn},
    mem::ManuallyDrop,
    pin::{Pin, pin},
    task::Poll,
};

use crate::{
    Failure, Receiver, block_on, chan,
    models::{Flag, Payload, World, drain, model, poll_once, spawn},
};

/// Takes, and lets the waker of every turn be known to the flag.
async fn take_in_the_open(rx: &Receiver<Payload>, flag: &Flag) -> Option<Payload> {
    let mut take = pin!(rx.take());
    poll_fn(|cx| {
        let _known = flag.poll(cx);
        take.as_mut().poll(cx)
    })
    .await
}

/// GO-032. A put commits a parked block's take, while the block's waker is called without need: a turn that
/// counted the commit's wake-up sees CLAIMED or later, a turn that did not is followed by one more.
#[test]
fn commit_against_spurious_turn() {
    model(|| {
        let world = World::new();
        let (tx, rx) = chan(0);
        let flag = Flag::new();
        let known = flag.clone();
        let go = world.go(async move { take_in_the_open(&rx, &known).await.map(|v| v.n()) });
        let waker = spawn(move || {
            if let Some(waker) = flag.waker() {
                waker.wake();
            }
        });
        let putter = spawn(move || tx.put_blocking(Payload::new(1)).unwrap());
        world.run_all();
        assert_eq!(block_on(go), Ok(Some(1)));
        waker.join().unwrap();
        putter.join().unwrap();
    });
}

/// The same with two workers: the turn that the commit wakes may run while the committer is still
/// between CLAIMED and the final status, with the lock in its hand.
#[test]
fn commit_against_turn_on_another_worker() {
    model(|| {
        let world = World::new();
        let (tx, rx) = chan(0);
        let go = world.go(async move { rx.take().await.map(|v: Payload| v.n()) });
        let other = world.clone();
        let worker = spawn(move || other.run_all());
        let putter = world.go(async move { tx.put(Payload::new(1)).await.is_ok() });
        world.run_all();
        worker.join().unwrap();
        assert_eq!(block_on(go), Ok(Some(1)));
        assert_eq!(block_on(putter), Ok(true));
    });
}

/// A put commits a parked block's take while the block is cancelled, so that the frame with the waiter
/// goes, and then the task: the frame's end waits for the committer, and gives the value back.
#[test]
fn commit_against_end_of_frame() {
    model(|| {
        let world = World::new();
        let (tx, rx) = chan(0);
        let value = Payload::new(1);
        let (sent, receiver) = (value.clone(), rx.clone());
        let go = world.go(async move { receiver.take().await.map(|v: Payload| v.n()) });
        let canceller = spawn(move || {
            go.cancel();
            drop(go);
        });
        let putter = spawn(move || tx.try_put(sent).is_ok());
        world.run_all();
        canceller.join().unwrap();
        let accepted = putter.join().unwrap();
        assert!(drain(&rx).len() <= usize::from(accepted));
        value.assert_alone();
    });
}

/// The same with the outcome kept: the value is in the outcome or in the channel, if it was accepted.
#[test]
fn cancelled_take_loses_nothing() {
    model(|| {
        let world = World::new();
        let (tx, rx) = chan(0);
        let value = Payload::new(1);
        let (sent, receiver) = (value.clone(), rx.clone());
        let go = world.go(async move { receiver.take().await });
        let putter = spawn(move || tx.try_put(sent).is_ok());
        let canceller = spawn(move || {
            go.cancel();
            go
        });
        world.run_all();
        let accepted = putter.join().unwrap();
        let mut found = drain(&rx).len();
        match block_on(canceller.join().unwrap()) {
            Ok(taken) => found += usize::from(taken.is_some()),
            Err(Failure::Cancelled) => {}
            Err(other) => panic!("{other}"),
        }
        assert_eq!(found, usize::from(accepted));
        value.assert_alone();
    });
}

/// A parked put of a block that is cancelled, against a taker: the same from the other side.
#[test]
fn cancelled_put_loses_nothing() {
    model(|| {
        let world = World::new();
        let (tx, rx) = chan(0);
        let value = Payload::new(1);
        let sent = value.clone();
        let go = world.go(async move { tx.put(sent).await.is_ok() });
        let taker = spawn(move || rx.try_take().is_ok());
        let canceller = spawn(move || {
            go.cancel();
            go
        });
        world.run_all();
        let taken = taker.join().unwrap();
        match block_on(canceller.join().unwrap()) {
            Ok(accepted) => assert_eq!(accepted, taken),
            Err(Failure::Cancelled) => {}
            Err(other) => panic!("{other}"),
        }
        value.assert_alone();
    });
}

/// A boxed take is parked by a block, then leaves it as its value; the task is freed. A put that comes
/// at any time wakes a live task or nobody: the take holds a reference (`Kind::Counted`).
#[test]
fn boxed_take_outlives_its_block() {
    model(|| {
        let world = World::new();
        let (tx, rx) = chan(0);
        let value = Payload::new(1);
        let sent = value.clone();
        let go = world.go(async move {
            let mut take: Pin<Box<dyn Future<Output = Option<Payload>> + Send>> =
                Box::pin(async move { rx.take().await });
            let first = poll_fn(|cx| Poll::Ready(take.as_mut().poll(cx))).await;
            (first, take)
        });
        let putter = spawn(move || tx.put_blocking(sent).unwrap());
        world.run_all();
        let (first, take) = block_on(go).unwrap();
        let got = match first {
            Poll::Ready(got) => got,
            Poll::Pending => block_on(take),
        };
        assert_eq!(got.map(|v| v.n()), Some(1));
        putter.join().unwrap();
        value.assert_alone();
    });
}

/// A boxed take moves from one block to another while a put comes: the second block is woken.
#[test]
fn boxed_take_moves_between_blocks() {
    model(|| {
        let world = World::new();
        let (tx, rx) = chan(0);
        let value = Payload::new(1);
        let sent = value.clone();
        let first = world.go(async move {
            let mut take: Pin<Box<dyn Future<Output = Option<Payload>> + Send>> =
                Box::pin(async move { rx.take().await });
            let got = poll_fn(|cx| Poll::Ready(take.as_mut().poll(cx))).await;
            (got, take)
        });
        let second = world.go(async move {
            match first.await.unwrap() {
                (Poll::Ready(got), _) => got,
                (Poll::Pending, take) => take.await,
            }
            .map(|v| v.n())
        });
        let putter = spawn(move || tx.put_blocking(sent).unwrap());
        world.run_all();
        assert_eq!(block_on(second), Ok(Some(1)));
        putter.join().unwrap();
        value.assert_alone();
    });
}

/// A take that a block had boxed, parked and left for leaked is ended by close, after its task is gone.
#[test]
fn leaked_take_against_last_sender() {
    model(|| {
        let world = World::new();
        let (tx, rx) = chan::<u32>(0);
        let go = world.go(async move {
            let mut take = Box::pin(async move { rx.take().await });
            let polled = poll_fn(|cx| Poll::Ready(take.as_mut().poll(cx))).await;
            (polled.is_pending(), ManuallyDrop::new(take))
        });
        let closer = spawn(move || drop(tx));
        world.run_all();
        let (parked, take) = block_on(go).unwrap();
        closer.join().unwrap();
        // Given back only now, for loom's count of tasks: the take has a reference to its own.
        let mut take = ManuallyDrop::into_inner(take);
        if parked {
            assert!(matches!(poll_once(take.as_mut()), Poll::Ready(None)));
        }
    });
}
