//! Models of the task: the state word, the run token, the outcome, references.
//!
//! Real tasks ([`Home::spawn`](super::Home)), run by a small executor on loom's primitives; see
//! [`models`](crate::models) for the bound. What they were seen to catch:
//!
//! * `end_turn` that gives the token up over a later wake-up: `block_joins_block`, `cancel_against_wake`.
//! * `cancel` without its `notify`: `cancel_against_park`.
//! * `complete` or the join slot's `finish` with Relaxed: `cancel_against_complete`.
//! * `notify` with Relaxed: `wake_publishes`. `drop_ref` with Relaxed: `handle_drop_against_complete`.

use std::{
    future::poll_fn,
    pin::pin,
    task::{Poll, Waker},
};

use crate::{
    Failure, block_on,
    models::{Flag, Payload, World, model, poll_once, spawn},
    sync::{Arc, Mutex, UnsafeCell},
};

/// A wake-up comes while the turn that parks is ending: the block gets another turn, whether
/// `notify` comes before `end_turn` (the turn keeps the token) or after it (the waker has it).
#[test]
fn wake_against_end_of_turn() {
    model(|| {
        let world = World::new();
        let flag = Flag::new();
        let go = world.go(flag.clone().wait());
        let waker = spawn(move || flag.set());
        world.run_all();
        assert_eq!(block_on(go), Ok(()));
        waker.join().unwrap();
    });
}

struct Exclusive(UnsafeCell<u32>);
// SAFETY: used by one block only: that its turns exclude each other is what the model checks.
unsafe impl Sync for Exclusive {}
// SAFETY: as above.
unsafe impl Send for Exclusive {}

/// Two workers, and a thread that wakes twice without need: the turns of a block never overlap, and
/// each sees what the one before wrote (`end_turn` to `begin_turn`, by way of `notify`).
#[test]
fn spurious_wakes_and_two_workers() {
    model(|| {
        let world = World::new();
        let flag = Flag::new();
        let turns = Exclusive(UnsafeCell::new(0));
        let seen = flag.clone();
        let go = world.go(async move {
            let turns = &turns;
            poll_fn(|cx| {
                // SAFETY: see `Exclusive`.
                turns.0.with_mut(|n| unsafe { *n += 1 });
                seen.poll(cx)
            })
            .await;
        });
        let other = world.clone();
        let worker = spawn(move || other.run_all());
        let waker = spawn(move || {
            if let Some(waker) = flag.waker() {
                waker.wake();
            }
            flag.set();
        });
        world.run_all();
        assert_eq!(block_on(go), Ok(()));
        worker.join().unwrap();
        waker.join().unwrap();
    });
}

/// `cancel` comes before, in or after the one turn of a block: it ends either way, with its own value
/// or with Cancelled, and what it held is dropped once.
#[test]
fn cancel_against_complete() {
    model(|| {
        let world = World::new();
        let payload = Payload::new(1);
        let held = payload.clone();
        let go = world.go(async move { held.n() });
        let canceller = spawn(move || {
            let was_live = go.cancel();
            (was_live, block_on(go))
        });
        world.run_all();
        let (was_live, outcome) = canceller.join().unwrap();
        match outcome {
            Ok(1) => {}
            Err(Failure::Cancelled) => assert!(was_live),
            other => panic!("{other:?}"),
        }
        payload.assert_alone();
    });
}

/// What a waker wrote before it woke is seen by the turn that its wake-up leads to, also if `end_turn`
/// finds the wake-up and keeps the token, so that no queue orders the two.
#[test]
fn wake_publishes() {
    model(|| {
        let world = World::new();
        let note = Arc::new(Exclusive(UnsafeCell::new(0)));
        let mut started = false;
        let go = world.go(poll_fn(move |cx| {
            if started {
                // Only the wake-up leads here.
                // SAFETY: see `Exclusive`.
                return Poll::Ready(note.0.with(|n| unsafe { *n }));
            }
            started = true;
            let (waker, note) = (cx.waker().clone(), note.clone());
            spawn(move || {
                // SAFETY: as above.
                note.0.with_mut(|n| unsafe { *n = 1 });
                drop(note);
                waker.wake();
            });
            Poll::Pending
        }));
        world.run_all();
        assert_eq!(block_on(go), Ok(1));
    });
}

/// `cancel` ends a block that nobody else will wake, parked or about to park.
#[test]
fn cancel_against_park() {
    model(|| {
        let world = World::new();
        let go = world.go(std::future::pending::<()>());
        let canceller = spawn(move || {
            assert!(go.cancel());
            block_on(go)
        });
        world.run_all();
        assert_eq!(canceller.join().unwrap(), Err(Failure::Cancelled));
    });
}

