//! Calls at a fixed rate.

use std::{
    ops::ControlFlow,
    sync::{Arc, OnceLock},
    time::Duration,
};

use csp::{
    EventLoop, Failure, Promise,
    event_loop::{Missed, Ticker},
    prelude::*,
};

use crate::util::{Log, Watch, panics};

/// EV-130: beats at its rate, the first after one period, or when it is told.
#[test]
fn ev_130_it_beats_at_its_rate() {
    let events = EventLoop::virtual_time();
    let handle = events.handle();
    let watch = Watch::new(&events);
    let log = Log::new();
    let beat = |name: &'static str| {
        let (log, watch) = (log.clone(), watch.clone());
        move |Missed(missed)| log.add((name, watch.millis(), missed))
    };
    let every = handle.every(ms(100), beat("every")).unwrap();
    let delayed = handle
        .every_after(ms(250), ms(100), beat("delayed"))
        .unwrap();
    let at_once = handle
        .every_after(Duration::ZERO, secs(3600), beat("at once"))
        .unwrap();
    events.advance(ms(350));
    assert_eq!(
        log.take(),
        [
            ("at once", 0, 0),
            ("every", 100, 0),
            ("every", 200, 0),
            ("delayed", 250, 0),
            ("every", 300, 0),
            ("delayed", 350, 0)
        ]
    );
    assert!(every.stop() && delayed.stop() && at_once.stop());
    assert!(!every.stop());
    events.advance(secs(10_000));
    assert_eq!(log.take(), []);
    assert!(matches!(events.run_until(every.ended()), Ok(())));
}

/// EV-130: it waits for what a beat gives; the beats that went by meanwhile are skipped and counted: with a
/// beat of 2.5 s at 2 s: 1 2 5 6, and the one at 5 is told of two. What is due when it ends is in time.
#[test]
fn ev_130_missed_beats_are_skipped_and_counted() {
    for (lasts, expected) in [
        (2500, [(1, 0), (2, 0), (5, 2), (6, 0)]),
        (3000, [(1, 0), (2, 0), (5, 2), (6, 0)]),
        (1000, [(1, 0), (2, 0), (3, 0), (4, 0)]),
        (1001, [(1, 0), (2, 0), (4, 1), (5, 0)]),
    ] {
        let events = EventLoop::virtual_time();
        let watch = Watch::new(&events);
        let log = Log::new();
        let (there, clock) = (log.clone(), watch.clone());
        let ticker = events.handle().every(secs(1), move |Missed(missed)| {
            let at = clock.millis();
            there.add((at / 1000, missed));
            csp::promise::go_try(async move {
                if at == 2000 {
                    sleep(ms(lasts)).await;
                }
                Ok(())
            })
        });
        events.advance(secs(6));
        assert_eq!(log.take()[..4], expected, "{lasts}");
        drop(ticker);
    }
}

/// EV-130: a loop that is too late for several beats makes one, and says how many it missed.
#[test]
fn ev_130_a_late_loop_makes_one_beat_of_many() {
    let events = EventLoop::new();
    let handle = events.handle();
    let log = Log::new();
    let there = log.clone();
    let stop = handle.clone();
    handle
        .every(Duration::from_micros(100), move |Missed(missed)| {
            there.add(missed);
            stop.stop();
            ControlFlow::Break(())
        })
        .unwrap();
    // Fifty beats go by before the loop runs.
    let start = std::time::Instant::now();
    while start.elapsed() < ms(5) {
        std::hint::spin_loop();
    }
    events.run();
    let missed = log.take();
    assert!(missed.len() == 1 && missed[0] >= 49, "{missed:?}");
}

