//! Parallel work on the values of a channel.
//!
//! * [`step`]: what is done with one value. [`worker`]: one worker's life. [`ring`]: whose turn it is.
//!   [`outputs`]: where outputs go.
//! * [`crew`]: all workers, and the block that leads them. [`stopped`]: an end before the end.

mod crew;
mod outputs;
mod ring;
mod signal;
mod step;
mod stopped;
mod worker;

use std::fmt;

use csp_core::{Buffer, Go, Panicked, Receiver, Sender, xf::Transducer};
use csp_sched::go;

pub use self::stopped::{StopReason, Stopped};
use self::{
    crew::Crew,
    outputs::Outputs,
    ring::Place,
    step::{Async, AsyncMany, Blocking, Compute, Step},
    worker::{Halt, OnPanic, Source, Worker},
};
use crate::AtEnd;
use crate::sync::plain::Arc;

/// Runs every value of a channel through a transducer, `n` values at a time, in go blocks.
///
/// ```text
/// from             1  2  3                     4      |
///
/// worker 0         1─────────────▸10           4─▸40
/// worker 1            2─▸20
/// worker 2               3─▸30
///
/// to                              10 20 30        40   |
/// to, unordered          20 30    10              40   |
/// ```
///
/// The outputs come in the order of the values, unless it is [`unordered`](Pipeline::unordered). The
/// transducer is applied to each value afresh: it is cloned, sees that value alone, and is completed. So
/// it gives none, one or many outputs for each value, in that value's place; `xf::map(f)` makes a
/// transducer of a function.
///
/// This is for work that computes: `n` blocks share the runtime's workers, and let others run between
/// two values. Work that blocks the thread is for [`pipeline_blocking`], work that parks for
/// [`pipeline_async`].
///
/// ```
/// use csp::{ops::pipeline, prelude::*, xf};
///
/// let words = csp::to_chan(["to be", "", "or not to be"]);
/// let lengths = pipeline(4, words, xf::mapcat(|line: &str| line.split_whitespace().map(str::len)));
/// assert!(lengths.chan(8).into_iter().eq([2, 2, 2, 3, 2, 2]));
/// ```
///
/// # Back pressure
/// At most `n` values are in flight: taken from the source, and with outputs that the target has not
/// accepted yet. (What is in the target's buffer was accepted.) With nobody taking, exactly `n` values
/// are taken. What one value gives is held until it is put, however much it is.
///
/// # The end
/// | | |
/// |-|-|
/// | the source closes | what is in flight is put; then the target closes, also if it has other senders, unless it is to be [kept open](Pipeline::keep_open) |
/// | the source fails | the same, but the target fails, with the same cause |
/// | the target closes | reading stops at once; the workers end with the values that they have, the last one drops the source's receiver, and the `Go` gives the values back: see [`Stopped`] |
/// | a step panics | what the [handler](Pipeline::on_panic) makes of it comes in its place. Without a handler the target fails with the [`Panicked`] as cause, after all that came before, and it goes on as if the target had closed |
/// | the `Go` is cancelled | the workers end at their next park point, and drop what they have: at most `n` values |
/// | the `Go` is dropped | nothing: the pipeline runs on |
///
/// A step that computes or blocks cannot be interrupted: its worker, and the pipeline, end after it.
///
/// # Panics
/// If `n` is zero.
///
/// Comes from core.async's `pipeline`, which has up to `n + 2` values in flight, makes a channel for each,
/// and reads on when its target has closed.
#[track_caller]
pub fn pipeline<X>(n: usize, from: Receiver<X::In>, xf: X) -> Pipeline<X::In, X::Out, Compute<X>>
where
    X: Transducer<In: Send + 'static, Out: Send + 'static> + Clone + Send + 'static,
{
    Pipeline::new("pipeline", n, from, Compute(xf))
}

