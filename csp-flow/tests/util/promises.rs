//! Of promises.

use std::{
    cell::RefCell,
    fmt::Debug,
    sync::{Arc, Mutex, Once},
};

use csp::{
    Outcome, Promise,
    promise::{Unhandled, set_unhandled_hook},
};

pub(crate) use super::blocks::{LIMIT, Stage};

pub(crate) fn ready<T: Send + 'static>(value: T) -> Promise<T> {
    Promise::ready(value)
}

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
    E: Debug + std::fmt::Display + Send + 'static,
{
    match outcome(promise) {
        Ok(value) => panic!("a value: {value:?}"),
        Err(failure) => failure.to_string(),
    }
}

/// What was done, in order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Log<T = &'static str>(Arc<Mutex<Vec<T>>>);

impl<T: Clone> Log<T> {
    pub(crate) fn new() -> Self {
        Self(Arc::default())
    }

    pub(crate) fn add(&self, entry: T) {
        self.0.lock().unwrap().push(entry);
    }

    pub(crate) fn note(&self, entry: impl Into<T>) {
        self.add(entry.into());
    }

    pub(crate) fn entries(&self) -> Vec<T> {
        self.0.lock().unwrap().clone()
    }
}

thread_local! {
    static TOLD: RefCell<Vec<Unhandled>> = const { RefCell::new(Vec::new()) };
}

/// The failures that were told as unhandled on this thread while `test` ran, and until all blocks that it
/// started had parked or ended: they run on this thread too.
pub(crate) fn told_by(test: impl FnOnce(&Stage)) -> Vec<Unhandled> {
    static SET: Once = Once::new();
    SET.call_once(|| {
        set_unhandled_hook(|unhandled| TOLD.with_borrow_mut(|told| told.push(unhandled.clone())));
    });
    TOLD.take();
    let stage = Stage::new();
    test(&stage);
    stage.idle();
    TOLD.take()
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
