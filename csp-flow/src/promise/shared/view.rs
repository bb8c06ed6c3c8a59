//! A reader of a [`Shared`] as a promise.

use std::{
    any::Any,
    panic::Location,
    pin::Pin,
    task::{Context, Poll},
};

use csp_core::Failure;

use super::{
    super::{CancelOnDrop, Promise, failure::Outcome, source::Source},
    Shared,
};

impl<T, E> Shared<T, E>
where
    T: Clone + Send + Sync + 'static,
    E: Clone + Send + Sync + 'static,
{
    /// A promise of a clone of the outcome: one more reader. It costs no block.
    ///
    /// Cancelled, it ends by itself; the source is cancelled only if no other handle is left.
    ///
    /// ```
    /// let one = csp::Promise::<_, csp::Error>::ready(1).shared();
    /// assert_eq!(one.promise().wait().unwrap(), 1);
    /// ```
    #[track_caller]
    pub fn promise(&self) -> Promise<T, E> {
        let view = View(Some(self.clone()));
        Promise::of_source(Box::new(view), Location::caller()).with_handle(self.on.clone())
    }
}

/// `None`: it was cancelled.
struct View<T, E>(Option<Shared<T, E>>);

impl<T, E> Source<T, E> for View<T, E>
where
    T: Clone + Send + Sync + 'static,
    E: Clone + Send + Sync + 'static,
{
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Outcome<T, E>> {
        match &mut self.0 {
            Some(shared) => Pin::new(shared).poll(cx),
            None => Poll::Ready(Err(Failure::Cancelled)),
        }
    }

    fn cancel(&mut self) -> bool {
        match &self.0 {
            Some(shared) if !shared.is_settled() => {}
            _ => return false,
        }
        if let Some(shared) = self.0.take() {
            shared.cancel_if_last();
        }
        true
    }

    fn is_settled(&mut self) -> bool {
        self.0.as_ref().is_none_or(Shared::is_settled)
    }

    fn ignore(&mut self) {
        // A failure is told by the last handle of all, so this one says nothing for the others.
    }

    fn take_shared(&mut self) -> Option<Box<dyn Any>> {
        Some(Box::new(self.0.take()?))
    }
}

impl<T, E> Shared<T, E>
where
    T: Send + Sync + 'static,
    E: Send + Sync + 'static,
{
    /// Drops the handle; the last cancels the source.
    fn cancel_if_last(self) {
        // One more, so that the drop of `self` is not the last.
        let inner = crate::sync::Arc::clone(&self.inner);
        inner.add_handle();
        drop(self);
        inner.drop_handle(|source| drop::<CancelOnDrop<T, E>>(source.cancel_on_drop()));
    }
}
