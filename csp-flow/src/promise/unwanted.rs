//! [`Unwanted`]: how a settler learns that its work is in vain.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};

use super::{cell::Cell, waiters::Slot};

/// Parks until nobody wants the outcome: see [`Resolver::unwanted`](super::Resolver::unwanted).
///
/// # Cancellation
/// Dropping it leaves nothing behind.
#[must_use = "a future does nothing until it is awaited"]
pub struct Unwanted<'a, T, E> {
    cell: &'a Cell<T, E>,
    slot: Slot,
}

impl<'a, T, E> Unwanted<'a, T, E> {
    pub(super) fn of(cell: &'a Cell<T, E>) -> Self {
        Self { cell, slot: None }
    }
}

impl<T, E> Future for Unwanted<'_, T, E> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        this.cell.poll_unwanted(&mut this.slot, cx)
    }
}

impl<T, E> Drop for Unwanted<'_, T, E> {
    fn drop(&mut self) {
        if self.slot.is_some() {
            self.cell.leave_unwanted(&mut self.slot);
        }
    }
}

impl<T, E> fmt::Debug for Unwanted<'_, T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unwanted")
            .field("created", &format_args!("{}", self.cell.created))
            .finish_non_exhaustive()
    }
}
