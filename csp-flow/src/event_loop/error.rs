//! What can go wrong at the handle of an event loop.

use std::{error::Error as StdError, fmt};

use csp_core::Panicked;

/// The event loop has ended; what it was given is inside.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Ended<T>(pub T);

impl<T> Ended<T> {
    /// Gives back what the loop was given: the event, the function.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> fmt::Debug for Ended<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ended(..)")
    }
}

impl<T> fmt::Display for Ended<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the event loop has ended")
    }
}

impl<T> StdError for Ended<T> {}

/// Why a [`Timer`](super::Timer) cannot be changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TimerError {
    /// It was cancelled before.
    Cancelled,
    /// Its function has been called, or is running now.
    Called,
    /// The event loop ended before its time.
    Ended,
}

impl fmt::Display for TimerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Cancelled => "the timer was cancelled before",
            Self::Called => "the timer's function has been called",
            Self::Ended => "the event loop ended before the timer's time",
        })
    }
}

impl StdError for TimerError {}

/// Why [`call_blocking`](super::LoopHandle::call_blocking) gave no value.
#[derive(Debug)]
#[non_exhaustive]
pub enum CallError {
    /// It was called on the loop's own thread, where it would wait for itself. The function was not run.
    OnTheLoop,
    /// The event loop has ended. The function was not run.
    Ended,
    /// The function panicked, on the loop. [`resume`](Panicked::resume) goes on with its panic here.
    Panicked(Panicked),
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OnTheLoop => f.write_str(
                "`call_blocking` on the event loop's own thread would wait for itself: call the function",
            ),
            Self::Ended => f.write_str("the event loop has ended"),
            Self::Panicked(panic) => write!(f, "panicked on the event loop: {}", panic.message()),
        }
    }
}

impl StdError for CallError {}
