//! A step of a promise: the block that waits for the source, runs the closure, and waits for what that gave.
//!
//! A chain of a million steps is a million blocks, each with the handle of the one before. A settle runs
//! through it from turn to turn of the executor, and so does a cancel: nothing grows the stack.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use csp_core::Failure;

use super::{
    CancelOnDrop, Promise,
    cell::At,
    failure::Outcome,
    unhandled::{self, Describe},
};
use crate::sync::{
    Arc, Mutex,
    atomic::{AtomicU8, Ordering},
};

/// What a step's closure gave. Not for use: see [`IntoPromise`](super::IntoPromise).
#[doc(hidden)]
#[derive(Debug)]
pub enum Next<T, E> {
    Done(Outcome<T, E>),
    Wait(Promise<T, E>),
}

const WANTED: u8 = 0;
const IGNORED: u8 = 1;
const CANCELLED: u8 = 2;

/// What a step's block and its handle have in common.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) created: At,
    /// What its handle said last.
    word: AtomicU8,
    /// Where the promise was made that it waits for.
    waits_for: Mutex<Option<At>>,
}

impl Link {
    pub(super) fn new(created: At, waits_for: Option<At>) -> Arc<Self> {
        Arc::new(Self {
            created,
            word: AtomicU8::new(WANTED),
            waits_for: Mutex::new(waits_for),
        })
    }

    /// Nobody wants to hear of its failure.
    pub(super) fn ignore(&self) {
        // Ordering: a flag; whoever says it too late for the drop of the failure is late.
        self.word.fetch_max(IGNORED, Ordering::Relaxed);
    }

    /// Nobody wants it at all: a block that is in a long turn looks for that.
    pub(super) fn cancel(&self) {
        // Ordering: as above.
        self.word.fetch_max(CANCELLED, Ordering::Relaxed);
    }

    pub(super) fn is_ignored(&self) -> bool {
        // Ordering: as above.
        self.word.load(Ordering::Relaxed) >= IGNORED
    }

    pub(super) fn is_cancelled(&self) -> bool {
        // Ordering: as above.
        self.word.load(Ordering::Relaxed) == CANCELLED
    }

    pub(super) fn waits_for(&self) -> Option<At> {
        *self.waits_for.lock()
    }

    pub(super) fn set_waits_for(&self, at: Option<At>) {
        *self.waits_for.lock() = at;
    }
}

/// The outcome of a block. Dropped with a failure in it that nobody took, it tells of that: also when the
/// handle went long before the block ended.
pub(super) struct Settled<T, E> {
    outcome: Option<Outcome<T, E>>,
    describe: Describe<E>,
    link: Arc<Link>,
}

impl<T, E: 'static> Settled<T, E> {
    pub(super) fn new(outcome: Outcome<T, E>, link: Arc<Link>) -> Self {
        link.set_waits_for(None);
        Self {
            outcome: Some(outcome),
            describe: unhandled::describe,
            link,
        }
    }
}

impl<T, E> Settled<T, E> {
    pub(super) fn into_outcome(mut self) -> Outcome<T, E> {
        self.outcome
            .take()
            .expect("the outcome of a step is moved out once")
    }
}

impl<T, E> Drop for Settled<T, E> {
    fn drop(&mut self) {
        if let Some(Err(failure)) = &self.outcome
            && !self.link.is_ignored()
        {
            unhandled::report(failure, self.describe, self.link.created, None);
        }
    }
}

/// The future of a step's block, written by hand to be small: there may be a million.
pub(super) struct Step<T, E, U, F, G>
where
    T: Send + 'static,
    E: Send + 'static,
    U: Send + 'static,
    F: Send + 'static,
{
    source: Option<CancelOnDrop<T, E>>,
    f: Option<G>,
    inner: Option<CancelOnDrop<U, F>>,
    link: Arc<Link>,
}

// Nothing is pinned in it: `f` is called by value.
impl<T, E, U, F, G> Unpin for Step<T, E, U, F, G>
where
    T: Send + 'static,
    E: Send + 'static,
    U: Send + 'static,
    F: Send + 'static,
{
}

impl<T, E, U, F, G> Step<T, E, U, F, G>
where
    T: Send + 'static,
    E: Send + 'static,
    U: Send + 'static,
    F: Send + 'static,
{
    pub(super) fn new(source: Promise<T, E>, f: G, link: Arc<Link>) -> Self {
        Self {
            source: Some(source.cancel_on_drop()),
            f: Some(f),
            inner: None,
            link,
        }
    }
}

impl<T, E, U, F, G> Future for Step<T, E, U, F, G>
where
    T: Send + 'static,
    E: Send + 'static,
    U: Send + 'static,
    F: Send + 'static,
    G: FnOnce(Outcome<T, E>) -> Next<U, F>,
{
    type Output = Settled<U, F>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        if let Some(source) = &mut this.source {
            let outcome = ready!(Pin::new(source).poll(cx));
            this.source = None;
            this.link.set_waits_for(None);
            let f = this.f.take().expect("a step runs its closure once");
            match f(outcome) {
                Next::Done(outcome) => return Poll::Ready(this.settled(outcome)),
                Next::Wait(inner) => {
                    this.link.set_waits_for(Some(inner.created()));
                    this.inner = Some(inner.cancel_on_drop());
                }
            }
        }
        let inner = this
            .inner
            .as_mut()
            .expect("a step is not polled after its end");
        let outcome = ready!(Pin::new(inner).poll(cx));
        this.inner = None;
        Poll::Ready(this.settled(outcome))
    }
}

impl<T, E, U, F, G> Step<T, E, U, F, G>
where
    T: Send + 'static,
    E: Send + 'static,
    U: Send + 'static,
    F: Send + 'static,
{
    fn settled(&self, outcome: Outcome<U, F>) -> Settled<U, F> {
        Settled::new(outcome, Arc::clone(&self.link))
    }
}

/// A failure of the block itself: it panicked, or was cancelled.
pub(super) fn of_block<T, E>(ended: Result<Settled<T, E>, Failure>) -> Outcome<T, E> {
    match ended {
        Ok(settled) => settled.into_outcome(),
        Err(failure) => Err(super::failure::widen(failure)),
    }
}
