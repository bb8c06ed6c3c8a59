//! What can go wrong at the handle of an event loop.

use std::{any::Any, error::Error as StdError, fmt};

use super::notice::message_of;
use crate::sync::plain::{Mutex, PoisonError};

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
    /// The function panicked.
    Panicked(CallPanic),
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OnTheLoop => f.write_str(
                "`call_blocking` on the event loop's own thread would wait for itself: call the function",
            ),
            Self::Ended => f.write_str("the event loop has ended"),
            Self::Panicked(panic) => panic.fmt(f),
        }
    }
}

impl StdError for CallError {}

/// A panic of a function that another thread had called on the event loop.
#[derive(Debug)]
pub struct CallPanic {
    message: String,
    payload: Mutex<Option<Box<dyn Any + Send>>>,
}

impl CallPanic {
    pub(super) fn new(payload: Box<dyn Any + Send>) -> Self {
        Self {
            message: message_of(&*payload),
            payload: Mutex::new(Some(payload)),
        }
    }

    /// The panic's message.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Goes on panicking on this thread, with the function's own payload.
    ///
    /// # Panics
    /// Always: that is what it is for.
    pub fn resume(self) -> ! {
        let payload = self.payload.into_inner();
        match payload.unwrap_or_else(PoisonError::into_inner) {
            Some(payload) => std::panic::resume_unwind(payload),
            None => panic!("{}", self.message),
        }
    }
}

impl fmt::Display for CallPanic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "panicked on the event loop: {}", self.message)
    }
}
