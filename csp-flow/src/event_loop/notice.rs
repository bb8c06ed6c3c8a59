//! What the loop has to tell: see [`EventLoop::on_notice`](super::EventLoop::on_notice).

use std::{
    fmt,
    mem::ManuallyDrop,
    panic::{AssertUnwindSafe, Location, catch_unwind},
};

use csp_core::{Failure, Panicked};

use crate::promise::Error;

/// Something that went by unseen, and somebody should know of.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Notice {
    /// An event that nobody handles: it was dropped.
    Ignored {
        /// The type of the event, or of the topic's payload.
        event: &'static str,
        /// The topic, if it was emitted to one.
        topic: Option<String>,
    },
    /// A handler or another function panicked. The loop goes on, and so does a handler.
    Panicked {
        /// Where the function was given to the loop.
        at: &'static Location<'static>,
        /// The panic's message.
        message: String,
    },
    /// A function that was to run [at the shutdown](super::LoopHandle::at_shutdown) failed. The shutdown goes
    /// on.
    Failed {
        /// Where the function was given to the loop.
        at: &'static Location<'static>,
        /// Why.
        failure: Failure<Error>,
    },
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ignored { event, topic: None } => write!(f, "nobody handles the event {event}"),
            Self::Ignored {
                event,
                topic: Some(topic),
            } => write!(f, "nobody handles the topic {topic:?} with a {event}"),
            Self::Panicked { at, message } => {
                write!(f, "the function given at {at} panicked: {message}")
            }
            Self::Failed { at, failure } => {
                write!(f, "the function given at {at} failed: {failure}")
            }
        }
    }
}

/// Calls code of the user's, which is not to unwind the loop. The text of its panic, if it does.
pub(super) fn contained<R>(f: impl FnOnce() -> R) -> Result<R, String> {
    catch_unwind(AssertUnwindSafe(f)).map_err(|payload| {
        let message = Panicked::message_of(&*payload).to_owned();
        // Its drop may panic as well; what that panics with is leaked, since it might do so again.
        if let Err(again) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
            let _leaked = ManuallyDrop::new(again);
        }
        message
    })
}
