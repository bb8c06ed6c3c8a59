//! What the operators share: taking only what somebody wants, and how they end.
//!
//! # The move with a watch
//! An operator takes from its source only while its target is open:
//! 1. Before it takes, it looks whether the target is closed: one load.
//! 2. If nothing is there to be taken, it asks to be woken by the target's close as well, and parks. It
//!    asks once in its life: that request stays, so a park costs no more than that of a plain take.
//! 3. When it is woken it looks at the target again, *before* it looks at what its take was handed. If
//!    the target is closed, the take is dropped, which gives the value back to the source.
//!
//! So a value is in hand only from the end of its take to the end of its put.

use std::{
    future::poll_fn,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    pin::{Pin, pin},
    task::{Context, Poll},
};

use csp_core::{Cause, Closed, Receiver, Sender, TryTakeError, WaitClosed, xf::Flow};

use crate::{AtEnd, block::said};

/// Where an operator's values go.
pub(crate) trait Target {
    /// True once nobody can want a value any more.
    fn is_closed(&self) -> bool;

    /// Sees to it that the task is woken when that comes.
    fn watch(&mut self, cx: &mut Context<'_>);
}

/// A channel that an operator puts into.
pub(crate) struct Outlet<'a, 'w, T> {
    to: &'a Sender<T>,
    closed: Pin<&'w mut WaitClosed<'a, T>>,
    watching: bool,
}

impl<'a, 'w, T> Outlet<'a, 'w, T> {
    /// `closed` is `to.closed()`, which the operator's block has to hold: it must not move.
    pub(crate) fn new(to: &'a Sender<T>, closed: Pin<&'w mut WaitClosed<'a, T>>) -> Self {
        Self {
            to,
            closed,
            watching: false,
        }
    }

    /// The next value that somebody wants. `None`: the operator is done, and the target closed: like the
    /// source, if it was that which ended.
    pub(crate) async fn next_or_end<S>(&mut self, from: &Receiver<S>) -> Option<S> {
        let value = next(self, from).await;
        if value.is_none() {
            self.end(from.failure());
        }
        value
    }

    /// Nothing more comes: the target closes, or fails.
    pub(crate) fn end(&self, failure: Option<Cause>) {
        end(self.to, AtEnd::Close, failure);
    }

    pub(crate) async fn put(&self, value: T) -> Result<(), Closed<T>> {
        self.to.put(value).await
    }

    /// As [`put`](Self::put), for whom a value that is refused is no more. `Break`: it was.
    pub(crate) async fn give(&self, value: T) -> Flow {
        match self.to.put(value).await {
            Ok(()) => Flow::Continue(()),
            Err(Closed(_)) => Flow::Break(()),
        }
    }

    pub(crate) fn to(&self) -> &'a Sender<T> {
        self.to
    }
}

impl<T> Target for Outlet<'_, '_, T> {
    #[inline]
    fn is_closed(&self) -> bool {
        self.to.is_closed()
    }

    fn watch(&mut self, cx: &mut Context<'_>) {
        // Once is enough: a go block is always polled for one and the same task.
        if !self.watching {
            self.watching = self.closed.as_mut().poll(cx).is_pending();
        }
    }
}

/// Two targets: a value is wanted as long as one of them is open.
impl<A: Target, B: Target> Target for (A, B) {
    fn is_closed(&self) -> bool {
        self.0.is_closed() && self.1.is_closed()
    }

    fn watch(&mut self, cx: &mut Context<'_>) {
        self.0.watch(cx);
        self.1.watch(cx);
    }
}

/// Waits for `operation`, which loses nothing when it is dropped. `None`: the target closed first.
pub(crate) async fn unless_closed<F: Future>(
    target: &mut impl Target,
    operation: F,
) -> Option<F::Output> {
    let mut operation = pin!(operation);
    poll_fn(|cx| {
        if target.is_closed() {
            return Poll::Ready(None);
        }
        if let Poll::Ready(output) = operation.as_mut().poll(cx) {
            return Poll::Ready(Some(output));
        }
        target.watch(cx);
        // It may have closed just before the watch began.
        if target.is_closed() {
            Poll::Ready(None)
        } else {
            Poll::Pending
        }
    })
    .await
}

/// Takes from `from`. `None`: the target closed first. `Some(None)`: the source has ended.
///
/// A value that is there already costs no operation of the turn. So whoever calls this in a loop has to
/// *put* each value, which does, or other blocks would never get their turn.
pub(crate) async fn take<T>(target: &mut impl Target, from: &Receiver<T>) -> Option<Option<T>> {
    if !target.is_closed() {
        match from.try_take() {
            Ok(value) => return Some(Some(value)),
            Err(TryTakeError::Closed) => return Some(None),
            Err(TryTakeError::Empty) => {}
        }
    }
    unless_closed(target, from.take()).await
}

/// As [`take`], for whom it does not matter why nothing more comes.
pub(crate) async fn next<T>(target: &mut impl Target, from: &Receiver<T>) -> Option<T> {
    take(target, from).await.flatten()
}

/// The source has ended: what becomes of the target. (Nothing, if it is closed already.)
pub(crate) fn end<T>(to: &Sender<T>, at_end: AtEnd, failure: Option<Cause>) {
    match (at_end, failure) {
        (AtEnd::KeepOpen, _) => false,
        (AtEnd::Close, Some(cause)) => to.fail(cause),
        (AtEnd::Close, None) => to.close(),
    };
}

/// Calls code of the user's. If it panics, `to` fails with the message, and the panic goes on.
pub(crate) fn call<T, R>(what: &str, to: &Sender<T>, f: impl FnOnce() -> R) -> R {
    catch_unwind(AssertUnwindSafe(f)).unwrap_or_else(|payload| {
        to.fail(said(what, &*payload));
        resume_unwind(payload)
    })
}
