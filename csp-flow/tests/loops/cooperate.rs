//! Long work in steps: what Twisted has its cooperator for.

use std::sync::Arc;

use csp::{EventLoop, Failure, Promise, lock::Mutex, prelude::*};

use crate::util::{Log, panics};

/// EV-132: blocks that yield take turns with each other, with events, and with timers.
#[test]
fn ev_132_blocks_that_yield_take_turns() {
    let events = EventLoop::new();
    let handle = events.handle();
    let log = Log::new();
    let there = log.clone();
    events.on(move |n: &u32, _| there.add(("event", *n)));
    for name in ["a", "b"] {
        let (log, handle) = (log.clone(), handle.clone());
        events.go(async move {
            for n in 0..3 {
                log.add((name, n));
                if name == "b" {
                    handle.emit(n).unwrap();
                }
                yield_now().await;
            }
        });
    }
    events.run_until_idle();
    let log = log.take();
    let of = |name| log.iter().filter(move |entry| entry.0 == name);
    assert!(of("a").map(|entry| entry.1).eq(0..3));
    assert!(of("event").map(|entry| entry.1).eq(0..3));
    let blocks: Vec<_> = log.iter().filter(|entry| entry.0 != "event").collect();
    assert_eq!(
        blocks,
        [
            &("a", 0),
            &("b", 0),
            &("a", 1),
            &("b", 1),
            &("a", 2),
            &("b", 2)
        ]
    );
    // An event waits for one round at most.
    for n in 0..3 {
        let emitted = log.iter().position(|entry| *entry == ("b", n)).unwrap();
        let handled = log.iter().position(|entry| *entry == ("event", n)).unwrap();
        assert!(handled > emitted && handled - emitted <= 3, "{log:?}");
    }
}

/// EV-132: stopped, it does no more steps; several wait for its end; an error is theirs.
#[test]
fn ev_132_stop_done_for_many_and_errors() {
    let events = EventLoop::new();
    let log = Log::new();
    let there = log.clone();
    let endless = events.go(async move {
        loop {
            there.add(());
            yield_now().await;
        }
    });
    events.run_until(async {
        for _ in 0..10 {
            yield_now().await;
        }
    });
    assert!(!log.take().is_empty());
    endless.cancel();
    let ended: Result<(), _> = events.run_until(endless);
    assert_eq!(ended, Err(Failure::Cancelled));
    log.take();
    events.run_until_idle();
    assert_eq!(log.take(), []);
    // As a promise for as many as like.
    let done = Promise::<u32>::from(events.go(async { 7 })).shared();
    let waits: Vec<_> = (0..3).map(|_| done.clone()).collect();
    for wait in waits {
        assert_eq!(events.run_until(wait).unwrap(), 7);
    }
    let failed = events.go(async { panics("no") });
    assert!(matches!(
        events.run_until(Promise::<()>::from(failed)),
        Err(Failure::Panicked(_))
    ));
}

/// EV-132: whoever holds the lock that each step takes pauses the work.
#[test]
fn ev_132_a_lock_pauses_it() {
    let events = EventLoop::new();
    let log = Log::new();
    let (gate, there) = (Arc::new(Mutex::new(())), log.clone());
    let steps = Arc::clone(&gate);
    let work = events.go(async move {
        for n in 0..3 {
            drop(steps.lock().await);
            there.add(n);
            yield_now().await;
        }
    });
    let paused = gate.try_lock().unwrap();
    events.run_until_idle();
    assert_eq!(log.take(), []);
    drop(paused);
    events.run_until_idle();
    assert_eq!(log.take(), [0, 1, 2]);
    assert!(work.is_finished());
}

csp::dynamic! {
    /// Who asked.
    static USER: &'static str = "nobody";
}

/// EV-119: the dynamic bindings of a block are those that held where it was started, at each resume; what
/// runs in between on the same thread has its own.
#[test]
fn ev_119_bindings_hold_at_each_resume() {
    let events = EventLoop::virtual_time();
    let log = Log::new();
    for name in ["ann", "bob"] {
        let log = log.clone();
        csp::binding!(USER = name => {
            drop(events.go(async move {
                for _ in 0..3 {
                    log.add(USER.get());
                    sleep(secs(1)).await;
                }
            }));
        });
    }
    let there = log.clone();
    events
        .handle()
        .call_later(ms(500), move || there.add(USER.get()))
        .unwrap();
    events.advance(secs(10));
    assert_eq!(
        log.take(),
        ["ann", "bob", "nobody", "ann", "bob", "ann", "bob"]
    );
}
