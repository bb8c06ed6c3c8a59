//! The programs that run as children.

use std::sync::atomic::{AtomicU32, Ordering};

use csp::{Local, Runtime, prelude::*};

use crate::{
    harness::Programs,
    stress::{stress, stress_two},
};

macro_rules! programs {
    ($($name:ident)+) => { &[$((stringify!($name), $name as fn()),)+] };
}

pub(crate) const ALL: Programs = programs! {
    main_takes_from_a_parked_block two_blocks_cross a_timer_is_pending a_timer_of_another_runtime
    main_waits_with_a_limit a_std_thread_puts_late a_std_thread_ends the_last_to_nap_ends
    pool_threads_block a_block_blocks a_local_sleeps a_local_is_blocked a_local_has_a_timer
    an_alts_waits a_scope_waits a_dump_can_be_asked_for a_local_has_no_blocks a_hook_ends_it
    a_hook_wakes_a_block a_hook_waits_for_a_block a_pool_thread_leaves the_last_worker_ends stress stress_two
};

fn main_takes_from_a_parked_block() {
    let (tx, rx) = chan::<u32>(0);
    let (kept, never_put) = chan::<u32>(0);
    go!({
        if let Some(n) = take!(never_put) {
            put!(tx, n).ok();
        }
    });
    rx.take_blocking();
    drop(kept);
}

fn two_blocks_cross() {
    let (to_a, a) = chan::<u32>(0);
    let (to_b, b) = chan::<u32>(0);
    let first = go!({
        take!(a);
        put!(to_b, 1).ok();
    });
    let second = go!({
        take!(b);
        put!(to_a, 1).ok();
    });
    drop(second);
    first.wait().ok();
}

fn a_timer_is_pending() {
    let (tx, rx) = chan(0);
    go!({
        sleep(ms(700)).await;
        put!(tx, 1).ok();
    });
    assert_eq!(rx.take_blocking(), Some(1));
}

fn a_timer_of_another_runtime() {
    let rt = Runtime::builder().workers(1).build();
    let (tx, rx) = chan(0);
    let late = timeout(ms(10));
    go!({
        take!(late);
    })
    .wait()
    .ok();
    let block = rt.go(async move {
        sleep(ms(700)).await;
        tx.put(1).await.ok();
    });
    assert_eq!(rx.take_blocking(), Some(1));
    block.wait().ok();
}

fn main_waits_with_a_limit() {
    let (_tx, rx) = chan::<u32>(0);
    assert!(rx.take_blocking_for(ms(700)).is_err());
}

fn a_std_thread_puts_late() {
    let (tx, rx) = chan(0);
    let thread = std::thread::spawn(move || {
        std::thread::sleep(ms(1000));
        tx.put_blocking(1).ok();
    });
    assert_eq!(rx.take_blocking(), Some(1));
    thread.join().ok();
}

fn a_std_thread_ends() {
    let (_tx, rx) = chan::<u32>(0);
    std::thread::spawn(|| std::thread::sleep(ms(500)));
    rx.take_blocking();
}

/// The thread naps after main, is woken, and ends long after main has left the watch to it.
fn the_last_to_nap_ends() {
    let (_kept, never) = chan::<u32>(0);
    let (tx, rx) = chan(0);
    let (first, waits) = (std::thread::current(), rx.clone());
    std::thread::spawn(move || {
        first.unpark();
        assert_eq!(waits.take_blocking(), Some(1));
        std::thread::sleep(ms(300));
    });
    std::thread::spawn(move || {
        std::thread::sleep(ms(400));
        tx.put_blocking(1).unwrap();
    });
    std::thread::park();
    never.take_blocking();
    drop(rx);
}

fn pool_threads_block() {
    let (_tx, rx) = chan::<u32>(0);
    for _ in 0..3 {
        let rx = rx.clone();
        thread(move || rx.take_blocking());
    }
    rx.take_blocking();
}

fn a_block_blocks() {
    let (tx, rx) = chan::<u32>(0);
    let block = go!({ csp::allow_blocking!(rx.take_blocking()) });
    block.wait().ok();
    drop(tx);
}