/// As [`pipeline()`], for work that blocks: each of the `n` workers is a thread of the runtime's pool.
///
/// ```
/// # use std::{fs, path::PathBuf};
/// use csp::{ops::pipeline_blocking, prelude::*, xf};
///
/// let paths = csp::to_chan(["Cargo.toml", "no such file"].map(PathBuf::from));
/// let texts = pipeline_blocking(2, paths, xf::map(fs::read_to_string)).chan(0);
/// assert!(texts.take_blocking().unwrap().is_ok());
/// assert!(texts.take_blocking().unwrap().is_err()); // in their order
/// ```
///
/// The threads live as long as the pipeline. Cancelled, it ends them where they wait next.
///
/// # Panics
/// If `n` is zero.
///
/// Comes from core.async's `pipeline-blocking`.
#[track_caller]
pub fn pipeline_blocking<X>(
    n: usize,
    from: Receiver<X::In>,
    xf: X,
) -> Pipeline<X::In, X::Out, Blocking<X>>
where
    X: Transducer<In: Send + 'static, Out: Send + 'static> + Clone + Send + 'static,
{
    Pipeline::new("pipeline_blocking", n, from, Blocking(xf))
}

/// As [`pipeline()`], for work that parks: an async function, of which at most `n` calls are under way.
///
/// ```
/// use csp::{ops::pipeline_async, prelude::*};
///
/// let numbers = csp::to_chan(1..=3_u32);
/// let doubled = pipeline_async(2, numbers, |n| async move {
///     csp::yield_now().await; // ask some service
///     2 * n
/// });
/// assert!(doubled.chan(0).into_iter().eq([2, 4, 6]));
/// ```
///
/// Each worker has a clone of `f`. A value has one output, whatever its type: a `Result` goes on as
/// such. For none or several see [`pipeline_async_many`].
///
/// When the target closes, calls that are pending are dropped, and counted in
/// [`Stopped::unfinished`].
///
/// # Panics
/// If `n` is zero.
///
/// Comes from core.async's `pipeline-async`.
#[track_caller]
pub fn pipeline_async<In, Out, F, Fut>(
    n: usize,
    from: Receiver<In>,
    f: F,
) -> Pipeline<In, Out, Async<F>>
where
    In: Send + 'static,
    Out: Send + 'static,
    F: FnMut(In) -> Fut + Clone + Send + 'static,
    Fut: Future<Output = Out> + Send,
{
    Pipeline::new("pipeline_async", n, from, Async(f))
}

/// As [`pipeline_async`], with any number of outputs: `f` puts them into a channel that is the value's
/// own, and has no more once it has ended and the sender, with its clones, is dropped.
///
/// ```
/// use csp::{ops::pipeline_async_many, prelude::*};
///
/// let numbers = csp::to_chan([3, 0, 2]);
/// let counted = pipeline_async_many(2, numbers, |n, out| async move {
///     for i in 0..n { out.put(i).await.ok(); }
/// });
/// assert!(counted.chan(0).into_iter().eq([0, 1, 2, 0, 1]));
/// ```
///
/// What it puts goes on at once if it is its turn; if not, one output is held, and the next put parks. Once
/// the pipeline has stopped, a put fails and gives its value back.
///
/// # Panics
/// If `n` is zero.
///
/// Comes from core.async's `pipeline-async`, which hangs when the function fails.
#[track_caller]
pub fn pipeline_async_many<In, Out, F, Fut>(
    n: usize,
    from: Receiver<In>,
    f: F,
) -> Pipeline<In, Out, AsyncMany<F>>
where
    In: Send + 'static,
    Out: Send + 'static,
    F: FnMut(In, Sender<Out>) -> Fut + Clone + Send + 'static,
    Fut: Future<Output = ()> + Send,
{
    Pipeline::new("pipeline_async_many", n, from, AsyncMany(f))
}

/// A pipeline that is not started yet: see [`pipeline()`]. (`S` is what it does with a value, and needs no
/// naming.)
#[must_use = "a pipeline does nothing until it has a target: `.into(tx)` or `.chan(buffer)`"]
pub struct Pipeline<In, Out, S> {
    n: usize,
    from: Receiver<In>,
    step: S,
    ordered: bool,
    at_end: AtEnd,
    on_panic: Option<OnPanic<Out>>,
}

