//! Callbacks of a [`Shared`], each in a block of its own, one after the other.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use csp_core::Failure;

use super::{
    super::{
        Subscription,
        failure::Outcome,
        on,
        step::{Link, Settled},
        subscription::Claimed,
    },
    Shared,
};
use crate::sync::Arc;

impl<T, E> Shared<T, E>
where
    T: Send + Sync + 'static,
    E: Send + Sync + 'static,
{
    /// Calls `ok` with the value or `err` with the failure, once it is settled; at once, if it is.
    ///
    /// ```text
    /// subscribe(1)  subscribe(2)   settled      subscribe(3)
    ///                                 ╰─▸ 1 ─▸ 2 ─▸ 3
    /// ```
    ///
    /// Callbacks run in the order in which they were given, one after the other, each in a block on the
    /// executor that was current where it was given. So a callback that takes long, or whose executor does
    /// not run, holds up the next; one that is given by a callback comes after all that were given before.
    /// (Steps have no order among each other, and do not wait for each other.)
    ///
    /// ```
    /// use csp::{prelude::*, promise::promise};
    /// let (resolver, answer) = promise::<u32, csp::Error>();
    /// let answer = answer.shared();
    /// let (tx, rx) = chan(3);
    /// for n in 1..=3 {
    ///     let tx = tx.clone();
    ///     answer.subscribe(move |value| tx.try_put(value * n).unwrap(), |failure| panic!("{failure}"));
    /// }
    /// drop(tx);
    /// resolver.fulfill(10).unwrap();
    /// assert_eq!(rx.into_iter().collect::<Vec<_>>(), [10, 20, 30]);
    /// ```
    ///
    /// Dropping the [`Subscription`] changes nothing; [`cancel`](Subscription::cancel) takes the callbacks
    /// back.
    ///
    /// # Panics
    /// A panic in a callback ends it alone, and the next one runs; the
    /// [panic hook](csp_core::set_panic_hook) sees it.
    ///
    /// Lamina's `subscribe` and `on-realized`, Manifold's `on-realized`.
    #[track_caller]
    pub fn subscribe(
        &self,
        ok: impl FnOnce(&T) + Send + 'static,
        err: impl FnOnce(&Failure<E>) + Send + 'static,
    ) -> Subscription {
        let claim = Arc::<Claimed>::default();
        let mine = Arc::clone(&claim);
        let link = Link::new(std::panic::Location::caller(), Some(self.inner.created));
        let ending = Arc::clone(&link);
        let mut turn = Turn::new(self.clone());
        let block = async move {
            let outcome = (&mut turn).await;
            if mine.claim() {
                match &*outcome {
                    Ok(value) => ok(value),
                    Err(failure) => err(failure),
                }
            }
            // The outcome may be the last one's: its drop is part of the turn.
            drop(outcome);
            drop(turn);
            Settled::new(Ok(()), ending)
        };
        Subscription::new(claim, on::start(self.on.clone(), &link, block))
    }
}

#[cfg(all(test, csp_loom))]
impl<T, E> Shared<T, E> {
    /// For models, which have no blocks.
    pub(in crate::promise) fn turn(&self) -> Turn<T, E> {
        Turn::new(self.clone())
    }
}

/// A place in the order of callbacks; the next runs when it is dropped.
pub(in crate::promise) struct Turn<T, E> {
    shared: Shared<T, E>,
    number: u64,
}

impl<T, E> Turn<T, E> {
    fn new(shared: Shared<T, E>) -> Self {
        let number = shared.inner.begin_turn();
        Self { shared, number }
    }
}

impl<T, E> Future for Turn<T, E> {
    type Output = Arc<Outcome<T, E>>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.shared.inner.poll_turn(self.number, cx)
    }
}

impl<T, E> Drop for Turn<T, E> {
    fn drop(&mut self) {
        self.shared.inner.end_turn(self.number);
    }
}
