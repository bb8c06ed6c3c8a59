//! The work-stealing runtime.
//!
//! * [`worker`]: where a worker looks for tasks. [`handoff`]: the slot for the next one.
//! * [`idle`]: when workers sleep and who wakes them. [`pool`]: threads for what blocks; [`jobs`]:
//!   who of them runs what.
//! * [`shared`]: what they share, and the runtime's end; [`shutdown`]: what is said of that. [`chaos`]: workers that
//!   decide by dice.

mod chaos;
mod core;
mod handoff;
mod idle;
mod jobs;
#[cfg(all(test, csp_loom))]
mod loom;
mod others;
mod pool;
mod rest;
mod shared;
mod shutdown;
mod worker;

use std::{fmt, panic::Location, rc::Rc, time::Duration};

use csp_core::{__private::FromCaller, Go, NewTask};

pub(crate) use shared::Shared;
pub(crate) use shutdown::lines;
pub use shutdown::{Shutdown, ShutdownError};

use crate::{
    builder::{Builder, Config},
    current::{self, Current, Entered},
    dispatch::dispatch_on,
    handle::Handle,
    inspect::{self, Known},
    sim,
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
    /// (Never a `Local`.)
    at: Current,
}

impl Runtime {
    /// Starts to describe a runtime.
    pub fn builder() -> Builder {
        Builder::new()
    }

    pub(crate) fn start(config: Config) -> std::io::Result<Self> {
        let at = match sim::world_here() {
            Some(world) => Current::Sim(world.add_realm(config.name, config.workers)),
            None => Current::Runtime(Self::start_threads(config)?),
        };
        Ok(Self { at })
    }

    /// The runtime that is there when none was made. Real, also if it is a simulated program that needs it first.
    ///
    /// # Panics
    /// As [`Builder::build`].
    pub(crate) fn start_default() -> Arc<Shared> {
        match Builder::new().start_threads() {
            Ok(shared) => shared,
            Err(error) => panic!("{error}"),
        }
    }

    pub(crate) fn start_threads(config: Config) -> std::io::Result<Arc<Shared>> {
        let (shared, cores) = Shared::new(config);
        inspect::enter(Known::Runtime(Arc::downgrade(&shared)));
        for core in cores {
            let job = pool::Job::Worker(Box::new(core));
            if let Err(error) = shared.pool.run(&shared, job) {
                // The workers that there are must end.
                shared.cancel_all();
                return Err(error);
            }
        }
        Ok(shared)
    }

    /// Starts a block on this runtime, from any thread. What it starts inherits the runtime.
    #[track_caller]
    pub fn go<F>(&self, future: F) -> Go<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let (task, go) = NewTask::new(FromCaller(Location::caller()), future);
        current::launch_on(&self.at, task);
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
        dispatch_on(&self.at, Location::caller(), f)
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
    #[track_caller]
    pub fn enter(&self) -> Entered {
        current::enter_at(Rc::new(self.at.clone()), Location::caller())
    }

    /// How many workers it has.
    pub fn workers(&self) -> usize {
        self.at.workers()
    }

    /// How many blocks and threads are alive on it, those on [executors](Builder::executor) of yours too.
    pub fn live(&self) -> usize {
        match &self.at {
            Current::Runtime(shared) => shared.live(),
            Current::Sim(realm) => realm.live(),
            Current::Local(_) => 0,
        }
    }

    /// Ends the runtime: waits for its blocks to end by themselves, at most for `limit`, then
    /// cancels those that are left: [`Shutdown`] names them.
    ///
    /// # Errors
    /// [`ShutdownError`] if blocks or threads are still in a turn that does not end: they cannot be
    /// stopped from outside. They end when their turn does. So does a job that an
    /// [executor](Builder::executor) of yours has not begun: it is cancelled, but ends when it is run (which
    /// does nothing then) or dropped.
    pub fn shutdown(self, limit: Duration) -> Result<Shutdown, ShutdownError> {
        match &self.at {
            Current::Runtime(shared) => shared.shutdown(limit),
            Current::Sim(realm) => {
                realm.wait_until_empty(limit);
                let cancelled = realm.blocks();
                realm.cancel_all();
                let left = realm.wait_until_empty(GRACE);
                Shutdown::of(cancelled, left, || realm.blocks())
            }
            Current::Local(_) => Shutdown::of(Vec::new(), 0, Vec::new),
        }
    }
}

impl Runtime {
    /// What its workers share; none in a simulation.
    pub(crate) fn shared(&self) -> Option<&Arc<Shared>> {
        match &self.at {
            Current::Runtime(shared) => Some(shared),
            _ => None,
        }
    }

    /// A handle to start blocks by, from anywhere.
    pub fn handle(&self) -> Handle {
        Handle::of(self.at.clone())
    }
}

impl Drop for Runtime {
    fn drop(&mut self) {
        match &self.at {
            Current::Runtime(shared) => shared.cancel_all(),
            Current::Sim(realm) => realm.cancel_all(),
            Current::Local(_) => {}
        }
    }
}

impl fmt::Debug for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runtime")
            .field("name", &self.at.name())
            .field("workers", &self.workers())
            .field("live", &self.live())
            .finish()
    }
}
