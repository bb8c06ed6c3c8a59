//! What pipelines keep in memory, counted exactly, on the one thread that all blocks of these tests run on.
#![allow(unsafe_code, reason = "a counting allocator")]

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
};

use csp::{
    Local, Pipeline, Promise,
    pipeline::{Recover, complete, next, redirect, restart},
    prelude::*,
};

struct Counting;

thread_local! {
    static LIVE: Cell<isize> = const { Cell::new(0) };
    static PEAK: Cell<isize> = const { Cell::new(0) };
    static CALLS: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: everything is the system allocator's; the counters are plain thread locals, which do not
// allocate and have no destructor.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        LIVE.set(LIVE.get() + layout.size().cast_signed());
        PEAK.set(PEAK.get().max(LIVE.get()));
        CALLS.set(CALLS.get() + 1);
        // SAFETY: promised by the caller.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        LIVE.set(LIVE.get() - layout.size().cast_signed());
        // SAFETY: promised by the caller.
        unsafe { System.dealloc(at, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// More than what the runtime keeps for itself, and far less than what anything kept for each of the rounds
/// would come to.
const FLAT: isize = 64 * 1024;
const ROUNDS: u32 = 200_000;

/// By how much the memory of this thread grew at most while the pipeline ran, and how often it was asked for.
fn run(pipeline: &Pipeline<u32, u32>) -> (isize, usize) {
    let local = Local::new();
    let before = (LIVE.get(), CALLS.get());
    PEAK.set(before.0);
    let last = local.run_until(async { pipeline.run(ROUNDS).await });
    let after = (PEAK.get() - before.0, CALLS.get() - before.1);
    assert_eq!(last.unwrap(), 0);
    after
}

/// Trap 6: restarts keep nothing; if the stages are ready, they even ask for nothing.
#[test]
fn trap_6_restarts_keep_nothing_stress() {
    let other = Pipeline::<u32, u32>::builder().build();
    let ready = Pipeline::builder()
        .map(|n: u32| n - 1)
        .stage(Ok)
        .inspect(|_| ())
        .nest(&other)
        .step(|n| if n > 0 { restart(n) } else { next(n) })
        .build();
    let (grown, calls) = run(&ready);
    assert!(grown < FLAT, "{grown} bytes");
    assert!(calls < 100, "{calls} allocations");
    let eventual = Pipeline::builder()
        .stage(|n: u32| go!({ n - 1 }))
        .step(|n| if n > 0 { restart(n) } else { next(n) })
        .build();
    let (grown, _) = run(&eventual);
    assert!(grown < FLAT, "{grown} bytes");
}

/// Trap 6, EV-205: redirects and restarts after failures keep nothing.
#[test]
fn trap_6_redirects_and_retries_keep_nothing_stress() {
    let other = Pipeline::<u32, u32>::declare();
    let to_other = other.clone();
    let one = Pipeline::<u32, u32>::builder()
        .step(move |n| match n {
            0 => complete(0),
            n => redirect(to_other.redirect(n - 1)),
        })
        .timeout(secs(3600))
        .finally(|| ())
        .build();
    let to_one = one.clone();
    let other = other.define(
        Pipeline::builder()
            .step(move |n| match n {
                0 => complete(0),
                n => redirect(to_one.redirect(n - 1)),
            })
            .build(),
    );
    let (grown, _) = run(&one);
    assert!(grown < FLAT, "{grown} bytes");
    drop(other);
    let fails = Pipeline::<u32, u32>::builder()
        .stage(|n| {
            if n > 0 {
                Promise::failed(n.to_string())
            } else {
                Promise::ready(n)
            }
        })
        .on_error(|failure, _| {
            Recover::Restart(failure.to_string().parse::<u32>().ok().map(|n| n - 1))
        })
        .build();
    let (grown, _) = run(&fails);
    assert!(grown < FLAT, "{grown} bytes");
}
