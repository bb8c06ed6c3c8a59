//! [`Resolver`]: the write end of a promise, which settles once by type.

use std::fmt;

use csp_core::Failure;

use super::{
    Claim, Completer, Promise, Unwanted,
    cell::{At, By, Cell},
    failure::Outcome,
    run,
};
use crate::sync::Arc;

/// Makes a promise, and the resolver that settles it.
///
/// ```text
/// resolver   ──────────▸ fulfill(v)
///                           ╰──────╮
/// promise    ──▸ awaited … parks … ╰▸ v
/// ```
///
/// ```
/// use csp::prelude::*;
/// use csp::promise::promise;
/// let (resolver, answer) = promise::<u32, &str>();
/// let twice = answer.map(|n| 2 * n);
/// resolver.fulfill(21).unwrap();
/// assert_eq!(twice.wait(), Ok(42));
/// ```
///
/// * The [`Resolver`] settles it, once: its methods consume it. Dropped unused, it settles the promise as
///   [`Abandoned`](Failure::Abandoned). [`into_completer`](Resolver::into_completer) gives one that can
///   be cloned, and of which the first call wins.
/// * The [`Promise`] is the read end, for exactly one reader; [`shared`](Promise::shared) is for any number.
///   Dropped, it says that the outcome is not wanted: what is settled then comes back to the settler.
///
/// Lamina's `result-channel`, Twisted's `Deferred()`, Manifold's `deferred`.
#[track_caller]
pub fn promise<T, E>() -> (Resolver<T, E>, Promise<T, E>)
where
    T: Send + 'static,
    E: Send + 'static,
{
    let cell = Cell::new(std::panic::Location::caller());
    let resolver = Resolver {
        writer: Writer(Arc::clone(&cell)),
    };
    (resolver, Promise::of_cell(cell))
}

/// The right to settle a promise once. Made by [`promise`].
///
/// All that settle it consume it, so a second time does not compile. They give back what could not be
/// delivered: the promise was dropped or cancelled. None of them runs a step or a callback of the promise:
/// those are blocks, and run on their executors.
///
/// Dropping it settles the promise as [`Abandoned`](Failure::Abandoned).
///
/// ```
/// use csp::promise::promise;
/// let (resolver, answer) = promise::<_, csp::Error>();
/// drop(answer);
/// assert!(!resolver.is_wanted());
/// assert_eq!(resolver.fulfill("nobody waits"), Err("nobody waits"));
/// ```
pub struct Resolver<T, E = super::Error> {
    pub(super) writer: Writer<T, E>,
}

/// What settles a cell; when it goes, the cell is abandoned, unless it was settled.
pub(super) struct Writer<T, E>(pub(super) Arc<Cell<T, E>>);

impl<T, E> Drop for Writer<T, E> {
    fn drop(&mut self) {
        self.0.abandon();
    }
}

