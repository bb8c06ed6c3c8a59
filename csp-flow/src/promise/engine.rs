//! What the runs of pipelines need of promises, and nobody else may have.

use std::panic::Location;

use csp_sched::Handle;

use super::{
    IntoPromise, Promise,
    failure::{Outcome, widen},
    on,
    step::{Link, Next, Settled},
    unhandled, wake,
};
use crate::sync::Arc;

/// What a block and the promise of its outcome have in common.
#[derive(Debug, Clone)]
pub(crate) struct Run(Arc<Link>);

impl Run {
    /// Somebody has cancelled the promise.
    pub(crate) fn is_cancelled(&self) -> bool {
        self.0.is_cancelled()
    }

    /// For the promise's Debug: which promise the block waits for.
    pub(crate) fn set_waits_for(&self, at: Option<&'static Location<'static>>) {
        self.0.set_waits_for(at);
    }
}

/// A runtime that blocks are started on, from anywhere.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Place(Handle);

impl Place {
    pub(crate) fn new(executor: impl Into<Handle>) -> Self {
        Self(executor.into())
    }
}

/// Starts a block, there or on the current executor, that comes to an outcome, which is the promise's.
#[track_caller]
pub(crate) fn start<T, E, F>(place: Option<&Place>, block: impl FnOnce(Run) -> F) -> Promise<T, E>
where
    T: Send + 'static,
    E: Send + 'static,
    F: Future<Output = Outcome<T, E>> + Send + 'static,
{
    let link = Link::new(Location::caller(), None);
    let mine = Arc::clone(&link);
    let block = block(Run(Arc::clone(&link)));
    let block = async move { Settled::new(block.await, mine) };
    let place = place.map(|place| place.0.clone());
    // What is done with the outcome is not the block's: it is done where that is said.
    on::start(place, &link, block).with_handle(None)
}

/// Runs a future there, as part of `run`. Fails if that runtime is gone.
pub(crate) async fn away<T, E, F>(place: &Place, run: &Run, future: F) -> Outcome<T, E>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let Run(link) = run;
    let mine = Arc::clone(link);
    let block = async move { Settled::new(Ok(future.await), mine) };
    let there = on::start(Some(place.0.clone()), link, block);
    there.cancel_on_drop().await.map_err(widen)
}

/// What an eventual value has come to, or the promise of it.
pub(crate) fn look<T, E>(eventual: impl IntoPromise<T, E>) -> Result<Outcome<T, E>, Promise<T, E>>
where
    T: Send + 'static,
    E: Send + 'static,
{
    match eventual.into_next() {
        Next::Done(outcome) => Ok(outcome),
        Next::Wait(promise) => promise.now(),
    }
}

/// Where a promise was made.
pub(crate) fn made_at<T, E>(promise: &Promise<T, E>) -> &'static Location<'static> {
    promise.created()
}

/// A failure in words.
pub(crate) fn describe<E: 'static>(failure: &csp_core::Failure<E>) -> String {
    unhandled::describe(failure)
}

/// Drops what may hold the like of itself, and so on: one after the other, not one within the other.
pub(crate) fn drop_in_turn(what: impl Send + 'static) {
    wake::drop_in_turn(vec![Box::new(move || drop(what))]);
}
