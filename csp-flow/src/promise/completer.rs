//! [`Completer`]: many who may settle a promise; the first does.

use std::fmt;

use super::{
    Claim, Unwanted,
    cell::By,
    failure::Outcome,
    resolver::{Keep, Writer},
};
use crate::sync::Arc;

/// The right to settle a promise, which can be cloned: the first call of all wins. Made by
/// [`Resolver::into_completer`](super::Resolver::into_completer).
///
/// ```text
/// completer a   ─────▸ fulfill(1) ─▸ Ok
/// completer b   ────────────▸ fulfill(2) ─▸ Err(2)
/// promise              ╰▸ 1
/// ```
///
/// What could not be delivered comes back: another was first, it is claimed by another, or nobody wants the
/// outcome any more. When the last clone is dropped, the promise settles as
/// [`Abandoned`](csp_core::Failure::Abandoned).
///
/// ```
/// use csp::promise::promise;
/// let (resolver, answer) = promise::<u32, csp::Error>();
/// let first = resolver.into_completer();
/// let second = first.clone();
/// assert_eq!(second.fulfill(2), Ok(()));
/// assert_eq!(first.fulfill(1), Err(1));
/// assert_eq!(answer.wait().unwrap(), 2);
/// ```
///
/// Lamina's `success`, Task's `complete!`, Manifold's `success!`.
pub struct Completer<T, E = super::Error>(Arc<Writer<T, E>>);

impl<T, E> Completer<T, E>
where
    T: Send + 'static,
    E: Send + 'static,
{
    pub(super) fn of(writer: Writer<T, E>) -> Self {
        Self(Arc::new(writer))
    }

    pub(super) fn writer(&self) -> &Writer<T, E> {
        &self.0
    }

    /// Settles the promise with its value, if nobody did before.
    ///
    /// # Errors
    /// The value: it is settled or claimed, or not wanted any more.
    #[track_caller]
    pub fn fulfill(&self, value: T) -> Result<(), T> {
        self.0.fulfill(value, By::Anybody)
    }

    /// Settles the promise with an error, if nobody did before.
    ///
    /// # Errors
    /// The error: it is settled or claimed, or not wanted any more.
    #[track_caller]
    pub fn fail(&self, error: impl Into<E>) -> Result<(), E> {
        self.0.fail(error.into(), By::Anybody)
    }

    /// Settles the promise with an outcome of any kind, if nobody did before.
    ///
    /// # Errors
    /// The outcome: it is settled or claimed, or not wanted any more.
    #[track_caller]
    pub fn settle(&self, outcome: Outcome<T, E>) -> Result<(), Outcome<T, E>> {
        self.0.settle(outcome, By::Anybody)
    }

    /// Reserves the promise for the holder of the claim. `None`: it is settled, claimed by another, or not
    /// wanted any more.
    pub fn claim(&self) -> Option<Claim<T, E>> {
        Claim::of(Arc::clone(&self.0.0), Keep::Completer(self.clone()))
    }

    /// Has `f` called when the promise is cancelled: see [`Resolver::on_cancel`](super::Resolver::on_cancel).
    ///
    /// It may settle the promise in its own way, through a clone of this.
    ///
    /// ```
    /// use csp::promise::promise;
    /// let (resolver, answer) = promise::<u32, csp::Error>();
    /// let completer = resolver.into_completer();
    /// let settles = completer.clone();
    /// completer.on_cancel(move || settles.fulfill(0).unwrap());
    /// answer.cancel();
    /// assert_eq!(answer.wait().unwrap(), 0);
    /// ```
    pub fn on_cancel(&self, f: impl FnOnce() + Send + 'static) {
        self.0.on_cancel(f);
    }

    /// True if the outcome is still wanted: nobody settled or claimed it, and the promise is there and was
    /// not cancelled.
    pub fn is_wanted(&self) -> bool {
        self.0.0.is_wanted()
    }

    /// Parks until the outcome is not wanted any more, for whatever reason.
    pub fn unwanted(&self) -> Unwanted<'_, T, E> {
        Unwanted::of(&self.0.0)
    }
}

impl<T, E> Clone for Completer<T, E> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T, E> fmt::Debug for Completer<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.show("Completer", f)
    }
}
