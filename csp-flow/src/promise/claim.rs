//! [`Claim`]: the second phase of settling.

use std::fmt;

use super::{
    cell::{By, Cell},
    failure::Outcome,
    resolver::{Keep, Writer},
};
use crate::sync::Arc;

/// A promise that is reserved for whoever holds this: see [`Resolver::claim`](super::Resolver::claim).
///
/// ```text
/// claim            ──▸ Some ────────────────────▸ fulfill(v) ──▸ Ok
/// other settlers            refused  refused
/// cancel                        false
/// ```
///
/// ```
/// use csp::promise::promise;
/// let (resolver, answer) = promise::<u32, csp::Error>();
/// let completer = resolver.into_completer();
/// let claim = completer.claim().unwrap();
/// assert_eq!(completer.fulfill(1), Err(1)); // refused: it is claimed
/// assert!(!answer.cancel()); // and so is this
/// claim.fulfill(2).unwrap();
/// assert_eq!(answer.wait().unwrap(), 2);
/// ```
///
/// Dropping it gives the promise free again; if it came from a [`Resolver`](super::Resolver), that is gone,
/// and the promise settles as [`Abandoned`](csp_core::Failure::Abandoned). Lamina's and Manifold's claim.
#[must_use = "a claim that is dropped is given up"]
pub struct Claim<T, E = super::Error> {
    cell: Arc<Cell<T, E>>,
    // Dropped after the claim is released: it may be the last that could settle.
    keep: Keep<T, E>,
}

impl<T, E> Claim<T, E>
where
    T: Send + 'static,
    E: Send + 'static,
{
    pub(super) fn of(cell: Arc<Cell<T, E>>, keep: Keep<T, E>) -> Option<Self> {
        // Not made unless it is claimed: its drop releases the claim, of whomever.
        cell.claim().then(|| Self { cell, keep })
    }

    fn writer(&self) -> &Writer<T, E> {
        match &self.keep {
            Keep::Resolver(writer) => writer,
            Keep::Completer(completer) => completer.writer(),
        }
    }

    /// Settles the promise with its value.
    ///
    /// # Errors
    /// The value: the promise was dropped since.
    #[track_caller]
    pub fn fulfill(self, value: T) -> Result<(), T> {
        self.writer().fulfill(value, By::ClaimHolder)
    }

    /// Settles the promise with an error.
    ///
    /// # Errors
    /// The error: the promise was dropped since.
    #[track_caller]
    pub fn fail(self, error: impl Into<E>) -> Result<(), E> {
        self.writer().fail(error.into(), By::ClaimHolder)
    }

    /// Settles the promise with an outcome of any kind.
    ///
    /// # Errors
    /// The outcome: the promise was dropped since.
    #[track_caller]
    pub fn settle(self, outcome: Outcome<T, E>) -> Result<(), Outcome<T, E>> {
        self.writer().settle(outcome, By::ClaimHolder)
    }
}

impl<T, E> Drop for Claim<T, E> {
    fn drop(&mut self) {
        self.cell.release_claim();
    }
}

impl<T, E> fmt::Debug for Claim<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Claim")
            .field("created", &format_args!("{}", self.cell.created))
            .finish_non_exhaustive()
    }
}
