//! The work-stealing runtime.
//!
//! * [`worker`]: where a worker looks for tasks. [`handoff`]: the slot for the next one.
//! * [`idle`]: when workers sleep and who wakes them. [`pool`]: threads for what blocks.
//! * [`shared`]: what they share, and the runtime's end.

mod handoff;
mod idle;
#[cfg(all(test, csp_loom))]
mod loom;
mod pool;
mod shared;
mod worker;

use std::{
    fmt,
    panic::Location,
    time::{Duration, Instant},
};

use csp_core::{__private::FromCaller, Go, NewTask};

pub(crate) use shared::Shared;

use crate::{
    builder::{Builder, Config},
    current::{self, Current, Entered},
    dispatch::dispatch_on,
    handle::Handle,
    sync::Arc,
};

/// How long cancelled blocks may take to end the turn they are in, at a shutdown.
const GRACE: Duration = Duration::from_millis(100);

/// A work-stealing runtime: worker threads, a pool for blocking work, ticks for timeouts.
///
/// Most programs need none: `go!` starts the default runtime at first use. Make one for its own
/// worker count, tick, name or life span.
///
/// ```
/// use csp::{prelude::*, Runtime};
/// let rt = Runtime::builder().workers(2).name("background").build();
/// let answer = rt.go(async {
///     // Everything that is started in here runs on the same runtime.
///     go!({ 42 }).await
/// });
/// assert_eq!(answer.wait(), Ok(Ok(42)));
/// rt.shutdown(secs(1)).unwrap();
/// ```
///
/// Dropping it cancels its blocks, without waiting; [`shutdown`](Self::shutdown) waits.
pub struct Runtime {
    shared: Arc<Shared>,
}

impl Runtime {
    /// Starts to describe a runtime.
    pub fn builder() -> Builder {
        Builder::new()
    }

    pub(crate) fn start(config: Config) -> std::io::Result<Self> {
        let (shared, cores) = Shared::new(config);
        let runtime = Self { shared };
        for core in cores {
            runtime
                .shared
                .pool
                .run(&runtime.shared, pool::Job::Worker(Box::new(core)))?;
        }
        Ok(runtime)
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// Starts a block on this runtime, from any thread. What it starts inherits the runtime.
    #[track_caller]
    pub fn go<F>(&self, future: F) -> Go<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let (task, go) = NewTask::new(FromCaller(Location::caller()), future);
        self.shared.launch(task);
        go
    }

    /// Wraps a callback so that it runs on this runtime: see [`dispatch`](crate::dispatch()), which takes the
    /// current one.
    ///
    /// ```
    /// use csp::{prelude::*, Runtime};
    /// let rt = Runtime::builder().workers(1).name("callbacks").build();
    /// let (tx, rx) = chan(0);
    /// let (done, seen) = chan(1);
    /// tx.put_then(5, rt.dispatch(move |result: Result<(), Closed<u32>>| {
    ///     let thread = std::thread::current().name().unwrap().to_owned();
    ///     done.try_put((result, thread)).unwrap();
    /// }))
    /// .unwrap();
    /// assert_eq!(rx.take_blocking(), Some(5));
    /// let (result, thread) = seen.take_blocking().unwrap();
    /// assert!(result.is_ok() && thread.starts_with("callbacks"));
    /// ```
    #[track_caller]
    pub fn dispatch<A, F>(&self, f: F) -> impl FnOnce(A) + Send + use<A, F>
    where
        A: Send + 'static,
        F: FnOnce(A) + Send + 'static,
    {
        let executor = Current::Runtime(Arc::clone(&self.shared));
        dispatch_on(&executor, Location::caller(), f)
    }

    /// Makes this the runtime of `go!`, `thread` and `timeout` on this thread, until the guard is
    /// dropped.
    ///
    /// ```
    /// use csp::{prelude::*, Runtime};
    /// let rt = Runtime::builder().workers(1).build();
    /// let _entered = rt.enter();
    /// assert_eq!(go!({ 1 }).wait(), Ok(1));
    /// ```
    pub fn enter(&self) -> Entered {
        current::enter_runtime(&self.shared)
    }

    /// How many workers it has.
    pub fn workers(&self) -> usize {
        self.shared.remotes.len()
    }

    /// How many blocks and threads are alive on it, those on [executors](Builder::executor) of yours too.
    pub fn live(&self) -> usize {
        self.shared.live()
    }

    /// Ends the runtime: waits for its blocks to end by themselves, at most for `limit`, then
    /// cancels those that are left.
    ///
    /// # Errors
    /// [`ShutdownError`] if blocks or threads are still in a turn that does not end: they cannot be
    /// stopped from outside. They end when their turn does. So does a job that an
    /// [executor](Builder::executor) of yours has not begun: it is cancelled, but ends when it is run (which
    /// does nothing then) or dropped.
    pub fn shutdown(self, limit: Duration) -> Result<(), ShutdownError> {
        let now = Instant::now();
        let deadline = now
            .checked_add(limit)
            .unwrap_or_else(|| now + Duration::from_hours(365 * 24));
        csp_core::context::begin_blocking();
        self.shared.wait_until_empty(deadline);
        self.shared.cancel_all();
        match self.shared.wait_until_empty(Instant::now() + GRACE) {
            0 => Ok(()),
            left => Err(ShutdownError { left }),
        }
    }
}

impl Runtime {
    /// A handle to start blocks by, from anywhere.
    pub fn handle(&self) -> Handle {
        Handle::of(Current::Runtime(Arc::clone(&self.shared)))
    }
}

impl Drop for Runtime {
    fn drop(&mut self) {
        self.shared.cancel_all();
    }
}

impl fmt::Debug for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runtime")
            .field("name", &self.shared.config.name)
            .field("workers", &self.workers())
            .field("live", &self.live())
            .finish()
    }
}

/// Blocks that a [shutdown](Runtime::shutdown) could not end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShutdownError {
    /// How many blocks and threads are still in a turn, or wait in an executor of yours.
    pub left: usize,
}

impl fmt::Display for ShutdownError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} blocks or threads did not come to an end of their turn",
            self.left
        )
    }
}

impl std::error::Error for ShutdownError {}
