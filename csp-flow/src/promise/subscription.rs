//! [`Subscription`]: callbacks that can be taken back.

use std::{convert::Infallible, fmt};

use csp_core::Failure;

use super::Promise;
use crate::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// Callbacks that wait for an outcome: see [`Shared::subscribe`](super::Shared::subscribe) and
/// [`Promise::subscribe`](super::Promise::subscribe).
///
/// Dropping it changes nothing: the callbacks stay. [`cancel`](Self::cancel) takes them back.
pub struct Subscription {
    claim: Arc<Claimed>,
    block: Promise<(), Infallible>,
}

/// The callbacks run, or they are taken back: who comes first.
#[derive(Debug, Default)]
pub(super) struct Claimed(AtomicBool);

impl Claimed {
    pub(super) fn claim(&self) -> bool {
        // Ordering: the swap decides alone; nothing else is published by it.
        !self.0.swap(true, Ordering::Relaxed)
    }

    fn is_claimed(&self) -> bool {
        // Ordering: a look.
        self.0.load(Ordering::Relaxed)
    }
}

impl Subscription {
    pub(super) fn new(claim: Arc<Claimed>, block: Promise<(), Infallible>) -> Self {
        Self { claim, block }
    }

    /// Takes the callbacks back: true if none of them has run or will.
    ///
    /// ```
    /// use csp::promise::promise;
    /// let (resolver, answer) = promise::<u32, csp::Error>();
    /// let answer = answer.shared();
    /// let callbacks = answer.subscribe(|_| unreachable!(), |_| unreachable!());
    /// assert!(callbacks.cancel());
    /// resolver.fulfill(1).unwrap();
    /// ```
    ///
    /// Lamina's `cancel-callback`.
    pub fn cancel(&self) -> bool {
        let mine = self.claim.claim();
        if mine {
            self.block.cancel();
        }
        mine
    }

    /// Blocks the thread until the callback has run, or was taken back: for tests above all.
    ///
    /// In a callback of the same [`Shared`](super::Shared) it waits for ever: the turn of this one comes
    /// after that.
    ///
    /// # Panics
    /// If the callback did.
    pub fn wait(self) {
        if let Err(Failure::Panicked(panic)) = self.block.wait() {
            panic.resume();
        }
    }
}

impl fmt::Debug for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match (self.claim.is_claimed(), self.block.is_settled()) {
            (false, _) => "waiting",
            (true, false) => "running",
            (true, true) => "ended",
        };
        f.debug_struct("Subscription")
            .field("state", &format_args!("{state}"))
            .finish_non_exhaustive()
    }
}
