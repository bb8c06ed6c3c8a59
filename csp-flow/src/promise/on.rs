//! Where the blocks of steps run: on the current executor, or on the one that [`Promise::on`] named.

use csp_sched::Handle;

use super::{
    Promise,
    step::{Link, Settled},
};
use crate::sync::Arc;

impl<T, E> Promise<T, E>
where
    T: Send + 'static,
    E: Send + 'static,
{
    /// Has the steps that are added from here on run on that executor (a [`Runtime`](csp_sched::Runtime), a
    /// [`Local`](csp_sched::Local), or a [`Handle`] of one), also if the promise is settled already.
    ///
    /// ```
    /// use csp::{Promise, Runtime, prelude::*};
    /// let rt = Runtime::builder().workers(1).name("second").build();
    /// let here = Promise::<_, csp::Error>::ready("we end in ")
    ///     .on(&rt)
    ///     .map(|text| text.to_owned() + std::thread::current().name().unwrap());
    /// assert!(here.wait().unwrap().starts_with("we end in second"));
    /// ```
    ///
    /// Without it a step runs on the executor that is current where the step is added, so that which is
    /// [entered](csp_sched::Runtime::enter) there. Once the executor has ended, steps that it would have to start are
    /// [`Cancelled`](csp_core::Failure::Cancelled).
    ///
    /// Manifold's `onto`, Task's `then-in`, Lamina's `:executor`.
    pub fn on(self, executor: impl Into<Handle>) -> Self {
        self.with_handle(Some(executor.into()))
    }
}

/// Starts the block of a step or an aggregate.
#[track_caller]
pub(super) fn start<T, E, F>(on: Option<Handle>, link: &Arc<Link>, block: F) -> Promise<T, E>
where
    T: Send + 'static,
    E: Send + 'static,
    F: Future<Output = Settled<T, E>> + Send + 'static,
{
    let go = match &on {
        None => csp_sched::go(block),
        Some(handle) => handle.go(block),
    };
    Promise::of_step(go, Arc::clone(link)).with_handle(on)
}
