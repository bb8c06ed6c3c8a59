//! The queue with limits.

use std::{pin::pin, sync::Arc, task::Poll};

use csp::{
    Local,
    lock::{Queue, QueueOverflow, QueueUnderflow},
    prelude::*,
};

use crate::util::poll;

/// EV-114: values in order, takers in order, and each limit refuses one more at once.
#[test]
fn ev_114_size_and_backlog_limits() {
    let queue = Queue::new(2, 2);
    assert_eq!((queue.try_put(1), queue.try_put(2)), (Ok(()), Ok(())));
    assert_eq!(queue.try_put(3), Err(QueueOverflow(3)));
    assert_eq!((queue.len(), queue.waiting()), (2, 0));
    assert_eq!(queue.try_take(), Some(1));
    assert_eq!(csp::block_on(queue.take().unwrap()), 2);
    assert_eq!(queue.try_take(), None);
    let mut first = pin!(queue.take().unwrap());
    let mut second = pin!(queue.take().unwrap());
    assert_eq!(queue.take().err(), Some(QueueUnderflow));
    assert_eq!(queue.take_blocking(), Err(QueueUnderflow));
    assert_eq!((queue.len(), queue.waiting()), (0, 2));
    assert!(queue.is_empty());
    assert!(poll(first.as_mut()).is_pending());
    assert!(poll(second.as_mut()).is_pending());
    // Those for the takers do not count as queued, also before these have looked.
    for n in 4..=7 {
        queue.try_put(n).unwrap();
    }
    assert_eq!(queue.try_put(8).unwrap_err().into_inner(), 8);
    assert_eq!(poll(second.as_mut()), Poll::Ready(5));
    assert_eq!(poll(first.as_mut()), Poll::Ready(4));
    // Handed over, but not looked at: that one does not wait any more.
    assert_eq!((queue.try_take(), queue.try_take()), (Some(6), Some(7)));
    let mut third = pin!(queue.take().unwrap());
    assert!(poll(third.as_mut()).is_pending());
    queue.try_put(9).unwrap();
    let (_fourth, _fifth) = (queue.take().unwrap(), queue.take().unwrap());
    assert!(queue.take().is_err());
    assert_eq!(poll(third.as_mut()), Poll::Ready(9));
}

/// EV-114: size 0 accepts a value only for a taker who waits; a backlog of 0 lets nobody wait.
#[test]
fn ev_114_limits_of_zero() {
    let queue = Queue::new(0, 1);
    assert_eq!(queue.try_put(1), Err(QueueOverflow(1)));
    let waits = queue.take().unwrap();
    queue.try_put(2).unwrap();
    assert_eq!(queue.try_put(3), Err(QueueOverflow(3)));
    assert_eq!(csp::block_on(waits), 2);
    let queue = Queue::new(1, 0);
    assert_eq!(queue.take().err(), Some(QueueUnderflow));
    queue.try_put(1).unwrap();
    assert_eq!(csp::block_on(queue.take().unwrap()), 1);
    let boundless = Queue::new(usize::MAX, usize::MAX);
    for n in 0..10_000 {
        boundless.try_put(n).unwrap();
    }
    assert_eq!(boundless.len(), 10_000);
    assert!(format!("{boundless:?}").contains("10000"));
    assert_eq!(QueueOverflow(()).to_string(), "the queue is full");
}

/// EV-114: a take that is given up never gets a value, and its place is free again: also if it was handed
/// the value already, which goes to the next, or to the front.
#[test]
fn ev_114_a_cancelled_take_never_gets_the_value() {
    let queue = Queue::new(1, 2);
    let mut first = Box::pin(queue.take().unwrap());
    let mut second = pin!(queue.take().unwrap());
    assert!(poll(first.as_mut()).is_pending());
    assert!(poll(second.as_mut()).is_pending());
    drop(first);
    assert_eq!(queue.waiting(), 1);
    queue.try_put(1).unwrap();
    assert_eq!(poll(second.as_mut()), Poll::Ready(1));
    // Handed over, then given up.
    let mut handed = Box::pin(queue.take().unwrap());
    assert!(poll(handed.as_mut()).is_pending());
    queue.try_put(2).unwrap();
    queue.try_put(3).unwrap();
    drop(handed);
    assert_eq!(queue.len(), 2, "none is dropped for the limit");
    assert_eq!(queue.try_put(4), Err(QueueOverflow(4)));
    assert_eq!((queue.try_take(), queue.try_take()), (Some(2), Some(3)));
    // Never polled.
    drop(queue.take());
    assert_eq!((queue.waiting(), queue.len()), (0, 0));
}

/// It is an arm of `alt!`, and its values are used in blocks and threads alike.
#[test]
fn a_take_is_an_arm() {
    let local = Local::virtual_time();
    let queue = Arc::new(Queue::new(1, 1));
    for (put, expected) in [(None, None), (Some(5), Some(5))] {
        if let Some(n) = put {
            queue.try_put(n).unwrap();
        }
        let got = local.run_until(async {
            let next = queue.take().unwrap();
            alt! {
                n = park!(next) => Some(n),
                _ = take!(timeout(secs(1))) => None,
            }
        });
        assert_eq!((got, queue.waiting()), (expected, 0));
    }
    let there = Arc::clone(&queue);
    let taker = std::thread::spawn(move || there.take_blocking());
    while queue.waiting() == 0 {
        std::thread::yield_now();
    }
    queue.try_put(7).unwrap();
    assert_eq!(taker.join().unwrap(), Ok(7));
}
