//! Describing a runtime.

use std::{any::Any, ffi::OsString, fmt, time::Duration};

use crate::{
    cpus,
    runtime::{Runtime, Shared},
    sync::{Arc, Mutex},
    workload::{Executors, Job, Workload},
};

/// The resolution of timeouts, unless the builder says otherwise.
const TICK: Duration = Duration::from_millis(10);
const MAX_WORKERS: usize = 1024;
const MIN_TICK: Duration = Duration::from_micros(100);
const MAX_TICK: Duration = Duration::from_mins(1);
/// The environment variable that seeds the chaos of runtimes whose builder does not.
const CHAOS: &str = "CSP_CHAOS";

pub(crate) type Hook = Arc<dyn Fn() -> Box<dyn Any> + Send + Sync>;

/// A checked description.
pub(crate) struct Config {
    pub(crate) workers: usize,
    pub(crate) tick: Duration,
    pub(crate) name: String,
    /// Makes what each worker thread holds while it works.
    pub(crate) on_worker: Option<Hook>,
    pub(crate) executors: Executors,
    /// The seed of the dice that the workers decide by.
    pub(crate) chaos: Option<u64>,
    /// What is complained of on its threads, if that is to be collected.
    pub(crate) complaints: Option<Mutex<Vec<String>>>,
}

/// Describes a [`Runtime`].
#[must_use = "a builder makes nothing until `build`"]
#[derive(Default)]
pub struct Builder {
    workers: Option<usize>,
    tick: Option<Duration>,
    name: Option<String>,
    on_worker: Option<Hook>,
    executors: Executors,
    collects_complaints: bool,
    chaos: Chaos,
}

/// Whether the workers decide by dice.
#[derive(Debug, Default)]
enum Chaos {
    /// What the environment says.
    #[default]
    Environment,
    Never,
    Seed(u64),
}

impl Builder {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// How many workers: 1 to 1024. Without it: the CPUs that this process may use (by affinity and by
    /// the quota of its cgroup and every one above), or what `CSP_WORKERS` says.
    pub fn workers(mut self, workers: usize) -> Self {
        self.workers = Some(workers);
        self
    }

    /// The resolution of timeouts: 100 µs to a minute; 10 ms without it. Timeouts end at the next tick,
    /// never early; those of one tick that one worker makes share one entry.
    pub fn tick(mut self, tick: Duration) -> Self {
        self.tick = Some(tick);
        self
    }

