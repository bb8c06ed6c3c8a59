//! Work on other threads.

use csp::{EventLoop, Failure, prelude::*};

use crate::util::{Log, Watch};

/// EV-127: value, failure, arguments; and the steps run on the loop's thread, also those that another
/// thread adds.
#[test]
fn ev_127_steps_run_on_the_loop() {
    let events = EventLoop::new();
    let handle = events.handle();
    let here = std::thread::current().id();
    let (n, text) = (2, "arguments".to_owned());
    let value = handle
        .defer_to_thread(move || {
            assert_ne!(std::thread::current().id(), here);
            text.len() * n
        })
        .map(move |size| (size, std::thread::current().id()));
    assert_eq!(events.run_until(value).unwrap(), (18, here));
    let failed = handle
        .defer_to_thread(|| Err::<u32, csp::Error>("no".into()))
        .and_then(|result| result)
        .map(|_| panic!("a value"))
        .or_else(move |failure: Failure<csp::Error>| {
            assert_eq!(std::thread::current().id(), here);
            Err::<(), _>(failure)
        });
    assert_eq!(events.run_until(failed).unwrap_err().to_string(), "no");
    // Failure after success.
    let later = handle
        .defer_to_thread(|| 1)
        .and_then(|n| Err::<u32, csp::Error>(format!("{n} is no good").into()));
    assert_eq!(
        events.run_until(later).unwrap_err().to_string(),
        "1 is no good"
    );
    let panicked = handle.defer_to_thread(|| panic!("at all"));
    let Err(Failure::Panicked(panic)) = events.run_until(panicked.map(|()| ())) else {
        panic!("a value")
    };
    assert_eq!(panic.message(), "at all");
}

#[test]
fn ev_127_steps_that_another_thread_adds_run_on_the_loop_too() {
    let events = EventLoop::new();
    let handle = events.handle();
    let here = std::thread::current().id();
    let other = std::thread::spawn(move || {
        let there = handle
            .defer_to_thread(|| ())
            .map(|()| std::thread::current().id())
            .map(|first| (first, std::thread::current().id()))
            .wait();
        handle.stop();
        there
    });
    events.run();
    assert_eq!(other.join().unwrap().unwrap(), (here, here));
}

/// Virtual time stands still while a thread works for the loop, however long that takes.
#[test]
fn virtual_time_waits_for_deferred_work() {
    let events = EventLoop::virtual_time();
    let handle = events.handle();
    let watch = Watch::new(&events);
    let log = Log::new();
    let (there, clock) = (log.clone(), watch.clone());
    handle
        .every(ms(10), move |_| there.add(("tick", clock.millis())))
        .unwrap();
    let (tx, rx) = chan(0);
    let (there, clock) = (log.clone(), watch.clone());
    let work = handle
        .defer_to_thread(move || rx.take_blocking())
        .map(move |value| {
            there.add(("done", clock.millis()));
            value
        });
    let (there, clock) = (log.clone(), watch.clone());
    handle
        .call_later(ms(5), move || there.add(("timer", clock.millis())))
        .unwrap();
    // Released from a thread that the loop calls back while it waits.
    let release = std::thread::spawn(move || {
        let millis = handle.call_blocking({
            let watch = watch.clone();
            move || watch.millis()
        });
        assert_eq!(millis.unwrap(), 0);
        tx.put_blocking(7).unwrap();
    });
    assert_eq!(events.run_until(work).unwrap(), Some(7));
    assert_eq!(log.take(), [("done", 0)]);
    release.join().unwrap();
    events.advance(ms(20));
    assert_eq!(log.take(), [("timer", 5), ("tick", 10), ("tick", 20)]);
}

/// Not even for the moment between the end of the work and the first step.
#[test]
fn virtual_time_waits_until_the_value_has_come() {
    let events = EventLoop::virtual_time();
    let handle = events.handle();
    let start = events.now();
    handle.every(ms(1), |_| ()).unwrap();
    for n in 0..500 {
        let work = handle.defer_to_thread(move || n).map(|n| n + 1);
        assert_eq!(events.run_until(work).unwrap(), n + 1);
        assert_eq!(events.now(), start);
    }
}

/// `advance` waits for it as well, and goes on when it has ended; also if the promise was dropped.
#[test]
fn advance_waits_for_deferred_work() {
    let events = EventLoop::virtual_time();
    let handle = events.handle();
    let watch = Watch::new(&events);
    for dropped in [false, true] {
        let before = watch.millis();
        let log = Log::new();
        let (tx, rx) = chan::<()>(0);
        let (there, clock) = (log.clone(), watch.clone());
        let (begun_tx, begun) = chan(1);
        let work = handle.defer_to_thread(move || {
            begun_tx.try_put(()).unwrap();
            rx.take_blocking();
            there.add(clock.millis() - before);
        });
        if dropped {
            drop(work);
        } else {
            work.ignore();
        }
        let release = std::thread::spawn(move || {
            begun.take_blocking();
            tx.put_blocking(()).unwrap();
        });
        events.advance(ms(10));
        assert_eq!(log.take(), [0]);
        assert_eq!(watch.millis() - before, 10);
        release.join().unwrap();
    }
}

/// A cancelled promise does not hold the time for ever: the thread runs on, the loop does not wait.
#[test]
fn a_cancelled_promise_lets_the_time_go_on() {
    let events = EventLoop::virtual_time();
    let (tx, rx) = chan::<()>(0);
    let work = events.handle().defer_to_thread(move || rx.take_blocking());
    events.run_until_idle();
    assert!(work.cancel());
    events.advance(secs(1));
    drop(tx);
    assert!(matches!(events.run_until(work), Err(Failure::Cancelled)));
}
