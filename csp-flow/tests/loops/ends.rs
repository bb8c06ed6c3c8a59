//! A loop that has ended.

use std::{rc::Rc, sync::Arc};

use csp::{
    EventLoop, Failure,
    event_loop::{CallError, Phase, TimerError},
    prelude::*,
};

use crate::util::Log;

/// Every call of a handle says that the loop has ended, and gives back what it was given.
#[test]
fn an_ended_loop_gives_everything_back() {
    for shut_down in [true, false] {
        let events = EventLoop::virtual_time();
        let handle = events.handle();
        let log = Log::new();
        let timer = handle.call_later(secs(1), log.adds("timer")).unwrap();
        let ticker = handle.every(secs(1), |_| ()).unwrap();
        let handler = handle.on(|_: &u32, _| ()).unwrap();
        assert!(!handle.is_ended());
        if shut_down {
            events.shutdown();
        } else {
            drop(events);
        }
        assert!(handle.is_ended());
        assert_eq!(handle.emit(5_u32).unwrap_err().into_inner(), 5);
        assert_eq!(handle.emit_topic("x", "y").unwrap_err().into_inner(), "y");
        handle.call(log.adds("call")).unwrap_err().into_inner()();
        handle
            .call_later(secs(1), log.adds("later"))
            .unwrap_err()
            .into_inner()();
        assert_eq!(log.take(), ["call", "later"]);
        let error = handle.on(|_: &u32, _| ()).unwrap_err();
        assert_eq!(error.to_string(), "the event loop has ended");
        assert!(handle.every(secs(1), |_| ()).is_err());
        assert!(handle.at_shutdown(Phase::After, || ()).is_err());
        assert_eq!(timer.cancel(), Err(TimerError::Ended));
        assert_eq!(timer.reset(secs(1)), Err(TimerError::Ended));
        assert!(!timer.is_active());
        assert!(!ticker.is_active() && !ticker.stop());
        let ended = ticker.ended().wait();
        assert!(matches!(ended, Err(Failure::Cancelled)), "{ended:?}");
        assert!(handler.remove());
        assert!(!handle.stop());
        let deferred = handle.defer_to_thread(log.adds("deferred"));
        assert!(matches!(deferred.wait(), Err(Failure::Cancelled)));
        assert_eq!(log.take(), [""; 0]);
        assert!(matches!(
            handle.go(async {}).wait(),
            Err(Failure::Cancelled)
        ));
        let other = std::thread::spawn(move || handle.call_blocking(|| 1));
        assert!(matches!(other.join().unwrap(), Err(CallError::Ended)));
    }
}

/// Whoever waits for a call that will never be made hears of it.
#[test]
fn a_loop_that_goes_ends_the_wait_for_a_call() {
    let events = EventLoop::new();
    let handle = events.handle();
    let caller = {
        let handle = handle.clone();
        std::thread::spawn(move || handle.call_blocking(|| 1))
    };
    while handle.queued() == 0 {
        std::thread::yield_now();
    }
    drop(events);
    assert!(matches!(caller.join().unwrap(), Err(CallError::Ended)));
}

/// A deferred promise whose loop goes before its thread is done is cancelled, and does not hang.
#[test]
fn a_loop_that_goes_ends_the_wait_for_a_thread() {
    let events = EventLoop::virtual_time();
    let (tx, rx) = chan::<()>(0);
    let work = events.handle().defer_to_thread(move || rx.take_blocking());
    let step = work.map(|_| ());
    events.run_until_idle();
    drop(events);
    assert!(matches!(step.wait(), Err(Failure::Cancelled)));
    drop(tx);
}

/// What the loop holds goes with it, also what holds a handle in turn; no circle keeps it.
#[test]
fn nothing_is_left_behind() {
    for ran in [false, true] {
        let events = EventLoop::virtual_time();
        let handle = events.handle();
        let held = Arc::new(());
        let local = Rc::new(());
        let a_hold = || (Arc::clone(&held), handle.clone());
        let mine = (Rc::clone(&local), events.handle());
        events.on(move |_: &u8, _| drop(mine.clone()));
        let mine = a_hold();
        handle.on(move |_: &u16, _| drop(mine.clone())).unwrap();
        let mine = a_hold();
        handle.call_later(secs(9), move || drop(mine)).unwrap();
        let mine = a_hold();
        drop(handle.every(secs(9), move |_| drop(mine.clone())).unwrap());
        let mine = a_hold();
        handle
            .at_shutdown(Phase::Before, move || drop(mine))
            .unwrap();
        let mine = a_hold();
        handle.go(async move {
            std::future::pending::<()>().await;
            drop(mine);
        });
        if ran {
            events.run_until_idle();
        }
        let mine = a_hold();
        handle.call(move || drop(mine)).unwrap();
        handle.emit(a_hold()).unwrap();
        drop(events);
        assert_eq!((Arc::strong_count(&held), Rc::strong_count(&local)), (1, 1));
    }
}