    /// The name of its threads; `csp` without it.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Calls `hook` on each thread that becomes a worker, and holds what it gives while it is one.
    ///
    /// Blocks can so use another runtime's timers and sockets:
    /// `.on_worker(move || handle.enter())` with a tokio handle (leaked or in a static, since a
    /// tokio guard borrows it).
    ///
    /// The hook runs before the worker works, so it must not wait for a block of the same runtime.
    pub fn on_worker<G: 'static>(mut self, hook: impl Fn() -> G + Send + Sync + 'static) -> Self {
        self.on_worker = Some(Arc::new(move || Box::new(hook())));
        self
    }

    /// Gives blocking work of a kind to `executor`, instead of to the pool: core.async's executor factory.
    ///
    /// It is called for each [`thread_on`](crate::thread_on) of that kind, on the thread that starts the work,
    /// and runs the [`Job`] or, better, posts it somewhere to be run: `rayon::spawn(|| job.run())`, or a
    /// pool of your own. The one given last counts.
    ///
    /// ```
    /// use csp::{Job, Runtime, prelude::*};
    /// use csp::Workload::Compute;
    /// // One thread computes, one job after the other.
    /// let (jobs_tx, jobs) = std::sync::mpsc::channel::<Job>();
    /// std::thread::spawn(move || jobs.into_iter().for_each(Job::run));
    /// let rt = Runtime::builder()
    ///     .executor(Compute, move |job| drop(jobs_tx.send(job)))
    ///     .build();
    /// let answer = rt.go(async { csp::compute(|| 6 * 7).await });
    /// assert_eq!(answer.wait(), Ok(Ok(42)));
    /// ```
    ///
    /// With a limited number of threads, jobs that wait for other jobs of that executor can wait for ever:
    /// all threads may be taken by those that wait. Give such work another kind, or leave it to the pool.
    ///
    /// At a shutdown the jobs that have not begun are cancelled, but end only when the executor comes to
    /// them: see [`Runtime::shutdown`]. `executor` is dropped with the last of the runtime, on any thread,
    /// perhaps one of its own; so it should not wait for its threads there.
    ///
    /// A panic in `executor` is reported and caught; the job, dropped by it, is cancelled.
    pub fn executor(
        mut self,
        workload: Workload,
        executor: impl Fn(Job) + Send + Sync + 'static,
    ) -> Self {
        self.executors.set(workload, Box::new(executor));
        self
    }

    /// Has the workers decide by dice what they decide for speed otherwise: for tests of programs that must
    /// not rely on it. What is allowed but rare becomes frequent.
    ///
    /// A woken block runs next, or last, or on another worker; what a worker steals is shuffled; turns end
    /// after a few operations; workers stop for a moment, around their sleep above all. Everything takes
    /// longer, and nothing else changes.
    ///
    /// The dice repeat for a `seed` and a worker, those of `alts` included; what the system does with the
    /// threads does not. So a seed makes it likely that a failure comes again, not certain. Without this the
    /// environment variable `CSP_CHAOS` is looked at, for the default runtime as for any other: its value is
    /// the seed. `chaos(None)` has none, whatever the environment says.
    ///
    /// ```
    /// use csp::{prelude::*, Runtime};
    /// for seed in 0..4_u64 {
    ///     let rt = Runtime::builder().workers(2).chaos(seed).build();
    ///     let sum = rt.go(async {
    ///         let numbers = stream(to_chan(0..100_u32)).map(|n| 2 * n);
    ///         numbers.collect::<Vec<_>>().await.unwrap().unwrap().iter().sum::<u32>()
    ///     });
    ///     assert_eq!(sum.wait(), Ok(9900));
    /// }
    /// ```
    pub fn chaos(mut self, seed: impl Into<Option<u64>>) -> Self {
        self.chaos = seed.into().map_or(Chaos::Never, Chaos::Seed);
        self
    }

    /// See [`testing`](crate::testing).
    pub(crate) fn collecting_complaints(mut self) -> Self {
        self.collects_complaints = true;
        self
    }

    /// Starts the runtime.
    ///
    /// # Panics
    /// Where [`try_build`](Self::try_build) gives an error.
    #[track_caller]
    pub fn build(self) -> Runtime {
        match self.try_build() {
            Ok(runtime) => runtime,
            Err(error) => panic!("{error}"),
        }
    }

    /// Starts the runtime.
    ///
    /// # Errors
    /// [`BuildError`]: a worker count, tick, name, `CSP_WORKERS` or `CSP_CHAOS` that makes no sense, or the system
    /// refuses a thread.
    pub fn try_build(self) -> Result<Runtime, BuildError> {
        Runtime::start(self.check()?).map_err(|e| no_thread(&e))
    }

    /// As [`try_build`](Self::try_build), never in a simulation.
    pub(crate) fn start_threads(self) -> Result<Arc<Shared>, BuildError> {
        Runtime::start_threads(self.check()?).map_err(|e| no_thread(&e))
    }

    fn check(self) -> Result<Config, BuildError> {
        let workers = match self.workers {
            Some(workers @ 1..=MAX_WORKERS) => workers,
            Some(workers) => {
                return Err(BuildError(format!(
                    "a runtime with {workers} workers makes no sense: give it 1 to {MAX_WORKERS}"
                )));
            }
            None => cpus::worker_count()
                .map_err(|e| BuildError(e.to_string()))?
                .get(),
        };
        let tick = self.tick.unwrap_or(TICK);
        if !(MIN_TICK..=MAX_TICK).contains(&tick) {
            return Err(BuildError(format!(
                "a tick of {tick:?} makes no sense: give it {MIN_TICK:?} to {MAX_TICK:?}"
            )));
        }
        let name = self.name.unwrap_or_else(|| "csp".to_owned());
        if name.is_empty() || name.contains('\0') {
            return Err(BuildError(format!(
                "a runtime named {name:?} makes no sense: threads need a name without a NUL"
            )));
        }
        Ok(Config {
            workers,
            tick,
            name,
            on_worker: self.on_worker,
            executors: self.executors,
            chaos: match self.chaos {
                Chaos::Seed(seed) => Some(seed),
                Chaos::Never => None,
                Chaos::Environment => chaos_seed(std::env::var_os(CHAOS))?,
            },
            complaints: self.collects_complaints.then(|| Mutex::new(Vec::new())),
        })
    }
}

fn no_thread(error: &std::io::Error) -> BuildError {
    BuildError(format!("cannot start a worker thread: {error}"))
}

/// The seed that the environment asks for.
fn chaos_seed(setting: Option<OsString>) -> Result<Option<u64>, BuildError> {
    let Some(setting) = setting.filter(|setting| !setting.is_empty()) else {
        return Ok(None);
    };
    let seed = setting.to_str().and_then(|text| text.trim().parse().ok());
    seed.map(Some).ok_or_else(|| {
        BuildError(format!(
            "{CHAOS} is {:?}, which is no seed: set it to a whole number from 0 to {}, or unset it to \
             have no chaos",
            setting.to_string_lossy(),
            u64::MAX
        ))
    })
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("workers", &self.workers)
            .field("tick", &self.tick)
            .field("name", &self.name)
            .field("chaos", &self.chaos)
            .finish_non_exhaustive()
    }
}

/// A description of a runtime that makes no sense; its message names what, and what would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuildError(String);

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for BuildError {}
