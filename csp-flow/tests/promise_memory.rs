//! What promises keep in memory, counted exactly, on the one thread that all blocks of these tests run on.
#![allow(unsafe_code, reason = "a counting allocator")]
#![allow(
    clippy::async_yields_async,
    reason = "blocks of an executor make promises for later"
)]

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
    ops::ControlFlow,
};

use csp::{Error, Local, Promise, prelude::*, promise, promise::repeat};

struct Counting;

thread_local! {
    static LIVE: Cell<isize> = const { Cell::new(0) };
    static PEAK: Cell<isize> = const { Cell::new(0) };
}

// SAFETY: everything is the system allocator's; the counters are plain thread locals, which do not
// allocate and have no destructor.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        LIVE.set(LIVE.get() + layout.size().cast_signed());
        PEAK.set(PEAK.get().max(LIVE.get()));
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

/// More than what the runtime keeps for itself (queues, the entries of a few ticks), and far less than what
/// anything kept for each of the rounds would come to.
const FLAT: isize = 64 * 1024;
const ROUNDS: u32 = 1_000_000;

/// By how much the memory of this thread grew at most while `f` ran, and what that gave.
fn growth<R>(f: impl FnOnce() -> R) -> (isize, R) {
    let before = LIVE.get();
    PEAK.set(before);
    let result = f();
    (PEAK.get() - before, result)
}

fn one() -> (csp::Resolver<u32>, Promise<u32>) {
    promise()
}

/// EV-219: limits on settled promises keep nothing.
#[test]
fn ev_219_a_million_timeouts_of_settled_promises_stress() {
    let local = Local::new();
    let (grown, ()) = growth(|| {
        local.run_until(async {
            for n in 0..ROUNDS {
                let limited = Promise::<_, Error>::ready(n).timeout(secs(60));
                assert_eq!(limited.await.unwrap(), n);
            }
        });
    });
    assert!(grown < FLAT, "{grown} bytes");
}

/// EV-219: nor on promises that settle in time: the timer goes with them.
#[test]
fn ev_219_timeouts_of_promises_that_settle_in_time_stress() {
    let local = Local::new();
    let (grown, ()) = growth(|| {
        local.run_until(async {
            for n in 0..ROUNDS / 10 {
                let (resolver, answer) = one();
                let limited = answer.timeout(secs(60));
                yield_now().await; // its block waits now
                resolver.fulfill(n).unwrap();
                assert_eq!(limited.await.unwrap(), n);
            }
        });
    });
    assert!(grown < FLAT, "{grown} bytes");
}

/// EV-220: a million lost selects on one promise keep nothing.
#[test]
fn ev_220_a_million_lost_selects_on_a_promise_stress() {
    let local = Local::new();
    let (resolver, mut answer) = one();
    let (grown, answer) = growth(|| {
        local.run_until(async move {
            let (tx, rx) = chan(1);
            for n in 0..ROUNDS {
                // Now and then by another task, so by another waker.
                if n % 1000 == 0 {
                    answer = go!({
                        alt! {
                            _ = park!(&mut answer) => unreachable!(),
                            _ = park!(yield_now()) => answer,
                        }
                    })
                    .await
                    .unwrap();
                }
                tx.try_put(n).unwrap();
                alt! {
                    priority;
                    _ = park!(&mut answer) => unreachable!(),
                    got = take!(rx) => assert_eq!(got, Some(n)),
                }
            }
            answer
        })
    });
    assert!(grown < FLAT, "{grown} bytes");
    resolver.fulfill(1).unwrap();
    assert_eq!(answer.now().unwrap().unwrap(), 1);
}

/// EV-220: nor on a shared one, whether awaited or with callbacks that are taken back.
#[test]
fn ev_220_a_million_lost_waits_on_a_shared_promise_stress() {
    let local = Local::new();
    let (resolver, answer) = one();
    let answer = answer.shared();
    let (grown, ()) = growth(|| {
        local.run_until(async {
            for n in 0..ROUNDS {
                alt! {
                    _ = park!(answer.clone()) => unreachable!(),
                    _ = park!(std::future::ready(())) => {}
                }
                if n % 10 == 0 {
                    let callbacks = answer.subscribe(|_| unreachable!(), |_| unreachable!());
                    assert!(callbacks.cancel());
                    let step = answer.map(|n| n + 1);
                    assert!(step.cancel());
                    yield_now().await;
                }
            }
        });
    });
    assert!(grown < FLAT, "{grown} bytes");
    assert_eq!(answer.waiting(), 0);
    resolver.fulfill(1).unwrap();
}

/// The settler's side: a million waits for the end of interest.
#[test]
fn a_million_lost_waits_for_the_end_of_interest_stress() {
    let local = Local::new();
    let (resolver, answer) = one();
    let (grown, ()) = growth(|| {
        local.run_until(async {
            for _ in 0..ROUNDS {
                alt! {
                    _ = park!(resolver.unwanted()) => unreachable!(),
                    _ = park!(std::future::ready(())) => {}
                }
            }
        });
    });
    assert!(grown < FLAT, "{grown} bytes");
    drop(answer);
    csp::block_on(resolver.unwanted());
}

/// Trap 6: a loop of a million turns, also of pending ones, is one block.
#[test]
fn trap_6_repeat_in_constant_memory_stress() {
    let local = Local::new();
    let (grown, ()) = growth(|| {
        let end: Promise<u32> = local.run_until(async {
            repeat(0, |n| {
                go!({
                    yield_now().await;
                    if n == ROUNDS / 10 {
                        ControlFlow::Break(n)
                    } else {
                        ControlFlow::Continue(n + 1)
                    }
                })
            })
        });
        assert_eq!(local.run_until(end).unwrap(), ROUNDS / 10);
    });
    assert!(grown < FLAT, "{grown} bytes");
}

/// What a link costs: a million of them are to fit where a program runs.
#[test]
fn a_link_is_small() {
    const LINKS: isize = 10_000;
    let local = Local::new();
    let (resolver, source) = one();
    let (grown, chain) = growth(|| {
        let links = async { (0..LINKS).fold(source, |chain, _| chain.map(|n| n + 1)) };
        let chain = local.run_until(links);
        local.run_until_idle();
        chain
    });
    assert!(grown / LINKS <= 320, "{} bytes a link", grown / LINKS);
    resolver.fulfill(0).unwrap();
    let last = LIVE.get();
    assert_eq!(local.run_until(chain).unwrap(), 10_000);
    assert!(
        LIVE.get() < last - 200 * LINKS,
        "a link that has run is freed"
    );
}
