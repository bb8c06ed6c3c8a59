//! [`Stages`]: a pipeline that is being put together.

use std::{borrow::Cow, fmt, marker::PhantomData, panic::Location, time::Duration};

use csp_core::{Receiver, TryTakeError};

use super::{
    IntoStep, Nested, Pipeline,
    core::{Cell, Core, Turn, Work},
    slot::{self, Slot},
    step::{self, Look},
    waiting,
};
use crate::{
    promise::{IntoPromise, engine},
    sync::Arc,
};

/// A pipeline from `In` to `Out` that is being put together: `A` is what its last stage gives. Made by
/// [`Pipeline::builder`].
///
/// Each stage is given what the one before gives. A stage is called by any number of runs at once, so it is
/// an `Fn`. If it fails, or panics (which is the failure [`Panicked`](csp_core::Failure::Panicked)), the stages after it
/// are left out, and the [error handler](Self::on_error) is asked.
#[must_use = "stages do nothing until they are built, and run"]
pub struct Stages<In, Out, E: 'static, A> {
    pub(super) core: Core<E>,
    types: PhantomData<fn(In) -> (Out, A)>,
}

#[expect(
    clippy::mismatching_type_param_order,
    reason = "the first stage is given the input"
)]
impl<In, Out, E> Stages<In, Out, E, In>
where
    E: Send + 'static,
{
    pub(super) fn new(created: &'static Location<'static>) -> Self {
        Self {
            core: Core::new(created),
            types: PhantomData,
        }
    }
}

