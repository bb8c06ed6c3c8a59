//! What is told to all workers at once.

use std::{convert::Infallible, future::poll_fn, pin::pin, task::Poll};

use csp_core::{Receiver, Sender, alt, chan, take};

/// A signal that is given once: the close of a channel. Whoever has a clone can give it.
#[derive(Debug, Clone)]
pub struct Signal {
    tx: Sender<Infallible>,
    rx: Receiver<Infallible>,
}

impl Signal {
    pub(super) fn new() -> Self {
        let (tx, rx) = chan(0);
        Self { tx, rx }
    }

    pub(super) fn give(&self) {
        self.tx.close();
    }

    pub(super) fn is_given(&self) -> bool {
        self.tx.is_closed()
    }

    /// Takes from a channel until the signal is given. `None`: it was, and nothing was taken.
    ///
    /// Only one of the two comes to pass: a take that is simply dropped might have its value already,
    /// and would give it back to a channel that nobody takes from any more.
    pub(super) async fn or_take<T>(&self, from: &Receiver<T>) -> Option<Option<T>> {
        alt! {
            priority;
            _ = take!(self.rx) => None,
            value = take!(from) => Some(value),
        }
    }

    /// Runs `future` in a task that is woken when the signal is given, to ask
    /// [`is_given`](Self::is_given). It is registered once, however often the future parks.
    pub(super) async fn watched<F: Future>(&self, future: F) -> F::Output {
        let mut given = pin!(self.tx.closed());
        let mut future = pin!(future);
        let mut watched = false;
        poll_fn(|cx| {
            // (Ready: it is given already, and nobody parks on account of it.)
            watched = watched || given.as_mut().poll(cx).is_pending();
            future.as_mut().poll(cx)
        })
        .await
    }

    /// Awaits `future` until the signal is given, in a task that [`watched`](Self::watched) lets know.
    /// `None`: it was given, and the future is dropped.
    pub(super) async fn or<F: Future>(&self, future: F) -> Option<F::Output> {
        let mut future = pin!(future);
        poll_fn(|cx| {
            if self.is_given() {
                return Poll::Ready(None);
            }
            future.as_mut().poll(cx).map(Some)
        })
        .await
    }
}
