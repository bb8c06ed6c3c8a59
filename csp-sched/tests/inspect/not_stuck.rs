//! Nobody is accused who may go on.

use std::{
    future::poll_fn,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    task::Poll,
};

use csp::{
    Go, Of2, Runtime,
    inspect::{enable, stuck},
    prelude::*,
};

use crate::util::{crossed, found, ids, is_free, is_free_until, parked};

#[test]
fn a_handle_that_was_never_used_may_be_anywhere() {
    enable();
    let (tx, rx) = chan::<u32>(0);
    let waits = go!({ take!(rx) });
    parked(&waits);
    is_free(waits.id());
    drop(tx);
}

#[test]
fn a_handle_in_a_child_that_sleeps() {
    enable();
    let (on, go_on) = chan::<u32>(0);
    let waits = go!({
        let (tx, rx) = chan::<u32>(0);
        go!({
            take!(go_on);
            put!(tx, 1).ok()
        });
        take!(rx)
    });
    is_free_until(waits, || on.put_blocking(1).unwrap(), 1);
}

#[test]
fn a_handle_that_was_used_and_then_given_to_a_child() {
    enable();
    let (on, go_on) = chan::<u32>(0);
    let waits = go!({
        let (tx, rx) = chan::<u32>(1);
        put!(tx, 1).ok();
        take!(rx);
        go!({
            take!(go_on);
            put!(tx, 2).ok()
        });
        take!(rx)
    });
    is_free_until(waits, || on.put_blocking(1).unwrap(), 2);
}

/// What the parent used, it dropped; what is left is the child's.
#[test]
fn a_handle_whose_clone_was_used_and_dropped() {
    enable();
    let (on, go_on) = chan::<u32>(0);
    let waits = go!({
        let (tx, rx) = chan::<u32>(1);
        let for_child = tx.clone();
        go!({
            take!(go_on);
            put!(for_child, 2).ok()
        });
        put!(tx, 1).ok();
        drop(tx);
        take!(rx);
        take!(rx)
    });
    is_free_until(waits, || on.put_blocking(1).unwrap(), 2);
}

#[test]
fn a_handle_that_was_sent_through_a_channel() {
    enable();
    let (handles, kept) = chan::<Sender<u32>>(1);
    let waits = go!({
        let (tx, rx) = chan::<u32>(0);
        put!(handles, tx).ok();
        take!(rx)
    });
    let go_on = || kept.take_blocking().unwrap().put_blocking(3).unwrap();
    is_free_until(waits, go_on, 3);
}

/// The channel that it went through is gone, and what was noted there is not.
#[test]
fn a_handle_that_was_sent_through_a_channel_that_is_gone() {
    enable();
    let (handles, kept) = chan::<Sender<u32>>(1);
    let waits = go!({
        let (tx, rx) = chan::<u32>(0);
        put!(handles, tx).ok();
        drop(handles);
        take!(rx)
    });
    parked(&waits);
    let tx = kept.take_blocking().unwrap();
    drop(kept);
    is_free_until(waits, || tx.put_blocking(3).unwrap(), 3);
}

#[test]
fn a_handle_in_a_callback() {
    enable();
    let (on, go_on) = chan::<u32>(0);
    let waits = go!({
        let (tx, rx) = chan::<u32>(1);
        go_on
            .take_then(move |v| tx.try_put(v.unwrap_or(0)).unwrap())
            .unwrap();
        take!(rx)
    });
    is_free_until(waits, || on.put_blocking(4).unwrap(), 4);
}

#[test]
fn a_timer_is_a_way_out() {
    enable();
    let waits = go!({
        let (_tx, rx) = chan::<u32>(0);
        alt! {
            v = take!(rx) => v,
            _ = take!(timeout(secs(1000))) => None,
        }
    });
    let sleeps = go!({ sleep(secs(1000)).await });
    parked(&waits);
    parked(&sleeps);
    is_free(waits.id());
    is_free(sleeps.id());
    waits.cancel();
    sleeps.cancel();
}

#[test]
fn a_foreign_future_is_a_way_out() {
    enable();
    let wakers = Arc::new(Mutex::new(None));
    let done = Arc::new(AtomicBool::new(false));
    let (kept, is_done) = (Arc::clone(&wakers), Arc::clone(&done));
    let waits = go!({
        let (_tx, rx) = chan::<u32>(0);
        let foreign = poll_fn(move |cx| {
            *kept.lock().unwrap() = Some(cx.waker().clone());
            if is_done.load(Ordering::Relaxed) {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        });
        match alts!(rx.take(), park(foreign)) {
            Of2::A(v) => v,
            Of2::B(()) => Some(5),
        }
    });
    let go_on = || {
        done.store(true, Ordering::Relaxed);
        wakers.lock().unwrap().take().unwrap().wake();
    };
    is_free_until(waits, go_on, 5);
}

#[test]
fn one_who_is_outside_and_runs_is_a_way_out() {
    enable();
    let (to_b, b) = chan(0);
    let outside = to_b.clone();
    let (first, second) = crossed(chan(0), (to_b, b), [1, 2]);
    parked(&first);
    parked(&second);
    is_free(first.id());
    drop(outside);
    assert_eq!(found(first.id()).members().len(), 2);
    first.cancel();
    second.cancel();
}

#[test]
fn a_thread_that_waits_with_a_limit_is_a_way_out() {
    enable();
    let (tx, rx) = chan::<u32>(1);
    let (_never_put, never) = chan::<u32>(0);
    let waits = go!({ (take!(rx), take!(rx)).1 });
    let puts = thread(move || {
        tx.put_blocking(1).unwrap();
        never.take_blocking_for(secs(3)).ok();
        tx.put_blocking(2).unwrap();
    });
    parked(&waits);
    is_free(waits.id());
    waits.cancel();
    drop(puts);
}

/// Looked at while they run; those who rest between two values are not at rest for good.
#[test]
fn the_busy_are_never_accused() {
    enable();
    let rt = Runtime::builder().workers(2).build();
    let over = Arc::new(AtomicBool::new(false));
    let mut fillers = Vec::new();
    let players: Vec<_> = (0..4)
        .flat_map(|_| {
            let (to_a, a) = chan::<u32>(0);
            // A look takes longer so, and is the more out of date at its end.
            fillers.extend((0..50).map(|_| chan::<u32>(0)));
            let (to_b, b) = chan::<u32>(0);
            let over = Arc::clone(&over);
            let server = rt.go(async move {
                while let Some(n) = take!(b) {
                    put!(to_a, n).ok();
                }
            });
            let client = rt.go(async move {
                while !over.load(Ordering::Relaxed) {
                    put!(to_b, 1).ok();
                    take!(a);
                }
            });
            [server, client]
        })
        .collect();
    let all: Vec<u64> = players.iter().map(Go::id).collect();
    for _ in 0..500 {
        for id in stuck().groups().iter().flat_map(ids) {
            assert!(!all.contains(&id), "{}", stuck());
        }
    }
    over.store(true, Ordering::Relaxed);
    for player in players {
        player.wait().unwrap();
    }
}

#[test]
fn a_handle_that_was_put_with_others_at_one_instant() {
    enable();
    let (handles, handed) = chan::<Sender<u32>>(1);
    let (other, others) = chan::<u32>(1);
    let block = go!({
        let (mine, values) = chan::<u32>(0);
        csp::put_all_or_none((handles.put(mine), other.put(1)))
            .await
            .unwrap();
        take!(values)
    });
    let go_on = || handed.take_blocking().unwrap().put_blocking(7).unwrap();
    is_free_until(block, go_on, 7);
    drop(others);
}