/// EV-130: stopped inside a beat, by what that gives or by its handle, no other comes.
#[test]
fn ev_130_a_beat_stops_its_ticker() {
    let events = EventLoop::virtual_time();
    let handle = events.handle();
    let log = Log::new();
    let there = log.clone();
    let mut beats = 0;
    let by_value = handle
        .every(ms(10), move |_| {
            beats += 1;
            there.add(beats);
            match beats {
                3 => ControlFlow::Break(()),
                _ => ControlFlow::Continue(()),
            }
        })
        .unwrap();
    let slot: Arc<OnceLock<Ticker>> = Arc::default();
    let (own, there) = (Arc::clone(&slot), log.clone());
    let by_handle = handle
        .every(ms(25), move |_| {
            there.add(100);
            assert!(own.get().unwrap().stop());
        })
        .unwrap();
    slot.set(by_handle.clone()).unwrap();
    events.advance(secs(1));
    assert_eq!(log.take(), [1, 2, 100, 3]);
    for ticker in [by_value, by_handle] {
        assert!(!ticker.is_active() && !ticker.reset() && !ticker.stop());
        assert!(matches!(events.run_until(ticker.ended()), Ok(())));
    }
}

/// EV-130: stopped while a beat is under way, that goes on to its end, and the ticker ends with it.
#[test]
fn ev_130_stop_lets_a_beat_end() {
    let events = EventLoop::virtual_time();
    let log = Log::new();
    let there = log.clone();
    let ticker = events
        .handle()
        .every(secs(1), move |_| {
            let there = there.clone();
            csp::promise::go_try(async move {
                there.add("begins");
                sleep(secs(10)).await;
                there.add("ends");
                Ok(())
            })
        })
        .unwrap();
    events.advance(secs(5));
    assert!(ticker.stop());
    events.run_until_idle();
    assert!(!ticker.is_active() && !ticker.ended().is_settled());
    events.advance(secs(100));
    assert_eq!(log.take(), ["begins", "ends"]);
    assert!(ticker.ended().is_settled());
}

/// EV-130: reset counts a period from now, and the rate from there.
#[test]
fn ev_130_reset_counts_from_now() {
    let events = EventLoop::virtual_time();
    let watch = Watch::new(&events);
    let log = Log::new();
    let (there, clock) = (log.clone(), watch.clone());
    let ticker = events
        .handle()
        .every(ms(100), move |missed| there.add((clock.millis(), missed)))
        .unwrap();
    events.advance(ms(130));
    assert!(ticker.reset());
    events.advance(ms(300));
    let zero = Missed(0);
    assert_eq!(
        log.take(),
        [(100, zero), (230, zero), (330, zero), (430, zero)]
    );
}

/// EV-130: a failure, at once or later, stops it, and it says why; so does a panic.
#[test]
fn ev_130_a_failure_stops_it_and_is_told() {
    let events = EventLoop::virtual_time();
    let handle = events.handle();
    let log = Log::new();
    let there = log.clone();
    let fails = handle
        .every(ms(10), move |_| {
            there.add("fails");
            Err("no")
        })
        .unwrap();
    let there = log.clone();
    let fails_later = handle
        .every(ms(20), move |_| {
            there.add("fails later");
            Promise::<()>::failed("not later")
        })
        .unwrap();
    let there = log.clone();
    let panics = handle
        .every(ms(30), move |_| {
            there.add("panics");
            panics("at all");
        })
        .unwrap();
    events.advance(secs(1));
    assert_eq!(log.take(), ["fails", "fails later", "panics"]);
    let end = |ticker: &Ticker| events.run_until(ticker.ended()).unwrap_err();
    assert_eq!(end(&fails).to_string(), "no");
    assert_eq!(end(&fails_later).to_string(), "not later");
    let Failure::Panicked(panic) = end(&panics) else {
        panic!("{:?}", end(&panics))
    };
    assert_eq!(panic.message(), "at all");
    assert!(!panics.is_active());
}

/// A ticker whose handle is dropped beats on.
#[test]
fn a_dropped_ticker_beats_on() {
    let events = EventLoop::virtual_time();
    let log = Log::new();
    let there = log.clone();
    drop(
        events
            .handle()
            .every(secs(1), move |_| there.add(()))
            .unwrap(),
    );
    events.advance(secs(5));
    assert_eq!(log.take().len(), 5);
}

/// EV-130: an interval of zero would never let go.
#[test]
#[should_panic(expected = "give it a period above zero")]
fn ev_130_a_period_of_zero_is_refused() {
    drop(EventLoop::new().handle().every(Duration::ZERO, |_| ()));
}
