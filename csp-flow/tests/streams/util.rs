//! What the tests of streams share.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use csp::{Failure, Go, Local, Receiver, chan};

/// How long anything may take before it counts as hung.
pub(crate) const LIMIT: Duration = Duration::from_mins(1);

/// The value of a block that ends well, soon.
#[track_caller]
pub(crate) fn value<T>(go: Go<T>) -> T {
    match outcome(go) {
        Ok(value) => value,
        Err(failure) => panic!("no value: {failure}"),
    }
}

/// How a block ends; it has to, soon.
#[track_caller]
pub(crate) fn outcome<T>(go: Go<T>) -> Result<T, Failure> {
    match go.wait_for(LIMIT) {
        Ok(outcome) => outcome,
        Err(go) => panic!("hung: {go:?}, {:?}", go.parked_at()),
    }
}

/// Everything that comes until the channel closes.
#[track_caller]
pub(crate) fn all<T>(rx: &Receiver<T>) -> Vec<T> {
    let mut all = Vec::new();
    loop {
        match rx.take_blocking_for(LIMIT) {
            Ok(Some(value)) => all.push(value),
            Ok(None) => return all,
            Err(csp::Elapsed) => panic!("hung: {rx:?}"),
        }
    }
}

/// A closed channel with these values in it.
pub(crate) fn ready<T>(values: impl IntoIterator<Item = T>) -> Receiver<T> {
    let (tx, rx) = chan(1000);
    for value in values {
        assert!(tx.try_put(value).is_ok());
    }
    rx
}

/// A channel that failed after these values.
pub(crate) fn failing<T>(values: impl IntoIterator<Item = T>, cause: &'static str) -> Receiver<T> {
    let (tx, rx) = chan(1000);
    for value in values {
        assert!(tx.try_put(value).is_ok());
    }
    assert!(tx.fail(cause));
    rx
}

/// What there is to be had now, and then nothing.
pub(crate) fn drain<T>(rx: &Receiver<T>) -> Vec<T> {
    std::iter::from_fn(|| rx.try_take().ok()).collect()
}

/// Why the channel failed, in words.
#[track_caller]
pub(crate) fn cause<T>(rx: &Receiver<T>) -> String {
    rx.failure().expect("it failed").to_string()
}

/// Waits until others have done something.
#[track_caller]
pub(crate) fn eventually(what: &str, mut done: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !done() {
        assert!(begun.elapsed() < LIMIT, "it does not come to be: {what}");
        std::thread::yield_now();
    }
}

/// Blocks on this thread, one at a time: everything happens in an order that can be relied on.
pub(crate) struct Stage(Local);

impl Stage {
    pub(crate) fn new() -> Self {
        Self(Local::new())
    }

    /// Does something that starts blocks, which are those of this stage, and runs until every block is
    /// parked or has ended.
    pub(crate) fn with<R>(&self, f: impl FnOnce() -> R) -> R {
        let result = self.0.run_until(async { f() });
        self.idle();
        result
    }

    /// Runs until every block is parked or has ended.
    pub(crate) fn idle(&self) {
        self.0.run_until_idle();
    }

    /// How many blocks there are.
    pub(crate) fn blocks(&self) -> usize {
        self.0.live()
    }

    /// Runs until something has come to be; threads of the pool may take part.
    #[track_caller]
    pub(crate) fn until(&self, what: &str, mut done: impl FnMut() -> bool) {
        eventually(what, || {
            self.idle();
            done()
        });
    }
}

/// Counts the items that were made and are still alive.
#[derive(Debug, Clone, Default)]
pub(crate) struct Census(Arc<AtomicUsize>);

/// A value that its census counts.
#[derive(Debug)]
pub(crate) struct Item {
    pub(crate) value: u32,
    census: Census,
}

impl Census {
    pub(crate) fn of(&self, value: u32) -> Item {
        self.0.fetch_add(1, Ordering::SeqCst);
        let census = self.clone();
        Item { value, census }
    }

    pub(crate) fn living(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

impl Drop for Item {
    fn drop(&mut self) {
        // An item that is dropped twice makes the count wrap, and every later look at it fail.
        self.census.0.fetch_sub(1, Ordering::SeqCst);
    }
}
