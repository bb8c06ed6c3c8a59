//! The end in phases.

use std::sync::Arc;

use csp::{
    EventLoop, Failure, Promise,
    event_loop::Phase::{After, Before, During},
    prelude::*,
    promise::{go_try, promise},
};

use crate::util::{Log, Watch, notices, panics};

/// EV-129: before, during, after; in a phase in the order in which they were given; each once, and removed
/// ones not at all.
#[test]
fn ev_129_phases_come_in_order_and_each_function_once() {
    let events = EventLoop::new();
    let handle = events.handle();
    let log = Log::new();
    for (phase, name) in [
        (After, "after"),
        (During, "during 1"),
        (Before, "before 1"),
        (During, "during 2"),
        (Before, "before 2"),
    ] {
        handle.at_shutdown(phase, log.adds(name)).unwrap();
    }
    let held = Arc::new(());
    let here = Arc::clone(&held);
    let removed = handle
        .at_shutdown(During, move || drop(Arc::clone(&here)))
        .unwrap();
    assert!(removed.remove());
    assert!(!removed.remove());
    assert_eq!(Arc::strong_count(&held), 1);
    events.run_until_idle();
    assert_eq!(log.take(), [""; 0]);
    assert!(handle.stop());
    assert!(!handle.stop());
    events.run();
    assert_eq!(
        log.take(),
        ["before 1", "before 2", "during 1", "during 2", "after"]
    );
}

/// EV-129: promises of the before phase, several of them, hold up the next; the loop serves on meanwhile.
#[test]
fn ev_129_promises_hold_up_the_next_phase() {
    let events = EventLoop::virtual_time();
    let handle = events.handle();
    let watch = Watch::new(&events);
    let log = Log::new();
    for (name, after) in [("slow", 5), ("quick", 2)] {
        let (log, watch) = (log.clone(), watch.clone());
        handle
            .at_shutdown(Before, move || {
                log.add((name, watch.millis()));
                go_try(async move {
                    sleep(secs(after)).await;
                    log.add((name, watch.millis()));
                    Ok(())
                })
            })
            .unwrap();
    }
    let (there, clock) = (log.clone(), watch.clone());
    handle
        .at_shutdown(During, move || there.add(("during", clock.millis())))
        .unwrap();
    let (there, clock) = (log.clone(), watch.clone());
    handle
        .call_later(secs(4), move || there.add(("timer", clock.millis())))
        .unwrap();
    handle
        .call_later(secs(1), {
            let handle = handle.clone();
            move || _ = handle.stop()
        })
        .unwrap();
    events.run();
    assert_eq!(
        log.take(),
        [
            ("slow", 1000),
            ("quick", 1000),
            ("quick", 3000),
            ("timer", 4000),
            ("slow", 6000),
            ("during", 6000)
        ]
    );
}

/// EV-129: what fails or panics is told, and the rest runs.
#[test]
fn ev_129_failures_are_told_and_the_rest_runs() {
    let events = EventLoop::new();
    let told = notices(&events);
    let handle = events.handle();
    let log = Log::new();
    handle.at_shutdown(Before, || panics("one")).unwrap();
    handle.at_shutdown(Before, || Err("two")).unwrap();
    handle
        .at_shutdown(Before, || Promise::<()>::failed("three"))
        .unwrap();
    handle.at_shutdown(Before, log.adds("before")).unwrap();
    handle
        .at_shutdown(During, || go!({ panics("four") }))
        .unwrap();
    handle.at_shutdown(During, log.adds("during")).unwrap();
    handle.at_shutdown(After, log.adds("after")).unwrap();
    events.shutdown();
    assert_eq!(log.take(), ["before", "during", "after"]);
    let told = told.take();
    assert_eq!(told.len(), 4, "{told:?}");
    for (told, cause) in told.iter().zip(["one", "two", "three", "four"]) {
        assert!(told.starts_with("the function given at ") && told.ends_with(cause));
    }
}

/// A function for a phase that has begun comes back; one for a later phase is taken.
#[test]
fn ev_129_too_late_for_a_phase_gives_the_function_back() {
    let events = EventLoop::new();
    let handle = events.handle();
    let log = Log::new();
    let (late, there) = (handle.clone(), log.clone());
    handle
        .at_shutdown(During, move || {
            for (phase, name) in [(Before, "before"), (During, "during"), (After, "after")] {
                if let Err(ended) = late.at_shutdown(phase, there.adds(name)) {
                    there.add("refused");
                    ended.into_inner()();
                }
            }
        })
        .unwrap();
    events.shutdown();
    assert_eq!(
        log.take(),
        ["refused", "before", "refused", "during", "after"]
    );
}

/// What was accepted is called, also what the last functions ask for; what comes too late comes back.
#[test]
fn what_was_accepted_before_the_end_is_called() {
    let events = EventLoop::new();
    let handle = events.handle();
    let log = Log::new();
    let (inner, there) = (handle.clone(), log.clone());
    handle
        .at_shutdown(After, move || {
            for n in 0..1000 {
                let log = there.clone();
                inner.call(move || log.add(n)).unwrap();
            }
            let (again, there) = (inner.clone(), there.clone());
            let last = move || {
                assert!(again.is_ended());
                let refused = again.call(move || ()).is_err();
                there.add(if refused { 1000 } else { 0 });
            };
            inner.call(last).unwrap();
        })
        .unwrap();
    handle.stop();
    events.run();
    assert_eq!(log.take(), (0..=1000).collect::<Vec<_>>());
}

/// EV-131: `react` runs until its promise settles, and gives that; a stop ends it before.
#[test]
fn ev_131_react_runs_until_it_settles_or_is_stopped() {
    let log = Log::new();
    let events = EventLoop::virtual_time();
    events
        .handle()
        .at_shutdown(During, log.adds("shut down"))
        .unwrap();
    let value = events.react(|_| {
        go_try::<_, csp::Error, _>(async {
            sleep(secs(1)).await;
            Ok(1)
        })
    });
    assert_eq!(value.unwrap(), 1);
    assert_eq!(log.take(), ["shut down"]);
    let failed = EventLoop::new().react(|_| Promise::<u32>::failed("no"));
    assert_eq!(failed.unwrap_err().to_string(), "no");
    let (resolver, answer) = promise::<u32, csp::Error>();
    let stopped = EventLoop::virtual_time().react(|handle| {
        let stop = handle.clone();
        handle.call_later(secs(9), move || _ = stop.stop()).unwrap();
        answer
    });
    assert!(matches!(stopped, Err(Failure::Cancelled)));
    assert!(!resolver.is_wanted());
    // Both in one instant: it is settled.
    let both = EventLoop::new().react(|handle| {
        handle.stop();
        Promise::<_, csp::Error>::ready(3)
    });
    assert_eq!(both.unwrap(), 3);
    // Stopped before it runs.
    let events = EventLoop::new();
    events.handle().stop();
    events.run();
}
