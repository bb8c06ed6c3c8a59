//! Panics of the user's code, as failures.

use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
};

use csp_core::Panicked;

/// Calls `f`, and makes a panic in it a value.
pub(super) fn caught<R>(f: impl FnOnce() -> R) -> Result<R, Panicked> {
    catch_unwind(AssertUnwindSafe(f)).map_err(Panicked::from)
}

/// A panic with another message than it had. It was shown when it happened.
pub(super) fn saying(message: String) -> Panicked {
    let payload: Box<dyn Any + Send> = Box::new(message);
    Panicked::from(payload)
}

/// A panic of our own: of what the program does wrong.
pub(super) fn panic_saying(message: &str) -> Panicked {
    match caught(|| panic!("{message}")) {
        Err(panicked) => panicked,
        Ok(never) => never,
    }
}