impl<In, Out, E, A> Stages<In, Out, E, A>
where
    In: Send + 'static,
    Out: Send + 'static,
    E: Send + 'static,
    A: Send + 'static,
{
    /// A stage that changes the value: to whatever `f` gives, also if that is a promise.
    ///
    /// ```
    /// use csp::pipeline::Pipeline;
    /// let length = Pipeline::<&str, usize>::builder().map(str::len).build();
    /// assert_eq!(length.run("four").wait().unwrap(), 4);
    /// ```
    #[track_caller]
    pub fn map<B>(self, f: impl Fn(A) -> B + Send + Sync + 'static) -> Stages<In, Out, E, B>
    where
        B: Send + 'static,
    {
        self.call(move |slot| {
            let value = f(slot.take());
            slot.put(value);
            Turn::Next
        })
    }

    /// A stage that may fail, or that gives its value later: see [`IntoPromise`].
    ///
    /// The run parks until the value is there, unless it is.
    ///
    /// ```
    /// use csp::{pipeline::Pipeline, prelude::*};
    /// let port = Pipeline::<String, u16>::builder()
    ///     .stage(|text| Ok(text.parse::<u16>()?))
    ///     .stage(|port| go!({ port + 1 }))
    ///     .build();
    /// assert_eq!(port.run("8080".to_owned()).wait().unwrap(), 8081);
    /// ```
    #[track_caller]
    pub fn stage<B, R>(self, f: impl Fn(A) -> R + Send + Sync + 'static) -> Stages<In, Out, E, B>
    where
        B: Send + 'static,
        R: IntoPromise<B, E>,
    {
        self.call(move |slot| step::eventual(f(slot.take()), slot))
    }

    /// A stage that says what is to happen: on to the next stage, from the top, on to another pipeline, or
    /// no further. See [`Step`](super::Step).
    ///
    /// ```
    /// use csp::pipeline::{Pipeline, complete, restart};
    /// let to_five = Pipeline::<u32, u32>::builder()
    ///     .step(|n| if n < 5 { restart(n + 1) } else { complete(n) })
    ///     .build();
    /// assert_eq!(to_five.run(0).wait().unwrap(), 5);
    /// ```
    ///
    /// A million restarts are a loop, in constant memory. One that never ends, and never parks either, lets
    /// other blocks run, and can be cancelled.
    #[track_caller]
    pub fn step<B, R>(mut self, f: impl Fn(A) -> R + Send + Sync + 'static) -> Stages<In, Out, E, B>
    where
        In: Clone,
        B: Send + 'static,
        R: IntoStep<B, In, Out, E>,
    {
        self.core.keep = Some(slot::keep::<In>);
        self.call(move |slot| match f(slot.take()).into_look() {
            Look::Here(step) => step::turn(step, slot),
            Look::Failed(failure) => Turn::Failed(failure),
            Look::Later(promise) => waiting::wait_for(promise, step::turn),
        })
    }

    /// Another pipeline as a stage.
    ///
    /// It is run by the same block. `restart` and `complete` in its stages are its own, as are its error
    /// handler, `finally`, `timeout` and executor; what it fails with is what this stage fails with. Nesting
    /// may be as deep as memory reaches.
    ///
    /// ```
    /// use csp::pipeline::Pipeline;
    /// let inc = Pipeline::<u32, u32>::builder().map(|n| n + 1).build();
    /// let inc_twice = Pipeline::<u32, u32>::builder().nest(&inc).nest(&inc).build();
    /// assert_eq!(inc_twice.run(1).wait().unwrap(), 3);
    /// ```
    #[track_caller]
    pub fn nest<B>(self, pipeline: &impl Nested<A, B, E>) -> Stages<In, Out, E, B> {
        self.add(Work::Nest(pipeline.inner().0))
    }

    /// A stage that reads an eventual value and merges it into the one on its way.
    ///
    /// ```
    /// use csp::{Promise, pipeline::Pipeline};
    /// let add = Pipeline::<u32, u32>::builder()
    ///     .read_merge(|| Promise::ready(40), |n, read| n + read)
    ///     .build();
    /// assert_eq!(add.run(2).wait().unwrap(), 42);
    /// ```
    ///
    /// To read from a channel, use [`take_merge`](Self::take_merge): a promise that took a value, and is
    /// dropped, drops it. Lamina's `read-merge`.
    #[track_caller]
    pub fn read_merge<M, B, R>(
        self,
        read: impl Fn() -> R + Send + Sync + 'static,
        merge: impl Fn(A, M) -> B + Send + Sync + 'static,
    ) -> Stages<In, Out, E, B>
    where
        M: Send + 'static,
        B: Send + 'static,
        R: IntoPromise<M, E>,
    {
        let merged = Arc::new(move |read, slot: &mut Slot| {
            let value = merge(slot.take(), read);
            slot.put(value);
            Turn::Next
        });
        self.call(move |slot| match engine::look(read()) {
            Ok(Ok(read)) => merged(read, slot),
            Ok(Err(failure)) => Turn::Failed(failure),
            Err(promise) => {
                let merged = Arc::clone(&merged);
                waiting::wait_for(promise, move |read, slot| merged(read, slot))
            }
        })
    }

    /// A stage that takes from a channel and merges what came into the value on its way: `None` if the channel
    /// has ended.
    ///
    /// ```text
    /// rx            ───────── m ──
    /// previous   ──▸ a        │
    /// next                    ╰▸ merge(a, Some(m))
    /// ```
    ///
    /// ```
    /// use csp::{pipeline::{Pipeline, complete, restart}, prelude::*};
    /// let (tx, rx) = chan(3);
    /// let sum = Pipeline::<u32, u32>::builder()
    ///     .take_merge(rx, |sum, n| (sum, n))
    ///     .step(|(sum, n)| match n {
    ///         Some(n) => restart(sum + n),
    ///         None => complete(sum),
    ///     })
    ///     .build();
    /// for n in 1..=3 {
    ///     tx.try_put(n).unwrap();
    /// }
    /// drop(tx);
    /// assert_eq!(sum.run(0).wait().unwrap(), 6);
    /// ```
    ///
    /// A run that is cancelled while it waits here takes nothing. What was taken is the run's, and ends with
    /// it. The pipeline keeps the receiver, so the channel is closed on this side when both are gone. Lamina's
    /// `read-channel`.
    #[track_caller]
    pub fn take_merge<M, B>(
        self,
        rx: Receiver<M>,
        merge: impl Fn(A, Option<M>) -> B + Send + Sync + 'static,
    ) -> Stages<In, Out, E, B>
    where
        M: Send + 'static,
        B: Send + 'static,
    {
        let merged = Arc::new(move |taken, slot: &mut Slot| {
            let value = merge(slot.take(), taken);
            slot.put(value);
            Turn::Next
        });
        self.call(move |slot| match rx.try_take() {
            Ok(value) => merged(Some(value), slot),
            Err(TryTakeError::Closed) => merged(None, slot),
            Err(TryTakeError::Empty) => waiting::taking(rx.clone(), Arc::clone(&merged)),
        })
    }

    /// A stage that waits, and keeps the value. Lamina's `wait-stage`.
    ///
    /// ```
    /// use csp::{pipeline::Pipeline, prelude::*};
    /// let slow = Pipeline::<u32, u32>::builder().wait(ms(1)).build();
    /// assert_eq!(slow.run(1).wait().unwrap(), 1);
    /// ```
    #[track_caller]
    pub fn wait(self, duration: Duration) -> Self {
        self.call(move |_| waiting::pause(duration))
    }

    /// A stage that shows the value to `f`, and keeps it. Lamina's `do-stage`.
    ///
    /// ```
    /// use csp::{pipeline::Pipeline, prelude::*};
    /// let (tx, seen) = chan(1);
    /// let watched = Pipeline::<u32, u32>::builder()
    ///     .inspect(move |n| tx.try_put(*n).unwrap())
    ///     .map(|n| n + 1)
    ///     .build();
    /// assert_eq!(watched.run(1).wait().unwrap(), 2);
    /// assert_eq!(seen.take_blocking(), Some(1));
    /// ```
    #[track_caller]
    pub fn inspect(self, f: impl Fn(&A) + Send + Sync + 'static) -> Self {
        self.call(move |slot| {
            f(slot.get());
            Turn::Next
        })
    }

    /// Names the last stage, for the [error handler](Self::on_error).
    ///
    /// # Panics
    /// If there is no stage yet.
    #[track_caller]
    pub fn named(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        match self.core.stages.last_mut() {
            Some(last) => last.name = Some(name.into()),
            None => panic!("there is no stage to name: call `named` after the stage that it names"),
        }
        self
    }

    #[track_caller]
    fn call<B>(
        self,
        call: impl Fn(&mut Slot) -> Turn<E> + Send + Sync + 'static,
    ) -> Stages<In, Out, E, B> {
        self.add(Work::Call(Box::new(call)))
    }

    #[track_caller]
    fn add<B>(mut self, work: Work<E>) -> Stages<In, Out, E, B> {
        self.core.stages.push(Cell {
            work,
            name: None,
            added: Location::caller(),
        });
        Stages {
            core: self.core,
            types: PhantomData,
        }
    }
}

#[expect(
    clippy::mismatching_type_param_order,
    reason = "the last stage gives the output"
)]
impl<In, Out, E> Stages<In, Out, E, Out>
where
    In: Send + 'static,
    Out: Send + 'static,
    E: Send + 'static,
{
    /// The pipeline: what its last stage gives is its output.
    pub fn build(self) -> Pipeline<In, Out, E> {
        Pipeline {
            core: Arc::new(self.core),
            types: PhantomData,
        }
    }
}

impl<In, Out, E, A> fmt::Debug for Stages<In, Out, E, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stages")
            .field("created", &format_args!("{}", self.core.created))
            .field("stages", &self.core.stages.len())
            .finish_non_exhaustive()
    }
}
