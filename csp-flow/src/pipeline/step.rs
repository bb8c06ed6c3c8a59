//! [`Step`]: what a stage says is to happen.

use std::fmt;

use csp_core::{Failure, Go};

use super::{
    Redirect,
    core::{Begin, Turn},
    slot::Slot,
    waiting::wait_for,
};
use crate::promise::{Promise, engine};

/// What is to happen after a [`step`](super::Stages::step): on to the next stage, or elsewhere.
///
/// `B` is the value for the next stage, `In` and `Out` the pipeline's own input and output. The functions
/// [`next`], [`restart`], [`again`], [`redirect`], [`complete`] and [`later`] make them shorter to write.
#[must_use = "a step does nothing unless a stage gives it"]
pub enum Step<B, In, Out, E: 'static = crate::Error> {
    /// The next stage gets this.
    Next(B),
    /// The next stage gets this, when it is there.
    Later(Promise<B, E>),
    /// From the top, with a new initial value, or (`None`) with that which it had.
    Restart(Option<In>),
    /// On to another pipeline, whose output is that of this one.
    Redirect(Redirect<Out, E>),
    /// No further: this is the pipeline's output.
    Complete(Out),
}

/// On to the next stage: [`Step::Next`].
///
/// ```
/// use csp::pipeline::{Pipeline, complete, next};
/// let root = Pipeline::<f64, String>::builder()
///     .step(|n| if n < 0.0 { complete("none".to_owned()) } else { next(n.sqrt()) })
///     .map(|root| root.to_string())
///     .build();
/// assert_eq!(root.run(9.0).wait().unwrap(), "3");
/// assert_eq!(root.run(-1.0).wait().unwrap(), "none");
/// ```
pub fn next<B, In, Out, E: 'static>(value: B) -> Step<B, In, Out, E> {
    Step::Next(value)
}

/// On to the next stage, when the value is there: [`Step::Later`].
///
/// ```
/// use csp::{pipeline::{Pipeline, complete, later}, prelude::*};
/// let cached = Pipeline::<u32, u32>::builder()
///     .step(|n| if n == 0 { complete(0) } else { later(go!({ n * n }).into()) })
///     .build();
/// assert_eq!(cached.run(5).wait().unwrap(), 25);
/// ```
pub fn later<B, In, Out, E: 'static>(value: Promise<B, E>) -> Step<B, In, Out, E> {
    Step::Later(value)
}

/// From the top of the innermost pipeline, with a new initial value: [`Step::Restart`]. Lamina's `restart`.
///
/// ```
/// use csp::{pipeline::{Pipeline, complete, restart}, prelude::*};
/// let to_five = Pipeline::<u32, u32>::builder()
///     .map(|n| n + 1)
///     .step(|n| if n < 5 { restart(n) } else { complete(n) })
///     .build();
/// assert_eq!(to_five.run(0).wait().unwrap(), 5);
/// ```
pub fn restart<B, In, Out, E: 'static>(value: In) -> Step<B, In, Out, E> {
    Step::Restart(Some(value))
}

/// From the top of the innermost pipeline, with the initial value that it had: [`Step::Restart`]. Lamina's
/// `restart` without a value.
///
/// ```
/// use csp::{pipeline::{Pipeline, again, next}, prelude::*};
/// let flags = to_chan([false, false, true]);
/// let when_ready = Pipeline::<&str, &str>::builder()
///     .take_merge(flags, |name, ready| (name, ready))
///     .step(|(name, ready)| if ready == Some(true) { next(name) } else { again() })
///     .build();
/// assert_eq!(when_ready.run("go").wait().unwrap(), "go");
/// ```
pub fn again<B, In, Out, E: 'static>() -> Step<B, In, Out, E> {
    Step::Restart(None)
}

/// On to another pipeline: [`Step::Redirect`]. Lamina's `redirect`; see
/// [`Pipeline::redirect`](super::Pipeline::redirect).
pub fn redirect<B, In, Out, E: 'static>(to: Redirect<Out, E>) -> Step<B, In, Out, E> {
    Step::Redirect(to)
}

/// The output of the innermost pipeline, whose other stages are left out: [`Step::Complete`]. Lamina's
/// `complete`.
pub fn complete<B, In, Out, E: 'static>(value: Out) -> Step<B, In, Out, E> {
    Step::Complete(value)
}

