//! Who waits for each other alone is found.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::yield_now,
};

use csp::{
    Go, Local,
    inspect::{enable, leaked, stuck},
    prelude::*,
};

use crate::util::{crossed, found, ids};

/// The first waits on the channel "replies".
fn replies() -> (Go<Option<u32>>, Go<Option<u32>>) {
    let (to_a, a) = chan(0);
    crossed((to_a, a.named("replies")), chan(0), [1, 2])
}

#[test]
fn two_that_wait_for_each_other_are_found_with_the_reason() {
    enable();
    let (a, b) = replies();
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
    let (a, b) = replies();
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
    let (a, b) = replies();
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
    let (first, second) = crossed(chan(0), chan(0), [String::new(), String::new()]);
    assert_eq!(found(first.id()).members().len(), 2);
    first.cancel();
    assert_eq!(second.wait(), Ok(None));
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
