//! Calling code of the user's from where nobody may be unwound.

use std::{
    any::Any,
    error, fmt,
    fmt::Write as _,
    mem::ManuallyDrop,
    panic::{AssertUnwindSafe, catch_unwind},
};

use csp_core::Panicked;

#[cfg(test)]
mod tests;

/// What a step gives that fails: any error.
pub type Error = Box<dyn error::Error + Send + Sync>;

/// How a step went wrong.
#[derive(Debug)]
#[non_exhaustive]
pub enum Fault {
    /// It gave an error.
    Failed(Error),
    /// It panicked, with this message.
    Panicked(String),
}

impl Fault {
    /// True if it was a panic.
    pub fn is_panic(&self) -> bool {
        matches!(self, Self::Panicked(_))
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(error) => write!(f, "failed: {error}"),
            Self::Panicked(message) => write!(f, "panicked: {message}"),
        }
    }
}

/// How long the text of a state or a message gets at most, in bytes.
const LONGEST_TEXT: usize = 16 * 1024;

pub(crate) fn guard<R>(call: impl FnOnce() -> Result<R, Error>) -> Result<R, Fault> {
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(result) => result.map_err(Fault::Failed),
        Err(payload) => Err(Fault::Panicked(message_of(payload))),
    }
}

fn message_of(payload: Box<dyn Any + Send>) -> String {
    let message = Panicked::message_of(&*payload).to_owned();
    dispose(payload);
    message
}

/// Drops a value of the user's, whose drop may panic.
pub(crate) fn dispose<T>(value: T) {
    let Err(payload) = catch_unwind(AssertUnwindSafe(|| drop(value))) else {
        return;
    };
    if let Err(again) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
        // This one's drop may panic too, and so on: it is kept from doing so.
        let _leaked = ManuallyDrop::new(again);
    }
}

/// The `Debug` text of a value, cut off where it gets too long.
pub(crate) fn text_of(value: &dyn fmt::Debug) -> String {
    let mut text = Cut(String::new());
    let written = guard(|| write!(text, "{value:?}").map_err(Error::from));
    let Cut(mut text) = text;
    match written {
        Ok(()) => {}
        Err(Fault::Failed(_)) => text.push('…'),
        Err(Fault::Panicked(_)) => text.push_str("<its Debug panicked>"),
    }
    text
}

struct Cut(String);

impl fmt::Write for Cut {
    fn write_str(&mut self, more: &str) -> fmt::Result {
        let left = LONGEST_TEXT - self.0.len();
        if more.len() <= left {
            self.0.push_str(more);
            return Ok(());
        }
        self.0.push_str(&more[..more.floor_char_boundary(left)]);
        Err(fmt::Error)
    }
}
