//! Calls at a later time.

use std::{
    cell::RefCell,
    sync::{Arc, Mutex},
    time::Duration,
};

use csp::{
    EventLoop, Failure,
    event_loop::{Timer, TimerError},
    prelude::*,
};

use crate::util::{Log, Watch, notices};

/// EV-125, EV-133: by time, ties in the order in which they were set; what they set themselves as well.
#[test]
fn ev_125_timers_come_in_order_and_ties_keep_theirs() {
    let events = EventLoop::virtual_time();
    let handle = events.handle();
    let watch = Watch::new(&events);
    let log = Log::new();
    for (name, after) in [("c", 30), ("a1", 10), ("b", 20), ("a2", 10), ("now", 0)] {
        let (log, watch, again) = (log.clone(), watch.clone(), handle.clone());
        handle
            .call_later(ms(after), move || {
                log.add((name, watch.millis()));
                if name == "a1" {
                    for (name, after) in [("inner 20", 10), ("inner 10", 0)] {
                        let (log, watch) = (log.clone(), watch.clone());
                        again
                            .call_later(ms(after), move || log.add((name, watch.millis())))
                            .unwrap();
                    }
                }
            })
            .unwrap();
    }
    assert_eq!(log.take(), []);
    events.advance(Duration::ZERO);
    assert_eq!(log.take(), [("now", 0)]);
    events.advance(ms(20));
    assert_eq!(
        log.take(),
        [
            ("a1", 10),
            ("a2", 10),
            ("inner 10", 10),
            ("b", 20),
            ("inner 20", 20)
        ]
    );
    events.advance(ms(9));
    assert_eq!(log.take(), []);
    events.advance(ms(1));
    assert_eq!(log.take(), [("c", 30)]);
}

/// EV-125: cancelled, it is not called; twice, or after its call, or inside it, is an error.
#[test]
fn ev_125_cancel_and_its_errors() {
    let events = EventLoop::virtual_time();
    let handle = events.handle();
    let log = Log::new();
    let held = Arc::new(());
    let here = Arc::clone(&held);
    let timer = handle
        .call_later(ms(10), move || drop(Arc::clone(&here)))
        .unwrap();
    let called = handle.call_later(ms(20), log.adds("called")).unwrap();
    assert!(timer.is_active());
    assert_eq!(timer.due(), Some(events.now() + ms(10)));
    assert_eq!(timer.cancel(), Ok(()));
    assert_eq!((timer.is_active(), timer.due()), (false, None));
    assert_eq!(timer.cancel(), Err(TimerError::Cancelled));
    assert_eq!(timer.reset(ms(1)), Err(TimerError::Cancelled));
    events.run_until_idle();
    assert_eq!(Arc::strong_count(&held), 1, "its function is dropped");
    events.advance(ms(100));
    assert_eq!(log.take(), ["called"]);
    assert!(!called.is_active());
    assert_eq!(called.cancel(), Err(TimerError::Called));
    assert_eq!(called.delay(ms(1)), Err(TimerError::Called));
    assert_eq!(
        called.reset(ms(1)).unwrap_err().to_string(),
        "the timer's function has been called"
    );
    // Inside its own call.
    let slot: Arc<Mutex<Option<Timer>>> = Arc::default();
    let (own, seen) = (Arc::clone(&slot), Log::new());
    let there = seen.clone();
    let timer = handle
        .call_later(ms(1), move || {
            let timer = own.lock().unwrap().take().unwrap();
            there.add((timer.is_active(), timer.cancel()));
        })
        .unwrap();
    *slot.lock().unwrap() = Some(timer);
    events.advance(ms(1));
    assert_eq!(seen.take(), [(false, Err(TimerError::Called))]);
    assert_eq!(events.timers().len(), 0);
}

/// EV-125: one that is due in the same instant, and even the same pass, can still be cancelled or put off.
#[test]
fn ev_125_a_timer_changes_the_next_ones_of_the_same_instant() {
    let events = EventLoop::virtual_time();
    let handle = events.handle();
    let log = Log::new();
    let slot: Arc<Mutex<Vec<Timer>>> = Arc::default();
    let (others, there) = (Arc::clone(&slot), log.clone());
    handle
        .call_later(ms(10), move || {
            there.add("first");
            let others = others.lock().unwrap();
            others[0].cancel().unwrap();
            others[1].delay(ms(5)).unwrap();
        })
        .unwrap();
    for name in ["cancelled", "put off", "last"] {
        let timer = handle.call_later(ms(10), log.adds(name)).unwrap();
        slot.lock().unwrap().push(timer);
    }
    events.advance(ms(14));
    assert_eq!(log.take(), ["first", "last"]);
    events.advance(ms(1));
    assert_eq!(log.take(), ["put off"]);
}

