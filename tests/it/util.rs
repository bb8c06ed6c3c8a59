//! What the tests share.

use std::{
    fmt::Debug,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use csp::{Failure, Go, Local, Runtime, yield_now};

/// How long anything may take before it counts as hung. Less than nextest's limit, so that the
/// message of the test comes first.
pub(crate) const LIMIT: Duration = Duration::from_secs(50);

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

/// How a block fails, in words; it has to, soon.
#[track_caller]
pub(crate) fn failure_of<T>(go: Go<T>) -> String {
    match outcome(go) {
        Ok(_) => panic!("the block ended well"),
        Err(failure) => failure.to_string(),
    }
}

/// Computes for a while, so that a clock that was read before the turn is stale.
pub(crate) fn compute(time: Duration) {
    let start = Instant::now();
    while start.elapsed() < time {
        std::hint::spin_loop();
    }
}

/// Runs a block on a runtime with one worker, where the order of turns can be relied on.
#[track_caller]
pub(crate) fn on_one_worker<F>(future: F) -> F::Output
where
    F: Future<Output: Send + 'static> + Send + 'static,
{
    // (Not under chaos, should the environment ask for it.)
    let rt = Runtime::builder().workers(1).chaos(None).build();
    let value = value(rt.go(future));
    rt.shutdown(LIMIT).expect("every block ends");
    value
}

/// Runs a block on a local executor until nothing is due. `None`: it is parked.
pub(crate) fn run_idle<F>(future: F) -> Option<F::Output>
where
    F: Future<Output: Send + 'static> + 'static,
{
    let local = Local::new();
    let go = local.go(future);
    local.run_until_idle();
    go.is_finished().then(|| value(go))
}

/// Yields until `done`.
pub(crate) async fn until(done: impl Fn() -> bool) {
    while !done() {
        yield_now().await;
    }
}

/// Yields until the block has parked.
pub(crate) async fn parked<T>(go: &Go<T>) {
    until(|| go.parked_at().is_some()).await;
}

/// Takes everything there is, until the channel closes.
pub(crate) async fn collect<T>(rx: csp::Receiver<T>) -> Vec<T> {
    let mut all = Vec::new();
    while let Some(value) = rx.take().await {
        all.push(value);
    }
    all
}

/// Sorts, for comparing multisets.
pub(crate) fn sorted<T: Ord>(mut all: Vec<T>) -> Vec<T> {
    all.sort();
    all
}

/// Counts the items that were made and are still alive.
#[derive(Debug, Clone, Default)]
pub(crate) struct Census(Arc<AtomicUsize>);

/// A value that its census counts.
#[derive(Debug)]
pub(crate) struct Item<T: Debug = ()> {
    pub(crate) value: T,
    census: Census,
}

impl Census {
    pub(crate) fn item(&self) -> Item {
        self.of(())
    }

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
