//! An executor on the test's own thread.

use std::time::Duration;

use csp::{Go, Local, Receiver, Sender};

use super::blocks::eventually;

/// Blocks on this thread, one at a time, with a clock of their own: everything happens in an order that can be
/// relied on, and what is parked is known.
pub(crate) struct Stage(Local);

impl Stage {
    pub(crate) fn new() -> Self {
        Self(Local::virtual_time())
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

    /// Starts a block, and runs until every block is parked or has ended.
    pub(crate) fn go<T: Send + 'static>(&self, block: impl Future<Output = T> + 'static) -> Go<T> {
        let go = self.0.go(block);
        self.idle();
        go
    }

    /// Runs until every block is parked or has ended.
    pub(crate) fn idle(&self) {
        self.0.run_until_idle();
    }

    /// Runs until the future is done.
    pub(crate) fn run<F: Future>(&self, future: F) -> F::Output {
        self.0.run_until(future)
    }

    /// Runs until something has come to be; threads of the pool may take part.
    #[track_caller]
    pub(crate) fn until(&self, what: &str, mut done: impl FnMut() -> bool) {
        eventually(what, || {
            self.idle();
            done()
        });
    }

    /// Lets time pass.
    pub(crate) fn pass(&self, time: Duration) {
        self.0.advance(time);
        self.idle();
    }

    /// How many blocks are left, once everything is parked.
    pub(crate) fn live(&self) -> usize {
        self.idle();
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
            self.idle();
            match rx.try_take() {
                Ok(value) => all.push(value),
                Err(_) => return all,
            }
        }
    }
}
