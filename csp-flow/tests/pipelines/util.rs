//! What these tests share.

use std::{
    fmt::{Debug, Display},
    sync::{Arc, Mutex},
    time::Duration,
};

use csp::{Local, Outcome, Promise};

/// How long anything may take before it counts as hung.
pub(crate) const LIMIT: Duration = Duration::from_mins(1);

/// What it comes to; it has to, soon.
#[track_caller]
pub(crate) fn outcome<T, E>(promise: Promise<T, E>) -> Outcome<T, E>
where
    T: Send + 'static,
    E: Send + 'static,
{
    match promise.wait_for(LIMIT) {
        Ok(outcome) => outcome,
        Err(promise) => panic!("hung: {promise:?}"),
    }
}

/// The value of a promise that is fulfilled, soon.
#[track_caller]
pub(crate) fn value<T, E>(promise: Promise<T, E>) -> T
where
    T: Send + 'static,
    E: Debug + Send + 'static,
{
    match outcome(promise) {
        Ok(value) => value,
        Err(failure) => panic!("no value: {failure:?}"),
    }
}

/// Why it fails, in words; it has to, soon.
#[track_caller]
pub(crate) fn failure<T, E>(promise: Promise<T, E>) -> String
where
    T: Debug + Send + 'static,
    E: Debug + Display + Send + 'static,
{
    match outcome(promise) {
        Ok(value) => panic!("a value: {value:?}"),
        Err(failure) => failure.to_string(),
    }
}

/// What was done, in order.
#[derive(Debug, Clone)]
pub(crate) struct Log<T = String>(Arc<Mutex<Vec<T>>>);

impl<T: Clone> Log<T> {
    pub(crate) fn new() -> Self {
        Self(Arc::default())
    }

    pub(crate) fn add(&self, entry: impl Into<T>) {
        self.0.lock().unwrap().push(entry.into());
    }

    pub(crate) fn entries(&self) -> Vec<T> {
        self.0.lock().unwrap().clone()
    }
}

/// Blocks on this thread, one at a time: everything happens in an order that can be relied on.
pub(crate) struct Stage(Local);

impl Stage {
    pub(crate) fn new() -> Self {
        Self(Local::new())
    }

    /// Does something that starts blocks, which are those of this stage. They do not run yet.
    pub(crate) fn start<R>(&self, f: impl FnOnce() -> R) -> R {
        self.0.run_until(async { f() })
    }

    /// As `start`, and runs until every block is parked or has ended.
    pub(crate) fn with<R>(&self, f: impl FnOnce() -> R) -> R {
        let result = self.start(f);
        self.idle();
        result
    }

    /// Runs until every block is parked or has ended.
    pub(crate) fn idle(&self) {
        self.0.run_until_idle();
    }

    /// Runs until the future is done.
    pub(crate) fn until<F: Future>(&self, future: F) -> F::Output {
        self.0.run_until(future)
    }
}

/// Runs a test on a thread with a small stack: what recursed would overflow it at once.
pub(crate) fn on_small_stack(test: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new()
        .stack_size(256 * 1024)
        .spawn(test)
        .expect("a thread starts");
    if let Err(panic) = thread.join() {
        std::panic::resume_unwind(panic);
    }
}
