//! [`Recover`]: what an error handler says is to happen.

use std::fmt;

use super::{
    Redirect,
    core::{Begin, Turn},
    slot::Slot,
    waiting::wait_for,
};
use crate::promise::{Promise, engine};

/// What is to happen after a failure: see [`on_error`](super::Stages::on_error).
#[must_use = "it does nothing unless an error handler gives it"]
pub enum Recover<In, Out, E: 'static = crate::Error> {
    /// Nothing: the pipeline fails with that failure.
    Propagate,
    /// From the top, with a new initial value, or (`None`) with that which it had.
    ///
    /// [`max_restarts`](super::Stages::max_restarts) says how often, and after what pause.
    Restart(Option<In>),
    /// On to another pipeline, whose output is that of this one.
    Redirect(Redirect<Out, E>),
    /// This is the pipeline's output.
    Complete(Out),
    /// What this comes to, when it does: for handlers that have to ask. If it fails, the pipeline fails with
    /// *that*.
    Later(Promise<Self, E>),
}

impl<In, Out, E> Recover<In, Out, E>
where
    In: Send + 'static,
    Out: Send + 'static,
    E: Send + 'static,
{
    /// Without its types; the value goes to the slot.
    pub(super) fn turn(self, slot: &mut Slot) -> Turn<E> {
        match self {
            Self::Propagate => Turn::Propagate,
            Self::Restart(None) => Turn::Restart(Begin::Initial),
            Self::Restart(Some(value)) => {
                slot.put(value);
                Turn::Restart(Begin::Slot)
            }
            Self::Redirect(to) => Turn::Redirect(to.jump),
            Self::Complete(value) => {
                slot.put(value);
                Turn::Complete
            }
            Self::Later(promise) => match engine::look(promise) {
                // One that is ready may give another, and so on: the run asks again, in its loop.
                Ok(Ok(Self::Later(promise))) | Err(promise) => wait_for(promise, Self::turn),
                Ok(Ok(recover)) => recover.turn(slot),
                Ok(Err(failure)) => Turn::Failed(failure),
            },
        }
    }
}

impl<In, Out, E: 'static> fmt::Debug for Recover<In, Out, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Propagate => "Propagate",
            Self::Restart(Some(_)) => "Restart(Some(..))",
            Self::Restart(None) => "Restart(None)",
            Self::Redirect(_) => "Redirect(..)",
            Self::Complete(_) => "Complete(..)",
            Self::Later(_) => "Later(..)",
        })
    }
}
