//! `run_pipeline!`, and how it finds out what its closures give.

use std::{marker::PhantomData, panic::Location};

use csp_core::Go;

use super::{IntoStep, Stages, Step};
use crate::{
    Error,
    promise::{IntoPromise, Promise, Shared},
};

/// Runs a value through stages: a [`Pipeline`](crate::pipeline::Pipeline) that is built, run once, and dropped.
///
/// It gives the promise of what the last stage gives, which fails with an [`Error`](crate::Error). Here, and
/// only here, what a closure gives decides what kind of stage it is:
///
/// | the closure gives | it is a |
/// |---|---|
/// | a [`Step`](crate::pipeline::Step), or a result, promise or `Go` of one | [`step`](crate::pipeline::Stages::step) |
/// | a `Result`, a promise, a `Shared`, a `Go` | [`stage`](crate::pipeline::Stages::stage) |
/// | anything else | [`map`](crate::pipeline::Stages::map) |
///
/// ```
/// use csp::{pipeline::{next, restart, run_pipeline}, prelude::*};
/// let five = run_pipeline!(0; |n| n + 1, |n| if n < 5 { restart(n) } else { next(n) });
/// assert_eq!(five.wait().unwrap(), 5);
///
/// let port = run_pipeline!("8080"; |text| Ok(text.parse::<u16>()?), |port| go!({ port + 1 }));
/// assert_eq!(port.wait().unwrap(), 8081);
/// ```
///
/// Lamina's `run-pipeline`.
#[macro_export]
macro_rules! run_pipeline {
    ($value:expr $(; $($stage:expr),* $(,)?)?) => {{
        let value = $value;
        let stages = $crate::pipeline::__private::begin(&value);
        $($(
            let stage = stages.__fits($stage);
            let stages = {
                #[allow(unused_imports, reason = "one of them is used")]
                use $crate::pipeline::__private::{IsPlain as _, IsStage as _, IsStep as _};
                (&&&$crate::pipeline::__private::Tag::of(&stage)).__kind().add(stages, stage)
            };
        )*)?
        stages.build().run(value)
    }};
}

/// The stages of a pipeline for that value.
#[track_caller]
pub fn begin<In, Out>(_: &In) -> Stages<In, Out, Error, In> {
    Stages::new(Location::caller())
}

impl<In, Out, E, A> Stages<In, Out, E, A> {
    /// Tells a closure what it will be given, before what it gives is looked at.
    #[doc(hidden)]
    pub fn __fits<R, F: Fn(A) -> R>(&self, f: F) -> F {
        f
    }
}

/// What a closure gives. The impls below are tried from the inside out, by what has to be borrowed for them.
#[derive(Debug)]
pub struct Tag<R>(PhantomData<fn() -> R>);

impl<R> Tag<R> {
    /// Of that closure.
    pub fn of<A, F: Fn(A) -> R>(_: &F) -> Self {
        Self(PhantomData)
    }
}

/// For `Step`s.
pub trait IsStep {
    /// How such a stage is added.
    fn __kind(&self) -> AddStep {
        AddStep
    }
}

impl<B, In, Out, E: 'static> IsStep for &&Tag<Step<B, In, Out, E>> {}
impl<B, In, Out, E: 'static> IsStep for &&Tag<Result<Step<B, In, Out, E>, E>> {}
impl<B, In, Out, E: 'static> IsStep for &&Tag<Promise<Step<B, In, Out, E>, E>> {}
impl<B, In, Out, E: 'static> IsStep for &&Tag<Go<Step<B, In, Out, E>>> {}

/// For eventual values.
pub trait IsStage {
    /// How such a stage is added.
    fn __kind(&self) -> AddStage {
        AddStage
    }
}

impl<B, E: 'static> IsStage for &Tag<Result<B, E>> {}
impl<B, E: 'static> IsStage for &Tag<Promise<B, E>> {}
impl<B, E: 'static> IsStage for &Tag<Shared<B, E>> {}
impl<B> IsStage for &Tag<Go<B>> {}

/// For all others.
pub trait IsPlain {
    /// How such a stage is added.
    fn __kind(&self) -> AddPlain {
        AddPlain
    }
}

impl<R> IsPlain for Tag<R> {}

/// Adds a stage of its kind.
#[derive(Debug, Clone, Copy)]
pub struct AddStep;

impl AddStep {
    /// The stages with one more.
    #[expect(clippy::unused_self, reason = "its type is what was asked for")]
    #[track_caller]
    pub fn add<In, Out, E, A, B, R>(
        self,
        stages: Stages<In, Out, E, A>,
        f: impl Fn(A) -> R + Send + Sync + 'static,
    ) -> Stages<In, Out, E, B>
    where
        In: Clone + Send + 'static,
        Out: Send + 'static,
        E: Send + 'static,
        A: Send + 'static,
        B: Send + 'static,
        R: IntoStep<B, In, Out, E>,
    {
        stages.step(f)
    }
}

/// Adds a stage of its kind.
#[derive(Debug, Clone, Copy)]
pub struct AddStage;

impl AddStage {
    /// The stages with one more.
    #[expect(clippy::unused_self, reason = "its type is what was asked for")]
    #[track_caller]
    pub fn add<In, Out, E, A, B, R>(
        self,
        stages: Stages<In, Out, E, A>,
        f: impl Fn(A) -> R + Send + Sync + 'static,
    ) -> Stages<In, Out, E, B>
    where
        In: Send + 'static,
        Out: Send + 'static,
        E: Send + 'static,
        A: Send + 'static,
        B: Send + 'static,
        R: IntoPromise<B, E>,
    {
        stages.stage(f)
    }
}

/// Adds a stage of its kind.
#[derive(Debug, Clone, Copy)]
pub struct AddPlain;

impl AddPlain {
    /// The stages with one more.
    #[expect(clippy::unused_self, reason = "its type is what was asked for")]
    #[track_caller]
    pub fn add<In, Out, E, A, B>(
        self,
        stages: Stages<In, Out, E, A>,
        f: impl Fn(A) -> B + Send + Sync + 'static,
    ) -> Stages<In, Out, E, B>
    where
        In: Send + 'static,
        Out: Send + 'static,
        E: Send + 'static,
        A: Send + 'static,
        B: Send + 'static,
    {
        stages.map(f)
    }
}