fn a_local_sleeps() {
    let local = Local::new();
    let (_tx, rx) = chan::<u32>(0);
    let block = local.go(async move { take!(rx) });
    local.run_until(block).ok();
}

fn a_local_is_blocked() {
    let local = Local::new();
    let (tx, rx) = chan::<u32>(0);
    local.go(async move { put!(tx, 1).ok() });
    rx.take_blocking();
}

fn a_local_has_a_timer() {
    let local = Local::new();
    let over = local.go(async { sleep(ms(700)).await });
    assert_eq!(local.run_until(over), Ok(()));
}

fn a_scope_waits() {
    let (_tx, rx) = chan::<u32>(0);
    scope(|s| {
        drop(s.go(async { take!(rx) }));
    });
}

fn a_dump_can_be_asked_for() {
    csp::inspect::install_signal_handler().unwrap();
    let (_tx, rx) = chan::<u32>(0);
    rx.take_blocking();
}

fn a_local_has_no_blocks() {
    let (_tx, rx) = chan::<u32>(0);
    Local::new().run_until(async { take!(rx) });
}

fn an_alts_waits() {
    let (_a, from_a) = chan::<u32>(0);
    let (_b, from_b) = chan::<u32>(0);
    let block = go!({
        alt! {
            v = take!(from_a) => v,
            v = take!(from_b) => v,
        }
    });
    block.wait().ok();
}

/// Each of two deadlocks is told of once, and ended by the hook.
fn a_hook_ends_it() {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let (first, rx) = chan::<u32>(0);
    let (second, another) = chan::<u32>(0);
    let (tx, rx_too) = (first.clone(), another.clone());
    csp::inspect::set_deadlock_hook(move |deadlock| {
        let count = COUNT.fetch_add(1, Ordering::Relaxed) + 1;
        let threads = deadlock.threads().len();
        let plural = if threads == 1 { "" } else { "s" };
        println!("deadlock {count} of {threads} thread{plural}");
        // It is not reported again while the hook runs.
        std::thread::sleep(ms(300));
        if count == 1 {
            tx.close();
        } else {
            second.close();
        }
    });
    println!("{:?}", rx.take_blocking());
    let helper = thread(move || rx_too.take_blocking());
    println!("{:?}", another.take_blocking());
    helper.wait().ok();
    drop(first);
}

/// The worker is the last to fall asleep, so it looks; and the hook wakes a block of that very worker.
fn a_hook_wakes_a_block() {
    let rt = Runtime::builder().workers(1).build();
    let (tx, rx) = chan::<u32>(0);
    csp::inspect::set_deadlock_hook(move |_| {
        tx.close();
    });
    let block = rt.go(async move {
        // The main thread sleeps before the worker does.
        std::thread::sleep(ms(50));
        take!(rx)
    });
    println!("{:?}", block.wait());
}

/// The same, and the hook wants the worker, and a thread of the pool, to do something.
fn a_hook_waits_for_a_block() {
    let rt = Runtime::builder().workers(1).build();
    let (tx, rx) = chan::<u32>(0);
    let handle = rt.handle();
    csp::inspect::set_deadlock_hook(move |_| {
        let there = handle.go(async { thread(|| 1).await });
        println!("{:?}", there.wait().map(Result::ok));
        tx.close();
    });
    let block = rt.go(async move {
        std::thread::sleep(ms(50));
        take!(rx)
    });
    println!("{:?}", block.wait());
}

/// An idle thread of the pool, asleep with the others, ends in time.
fn a_pool_thread_leaves() {
    let rt = Runtime::builder().workers(1).build();
    let (_tx, rx) = chan::<u32>(0);
    let handle = rt.handle();
    rt.go(async { thread(|| std::thread::sleep(ms(50))).await.ok() });
    drop(handle);
    rx.take_blocking();
}

/// A worker falls asleep last, and ends with its runtime: the main thread has given up looking by then.
fn the_last_worker_ends() {
    let rt = Runtime::builder().workers(1).build();
    std::thread::spawn(move || {
        std::thread::sleep(ms(150));
        rt.go(async {}).wait_for(secs(10)).unwrap().unwrap();
        std::thread::sleep(ms(450));
        drop(rt);
    });
    let (_tx, rx) = chan::<u32>(0);
    rx.take_blocking();
}
