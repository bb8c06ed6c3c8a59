//! [`Shared`]: an eventual value for any number of readers.

mod chain;
mod inner;
mod turn;
mod view;

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use csp_core::{Elapsed, Of2, Receiver, alts, chan, park, promise_buffer};
use csp_sched::Handle;

use self::inner::{Inner, is_cancelled};
use super::{Promise, failure::Outcome, wait, waiters::Slot};
use crate::sync::Arc;

/// A value that is not there yet, for any number of readers, any number of times. Made by
/// [`Promise::shared`].
///
/// ```text
/// resolver    ────▸ fulfill(v)
/// reader a    ──▸ waits … ▸ v        ▸ v
/// reader b    ────────────────▸ v             after it was settled: at once
/// callbacks            1 … 2 … 3              one after the other, in the order given
/// ```
///
/// By reference it is read with [`peek`](Self::peek) and [`subscribe`](Self::subscribe), by value, where
/// `T` and `E` are `Clone`, by awaiting it (or a reference to it: `(&shared).await`),
/// [`wait`](Self::wait) and the steps, which are those of [`Promise`].
///
/// ```
/// use csp::{prelude::*, promise::promise};
/// let (resolver, answer) = promise::<u32, csp::Error>();
/// let answer = answer.shared();
/// let readers: Vec<_> = (0..3)
///     .map(|n| {
///         let answer = answer.clone();
///         go!({ answer.await.unwrap() + n })
///     })
///     .collect();
/// resolver.fulfill(40).unwrap();
/// let sums: Vec<_> = readers.into_iter().map(|reader| reader.wait().unwrap()).collect();
/// assert_eq!(sums, [40, 41, 42]);
/// assert_eq!(answer.wait().unwrap(), 40);
/// ```
///
/// # Cancellation
/// When the last handle is dropped (those of steps and callbacks count), the source is not wanted any more.
/// [`cancel`](Self::cancel) ends it for all; the cancel of a step made from it reaches the source only if
/// nobody else has a handle. A wait that is given up leaves nothing behind.
///
/// Lamina's result channel, Task's task, Manifold's `deferred`, core.async's `promise-chan`.
pub struct Shared<T, E = super::Error> {
    inner: Arc<Inner<T, E>>,
    slot: Slot,
    on: Option<Handle>,
}

impl<T, E> Promise<T, E>
where
    T: Send + Sync + 'static,
    E: Send + Sync + 'static,
{
    /// Makes it readable any number of times.
    ///
    /// ```
    /// let one = csp::Promise::<_, csp::Error>::ready(1).shared();
    /// assert_eq!(one.wait().unwrap() + one.wait().unwrap(), 2);
    /// ```
    ///
    /// That of a [reader](Shared::promise) of a `Shared` is that `Shared`.
    pub fn shared(mut self) -> Shared<T, E> {
        let on = self.handle().cloned();
        if let Some(mut shared) = self.take_shared() {
            // Chains of readers of readers would settle, and be dropped, on the stack.
            shared.on = on;
            return shared;
        }
        Shared {
            inner: Inner::new(self),
            slot: None,
            on,
        }
    }
}

impl<T, E> Shared<T, E> {
    /// The outcome, if it is there.
    ///
    /// ```
    /// use csp::promise::promise;
    /// let (resolver, answer) = promise::<String, csp::Error>();
    /// let answer = answer.shared();
    /// assert!(answer.peek().is_none());
    /// resolver.fulfill("here".to_owned()).unwrap();
    /// assert_eq!(answer.peek().unwrap().as_ref().as_ref().unwrap(), "here");
    /// ```
    pub fn peek(&self) -> Option<Arc<Outcome<T, E>>> {
        self.inner.outcome()
    }

    /// True once it has come to an outcome, of whatever kind.
    pub fn is_settled(&self) -> bool {
        self.inner.is_settled()
    }

    /// True if it is settled, and not with a value. To ask is not to look at the failure.
    pub fn is_failed(&self) -> bool {
        self.inner.ask(Result::is_err) == Some(true)
    }

    /// True if it was cancelled.
    pub fn is_cancelled(&self) -> bool {
        self.inner.ask(is_cancelled) == Some(true)
    }

    /// Says that its failure, if it is one, is nobody's concern.
    pub fn ignore(&self) {
        self.inner.ignore();
    }

    /// How many wait for it now: awaits and callbacks.
    pub fn waiting(&self) -> usize {
        self.inner.waiting()
    }
}

