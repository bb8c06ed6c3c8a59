//! The executors that the async channels are measured on.

mod smol;
mod tokio;

use std::{future::Future, time::Duration};

pub(crate) use smol::{Smol, SmolIo};
pub(crate) use tokio::Tokio;

/// An executor with a worker for each CPU, and its timers.
pub(crate) trait Runtime: 'static {
    const NAME: &'static str;

    type Handle<T: Send + 'static>: Future<Output = T> + Send + Unpin;

    /// Starts a task.
    fn spawn<T: Send + 'static>(task: impl Future<Output = T> + Send + 'static) -> Self::Handle<T>;

    /// Starts a task that nobody waits for.
    fn go(task: impl Future<Output = ()> + Send + 'static);

    /// Has a task end where it waits.
    fn cancel<T: Send + 'static>(task: Self::Handle<T>);

    /// Runs a task on a worker, and blocks until it has ended.
    fn run<T: Send + 'static>(task: impl Future<Output = T> + Send + 'static) -> T;

    fn sleep(time: Duration) -> impl Future<Output = ()> + Send;

    fn sleep_until(due: std::time::Instant) -> impl Future<Output = ()> + Send;

    /// `None` if time was up first.
    fn timeout<T>(
        limit: Duration,
        future: impl Future<Output = T> + Send,
    ) -> impl Future<Output = Option<T>> + Send;
}
