//! Code of the user's that panics in the middle of something.

use std::{
    mem::ManuallyDrop,
    panic::{AssertUnwindSafe, catch_unwind},
};

use crate::task;

/// Runs user code that whoever has to run it is not to be unwound by.
pub(super) fn guard(run: impl FnOnce()) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(run)) {
        task::swallow(payload);
    }
}

/// What `run` gives. If that is unwound, `undo` runs on the way.
#[inline]
pub(super) fn or_undo<R>(run: impl FnOnce() -> R, undo: impl Fn() + Copy) -> R {
    struct Undo<F: Fn()>(F);
    impl<F: Fn()> Drop for Undo<F> {
        fn drop(&mut self) {
            (self.0)();
        }
    }
    let undo = Undo(undo);
    let result = run();
    // (What can be copied has nothing to drop.)
    let _kept = ManuallyDrop::new(undo);
    result
}