impl<In, Out, S> Pipeline<In, Out, S>
where
    In: Send + 'static,
    Out: Send + 'static,
    S: Step<In, Out>,
{
    #[track_caller]
    fn new(name: &str, n: usize, from: Receiver<In>, step: S) -> Self {
        assert!(
            n > 0,
            "{name}(0, ..) would never do anything: let it have 1 value at a time, or \
             csp::workers() of them"
        );
        Self {
            n,
            from,
            step,
            ordered: true,
            at_end: AtEnd::Close,
            on_panic: None,
        }
    }

    /// Puts outputs as they are ready: none waits behind those of a slower value before it.
    ///
    /// The outputs of one value keep their order, but those of others may come between them.
    ///
    /// ```
    /// use csp::{ops::pipeline_async, prelude::*};
    ///
    /// let (slow_tx, slow) = chan::<()>(0);
    /// let out = pipeline_async(2, csp::to_chan([1, 2]), move |n| {
    ///     let slow = slow.clone();
    ///     async move {
    ///         if n == 1 { slow.take().await; }
    ///         n
    ///     }
    /// });
    /// let out = out.unordered().chan(0);
    /// assert_eq!(out.take_blocking(), Some(2));
    /// drop(slow_tx);
    /// assert_eq!(out.take_blocking(), Some(1));
    /// ```
    pub fn unordered(mut self) -> Self {
        self.ordered = false;
        self
    }

    /// Goes on after a panic of a step: what the handler makes of it comes in place of the outputs that
    /// are missing, `None` for nothing.
    ///
    /// The handler runs in the worker, perhaps in several at a time. If it panics itself, that ends the
    /// pipeline as if there were none.
    ///
    /// ```
    /// use csp::{ops::pipeline, prelude::*, xf};
    ///
    /// let tens = pipeline(2, csp::to_chan([2, 0, 5]), xf::map(|n: u32| Ok(10 / n)));
    /// let tens = tens.on_panic(|panic| Some(Err(panic.message().to_owned()))).chan(0);
    /// let divided = "attempt to divide by zero".to_owned();
    /// assert!(tens.into_iter().eq([Ok(5), Err(divided), Ok(2)]));
    /// ```
    ///
    /// core.async's `ex-handler`.
    pub fn on_panic<H>(mut self, handler: H) -> Self
    where
        H: Fn(&Panicked) -> Option<Out> + Send + Sync + 'static,
    {
        self.on_panic = Some(Arc::new(handler));
        self
    }

    /// Leaves the target open at the end, for its other senders: see [`AtEnd::KeepOpen`]. A failure does
    /// not reach the target then; the [`Go`] of [`into`](Self::into) tells it.
    pub fn keep_open(mut self) -> Self {
        self.at_end = AtEnd::KeepOpen;
        self
    }

    /// Starts it: outputs are put into `to`.
    ///
    /// # Errors
    /// The `Go` gives [`Stopped`] if not all that came from the source went to the target.
    #[track_caller]
    pub fn into(self, to: Sender<Out>) -> Go<Result<(), Stopped<In, Out>>> {
        let (sources, turns) = Self::order(self.from, self.n, self.ordered);
        let mut crew = Crew::new(self.n);
        for (at, (source, turn)) in sources.into_iter().zip(turns).enumerate() {
            let worker = Worker {
                source,
                step: self.step.clone(),
                out: Outputs::new(to.clone(), turn),
                on_panic: self.on_panic.clone(),
                at_end: self.at_end,
                halt: Halt {
                    signal: crew.halt.clone(),
                    well: false,
                },
                at,
                workers: self.n,
            };
            crew.add(S::start(worker, crew.abort.clone()));
        }
        go(crew.lead(to, self.at_end))
    }

    /// Where each worker's values come from, and whether its outputs wait for its turn.
    fn order(
        from: Receiver<In>,
        n: usize,
        ordered: bool,
    ) -> (Vec<Source<In>>, Vec<Option<Place<()>>>) {
        // One worker keeps the order by itself.
        if ordered && n > 1 {
            let sources = Place::ring(n, from).into_iter().map(Source::Ring);
            let turns = Place::ring(n, ()).into_iter().map(Some);
            (sources.collect(), turns.collect())
        } else {
            let sources = std::iter::repeat_n(from, n).map(Source::Own);
            (sources.collect(), (0..n).map(|_| None).collect())
        }
    }

    /// Starts it: outputs are put into a new channel, which closes at the end.
    ///
    /// Drop the receiver to stop it. To know how it ended, and what it had in hand then, use
    /// [`into`](Self::into).
    #[track_caller]
    pub fn chan(self, buffer: impl Into<Buffer<Out>>) -> Receiver<Out> {
        let (tx, rx) = csp_core::chan(buffer);
        drop(self.into(tx));
        rx
    }
}

impl<In, Out, S> fmt::Debug for Pipeline<In, Out, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pipeline")
            .field("n", &self.n)
            .field("from", &self.from)
            .field("ordered", &self.ordered)
            .field("at_end", &self.at_end)
            .finish_non_exhaustive()
    }
}
