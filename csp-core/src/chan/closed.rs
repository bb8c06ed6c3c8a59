//! Waiting until a channel closes.

use std::{
    future::Future,
    marker::PhantomData,
    pin::Pin,
    ptr::NonNull,
    task::{Context, Poll},
};

use super::{core::CLOSED, inner::Chan};
use crate::{
    context::touch,
    site::Place,
    waiter::{Owner, Status, Waiter},
};

/// Future that is ready once the channel is closed. Made by [`Sender::closed`](crate::Sender::closed).
#[must_use = "a future does nothing until it is awaited"]
pub struct WaitClosed<'a, T> {
    chan: NonNull<Chan<T>>,
    waiter: Waiter,
    _chan: PhantomData<&'a Chan<T>>,
}

// SAFETY: the waiter is shared under the channel's lock; no value is touched.
unsafe impl<T: Send> Send for WaitClosed<'_, T> {}
// SAFETY: `&WaitClosed` gives access to nothing.
unsafe impl<T: Send> Sync for WaitClosed<'_, T> {}

impl<T> WaitClosed<'_, T> {
    pub(super) fn new(chan: &Chan<T>) -> Self {
        Self {
            chan: NonNull::from(chan),
            waiter: Waiter::new(Place::nowhere()),
            _chan: PhantomData,
        }
    }

    fn chan(&self) -> &Chan<T> {
        // SAFETY: the borrowed handle keeps the channel alive.
        unsafe { self.chan.as_ref() }
    }

    /// Takes the waiter out of the watchers, unless close did.
    fn leave(&self) {
        if self.waiter.status() == Status::Idle {
            return;
        }
        let mut queues = self.chan().core.queues.lock_or_abort();
        if self.waiter.status() == Status::Queued {
            // SAFETY: it is in this list, whose lock is held.
            unsafe { queues.ext().watchers.unlink(NonNull::from(&self.waiter)) };
            self.waiter.leave();
        }
        drop(queues);
        self.waiter.settled();
        self.waiter.set_status(Status::Idle);
        // SAFETY: out of the list and settled: nobody else uses the owner.
        unsafe { self.waiter.drop_owner() };
    }
}

impl<T> Future for WaitClosed<'_, T> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        // Whoever polls anew may have another waker: the waiter is queued afresh.
        touch(self.chan().core.object());
        self.leave();
        let owner = Owner::of(cx, &self.waiter);
        // SAFETY: the waiter is in no list.
        unsafe { self.waiter.set_owner(owner, 0) };
        let mut queues = self.chan().core.lock_as_is();
        if self.chan().core.has(CLOSED) {
            drop(queues);
            // SAFETY: the waiter was not queued.
            unsafe { self.waiter.drop_owner() };
            return Poll::Ready(());
        }
        // SAFETY: the lock is held, the waiter is in no list, and `leave` in drop takes it out.
        unsafe { queues.ext().watchers.push_back(NonNull::from(&self.waiter)) };
        Poll::Pending
    }
}

impl<T> Drop for WaitClosed<'_, T> {
    fn drop(&mut self) {
        self.leave();
    }
}

impl<T> std::fmt::Debug for WaitClosed<'_, T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WaitClosed").finish_non_exhaustive()
    }
}
