//! Blocking work by its kind, and executors of the user's for each.

use std::{fmt, panic::Location};

use csp_core::{__private::FromCaller, Go, NewTask, Task};

use crate::{current, runtime::Shared, sync::Arc};

/// What kind of work a thread is for: core.async's workloads.
///
/// | | for example | as |
/// |---|---|---|
/// | `Io` | waits for files, sockets, other blocks; seldom computes | [`io_thread`] |
/// | `Compute` | computes, and does not wait | [`compute`] |
/// | `Mixed` | both, or who knows | [`thread`](crate::thread) |
///
/// All three run on the runtime's pool, which makes a thread for every job that finds none idle, unless
/// the runtime was given an executor for the kind: see [`Builder::executor`](crate::Builder::executor).
///
/// So `Compute` is without a limit too, as in core.async. A limit of the number of CPUs would save some
/// switching between threads; but a job that waits for another then waits for ever once as many wait as
/// there are threads, and nothing would say why. Whoever knows that the jobs do not wait for each other
/// gives an executor with a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Workload {
    /// Waits nearly all of its time.
    Io,
    /// Computes nearly all of its time.
    Compute,
    /// Anything.
    #[default]
    Mixed,
}

impl Workload {
    pub(crate) fn executor_name(self) -> &'static str {
        match self {
            Self::Io => "the executor for Workload::Io",
            Self::Compute => "the executor for Workload::Compute",
            Self::Mixed => "the executor for Workload::Mixed",
        }
    }
}

/// Runs blocking work of a kind on a thread: core.async's `thread-call` with a workload.
///
/// As [`thread`](crate::thread), which is this with [`Workload::Mixed`]; another kind may have an executor
/// of its own. Dynamic bindings and the current runtime are conveyed. Of a [`Local`](crate::Local), which
/// has no threads, it is the default runtime that runs it.
///
/// ```
/// use csp::{Workload, prelude::*};
/// let size = csp::thread_on(Workload::Io, || std::fs::read("Cargo.toml").map(|text| text.len()));
/// assert!(size.wait().unwrap().is_ok_and(|size| size > 0));
/// ```
///
/// # Cancellation
/// [`Go::cancel`] ends it only before it has begun.
///
/// # Panics
/// A panic of the work is in its [`Go`]. The call itself panics only where starting the default runtime
/// does.
#[track_caller]
pub fn thread_on<F, T>(workload: Workload, work: F) -> Go<T>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    thread_at(workload, Location::caller(), work)
}

/// Runs work that mostly waits on a thread: core.async's `io-thread`.
///
/// Blocking operations are right here, and hold nobody up. A parking one is a future, here as everywhere:
/// there is no `.await` for it in a closure, so rustc says at once what core.async's says when it runs.
///
/// ```
/// use csp::prelude::*;
/// let (tx, rx) = chan(0);
/// let (doubled, out) = chan(0);
/// csp::io_thread(move || {
///     for n in rx {
///         doubled.put_blocking(2 * n).unwrap();
///     }
/// });
/// tx.put_blocking(21).unwrap();
/// assert_eq!(out.take_blocking(), Some(42));
/// ```
///
/// Everything else is as for [`thread_on`].
#[track_caller]
pub fn io_thread<F, T>(work: F) -> Go<T>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    thread_at(Workload::Io, Location::caller(), work)
}

/// Runs work that computes on a thread: [`thread_on`] with [`Workload::Compute`].
///
/// A long computation in a go block would hold its worker up.
///
/// ```
/// use csp::prelude::*;
/// let sum = csp::compute(|| (1..=1_000_u64).map(|n| n * n).sum::<u64>());
/// assert_eq!(go!({ sum.await }).wait(), Ok(Ok(333_833_500)));
/// ```
///
/// Everything else is as for [`thread_on`].
#[track_caller]
pub fn compute<F, T>(work: F) -> Go<T>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    thread_at(Workload::Compute, Location::caller(), work)
}

/// Makes of a function one that runs on a thread, and gives its value as a [`Go`]: core.async.flow's
/// `futurize`.
///
/// Each call is a [`thread_on`], on the runtime that is current at the call and with the bindings that hold
/// there. A function of several arguments takes a tuple. `futurize(f, Workload::default())` is for
/// [`Mixed`](Workload::Mixed) work.
///
/// ```
/// use csp::{Workload, futurize, prelude::*};
/// let square = futurize(|n: u64| n * n, Workload::Compute);
/// let (a, b) = (square(3), square(4)); // both on their way
/// assert_eq!(go!({ a.await.unwrap() + b.await.unwrap() }).wait(), Ok(25));
/// ```
///
/// # Panics
/// A panic of the function is in the [`Go`] of that call; the function can be called again.
#[track_caller]
pub fn futurize<A, R, F>(
    f: F,
    workload: Workload,
) -> impl Fn(A) -> Go<R> + Clone + Send + Sync + 'static
where
    A: Send + 'static,
    R: Send + 'static,
    F: Fn(A) -> R + Send + Sync + 'static,
{
    let at = Location::caller();
    let f = Arc::new(f);
    move |argument| {
        let f = Arc::clone(&f);
        thread_at(workload, at, move || f(argument))
    }
}

/// As [`thread_on`], for a caller of the caller.
pub(crate) fn thread_at<F, T>(workload: Workload, at: &'static Location<'static>, work: F) -> Go<T>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    // The limit on operations is for turns of workers.
    let turn = async move { csp_core::context::unlimited(work) };
    let (task, go) = NewTask::new(FromCaller(at), turn);
    current::launch_blocking(workload, task);
    go
}

/// A piece of blocking work, on its way to a thread: what an [executor](crate::Builder::executor) gets.
///
/// [`run`](Self::run) it once, anywhere. If it is dropped instead, the [`Go`] of the work says
/// [`Cancelled`](csp_core::Failure::Cancelled). Do one of the two with every job: while one is kept, its
/// `Go` does not end, nor does its runtime.
#[must_use = "a job that is dropped is cancelled: `run` it"]
pub struct Job {
    // Dropped in this order: the task needs its runtime.
    task: Task,
    runtime: Arc<Shared>,
}

impl Job {
    pub(crate) fn new(task: Task, runtime: Arc<Shared>) -> Self {
        Self { task, runtime }
    }

    /// Runs the work on this thread, to its end. A panic of the work does not come out here.
    ///
    /// The work's own dynamic bindings hold in it, and its runtime is the current one. If the work was
    /// cancelled meanwhile, it is only dropped.
    pub fn run(self) {
        let Self { task, runtime } = self;
        let _entered = current::enter_runtime(&runtime);
        task.run();
    }
}

impl fmt::Debug for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Job")
            .field("site", &self.task.site())
            .finish_non_exhaustive()
    }
}

pub(crate) type Executor = Box<dyn Fn(Job) + Send + Sync>;

/// The user's executors, where there are some.
#[derive(Default)]
pub(crate) struct Executors([Option<Executor>; 3]);

impl Executors {
    pub(crate) fn set(&mut self, workload: Workload, executor: Executor) {
        self.0[workload as usize] = Some(executor);
    }

    pub(crate) fn get(&self, workload: Workload) -> Option<&Executor> {
        self.0[workload as usize].as_ref()
    }
}
