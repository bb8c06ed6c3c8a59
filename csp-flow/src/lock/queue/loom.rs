//! Models of the balance of a queue. Run with `ci/loom.sh`.

use std::{
    pin::pin,
    task::{Context, Poll, Waker},
};

use loom::thread::spawn;

use super::Queue;
use crate::sync::{Arc, model};

/// What is left in the queue: as many as it says.
fn drain(queue: &Queue<u32>) -> usize {
    let said = queue.len();
    let left = std::iter::from_fn(|| queue.try_take()).count();
    assert_eq!((said, queue.len(), queue.waiting()), (left, 0, 0));
    left
}

/// A taker comes and gives up while a value is put: it has the value, or the value is still there; and its place
/// is free again. (A place that is not given up is counted for ever.)
#[test]
fn put_against_a_take_that_gives_up() {
    model(|| {
        let queue = Arc::new(Queue::new(1, 1));
        let there = Arc::clone(&queue);
        let taker = spawn(move || {
            let take = there.take().unwrap();
            let mut take = pin!(take);
            let polled = take.as_mut().poll(&mut Context::from_waker(Waker::noop()));
            matches!(polled, Poll::Ready(1))
        });
        queue.try_put(1).unwrap();
        let got = usize::from(taker.join().unwrap());
        assert_eq!(got + drain(&queue), 1);
    });
}

/// Two values for one place, and a take: at most one waits, and what was accepted is taken. (A balance that is
/// read and then written accepts both.)
#[test]
fn two_puts_for_one_place() {
    model(|| {
        let queue = Arc::new(Queue::new(1, 0));
        let putters = [1, 2].map(|n| {
            let queue = Arc::clone(&queue);
            spawn(move || usize::from(queue.try_put(n).is_ok()))
        });
        let taken = usize::from(queue.try_take().is_some());
        let accepted: usize = putters
            .into_iter()
            .map(|putter| putter.join().unwrap())
            .sum();
        assert!((1..=taken + 1).contains(&accepted));
        assert_eq!(taken + drain(&queue), accepted);
    });
}
