//! What holds for a whole pipeline: its error handler, its limits, its end, where it runs.

use std::time::Duration;

use csp_core::Failure;
use csp_sched::Handle;

use super::{Backoff, Recover, Stage, Stages, slot};
use crate::promise::engine::Place;

impl<In, Out, E, A> Stages<In, Out, E, A>
where
    In: Send + 'static,
    Out: Send + 'static,
    E: Send + 'static,
{
    /// Asks `f` what is to happen when a stage fails or panics: see [`Recover`].
    ///
    /// ```text
    /// stage 0 ──▸ stage 1 ──✗ failure
    ///                         ╰▸ f(&failure, stage 1) ──▸ Propagate          the run fails with it
    ///                                                 ├─▸ Restart(None)      stage 0, initial value
    ///                                                 ├─▸ Redirect(to)       its output is ours
    ///                                                 ├─▸ Complete(out)      the output
    ///                                                 ╰─▸ Later(promise)     one of these, later
    /// ```
    ///
    /// `f` is asked about every failure of its pipeline's stages, also those that pipelines nested in it did
    /// not recover: the handlers of nested pipelines are asked from the inside out. It is not asked when
    /// its pipeline's [`timeout`](Self::timeout) is over, or the run is cancelled. The failure is passed as
    /// it was: nothing wraps it. There is one handler for a pipeline, the one given last.
    ///
    /// ```
    /// use csp::{Error, pipeline::{Pipeline, Recover}};
    /// let port = Pipeline::<&str, u16>::builder()
    ///     .stage(|text| Ok(text.parse::<u16>()?))
    ///     .named("parse")
    ///     .on_error(|failure, stage| {
    ///         assert_eq!(failure.to_string(), "invalid digit found in string");
    ///         assert_eq!((stage.index(), stage.name()), (0, Some("parse")));
    ///         Recover::Complete(8080)
    ///     })
    ///     .build();
    /// assert_eq!(port.run("eighty").wait().unwrap(), 8080);
    /// ```
    ///
    /// # Panics
    /// If `f` panics, the pipeline fails as [`Panicked`](csp_core::Failure::Panicked), with a message that tells the
    /// panic and the failure that `f` was asked about.
    ///
    /// Lamina's `:error-handler`, from which a restart is a recursion that overflows the stack, and which
    /// throws at its caller; Twisted's `addErrback`.
    pub fn on_error<F>(mut self, f: F) -> Self
    where
        In: Clone,
        F: Fn(&Failure<E>, Stage<'_>) -> Recover<In, Out, E> + Send + Sync + 'static,
    {
        self.core.keep = Some(slot::keep::<In>);
        self.core.on_error = Some(Box::new(move |failure, stage, slot| {
            f(failure, stage).turn(slot)
        }));
        self
    }

    /// Allows at most `limit` restarts by the [error handler](Self::on_error) one after the other, each after a
    /// pause. When they are used up, the failure that was to be recovered is the pipeline's.
    ///
    /// A restart that a [`step`](Self::step) asks for is no failure: it is not limited, and the count begins
    /// anew. Without this there is neither a limit nor a pause.
    ///
    /// ```
    /// use csp::{Error, pipeline::{Backoff, Pipeline, Recover}, prelude::*};
    /// let (tx, attempts) = chan(10);
    /// let never = Pipeline::<u32, u32>::builder()
    ///     .stage(move |_| {
    ///         tx.try_put(()).unwrap();
    ///         Err::<u32, Error>("busy".into())
    ///     })
    ///     .on_error(|_, _| Recover::Restart(None))
    ///     .max_restarts(3, Backoff::Constant(ms(1)))
    ///     .build();
    /// assert_eq!(never.run(0).wait().unwrap_err().to_string(), "busy");
    /// assert_eq!(std::iter::from_fn(|| attempts.try_take().ok()).count(), 4);
    /// ```
    ///
    /// Lamina 0.4's guard ("Error loop detected", after 100), which 0.5 has no more.
    pub fn max_restarts(mut self, limit: usize, backoff: Backoff) -> Self {
        self.core.max_restarts = Some((limit, backoff));
        self
    }

    /// Limits the time of a run of this pipeline, from when it begins, with all its restarts: then it is
    /// [`TimedOut`](Failure::TimedOut), and what the running stage waits for is cancelled.
    ///
    /// ```
    /// use csp::{Failure, Promise, pipeline::Pipeline, prelude::*};
    /// let slow = Pipeline::<u32, u32>::builder()
    ///     .stage(|_| Promise::pending())
    ///     .timeout(ms(1))
    ///     .build();
    /// assert!(matches!(slow.run(0).wait(), Err(Failure::TimedOut)));
    /// ```
    ///
    /// * The pipeline's own error handler is not asked: its time is over. That of a pipeline around it is: for
    ///   that one, a stage has failed.
    /// * A stage that does not park is not interrupted. When it is done, the next is not begun; but an output
    ///   that is there is given.
    /// * It also limits what the pipeline redirects to, as it was promised to the caller. The other one's own
    ///   timeout counts too.
    ///
    /// Lamina's `:timeout`.
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.core.timeout = Some(limit);
        self
    }

    /// Runs `f` when a run leaves this pipeline, however that is: with its output or a failure, by `complete`,
    /// by a redirect to another, by a timeout or a cancel. Once, not at each restart.
    ///
    /// It runs before anything comes after, in the run's own block; in a block of its own if the run was
    /// cancelled. If it panics, that is the outcome of the pipeline; a redirect is then not made.
    ///
    /// ```
    /// use csp::{pipeline::Pipeline, prelude::*};
    /// let (tx, rx) = chan(1);
    /// let fails = Pipeline::<&str, u16>::builder()
    ///     .stage(|text| Ok(text.parse::<u16>()?))
    ///     .finally(move || tx.try_put("closed").unwrap())
    ///     .build();
    /// assert!(fails.run("eighty").wait().is_err());
    /// assert_eq!(rx.take_blocking(), Some("closed"));
    /// ```
    ///
    /// There is one for a pipeline, the one given last. Lamina's `:finally`.
    pub fn finally(mut self, f: impl Fn() + Send + Sync + 'static) -> Self {
        self.core.finally = Some(Box::new(f));
        self
    }

    /// Runs the stages, the error handler and `finally` on that executor, whoever runs the pipeline; also those
    /// that come after one that parked.
    ///
    /// Without it a pipeline runs on the executor that is current where it is run, or, nested or redirected
    /// to, where that pipeline runs.
    ///
    /// ```
    /// use csp::{Runtime, pipeline::Pipeline};
    /// let rt = Runtime::builder().workers(1).name("second").build();
    /// let place = Pipeline::<(), String>::builder()
    ///     .map(|()| std::thread::current().name().unwrap().to_owned())
    ///     .on(&rt)
    ///     .build();
    /// assert!(place.run(()).wait().unwrap().starts_with("second"));
    /// ```
    ///
    /// Once the executor has ended, runs are [`Cancelled`](Failure::Cancelled). Lamina's `:executor`.
    pub fn on(mut self, executor: impl Into<Handle>) -> Self {
        self.core.place = Some(Place::new(executor));
        self
    }
}
