//! What the tests share.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use csp::{Go, Local, Receiver, Runtime, Sender, prelude::*};

/// How long anything may take before it counts as hung.
pub(crate) const LIMIT: Duration = Duration::from_secs(50);

/// A single-threaded executor with a clock of its own: everything has its turn in a fixed order, and what is
/// parked is known.
pub(crate) struct Stage(Local);

impl Stage {
    pub(crate) fn new() -> Self {
        Self(Local::virtual_time())
    }

    /// Makes something whose blocks are to run here. They do not run yet.
    pub(crate) fn make<R>(&self, make: impl FnOnce() -> R) -> R {
        self.0.run_until(async { make() })
    }

    /// Starts a block, and runs until everything is parked.
    pub(crate) fn go<T: Send + 'static>(&self, block: impl Future<Output = T> + 'static) -> Go<T> {
        let go = self.0.go(block);
        self.settle();
        go
    }

    /// Runs until everything is parked.
    pub(crate) fn settle(&self) {
        self.0.run_until_idle();
    }

    /// Lets time pass.
    pub(crate) fn pass(&self, time: Duration) {
        self.0.advance(time);
        self.settle();
    }

    /// How many blocks are left, once everything is parked.
    pub(crate) fn live(&self) -> usize {
        self.settle();
        self.0.live()
    }

    /// Puts in a block of its own, as far as the puts are accepted.
    pub(crate) fn offer<T: Send + 'static>(
        &self,
        tx: &Sender<T>,
        values: impl IntoIterator<Item = T>,
    ) -> Go<()> {
        let (tx, values) = (tx.clone(), values.into_iter().collect::<Vec<_>>());
        self.go(async move {
            for value in values {
                assert!(tx.put(value).await.is_ok(), "a put was refused");
            }
        })
    }

    /// Puts, which must all be accepted at once.
    #[track_caller]
    pub(crate) fn put<T: Send + 'static>(
        &self,
        tx: &Sender<T>,
        values: impl IntoIterator<Item = T>,
    ) {
        assert!(
            self.offer(tx, values).is_finished(),
            "a put was not accepted"
        );
    }

    /// What can be taken now, without waiting for more than what settles by itself.
    pub(crate) fn take_all<T>(&self, rx: &Receiver<T>) -> Vec<T> {
        let mut all = Vec::new();
        loop {
            self.settle();
            match rx.try_take() {
                Ok(value) => all.push(value),
                Err(_) => return all,
            }
        }
    }
}

/// True once a channel is closed and drained.
pub(crate) fn is_over<T>(rx: &Receiver<T>) -> bool {
    matches!(rx.try_take(), Err(TryTakeError::Closed))
}

/// Why a channel failed, in words.
pub(crate) fn failure<T>(rx: &Receiver<T>) -> Option<String> {
    rx.failure().map(|cause| cause.to_string())
}

/// The value of a block that ends well, soon.
#[track_caller]
pub(crate) fn value<T>(go: Go<T>) -> T {
    match go.wait_for(LIMIT) {
        Ok(Ok(value)) => value,
        Ok(Err(failure)) => panic!("no value: {failure}"),
        Err(go) => panic!("hung: {go:?}, {:?}", go.parked_at()),
    }
}

/// Waits until no block is left on a runtime.
pub(crate) fn wait_until_empty(rt: &Runtime) {
    let begun = std::time::Instant::now();
    while rt.live() > 0 {
        assert!(begun.elapsed() < LIMIT, "{} blocks are left", rt.live());
        std::thread::yield_now();
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
