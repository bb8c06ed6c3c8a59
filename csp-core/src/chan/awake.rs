//! The blocking forms of put and take: a thread looks a while before it sleeps.
//!
//! While it looks, its operation is queued with no owner: whoever commits it has nobody to wake, and touches the channel
//! and the operation, which the thread looks at, and nothing else. Before it sleeps it says whom to wake, as an
//! operation does that is polled with another waker. (With the thread's waker from the start, a message between two
//! threads without a buffer was nine cache lines that go from one core to the other, where it is about four.)

use std::{
    future::{Future, poll_fn},
    panic::Location,
    pin::{Pin, pin},
    task::Poll,
    time::Duration,
};

use super::core::Core;
use crate::{
    linger, park,
    site::{Op, Place},
    task,
};

/// An operation on one channel that a thread can wait for.
pub(super) trait Waits: Future {
    const OP: Op;

    fn core(&self) -> &Core;

    /// Begins without an owner. Pending: it is queued.
    fn start_awake(self: Pin<&mut Self>) -> Poll<Self::Output>;

    /// Whether it stands in the channel's queue.
    fn is_queued(&self) -> bool;

    /// The result of one that was queued and is no longer.
    fn end(self: Pin<&mut Self>) -> Self::Output;
}

/// Looks for the operation's end.
fn look<W: Waits>(mut op: Pin<&mut W>) -> Poll<W::Output> {
    if !linger::may_linger() {
        return Poll::Pending;
    }
    let started = op.as_mut().start_awake();
    if started.is_pending() && linger::before_sleep(|| !op.is_queued()) {
        return Poll::Ready(op.end());
    }
    started
}

#[track_caller]
pub(super) fn block_on<W: Waits>(op: W) -> W::Output {
    let mut op = pin!(op);
    if let Poll::Ready(output) = look(op.as_mut()) {
        return output;
    }
    park::block_on(at(op, Location::caller()))
}

/// `None`: the time was over; the operation is as it was.
#[track_caller]
pub(super) fn block_on_for<W: Waits>(mut op: Pin<&mut W>, limit: Duration) -> Option<W::Output> {
    if let Poll::Ready(output) = look(op.as_mut()) {
        return Some(output);
    }
    park::block_on_for(pin!(at(op, Location::caller())), limit)
}

/// Notes where the thread waits: the operation forgot it when it was queued.
fn at<W: Waits>(
    mut op: Pin<&mut W>,
    caller: &'static Location<'static>,
) -> impl Future<Output = W::Output> {
    poll_fn(move |cx| {
        let polled = op.as_mut().poll(cx);
        if polled.is_pending() {
            task::parks_at(cx, Place::caller(W::OP, caller), op.core().id);
        }
        polled
    })
}
