//! What else can stand behind a promise.

use std::{
    any::Any,
    pin::Pin,
    task::{Context, Poll, ready},
};

use csp_core::Go;

use super::failure::{Outcome, widen};

/// An eventual value that is not a cell and not a step.
pub(super) trait Source<T, E>: Send {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Outcome<T, E>>;

    /// True if it is not settled yet.
    fn cancel(&mut self) -> bool;

    fn is_settled(&mut self) -> bool;

    /// Nobody wants to hear of its failure.
    fn ignore(&mut self);

    /// The [`Shared`](super::Shared) of these types that it is a reader of, if it is one.
    fn take_shared(&mut self) -> Option<Box<dyn Any>> {
        None
    }
}

/// The block of a `go!`, whose value is the promise's.
pub(super) struct Block<T>(pub(super) Go<T>);

impl<T: Send, E> Source<T, E> for Block<T> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Outcome<T, E>> {
        Poll::Ready(ready!(Pin::new(&mut self.0).poll(cx)).map_err(widen))
    }

    fn cancel(&mut self) -> bool {
        self.0.cancel()
    }

    fn is_settled(&mut self) -> bool {
        self.0.is_finished()
    }

    fn ignore(&mut self) {
        // It has no errors, and its panics are shown where they happen.
    }
}