impl<T, E> Resolver<T, E>
where
    T: Send + 'static,
    E: Send + 'static,
{
    /// Settles the promise with its value.
    ///
    /// # Errors
    /// The value: nobody wants it any more.
    #[track_caller]
    pub fn fulfill(self, value: T) -> Result<(), T> {
        self.writer.fulfill(value, By::Anybody)
    }

    /// Settles the promise with an error.
    ///
    /// # Errors
    /// The error: nobody wants to know any more.
    #[track_caller]
    pub fn fail(self, error: impl Into<E>) -> Result<(), E> {
        self.writer.fail(error.into(), By::Anybody)
    }

    /// Settles the promise with an outcome of any kind: hands on that of another, for example.
    ///
    /// # Errors
    /// The outcome: nobody wants it any more.
    #[track_caller]
    pub fn settle(self, outcome: Outcome<T, E>) -> Result<(), Outcome<T, E>> {
        self.writer.settle(outcome, By::Anybody)
    }

    /// Reserves the promise: from now on it can be neither cancelled nor given up without the value coming
    /// back. `None` if it is not wanted any more.
    ///
    /// For what must not be done in vain: claim first, then take the message that is to fulfil it.
    ///
    /// ```
    /// use csp::prelude::*;
    /// use csp::promise::promise;
    /// let (tx, rx) = chan(1);
    /// tx.try_put("message").unwrap();
    /// let (resolver, answer) = promise::<&str, csp::Error>();
    /// drop(answer); // the reader went away,
    /// assert!(resolver.claim().is_none()); // so there is no point in taking
    /// assert_eq!(rx.try_take(), Ok("message"));
    /// ```
    ///
    /// Lamina's `claim`, which its reads of channels use in the same way.
    pub fn claim(self) -> Option<Claim<T, E>> {
        let cell = Arc::clone(&self.writer.0);
        Claim::of(cell, Keep::Resolver(self.writer))
    }

    /// Has `f` called when the promise is cancelled: Twisted's canceller.
    ///
    /// It runs on the executor of whoever cancels, in a block of its own; only when it (and others that were
    /// given) has run is the promise settled as [`Cancelled`](Failure::Cancelled). So it may settle it in
    /// another way, through a [`Completer`]. If the promise was cancelled before this call, it runs at
    /// once. It is dropped unrun when the promise is settled or dropped.
    ///
    /// ```
    /// use csp::prelude::*;
    /// use csp::promise::promise;
    /// let (resolver, answer) = promise::<u32, csp::Error>();
    /// let (tx, stopped) = chan(1);
    /// resolver.on_cancel(move || tx.try_put("stop").unwrap());
    /// assert!(answer.cancel());
    /// assert_eq!(answer.wait().unwrap_err().to_string(), "cancelled");
    /// assert_eq!(stopped.take_blocking(), Some("stop"));
    /// ```
    ///
    /// # Panics
    /// A panic in `f` is shown to the [panic hook](csp_core::set_panic_hook), and the cancel goes on.
    pub fn on_cancel(&self, f: impl FnOnce() + Send + 'static) {
        self.writer.on_cancel(f);
    }

    /// True if somebody still wants the outcome: the promise is there, and was not cancelled.
    pub fn is_wanted(&self) -> bool {
        self.writer.0.is_wanted()
    }

    /// Parks until the outcome is not wanted any more: the promise was dropped or cancelled.
    ///
    /// For an `alt!` beside the work: `_ = park!(resolver.unwanted()) => …`.
    ///
    /// ```
    /// use csp::prelude::*;
    /// use csp::promise::promise;
    /// let (resolver, answer) = promise::<u32, csp::Error>();
    /// let work = go!({
    ///     alt! {
    ///         _ = park!(resolver.unwanted()) => "gave up",
    ///         _ = take!(timeout(secs(60))) => "did it",
    ///     }
    /// });
    /// drop(answer);
    /// assert_eq!(work.wait(), Ok("gave up"));
    /// ```
    pub fn unwanted(&self) -> Unwanted<'_, T, E> {
        Unwanted::of(&self.writer.0)
    }

    /// A handle that can be cloned; the first of all calls settles the promise.
    pub fn into_completer(self) -> Completer<T, E> {
        Completer::of(self.writer)
    }
}

impl<T, E> fmt::Debug for Resolver<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.writer.show("Resolver", f)
    }
}

/// Who gets the right to settle back from a claim that is given up.
pub(super) enum Keep<T, E> {
    Resolver(Writer<T, E>),
    Completer(Completer<T, E>),
}

impl<T, E> Writer<T, E>
where
    T: Send + 'static,
    E: Send + 'static,
{
    #[track_caller]
    pub(super) fn fulfill(&self, value: T, by: By) -> Result<(), T> {
        match self.settle(Ok(value), by) {
            Err(Ok(value)) => Err(value),
            _ => Ok(()),
        }
    }

    #[track_caller]
    pub(super) fn fail(&self, error: E, by: By) -> Result<(), E> {
        match self.settle(Err(Failure::Error(error)), by) {
            Err(Err(Failure::Error(error))) => Err(error),
            _ => Ok(()),
        }
    }

    #[track_caller]
    pub(super) fn settle(&self, outcome: Outcome<T, E>, by: By) -> Result<(), Outcome<T, E>> {
        let at: At = std::panic::Location::caller();
        self.0.settle(outcome, Some(at), by)
    }

    pub(super) fn on_cancel(&self, f: impl FnOnce() + Send + 'static) {
        if let Some(canceller) = self.0.on_cancel(Box::new(f)) {
            run::cancellers(vec![canceller], || ());
        }
    }
}

impl<T, E> Writer<T, E> {
    pub(super) fn show(&self, name: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct(name)
            .field("state", &format_args!("{}", self.0.word()))
            .field("created", &format_args!("{}", self.0.created))
            .finish()
    }
}
