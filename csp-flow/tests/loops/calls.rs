//! Calls from other threads and from the loop itself.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU32, Ordering},
};

use csp::{EventLoop, event_loop::CallError, prelude::*};

use crate::util::Log;

/// EV-126: the order of one thread is kept, all run, and nothing before the loop does.
#[test]
fn ev_126_calls_run_in_order_and_not_before_the_loop() {
    let events = EventLoop::new();
    let handle = events.handle();
    let log = Log::new();
    let there = log.clone();
    std::thread::spawn(move || {
        for n in 0..100 {
            let log = there.clone();
            handle.call(move || log.add(n)).unwrap();
        }
    })
    .join()
    .unwrap();
    assert_eq!(log.take(), []);
    assert_eq!(events.handle().queued(), 100);
    assert_eq!(events.run_until_idle(), 100);
    assert_eq!(log.take(), (0..100).collect::<Vec<_>>());
}

/// EV-126: a call wakes a loop that sleeps, again and again.
#[test]
fn ev_126_a_call_wakes_an_idle_loop() {
    let events = EventLoop::new();
    let handle = events.handle();
    let (tx, rx) = chan(0);
    let caller = std::thread::spawn(move || {
        for n in 0..100 {
            let tx = tx.clone();
            handle
                .call(move || drop(go!({ put!(tx, n).unwrap() })))
                .unwrap();
            // The loop is on its way to sleep, or asleep.
            assert_eq!(rx.take_blocking(), Some(n));
        }
        handle.stop();
    });
    events.run();
    caller.join().unwrap();
}

/// EV-126: a call that makes itself again for ever starves neither timers nor blocks, and each pass makes one.
#[test]
fn ev_126_a_call_that_calls_itself_starves_no_timer() {
    fn again(handle: &csp::LoopHandle, calls: Arc<AtomicU32>, over: Arc<AtomicBool>) {
        if !over.load(Ordering::Relaxed) {
            calls.fetch_add(1, Ordering::Relaxed);
            let next = handle.clone();
            handle.call(move || again(&next, calls, over)).unwrap();
        }
    }
    let events = EventLoop::new();
    let handle = events.handle();
    let calls = Arc::new(AtomicU32::new(0));
    let over = Arc::new(AtomicBool::new(false));
    again(&handle, Arc::clone(&calls), Arc::clone(&over));
    // A block gets its turn after each call,
    let count = Arc::clone(&calls);
    let seen = events.go(async move {
        let mut seen = Vec::new();
        for _ in 0..5 {
            seen.push(count.load(Ordering::Relaxed));
            yield_now().await;
        }
        seen
    });
    let seen = events.run_until(seen).unwrap();
    assert!(seen.windows(2).all(|two| two[1] - two[0] <= 1), "{seen:?}");
    // and a timer its time: this would never return.
    let (stop, end) = (handle.clone(), Arc::clone(&over));
    handle
        .call_later(ms(1), move || {
            end.store(true, Ordering::Relaxed);
            stop.stop();
        })
        .unwrap();
    events.run();
    assert!(calls.load(Ordering::Relaxed) > 5);
}

/// EV-128: the value of a call that waits, at once or as a promise.
#[test]
fn ev_128_call_blocking_gives_values_and_failures() {
    let events = EventLoop::new();
    let handle = events.handle();
    let here = std::thread::current().id();
    let caller = std::thread::spawn(move || {
        let there = handle.call_blocking(|| std::thread::current().id());
        assert_eq!(there.unwrap(), here);
        let value = handle.call_blocking(|| Err::<u32, _>("no".to_owned()));
        let value = value.unwrap().unwrap_err();
        assert_eq!(value, "no");
        let later = handle.call_blocking(|| {
            csp::promise::go_try(async {
                sleep(ms(1)).await;
                Ok::<_, csp::Error>(42)
            })
        });
        assert_eq!(later.unwrap().wait().unwrap(), 42);
        let later = handle.call_blocking(|| Promise::<u32>::failed("no"));
        assert_eq!(later.unwrap().wait().unwrap_err().to_string(), "no");
        let n = value.len();
        let panicked = handle.call_blocking(move || -> u32 { panic!("no {n}") });
        let error = panicked.unwrap_err();
        assert_eq!(error.to_string(), "panicked on the event loop: no 2");
        let CallError::Panicked(panic) = error else {
            panic!("{error:?}")
        };
        assert_eq!(panic.message(), "no 2");
        let resumed = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| panic.resume()));
        let payload = resumed.unwrap_err();
        assert_eq!(payload.downcast_ref::<String>().unwrap(), "no 2");
        handle.stop();
    });
    events.run();
    caller.join().unwrap();
}

/// Trap 4: on the loop's own thread it would wait for itself: a clear error, in a handler, and while the
/// loop does not run.
#[test]
fn trap_4_call_blocking_on_the_loops_own_thread_is_an_error() {
    let events = EventLoop::new();
    let handle = events.handle();
    let log = Log::new();
    let (inner, there) = (handle.clone(), log.clone());
    handle
        .call(move || {
            let error = inner.call_blocking(|| 1).unwrap_err();
            there.add(error.to_string());
        })
        .unwrap();
    events.run_until_idle();
    assert!(matches!(
        handle.call_blocking(|| 1),
        Err(CallError::OnTheLoop)
    ));
    assert_eq!(
        log.take(),
        ["`call_blocking` on the event loop's own thread would wait for itself: call the function"]
    );
}

/// Trap 16: a raw thread, which inherits nothing, uses the handle all the same; so does a block of a runtime.
#[test]
fn trap_16_raw_threads_and_blocks_of_other_runtimes_use_the_handle() {
    struct From(&'static str);
    let events = EventLoop::new();
    let handle = events.handle();
    let here = std::thread::current().id();
    let log = Log::new();
    let there = log.clone();
    handle
        .on(move |from: &From, events| {
            assert_eq!(std::thread::current().id(), here);
            there.add(from.0);
            if from.0 == "block" {
                events.stop();
            }
        })
        .unwrap();
    std::thread::spawn(move || {
        handle.emit(From("thread")).unwrap();
        // No executor is entered here: `go!` takes the default runtime.
        go!({
            assert_ne!(std::thread::current().id(), here);
            let on_the_loop = handle.go(async { std::thread::current().id() });
            assert_eq!(on_the_loop.await, Ok(here));
            handle.emit(From("block")).unwrap();
        });
    });
    events.run();
    assert_eq!(log.take(), ["thread", "block"]);
}
