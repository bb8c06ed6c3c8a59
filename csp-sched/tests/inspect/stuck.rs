//! Who waits for each other alone is found, and nobody else is accused.

use std::{
    future::poll_fn,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    task::Poll,
    thread::yield_now,
};

use csp::{
    Go, Local, Of2, Runtime,
    inspect::{StuckGroup, enable, leaked, stuck},
    prelude::*,
};

fn parked<T>(go: &Go<T>) {
    while go.parked_at().is_none() {
        yield_now();
    }
}

/// The group that the block is in, if it is in one.
fn group_of(id: u64) -> Option<StuckGroup> {
    let found = stuck();
    let has = |group: &&StuckGroup| {
        let blocks = group
            .members()
            .iter()
            .filter_map(|member| member.block.as_ref());
        blocks.map(|block| block.id).any(|block| block == id)
    };
    found.groups().iter().find(has).cloned()
}

/// What is to be found is found once all that there is to it is parked; this waits for that.
fn found(id: u64) -> StuckGroup {
    loop {
        if let Some(group) = group_of(id) {
            return group;
        }
        yield_now();
    }
}

fn ids(group: &StuckGroup) -> Vec<u64> {
    let blocks = group
        .members()
        .iter()
        .filter_map(|member| member.block.as_ref());
    blocks.map(|block| block.id).collect()
}

/// Nobody is accused, often asked.
#[track_caller]
fn is_free(id: u64) {
    for _ in 0..20 {
        if let Some(group) = group_of(id) {
            panic!("{group}");
        }
    }
}

/// Two blocks that have exchanged values, and then both wait for the other's.
fn crossed() -> (Go<Option<u32>>, Go<Option<u32>>) {
    let (to_a, a) = chan::<u32>(0);
    let (to_b, b) = chan::<u32>(0);
    let a = a.named("replies");
    let first = go!({
        put!(to_b, 1).unwrap();
        take!(a);
        take!(a)
    });
    let second = go!({
        take!(b);
        put!(to_a, 2).unwrap();
        take!(b)
    });
    (first, second)
}

#[test]
fn two_that_wait_for_each_other_are_found_with_the_reason() {
    enable();
    let (a, b) = crossed();
    let group = found(a.id());
    let mut both = [a.id(), b.id()];
    both.sort_unstable();
    assert_eq!(ids(&group), both);
    assert!(!group.is_leak());
    let text = group.to_string();
    assert!(
        text.starts_with("stuck: 2 wait for each other alone:\n  block "),
        "{text}"
    );
    let reason = format!("\"replies\", which block {} has", b.id());
    assert!(text.contains(&reason), "{reason} is not in:\n{text}");
    a.cancel();
    b.cancel();
}

#[test]
fn who_awaits_one_of_them_is_stuck_as_well() {
    enable();
    let (a, b) = crossed();
    let (id, of_a) = (b.id(), a.id());
    let awaits = go!({ (a.await, b).0 });
    let group = found(awaits.id());
    assert_eq!(group.members().len(), 3, "{group}");
    assert!(ids(&group).contains(&id));
    assert!(
        group
            .to_string()
            .contains(&format!("waits for the end of block {of_a}"))
    );
    awaits.cancel();
}

#[test]
fn a_thread_that_waits_for_them_is_stuck_as_well() {
    enable();
    let (a, b) = crossed();
    let id = b.id();
    let waits = thread(move || a.wait());
    loop {
        let group = found(id);
        if group.members().len() == 3 {
            let threads = group
                .members()
                .iter()
                .filter(|member| member.thread.is_some());
            assert_eq!(threads.count(), 1);
            break;
        }
        yield_now();
    }
    b.cancel();
    assert!(waits.wait().is_ok());
}

#[test]
fn an_alts_of_channels_that_they_alone_have_is_no_way_out() {
    enable();
    let (to_a, a) = chan::<u32>(0);
    let (to_b, b) = chan::<u32>(0);
    let first = go!({
        let (_mine, never) = chan::<u32>(0);
        put!(to_b, 1).unwrap();
        take!(a);
        alt! { v = take!(a) => v, v = take!(never) => v }
    });
    let second = go!({
        take!(b);
        put!(to_a, 2).unwrap();
        take!(b)
    });
    assert_eq!(found(first.id()).members().len(), 2);
    first.cancel();
    assert_eq!(second.wait(), Ok(None));
}

#[test]
fn a_block_that_has_both_ends_is_a_leak() {
    enable();
    let leak = go!({
        let (tx, rx) = chan::<u32>(0);
        let more = tx.clone();
        take!(rx);
        drop((tx, more));
    });
    let group = found(leak.id());
    assert!(group.is_leak(), "{group}");
    assert!(
        group.to_string().contains("which nobody else has"),
        "{group}"
    );
    let leaks = leaked();
    assert!(
        leaks
            .iter()
            .any(|member| member.block.as_ref().is_some_and(|b| b.id == leak.id()))
    );
    leak.cancel();
}

