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

#[cfg(csp_shuttle)]
mod imp {
    pub(super) use csp_core::__private::shuttled as raw;
    pub(crate) use shuttle::{sync::atomic, thread};
}

#[cfg(not(any(csp_loom, csp_shuttle)))]
mod imp {
    pub(super) use std::sync as raw;
    pub(crate) use std::sync::atomic;
}

#[cfg(not(csp_shuttle))]
pub(crate) use std::thread;

#[cfg(csp_shuttle)]
pub(crate) use imp::raw::{now, sleep, spawn};
#[cfg(csp_shuttle)]
pub(crate) use imp::thread;

/// The time.
#[cfg(not(csp_shuttle))]
#[inline]
pub(crate) fn now() -> std::time::Instant {
    std::time::Instant::now()
}

#[cfg(not(csp_shuttle))]
pub(crate) use std::thread::sleep;

/// Starts a thread that nobody joins.
#[cfg(not(csp_shuttle))]
pub(crate) fn spawn(name: String, f: impl FnOnce() + Send + 'static) -> std::io::Result<()> {
    thread::Builder::new().name(name).spawn(f).map(drop)
}

pub(crate) use csp_core::__private::local;
pub(crate) use imp::atomic;
pub(crate) use std::sync::{Arc, OnceLock, PoisonError, Weak};

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

/// In a cache line of its own, and in a pair of lines of its own, as some processors fetch them: who writes it takes
/// nothing else away from the other cores.
#[derive(Debug)]
#[repr(align(128))]
pub(crate) struct Apart<T>(pub(crate) T);

impl<T> std::ops::Deref for Apart<T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        &self.0
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

/// Explores the interleavings of a model with at most two preemptions, or more if the environment says so.
#[cfg(all(test, csp_loom))]
pub(crate) fn model(scenario: impl Fn() + Send + Sync + 'static) {
    csp_core::__private::explore(env!("CARGO_PKG_NAME"), 2, scenario);
}

/// The things that no model looks into: plain std, also under loom.
pub(crate) mod plain {
    pub(crate) use std::sync::{Mutex, MutexGuard as Guard, PoisonError};

    /// Nothing of the user's runs under such a lock: it is never poisoned.
    pub(crate) fn lock<T>(mutex: &Mutex<T>) -> Guard<'_, T> {
        mutex.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
