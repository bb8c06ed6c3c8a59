//! The hand-off slot: the task woken last runs next, on the same worker, with a warm cache.
//!
//! Only its worker fills it. Others may empty it, when the worker has been in one turn for long: what
//! is in the slot must not wait behind a long computation.

use std::ptr::NonNull;

use csp_core::Task;

use crate::sync::atomic::{AtomicPtr, Ordering};

#[derive(Debug)]
pub(crate) struct HandOff(AtomicPtr<()>);

impl HandOff {
    pub(crate) fn new() -> Self {
        Self(AtomicPtr::new(std::ptr::null_mut()))
    }

    /// Fills the slot; gives out what was there. For the slot's own worker.
    #[inline]
    pub(crate) fn put(&self, task: Task) -> Option<Task> {
        let new = task.into_raw().as_ptr();
        // Ordering: only we fill the slot, so an empty one stays empty until we store.
        if self.0.load(Ordering::Relaxed).is_null() {
            // Ordering: Release hands the task over to whoever takes it.
            self.0.store(new, Ordering::Release);
            return None;
        }
        // Ordering: Release for the new task, Acquire for the old.
        claim(self.0.swap(new, Ordering::AcqRel))
    }

    /// Empties the slot. For anybody.
    #[inline]
    pub(crate) fn take(&self) -> Option<Task> {
        // Ordering: a look; the swap decides.
        if self.0.load(Ordering::Relaxed).is_null() {
            return None;
        }
        // Ordering: Acquire pairs with the Release of `put`.
        claim(self.0.swap(std::ptr::null_mut(), Ordering::Acquire))
    }

    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        // Ordering: a look.
        self.0.load(Ordering::Relaxed).is_null()
    }
}

fn claim(raw: *mut ()) -> Option<Task> {
    // SAFETY: what the slot holds came from `into_raw` in `put`, and whoever swaps it out has it alone.
    NonNull::new(raw).map(|raw| unsafe { Task::from_raw(raw) })
}

impl Drop for HandOff {
    fn drop(&mut self) {
        drop(self.take());
    }
}
