//! A bound on preemptions, for the strategies that have none of their own.

use super::{Done, Fork, Strategy};

/// Another strategy, asked only where an answer does not break the bound.
pub(crate) struct Bounded<S> {
    inner: S,
    most: u32,
    left: u32,
}

impl<S: Strategy> Bounded<S> {
    /// At most `most` preemptions in each execution.
    pub(crate) fn new(inner: S, most: u32) -> Self {
        Self {
            inner,
            most,
            left: most,
        }
    }
}

impl<S: Strategy> Strategy for Bounded<S> {
    fn begin(&mut self) -> bool {
        self.left = self.most;
        self.inner.begin()
    }

    fn schedule(&mut self, fork: &Fork<'_>) -> Option<usize> {
        if fork.is_preemption && self.left == 0 {
            return Some(0);
        }
        let chosen = self.inner.schedule(fork)?;
        if fork.is_preemption && chosen != 0 {
            self.left -= 1;
        }
        Some(chosen)
    }

    fn choose(&mut self, bound: u32) -> u32 {
        self.inner.choose(bound)
    }

    fn done(&mut self, step: &Done<'_>) {
        self.inner.done(step);
    }

    fn seed(&self) -> Option<u64> {
        self.inner.seed()
    }
}
