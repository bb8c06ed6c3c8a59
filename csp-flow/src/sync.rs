//! Every synchronisation primitive that the promises use, so that a model checker can replace them: see
//! the file of the same name in csp-core.

#[cfg(csp_loom)]
mod imp {
    pub(super) use loom::sync as raw;
    pub(crate) use loom::sync::atomic;
}

#[cfg(csp_shuttle)]
mod imp {
    pub(super) use csp_core::__private::shuttled as raw;
    pub(crate) use shuttle::sync::atomic;
}

#[cfg(not(any(csp_loom, csp_shuttle)))]
mod imp {
    pub(super) use std::sync as raw;
    pub(crate) use std::sync::atomic;
}

pub(crate) use csp_core::__private::local;
pub(crate) use imp::atomic;
pub(crate) use std::sync::{Arc, PoisonError};

/// A mutex without poisoning: nothing of the user's runs under our locks.
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

impl<T: Default> Default for Mutex<T> {
    fn default() -> Self {
        Self::new(T::default())
    }
}

/// The things that models do not look into: plain std, also under loom and shuttle.
pub(crate) mod plain {
    #[cfg(csp_shuttle)]
    pub(crate) use shuttle::thread;
    pub(crate) use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak, atomic};
    #[cfg(not(csp_shuttle))]
    pub(crate) use std::thread;
}

/// Explores the interleavings of a model with at most two preemptions, or more if the environment says so.
#[cfg(all(test, csp_loom))]
pub(crate) fn model(scenario: impl Fn() + Send + Sync + 'static) {
    csp_core::__private::explore(env!("CARGO_PKG_NAME"), 2, scenario);
}
