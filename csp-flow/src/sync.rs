//! Every synchronisation primitive that the promises use, so that a model checker can replace them: see
//! the file of the same name in csp-core.

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

/// The things that models do not look into: plain std, also under loom.
pub(crate) mod plain {
    pub(crate) use std::{
        sync::{Arc, Mutex, OnceLock, PoisonError, Weak, atomic},
        thread,
    };
}