/// `cancel` and a wake-up against a block that parks: exactly one of the two posts it, and it ends.
#[test]
fn cancel_against_wake() {
    model(|| {
        let world = World::new();
        let flag = Flag::new();
        let payload = Payload::new(1);
        let (waited, held) = (flag.clone(), payload.clone());
        let go = world.go(async move {
            waited.wait().await;
            held.n()
        });
        let waker = spawn(move || flag.set());
        let canceller = spawn(move || {
            go.cancel();
            go
        });
        world.run_all();
        waker.join().unwrap();
        let go = canceller.join().unwrap();
        assert!(matches!(block_on(go), Ok(1) | Err(Failure::Cancelled)));
        payload.assert_alone();
    });
}

/// The handle goes while the block completes: the outcome is dropped once, by `complete` or by
/// `drop_handle`, and the allocation is freed once.
#[test]
fn handle_drop_against_complete() {
    model(|| {
        let world = World::new();
        let payload = Payload::new(1);
        let value = payload.clone();
        let go = world.go(async move { value });
        let dropper = spawn(move || {
            let _site = go.site();
            drop(go);
        });
        world.run_all();
        dropper.join().unwrap();
        payload.assert_alone();
    });
}

/// A thread waits for the outcome while the block completes: `register` against `finish` on the join
/// slot. It is woken or sees DONE, and reads the whole outcome.
#[test]
fn join_against_finish() {
    model(|| {
        let world = World::new();
        let payload = Payload::new(1);
        let value = payload.clone();
        let go = world.go(async move { value });
        let waiter = spawn(move || block_on(go).expect("it does not panic").n());
        world.run_all();
        assert_eq!(waiter.join().unwrap(), 1);
        payload.assert_alone();
    });
}

/// The handle was polled with a waker before, is polled with another, and is dropped, while the block
/// completes: every waker that the join slot held is given back, the last one is woken.
#[test]
fn join_again_with_another_waker() {
    model(|| {
        let world = World::new();
        let payload = Payload::new(1);
        let value = payload.clone();
        let go = world.go(async move { value });
        let waiter = spawn(move || {
            let mut go = pin!(go);
            match poll_once(go.as_mut()) {
                Poll::Ready(outcome) => outcome,
                Poll::Pending => block_on(go),
            }
            .expect("it does not panic")
            .n()
        });
        world.run_all();
        assert_eq!(waiter.join().unwrap(), 1);
        payload.assert_alone();
    });
}

/// A block waits for a block, on two workers: the join slot holds a reference to the waiting task.
#[test]
fn block_joins_block() {
    model(|| {
        let world = World::new();
        let first = world.go(async { 1 });
        let second = world.go(async move { first.await.map(|n| n + 1) });
        let other = world.clone();
        let worker = spawn(move || other.run_all());
        world.run_all();
        worker.join().unwrap();
        assert_eq!(block_on(second), Ok(Ok(2)));
    });
}

/// A waker is cloned in a turn, and used and dropped on another thread while the block completes and
/// its handle goes: the references are counted right, the last one frees the task.
#[test]
fn waker_outlives_task() {
    model(|| {
        let world = World::new();
        let place: Arc<Mutex<Option<Waker>>> = Arc::new(Mutex::new(None));
        let left = place.clone();
        let go = world.go(poll_fn(move |cx| {
            *left.lock() = Some(cx.waker().clone());
            Poll::Ready(())
        }));
        let user = spawn(move || {
            drop(go);
            let waker = place.lock().take();
            if let Some(waker) = waker {
                waker.wake_by_ref();
                drop(waker.clone());
                waker.wake();
            }
            drop(place);
        });
        world.run_all();
        user.join().unwrap();
    });
}

/// A home is shut and its tasks are cancelled while one of them parks, and another is spawned: both
/// end, whatever comes first.
#[test]
fn shut_against_park_and_spawn() {
    model(|| {
        let world = World::new();
        let payload = Payload::new(1);
        let held = payload.clone();
        let parked = world.go(async move {
            std::future::pending::<()>().await;
            drop(held);
        });
        let other = world.clone();
        let shutter = spawn(move || {
            other.home().shut();
            other.home().cancel_all();
        });
        let late = world.go(async {});
        world.run_all();
        shutter.join().unwrap();
        assert_eq!(block_on(parked), Err(Failure::Cancelled));
        assert!(matches!(block_on(late), Ok(()) | Err(Failure::Cancelled)));
        payload.assert_alone();
    });
}
