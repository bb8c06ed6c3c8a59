//! [`Declared`]: a pipeline that is defined later.

use std::{fmt, marker::PhantomData, panic::Location};

use super::{
    Pipeline, Redirect, driver,
    slot::Slot,
    target::{Late, Target},
};
use crate::{
    promise::Promise,
    sync::{Arc, plain::OnceLock},
};

/// A pipeline that is declared, and [defined](Self::define) later: for those that refer to each other. Made by
/// [`Pipeline::declare`].
///
/// It can be run, redirected to and [nested](super::Stages::nest) as a [`Pipeline`] can. It does not keep
/// what it was defined as: pipelines that refer to each other in a circle would never be dropped. Keep the
/// `Pipeline`; whoever runs keeps those that it is in.
///
/// ```
/// use csp::pipeline::{Pipeline, complete, redirect};
/// let odd = Pipeline::<u32, bool>::declare();
/// let even = Pipeline::<u32, bool>::builder()
///     .step({
///         let odd = odd.clone();
///         move |n| if n == 0 { complete(true) } else { redirect(odd.redirect(n - 1)) }
///     })
///     .build();
/// let odd = odd.define(Pipeline::builder().step({
///     let even = even.clone();
///     move |n| if n == 0 { complete(false) } else { redirect(even.redirect(n - 1)) }
/// }).build());
/// assert!(even.run(10).wait().unwrap());
/// assert!(odd.run(1001).wait().unwrap());
/// ```
///
/// # Errors
/// A run of one that is not defined, or whose `Pipeline` is gone, fails as
/// [`Panicked`](csp_core::Failure::Panicked), with a message that says where it was declared. If it was reached
/// from a stage, it is that stage that fails.
pub struct Declared<In, Out, E: 'static = crate::Error> {
    late: Arc<Late<E>>,
    types: PhantomData<fn(In) -> Out>,
}

impl<In, Out, E> Declared<In, Out, E>
where
    In: Send + 'static,
    Out: Send + 'static,
    E: Send + 'static,
{
    pub(super) fn new(declared: &'static Location<'static>) -> Self {
        let defined = OnceLock::new();
        Self {
            late: Arc::new(Late { declared, defined }),
            types: PhantomData,
        }
    }

    fn target(&self) -> Target<E> {
        Target::Late(Arc::clone(&self.late))
    }

    /// Says what it is, and gives that back, to be kept.
    ///
    /// # Panics
    /// If it was defined before.
    #[track_caller]
    #[must_use = "a declared pipeline does not keep itself: keep this"]
    pub fn define(&self, pipeline: Pipeline<In, Out, E>) -> Pipeline<In, Out, E> {
        let weak = Arc::downgrade(&pipeline.core);
        let at = self.late.declared;
        assert!(
            self.late.defined.set(weak).is_ok(),
            "the pipeline declared at {at} is defined already: declare another"
        );
        pipeline
    }

    /// Runs it with that value: see [`Pipeline::run`].
    #[track_caller]
    pub fn run(&self, value: In) -> Promise<Out, E> {
        driver::start(self.target(), Slot::of(value))
    }

    /// It with that value, for a stage or an error handler to go on with: see [`Pipeline::redirect`].
    pub fn redirect(&self, value: In) -> Redirect<Out, E> {
        Redirect::new(self.target(), value)
    }
}

impl<In, Out, E: 'static> Clone for Declared<In, Out, E> {
    fn clone(&self) -> Self {
        Self {
            late: Arc::clone(&self.late),
            types: PhantomData,
        }
    }
}

impl<In, Out, E: 'static> fmt::Debug for Declared<In, Out, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Declared")
            .field("declared", &format_args!("{}", self.late.declared))
            .field("defined", &self.late.defined.get().is_some())
            .finish()
    }
}

/// A pipeline that can be a stage of another: a [`Pipeline`] or a [`Declared`]. No other type can implement it.
pub trait Nested<In, Out, E: 'static> {
    #[doc(hidden)]
    fn inner(&self) -> Inner<E>;
}

/// What others cannot look into. Not for use.
#[doc(hidden)]
pub struct Inner<E: 'static>(pub(super) Target<E>);

impl<In, Out, E: 'static> Nested<In, Out, E> for Pipeline<In, Out, E> {
    fn inner(&self) -> Inner<E> {
        Inner(Target::Built(Arc::clone(&self.core)))
    }
}

impl<In, Out, E: 'static> Nested<In, Out, E> for Declared<In, Out, E> {
    fn inner(&self) -> Inner<E> {
        Inner(Target::Late(Arc::clone(&self.late)))
    }
}

impl<E: 'static> fmt::Debug for Inner<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Inner(..)")
    }
}
