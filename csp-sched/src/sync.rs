//! Every synchronisation primitive this crate uses, so that a model checker can replace them: see the
//! file of the same name in csp-core.
//!
//! crossbeam-deque is invisible to a model: the sleep protocol, the hand-off slot and the ticks are
//! modelled with queues of the model's own.

#[cfg(csp_loom)]
mod imp {
    pub(super) use loom::sync as raw;
    pub(crate) use loom::sync::atomic;
}

#[cfg(not(csp_loom))]
mod imp {
    pub(super) use std::sync as raw;
    pub(crate) use std::sync::atomic;
}

pub(crate) use imp::atomic;
pub(crate) use std::{
    sync::{Arc, OnceLock, PoisonError, Weak},
    thread,
};

/// A mutex without poisoning.
#[derive(Debug)]
pub(crate) struct Mutex<T>(imp::raw::Mutex<T>);

pub(crate) type Guard<'a, T> = imp::raw::MutexGuard<'a, T>;

impl<T> Mutex<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(imp::raw::Mutex::new(value))
    }

    pub(crate) fn lock(&self) -> Guard<'_, T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A condition variable over [`Mutex`].
#[derive(Debug)]
pub(crate) struct Condvar(imp::raw::Condvar);

impl Condvar {
    pub(crate) fn new() -> Self {
        Self(imp::raw::Condvar::new())
    }

    pub(crate) fn notify_one(&self) {
        self.0.notify_one();
    }

    pub(crate) fn notify_all(&self) {
        self.0.notify_all();
    }

    /// Waits, at most for `limit` if there is one. loom has no time: there it waits without a limit.
    pub(crate) fn wait<'a, T>(
        &self,
        guard: Guard<'a, T>,
        limit: Option<std::time::Duration>,
    ) -> Guard<'a, T> {
        #[cfg(not(csp_loom))]
        if let Some(limit) = limit {
            return match self.0.wait_timeout(guard, limit) {
                Ok((guard, _)) => guard,
                Err(poisoned) => poisoned.into_inner().0,
            };
        }
        let _ = limit;
        self.0.wait(guard).unwrap_or_else(PoisonError::into_inner)
    }
}
