//! [`CancelOnDrop`]: who holds a promise for somebody who may go away.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll, ready},
};

use super::{Promise, failure::Outcome};

/// A promise that is cancelled when this is dropped before it was awaited to its end. Made by
/// [`Promise::cancel_on_drop`].
///
/// ```
/// use csp::{prelude::*, promise::promise};
/// let (resolver, answer) = promise::<u32, csp::Error>();
/// let reader = go!({ answer.cancel_on_drop().await });
/// reader.cancel();
/// csp::block_on(resolver.unwanted()); // the cancel of the reader has reached the promise
/// assert!(!resolver.is_wanted());
/// ```
///
/// Twisted's `asFuture` cancels in the same way.
#[must_use = "it cancels the promise when it is dropped"]
pub struct CancelOnDrop<T, E = super::Error>(Option<Promise<T, E>>)
where
    T: Send + 'static,
    E: Send + 'static;

impl<T, E> Promise<T, E>
where
    T: Send + 'static,
    E: Send + 'static,
{
    /// The promise in a form that cancels it when it is dropped unfinished.
    ///
    /// For an await that may be given up for good: in a future that a foreign executor may drop, or as an
    /// arm of an `alt!` whose other arms make it useless. A plain promise that is dropped goes on.
    pub fn cancel_on_drop(self) -> CancelOnDrop<T, E> {
        CancelOnDrop(Some(self))
    }
}

impl<T, E> Unpin for CancelOnDrop<T, E>
where
    T: Send + 'static,
    E: Send + 'static,
{
}

impl<T, E> Future for CancelOnDrop<T, E>
where
    T: Send + 'static,
    E: Send + 'static,
{
    type Output = Outcome<T, E>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let promise = self.0.as_mut();
        let promise = promise.expect("the outcome of this promise was taken before");
        let outcome = ready!(promise.poll_outcome(cx));
        self.0 = None;
        Poll::Ready(outcome)
    }
}

impl<T, E> Drop for CancelOnDrop<T, E>
where
    T: Send + 'static,
    E: Send + 'static,
{
    fn drop(&mut self) {
        if let Some(mut promise) = self.0.take() {
            promise.set_ignored();
            promise.cancel();
        }
    }
}

impl<T, E> fmt::Debug for CancelOnDrop<T, E>
where
    T: Send + 'static,
    E: Send + 'static,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("CancelOnDrop").field(&self.0).finish()
    }
}