impl<T, E> Shared<T, E>
where
    T: Send + Sync + 'static,
    E: Send + Sync + 'static,
{
    /// Sets the outcome, whether there was one or not, and gives the one before.
    ///
    /// If it was pending, this settles it, and the source is not wanted any more. If not, those who were given
    /// the outcome before keep it (also by reference), and later readers see the new one.
    ///
    /// ```
    /// let answer = csp::Promise::<_, csp::Error>::ready(1).shared();
    /// let next = answer.map(|n| n + 1);
    /// assert_eq!(next.wait().unwrap(), 2);
    /// assert!(answer.replace(Ok(100)).is_some());
    /// assert_eq!(answer.wait().unwrap(), 100);
    /// ```
    ///
    /// Task's `force!` and `fail!`, `CompletableFuture`'s `obtrude`. Readers who disagree are hard to follow:
    /// it is for repair by hand and for tests.
    pub fn replace(&self, outcome: Outcome<T, E>) -> Option<Arc<Outcome<T, E>>> {
        self.inner.replace(outcome)
    }

    /// Cancels it for all readers: see [`Promise::cancel`]. True if it was not settled yet.
    pub fn cancel(&self) -> bool {
        self.inner.cancel()
    }
}

impl<T, E> Shared<T, E>
where
    T: Clone + Send + Sync + 'static,
    E: Clone + Send + Sync + 'static,
{
    /// The value, if it is there; `fallback` if it is pending or has failed: Task's `else`.
    ///
    /// ```
    /// assert_eq!(csp::Promise::<_, csp::Error>::pending().shared().now_or(2), 2);
    /// ```
    pub fn now_or(&self, fallback: T) -> T {
        match self.peek().as_deref() {
            Some(Ok(value)) => value.clone(),
            _ => fallback,
        }
    }

    /// Blocks the thread until it is settled, and gives a clone of the outcome.
    ///
    /// # Errors
    /// The [`Failure`](csp_core::Failure), if it failed.
    pub fn wait(&self) -> Outcome<T, E> {
        csp_core::block_on(self.clone())
    }

    /// Blocks the thread for at most `limit`.
    ///
    /// # Errors
    /// [`Elapsed`]: the time was over first.
    ///
    /// ```
    /// use csp::{Elapsed, prelude::*};
    /// let never = csp::Promise::<u32>::pending().shared();
    /// assert!(matches!(never.wait_for(ms(1)), Err(Elapsed)));
    /// ```
    pub fn wait_for(&self, limit: Duration) -> Result<Outcome<T, E>, Elapsed> {
        wait::for_at_most(&mut self.clone(), limit).ok_or(Elapsed)
    }

    /// A channel that gives the outcome to every take, for ever.
    ///
    /// ```
    /// let rx = csp::Promise::<_, csp::Error>::ready(1).shared().into_receiver();
    /// assert_eq!(rx.take_blocking().unwrap().unwrap(), 1);
    /// assert_eq!(rx.take_blocking().unwrap().unwrap(), 1);
    /// ```
    ///
    /// It is a [`promise_chan`](crate::promise_chan).
    #[track_caller]
    pub fn into_receiver(self) -> Receiver<Outcome<T, E>> {
        let (tx, rx) = chan(promise_buffer());
        drop(csp_sched::go(async move {
            if let Of2::A(outcome) = alts!(park(self), park(tx.closed()), priority) {
                tx.try_put(outcome).ok();
                tx.close();
            }
        }));
        rx
    }
}

impl<T, E> Clone for Shared<T, E> {
    fn clone(&self) -> Self {
        self.inner.add_handle();
        Self {
            inner: Arc::clone(&self.inner),
            slot: None,
            on: self.on.clone(),
        }
    }
}

impl<T, E> Drop for Shared<T, E> {
    fn drop(&mut self) {
        self.inner.leave(&mut self.slot);
        self.inner.drop_handle(drop);
    }
}

impl<T, E> Unpin for Shared<T, E> {}

impl<T: Clone, E: Clone> Future for Shared<T, E> {
    type Output = Outcome<T, E>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        // Cloned without the lock.
        this.inner
            .poll(&mut this.slot, cx)
            .map(|outcome| (*outcome).clone())
    }
}

impl<T: Clone, E: Clone> IntoFuture for &Shared<T, E> {
    type Output = Outcome<T, E>;
    type IntoFuture = Shared<T, E>;

    fn into_future(self) -> Shared<T, E> {
        self.clone()
    }
}

impl<T, E> fmt::Debug for Shared<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared")
            .field("state", &format_args!("{}", self.inner.word()))
            .field("created", &format_args!("{}", self.inner.created))
            .field("waiting", &self.waiting())
            .finish_non_exhaustive()
    }
}