/// What [`step`](super::Stages::step) takes from its closure: a [`Step`], or one that may fail, or that comes
/// later.
///
/// | the closure gives | |
/// |---|---|
/// | [`Step`] | it is done |
/// | `Result<Step, E>` | it is done, or the stage fails: `?` works |
/// | `Promise<Step, E>`, `Go<Step>` | it is done when it is there |
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a step of a pipeline from `{In}` to `{Out}`",
    label = "give a `Step`: `next(v)`, `restart(v)`, `redirect(p.redirect(v))`, `complete(v)`",
    note = "a stage that gives a plain value is a `map`, one that gives a result or a promise a `stage`"
)]
pub trait IntoStep<B, In, Out, E: 'static> {
    #[doc(hidden)]
    fn into_look(self) -> Look<Step<B, In, Out, E>, E>;
}

/// What a stage came to. Not for use.
#[doc(hidden)]
#[derive(Debug)]
pub enum Look<T, E> {
    Here(T),
    Failed(Failure<E>),
    Later(Promise<T, E>),
}

impl<B, In, Out, E: 'static> IntoStep<B, In, Out, E> for Step<B, In, Out, E> {
    fn into_look(self) -> Look<Self, E> {
        Look::Here(self)
    }
}

impl<B, In, Out, E: 'static> IntoStep<B, In, Out, E> for Result<Step<B, In, Out, E>, E> {
    fn into_look(self) -> Look<Step<B, In, Out, E>, E> {
        match self {
            Ok(step) => Look::Here(step),
            Err(error) => Look::Failed(Failure::Error(error)),
        }
    }
}

impl<B, In, Out, E> IntoStep<B, In, Out, E> for Promise<Step<B, In, Out, E>, E>
where
    B: Send + 'static,
    In: Send + 'static,
    Out: Send + 'static,
    E: Send + 'static,
{
    fn into_look(self) -> Look<Step<B, In, Out, E>, E> {
        match engine::look(self) {
            Ok(Ok(step)) => Look::Here(step),
            Ok(Err(failure)) => Look::Failed(failure),
            Err(promise) => Look::Later(promise),
        }
    }
}

impl<B, In, Out, E> IntoStep<B, In, Out, E> for Go<Step<B, In, Out, E>>
where
    B: Send + 'static,
    In: Send + 'static,
    Out: Send + 'static,
    E: Send + 'static,
{
    fn into_look(self) -> Look<Step<B, In, Out, E>, E> {
        IntoStep::into_look(Promise::from(self))
    }
}

/// A step without its types; the value goes to the slot.
pub(super) fn turn<B, In, Out, E>(step: Step<B, In, Out, E>, slot: &mut Slot) -> Turn<E>
where
    B: Send + 'static,
    In: Send + 'static,
    Out: Send + 'static,
    E: Send + 'static,
{
    match step {
        Step::Next(value) => {
            slot.put(value);
            Turn::Next
        }
        Step::Later(promise) => eventual(promise, slot),
        Step::Restart(None) => Turn::Restart(Begin::Initial),
        Step::Restart(Some(value)) => {
            slot.put(value);
            Turn::Restart(Begin::Slot)
        }
        Step::Redirect(to) => Turn::Redirect(to.jump),
        Step::Complete(value) => {
            slot.put(value);
            Turn::Complete
        }
    }
}

/// The next stage gets the eventual value.
pub(super) fn eventual<B, E>(
    value: impl crate::promise::IntoPromise<B, E>,
    slot: &mut Slot,
) -> Turn<E>
where
    B: Send + 'static,
    E: Send + 'static,
{
    match engine::look(value) {
        Ok(Ok(value)) => {
            slot.put(value);
            Turn::Next
        }
        Ok(Err(failure)) => Turn::Failed(failure),
        Err(promise) => wait_for(promise, |value, slot| {
            slot.put(value);
            Turn::Next
        }),
    }
}

impl<B, In, Out, E: 'static> fmt::Debug for Step<B, In, Out, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Next(_) => "Next(..)",
            Self::Later(_) => "Later(..)",
            Self::Restart(Some(_)) => "Restart(Some(..))",
            Self::Restart(None) => "Restart(None)",
            Self::Redirect(_) => "Redirect(..)",
            Self::Complete(_) => "Complete(..)",
        })
    }
}
