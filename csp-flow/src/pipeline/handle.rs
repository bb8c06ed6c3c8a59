//! [`Pipeline`]: stages that were put together.

use std::{fmt, marker::PhantomData, panic::Location};

use super::{
    Declared, Stages,
    core::Strong,
    driver,
    slot::Slot,
    target::{Jump, Target},
};
use crate::{promise::Promise, sync::Arc};

/// A function from `In` to an eventual `Out`, made of stages: see the [module](super).
///
/// Clones are the same pipeline. It holds no state of its runs, of which there may be any number at once.
///
/// ```
/// use csp::{pipeline::Pipeline, prelude::*};
/// let port = Pipeline::<&str, u16>::builder()
///     .map(str::trim)
///     .stage(|text| Ok(text.parse::<u16>()?)) // may fail
///     .stage(|port| go!({ port + 1 })) // comes later
///     .build();
/// assert_eq!(port.run(" 8080 ").wait().unwrap(), 8081);
/// assert!(port.run("eighty").wait().is_err());
/// ```
///
/// Lamina's `pipeline`.
pub struct Pipeline<In, Out, E: 'static = crate::Error> {
    pub(super) core: Strong<E>,
    pub(super) types: PhantomData<fn(In) -> Out>,
}

impl<In, Out, E> Pipeline<In, Out, E>
where
    In: Send + 'static,
    Out: Send + 'static,
    E: Send + 'static,
{
    /// Begins a pipeline: stages are added to what this gives.
    #[track_caller]
    pub fn builder() -> Stages<In, Out, E, In> {
        Stages::new(Location::caller())
    }

    /// A pipeline that is defined later, so that it can be named in its own stages, or in those of another
    /// that it names in turn: see [`Declared`].
    #[track_caller]
    pub fn declare() -> Declared<In, Out, E> {
        Declared::new(Location::caller())
    }

    /// Runs it with that value, in a go block.
    ///
    /// The block runs on the current executor, or on that of [`on`](Stages::on). Stages that are ready follow
    /// each other without parking, and the block yields to others now and then, whatever they do.
    ///
    /// # Cancellation
    /// [Cancelling](Promise::cancel) the promise cancels what the running stage waits for, and ends the run
    /// before the next stage. A dropped promise says that the outcome is not wanted; the run goes on.
    ///
    /// # Errors
    /// The promise fails as the stage did that nobody recovered; as
    /// [`Panicked`](csp_core::Failure::Panicked), if that panicked.
    #[track_caller]
    pub fn run(&self, value: In) -> Promise<Out, E> {
        driver::start(Target::Built(Arc::clone(&self.core)), Slot::of(value))
    }

    /// This pipeline with that value, for a stage or an error handler to go on with: its output is that of
    /// the pipeline that it is given from.
    ///
    /// The left pipeline's [`finally`](Stages::finally) has run when this one begins, whose error handler,
    /// `finally` and `max_restarts` hold from then on. (The [`timeout`](Stages::timeout) of the left one
    /// stays: it was promised to the caller.) A million redirects are a loop, in constant memory.
    ///
    /// ```
    /// use csp::{Error, pipeline::{Pipeline, Recover}};
    /// let log = Pipeline::<String, usize>::builder()
    ///     .map(|text| text.len()) // wrote so much
    ///     .build();
    /// let fails = Pipeline::<u32, usize>::builder()
    ///     .stage(|_| Err::<usize, Error>("no such page".into()))
    ///     .on_error(move |failure, _| Recover::Redirect(log.redirect(failure.to_string())))
    ///     .build();
    /// assert_eq!(fails.run(0).wait().unwrap(), 12);
    /// ```
    pub fn redirect(&self, value: In) -> Redirect<Out, E> {
        Redirect::new(Target::Built(Arc::clone(&self.core)), value)
    }
}

impl<In, Out, E: 'static> Clone for Pipeline<In, Out, E> {
    fn clone(&self) -> Self {
        Self {
            core: Arc::clone(&self.core),
            types: PhantomData,
        }
    }
}

impl<In, Out, E: 'static> fmt::Debug for Pipeline<In, Out, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pipeline")
            .field("created", &format_args!("{}", self.core.created))
            .field("stages", &self.core.stages.len())
            .finish_non_exhaustive()
    }
}

/// A pipeline and the value that it is to run with: made by [`Pipeline::redirect`] and
/// [`Declared::redirect`].
///
/// It hides the input's type, so that pipelines of different inputs can redirect to each other.
#[must_use = "a redirect does nothing unless a stage or an error handler gives it"]
pub struct Redirect<Out, E: 'static = crate::Error> {
    pub(super) jump: Jump<E>,
    output: PhantomData<fn() -> Out>,
}

impl<Out, E: 'static> Redirect<Out, E> {
    pub(super) fn new<In: Send + 'static>(target: Target<E>, value: In) -> Self {
        let value = Slot::of(value);
        Self {
            jump: Jump { target, value },
            output: PhantomData,
        }
    }
}

impl<Out, E: 'static> fmt::Debug for Redirect<Out, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redirect").finish_non_exhaustive()
    }
}
