//! What once went wrong.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};

use csp::{
    EventLoop,
    event_loop::Phase::{After, Before},
    lock::{Bulkhead, Queue, Semaphore},
    prelude::*,
};

use crate::util::{notices, panics, poll};

/// Calls a function when it is dropped.
struct AtDrop<F: FnMut()>(F);

impl<F: FnMut()> Drop for AtDrop<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

/// It took time in proportion to the permits, and hung for "no limit".
#[test]
fn a_semaphore_without_a_limit_is_made_at_once() {
    let permits = Semaphore::new(usize::MAX);
    let permit = permits.try_acquire().unwrap();
    assert_eq!(permits.available(), usize::MAX - 1);
    drop(permit);
    assert_eq!(permits.available(), permits.permits());
    let bulkhead = Bulkhead::new(usize::MAX, usize::MAX);
    let _place = csp::block_on(bulkhead.enter().unwrap());
    assert_eq!((bulkhead.running(), bulkhead.inside()), (1, 1));
}

/// The order among takers is that in which they begin to wait, not that of the calls.
#[test]
fn takers_are_served_in_the_order_in_which_they_began_to_wait() {
    let queue = Queue::new(2, 2);
    let mut first = Box::pin(queue.take().unwrap());
    let mut second = Box::pin(queue.take().unwrap());
    assert!(poll(second.as_mut()).is_pending());
    assert!(poll(first.as_mut()).is_pending());
    queue.try_put("a").unwrap();
    queue.try_put("b").unwrap();
    assert_eq!(csp::block_on(first), "b");
    assert_eq!(csp::block_on(second), "a");
}

/// The panic of one kept the loop from dropping the others, and they kept what they had.
#[test]
fn each_shutdown_function_is_dropped_though_others_panic_at_that() {
    let events = EventLoop::new();
    let handle = events.handle();
    let held = Arc::new(());
    for phase in [Before, After, Before, After] {
        let guard = AtDrop(|| panics("in a drop"));
        let held = Arc::clone(&held);
        let function = move || _ = (&guard, &held);
        handle.at_shutdown(phase, function).unwrap();
    }
    drop(events);
    assert_eq!(Arc::strong_count(&held), 1);
    assert!(handle.at_shutdown(After, || ()).is_err());
}

/// It unwound whoever dropped the loop, or shut it down.
#[test]
fn a_handler_or_timer_that_panics_in_its_drop_is_told_at_the_end() {
    let events = EventLoop::new();
    let handle = events.handle();
    let log = notices(&events);
    let dropped = Arc::new(AtomicUsize::new(0));
    let guard = || {
        let dropped = Arc::clone(&dropped);
        AtDrop(move || {
            dropped.fetch_add(1, Relaxed);
            panics("in a drop");
        })
    };
    for _ in 0..3 {
        let (on, later) = (guard(), guard());
        events.on(move |_: &u32, _| _ = &on);
        handle.call_later(secs(1), move || _ = &later).unwrap();
    }
    events.run_until_idle();
    events.shutdown();
    assert_eq!(dropped.load(Relaxed), 6);
    let told = log.take();
    assert_eq!(told.len(), 6);
    assert!(told.iter().all(|told| told.contains("in a drop")));
}

/// Each took time in proportion to those that waited.
#[test]
fn a_great_many_shutdown_functions_are_removed_in_time() {
    let events = EventLoop::new();
    let handle = events.handle();
    let functions: Vec<_> = (0..200_000)
        .map(|_| handle.at_shutdown(After, || panics("removed")).unwrap())
        .collect();
    assert!(functions.iter().all(csp::event_loop::AtShutdown::remove));
    let log = notices(&events);
    events.shutdown();
    assert!(log.take().is_empty());
}

/// It panicked, with the timer's lock held.
#[test]
fn a_timer_is_put_off_to_the_end_of_the_clock_and_further() {
    let events = EventLoop::virtual_time();
    let handle = events.handle();
    let timer = handle.call_later(secs(1), || panics("never")).unwrap();
    let far = Duration::from_secs(i64::MAX.unsigned_abs() - 10_000_000_000);
    timer.reset(far).unwrap();
    for _ in 0..10 {
        timer.delay(Duration::MAX).unwrap();
    }
    assert!(timer.due().unwrap() > events.now() + far);
}

/// It panicked, as the end could not be told.
#[test]
fn advancing_beyond_the_clock_makes_all_calls() {
    let events = EventLoop::virtual_time();
    let handle = events.handle();
    let (tx, rx) = chan(2);
    for hours in [1, 1000] {
        let tx = tx.clone();
        let call = move || tx.try_put(hours).unwrap();
        handle.call_later(secs(3600 * hours), call).unwrap();
    }
    let start = events.now();
    events.advance(Duration::MAX);
    assert_eq!((rx.try_take(), rx.try_take()), (Ok(1), Ok(1000)));
    assert_eq!(events.now() - start, secs(3600 * 1000));
}
