//! Of blocks and channels.

use std::{
    fmt::Debug,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use csp::{Failure, Go, Receiver, Runtime, TryTakeError, chan};

pub(crate) use super::stage::Stage;

/// How long anything may take before it counts as hung.
pub(crate) const LIMIT: Duration = Duration::from_mins(1);

pub(crate) fn runtime(workers: usize) -> Runtime {
    Runtime::builder().workers(workers).build()
}

/// How a block ends; it has to, soon.
#[track_caller]
pub(crate) fn outcome<T>(go: Go<T>) -> Result<T, Failure> {
    match go.wait_for(LIMIT) {
        Ok(outcome) => outcome,
        Err(go) => panic!("hung: {go:?}, {:?}", go.parked_at()),
    }
}

/// The value of a block that ends well, soon.
#[track_caller]
pub(crate) fn value<T>(go: Go<T>) -> T {
    match outcome(go) {
        Ok(value) => value,
        Err(failure) => panic!("no value: {failure}"),
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

pub(crate) fn sorted<T: Ord>(mut all: Vec<T>) -> Vec<T> {
    all.sort();
    all
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

/// Why the channel failed, in words.
#[track_caller]
pub(crate) fn cause<T>(rx: &Receiver<T>) -> String {
    rx.failure().expect("it failed").to_string()
}

/// What there is to be had now, and then nothing.
pub(crate) fn drain<T>(rx: &Receiver<T>) -> Vec<T> {
    std::iter::from_fn(|| rx.try_take().ok()).collect()
}

/// True once a channel is closed and drained.
pub(crate) fn is_over<T>(rx: &Receiver<T>) -> bool {
    matches!(rx.try_take(), Err(TryTakeError::Closed))
}

/// Why a channel failed, in words.
pub(crate) fn failure<T>(rx: &Receiver<T>) -> Option<String> {
    rx.failure().map(|cause| cause.to_string())
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

/// Waits until no block is left on a runtime.
pub(crate) fn wait_until_empty(rt: &Runtime) {
    let begun = Instant::now();
    while rt.live() > 0 {
        assert!(begun.elapsed() < LIMIT, "{} blocks are left", rt.live());
        std::thread::yield_now();
    }
}

/// Counts the items that were made and are still alive.
#[derive(Debug, Clone, Default)]
pub(crate) struct Census(Arc<AtomicUsize>);

/// A value that its census counts.
#[derive(Debug)]
pub(crate) struct Item<T: Debug> {
    pub(crate) value: T,
    census: Census,
}

impl Census {
    pub(crate) fn of<T: Debug>(&self, value: T) -> Item<T> {
        self.0.fetch_add(1, Ordering::SeqCst);
        let census = self.clone();
        Item { value, census }
    }

    pub(crate) fn living(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

impl<T: Debug> Drop for Item<T> {
    fn drop(&mut self) {
        // An item that is dropped twice makes the count wrap, and every later look at it fail.
        self.census.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Counts the values that are alive.
#[derive(Clone, Default)]
pub(crate) struct Ledger(Arc<AtomicUsize>);

impl Ledger {
    pub(crate) fn value(&self, n: u32) -> Counted {
        self.0.fetch_add(1, Ordering::Relaxed);
        Counted {
            n,
            ledger: self.clone(),
        }
    }

    pub(crate) fn live(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

/// A value of a [`Ledger`]. To clone 13 panics.
pub(crate) struct Counted {
    pub(crate) n: u32,
    ledger: Ledger,
}

impl Clone for Counted {
    fn clone(&self) -> Self {
        assert_ne!(self.n, 13, "not again");
        self.ledger.value(self.n)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.ledger.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A small source of random numbers; seeds that fail are to be kept.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

/// True if each is one more than the one before.
pub(crate) fn have_no_gap(values: &[u64]) -> bool {
    values.windows(2).all(|pair| pair[1] == pair[0] + 1)
}