#[test]
fn a_full_buffer_that_nobody_else_takes_from_is_a_leak() {
    enable();
    let leak = go!({
        let (tx, _rx) = chan::<u32>(2);
        for n in 0..3 {
            put!(tx, n).ok();
        }
    });
    assert!(found(leak.id()).is_leak());
    leak.cancel();
}

#[test]
fn values_with_destructors_do_not_hide_a_cycle() {
    enable();
    let (to_a, a) = chan::<String>(0);
    let (to_b, b) = chan::<String>(0);
    let first = go!({
        put!(to_b, String::new()).unwrap();
        take!(a);
        take!(a)
    });
    let second = go!({
        take!(b);
        put!(to_a, String::new()).unwrap();
        take!(b)
    });
    assert_eq!(found(first.id()).members().len(), 2);
    first.cancel();
    assert_eq!(second.wait(), Ok(None));
}

// Who is not to be accused.

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
    parked(&waits);
    is_free(waits.id());
    on.put_blocking(1).unwrap();
    assert_eq!(waits.wait(), Ok(Some(1)));
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
    parked(&waits);
    is_free(waits.id());
    on.put_blocking(1).unwrap();
    assert_eq!(waits.wait(), Ok(Some(2)));
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
    parked(&waits);
    is_free(waits.id());
    on.put_blocking(1).unwrap();
    assert_eq!(waits.wait(), Ok(Some(2)));
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
    parked(&waits);
    is_free(waits.id());
    kept.take_blocking().unwrap().put_blocking(3).unwrap();
    assert_eq!(waits.wait(), Ok(Some(3)));
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
    is_free(waits.id());
    tx.put_blocking(3).unwrap();
    assert_eq!(waits.wait(), Ok(Some(3)));
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
    parked(&waits);
    is_free(waits.id());
    on.put_blocking(4).unwrap();
    assert_eq!(waits.wait(), Ok(Some(4)));
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
    parked(&waits);
    is_free(waits.id());
    done.store(true, Ordering::Relaxed);
    wakers.lock().unwrap().take().unwrap().wake();
    assert_eq!(waits.wait(), Ok(Some(5)));
}

#[test]
fn one_who_is_outside_and_runs_is_a_way_out() {
    enable();
    let (to_a, a) = chan::<u32>(0);
    let (to_b, b) = chan::<u32>(0);
    let outside = to_b.clone();
    let first = go!({
        put!(to_b, 1).unwrap();
        take!(a);
        take!(a)
    });
    let second = go!({
        take!(b);
        put!(to_a, 2).unwrap();
        take!(b)
    });
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
    let ids: Vec<u64> = players.iter().map(Go::id).collect();
    for _ in 0..500 {
        for id in stuck().groups().iter().flat_map(ids_of) {
            assert!(!ids.contains(&id), "{}", stuck());
        }
    }
    over.store(true, Ordering::Relaxed);
    for player in players {
        player.wait().unwrap();
    }
}

fn ids_of(group: &StuckGroup) -> Vec<u64> {
    ids(group)
}

#[test]
fn blocks_of_a_local_are_looked_at_too() {
    enable();
    let local = Local::new();
    let leak = local.go(async {
        let (tx, rx) = chan::<u32>(0);
        take!(rx);
        drop(tx);
    });
    local.run_until_idle();
    assert!(found(leak.id()).is_leak());
}

/// A step runs under its channel's lock, and may make channels.
#[test]
fn a_search_meets_a_step_that_makes_channels() {
    enable();
    let (tx, rx) = chan_with(1, xf::map(|_: u32| chan::<u32>(0)));
    let over = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&over);
    let looker = std::thread::spawn(move || {
        while !seen.load(Ordering::Relaxed) {
            stuck();
        }
    });
    for n in 0..20_000 {
        tx.put_blocking(n).unwrap();
        drop(rx.take_blocking());
    }
    over.store(true, Ordering::Relaxed);
    looker.join().unwrap();
}

/// A step may look itself, also at its own channel.
#[test]
fn a_step_searches() {
    enable();
    let (tx, rx) = chan_with(1, xf::map(|_: u32| stuck().is_empty()));
    tx.put_blocking(1).unwrap();
    assert!(rx.take_blocking().is_some());
    assert_eq!(rx.failure().map(|cause| cause.to_string()), None);
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
    parked(&block);
    is_free(block.id());
    let mine = handed.take_blocking().unwrap();
    mine.put_blocking(7).unwrap();
    assert_eq!(block.wait(), Ok(Some(7)));
    drop(others);
}