/// EV-125: reset to sooner and to later, and delay, by what was said last.
#[test]
fn ev_125_reset_and_delay_move_it() {
    let events = EventLoop::virtual_time();
    let handle = events.handle();
    let watch = Watch::new(&events);
    let log = Log::new();
    let timer = |name: &'static str, after| {
        let (log, watch) = (log.clone(), watch.clone());
        let timer = handle.call_later(ms(after), move || log.add((name, watch.millis())));
        timer.unwrap()
    };
    let sooner = timer("sooner", 100);
    let later = timer("later", 10);
    let delayed = timer("delayed", 20);
    let still = timer("still", 50);
    events.advance(ms(5));
    sooner.reset(ms(15)).unwrap();
    later.reset(ms(40)).unwrap();
    delayed.delay(ms(10)).unwrap();
    delayed.delay(ms(30)).unwrap();
    assert_eq!(delayed.due(), Some(events.now() + ms(55)));
    events.run_until_idle();
    let order: Vec<_> = events.timers().iter().map(Timer::due).collect();
    assert_eq!(
        order,
        [sooner.due(), later.due(), still.due(), delayed.due()]
    );
    events.advance(ms(1000));
    assert_eq!(
        log.take(),
        [
            ("sooner", 20),
            ("later", 45),
            ("still", 50),
            ("delayed", 60)
        ]
    );
    // A time past the end of the clock is as good as never.
    let never = timer("never", 1);
    never.delay(Duration::MAX).unwrap();
    events.advance(secs(1_000_000));
    assert!(never.is_active());
    assert_eq!(log.take(), []);
}

/// EV-125: a panic is told, and the timers after it are called.
#[test]
fn ev_125_a_panic_in_a_timer_is_told_and_the_loop_goes_on() {
    let events = EventLoop::virtual_time();
    let told = notices(&events);
    let handle = events.handle();
    let log = Log::new();
    handle.call_later(ms(1), || panic!("no")).unwrap();
    handle.call_later(ms(1), log.adds("after")).unwrap();
    events.advance(ms(1));
    assert_eq!(log.take(), ["after"]);
    let told = told.take();
    assert!(
        told.len() == 1 && told[0].ends_with("panicked: no"),
        "{told:?}"
    );
}

/// EV-131: `deferLater` is a promise's delay, or a block that sleeps.
#[test]
fn ev_131_deferred_later_values_errors_and_cancel() {
    let events = EventLoop::virtual_time();
    let start = events.now();
    let value = events.run_until(async {
        let value = Promise::<_, csp::Error>::ready(7).delay(secs(3));
        value.await
    });
    assert_eq!((value.unwrap(), events.now() - start), (7, secs(3)));
    let error = events.run_until(async {
        csp::promise::go_try(async {
            sleep(secs(1)).await;
            Err::<u32, csp::Error>("no".into())
        })
        .await
    });
    assert_eq!(error.unwrap_err().to_string(), "no");
    let log = Log::new();
    let there = log.clone();
    let cancelled = events.run_until(async move {
        let promise = csp::promise::go_try(async move {
            sleep(secs(1)).await;
            there.add("ran");
            Ok::<_, csp::Error>(())
        });
        promise.cancel();
        promise.await
    });
    assert!(matches!(cancelled, Err(Failure::Cancelled)));
    events.advance(secs(2));
    assert_eq!(log.take(), [""; 0]);
}

/// EV-215: a timer's function that blocks holds up its own loop, and no other clock.
#[test]
fn ev_215_a_blocked_loop_holds_up_no_other_timer() {
    let events = EventLoop::new();
    let handle = events.handle();
    let stop = handle.clone();
    handle
        .call_later(ms(1), move || {
            let (tx, rx) = chan(0);
            go!({ put!(tx, ()).ok() }); // on this loop: it is blocked
            let other = std::thread::spawn(|| {
                csp::promise::go_try(async {
                    sleep(ms(1)).await;
                    Ok::<_, csp::Error>(1)
                })
                .wait()
            });
            assert_eq!(other.join().unwrap().unwrap(), 1);
            assert!(rx.try_take().is_err());
            stop.stop();
        })
        .unwrap();
    events.run();
}

thread_local! {
    static ORDER: RefCell<Vec<u32>> = const { RefCell::new(Vec::new()) };
}

/// EV-125: by their times also where the ticks of a real clock are coarser than these.
#[test]
fn ev_125_timers_of_one_tick_come_by_their_own_times() {
    let events = EventLoop::new();
    let handle = events.handle();
    let add = |n| move || ORDER.with_borrow_mut(|order| order.push(n));
    handle.call_later(ms(3), add(3)).unwrap();
    handle.call_later(ms(1), add(1)).unwrap();
    handle.call_later(ms(2), add(2)).unwrap();
    let stop = handle.clone();
    handle.call_later(ms(4), move || _ = stop.stop()).unwrap();
    // They are all past when the loop comes to look.
    let start = std::time::Instant::now();
    while start.elapsed() < ms(5) {
        std::hint::spin_loop();
    }
    events.run();
    assert_eq!(ORDER.take(), [1, 2, 3]);
}
