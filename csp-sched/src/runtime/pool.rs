//! Threads for what blocks: `thread(..)`, and workers that take over from a blocked one.

use std::{
    collections::VecDeque,
    io,
    time::{Duration, Instant},
};

use csp_core::{
    Task,
    inspect::{
        deadlock::{self, Watch},
        threads,
    },
};

use super::{shared::Shared, worker::Core};
use crate::sync::{Arc, Condvar, Guard, Mutex, thread};

/// How long a thread without a job waits for one before it ends.
const KEEP_ALIVE: Duration = Duration::from_secs(10);

pub(crate) enum Job {
    /// A `thread(..)`: one turn, which may block.
    Task(Task),
    /// A worker's queue, whose thread is about to block, or which starts.
    Worker(Box<Core>),
}

struct State {
    jobs: VecDeque<Job>,
    idle: usize,
    /// The naps of those that are idle.
    naps: Vec<u64>,
    threads: usize,
    named: u64,
    shut: bool,
}

/// Threads are made as jobs need them, without a limit of our own: jobs may wait for each other, so a
/// full pool would be a deadlock.
pub(crate) struct Pool {
    state: Mutex<State>,
    changed: Condvar,
    name: String,
}

impl Pool {
    pub(crate) fn new(name: String) -> Self {
        let state = State {
            jobs: VecDeque::new(),
            idle: 0,
            naps: Vec::new(),
            threads: 0,
            named: 0,
            shut: false,
        };
        Self {
            state: Mutex::new(state),
            changed: Condvar::new(),
            name,
        }
    }

    /// Runs a job on a thread of its own.
    ///
    /// # Errors
    /// The system refuses another thread, and no thread of the pool is left that could run the job
    /// later. The job is dropped: a task is cancelled.
    pub(crate) fn run(&self, shared: &Arc<Shared>, job: Job) -> io::Result<()> {
        let name = {
            let mut state = self.state.lock();
            if state.shut && matches!(job, Job::Task(_)) {
                drop(state);
                drop(job);
                return Ok(());
            }
            state.jobs.push_back(job);
            if state.idle >= state.jobs.len() {
                drop(state);
                self.changed.notify_one();
                return Ok(());
            }
            state.threads += 1;
            state.named += 1;
            format!("{}-{}", self.name, state.named)
        };
        let own = Arc::clone(shared);
        match thread::Builder::new().name(name).spawn(move || serve(&own)) {
            Ok(_) => Ok(()),
            Err(error) => {
                let result = self.refused(error);
                // What waits may be a worker's queue: it can be stolen from.
                shared.idle.notify();
                result
            }
        }
    }

    fn refused(&self, error: io::Error) -> io::Result<()> {
        let mut state = self.state.lock();
        state.threads -= 1;
        // The threads there are will come to it, unless all wait for each other: then somebody should
        // know why.
        if state.threads > 0 {
            let (waiting, threads) = (state.jobs.len(), state.threads);
            drop(state);
            crate::report(format_args!(
                "cannot start a thread: {error}; {waiting} jobs wait until one of {threads} threads is free"
            ));
            return Ok(());
        }
        let jobs = std::mem::take(&mut state.jobs);
        drop(state);
        drop(jobs);
        Err(error)
    }

    /// Lets idle threads end, and drops (cancels) tasks that have not begun.
    pub(crate) fn shut(&self) {
        let mut tasks = Vec::new();
        {
            let mut state = self.state.lock();
            state.shut = true;
            let (dropped, kept): (Vec<_>, Vec<_>) = state
                .jobs
                .drain(..)
                .partition(|job| matches!(job, Job::Task(_)));
            state.jobs = kept.into();
            tasks.extend(dropped);
        }
        drop(tasks);
        self.changed.notify_all();
    }

    fn next(&self) -> Option<Job> {
        let mut state = self.state.lock();
        loop {
            if let Some(job) = state.jobs.pop_front() {
                return Some(job);
            }
            if state.shut {
                state.threads -= 1;
                return None;
            }
            let mut watch = Watch::begin();
            state.idle += 1;
            state.naps.push(watch.nap());
            let woken;
            (state, woken) = self.idle(state, &mut watch);
            state.idle -= 1;
            state.naps.retain(|&nap| nap != watch.nap());
            if state.jobs.is_empty() && !woken {
                state.threads -= 1;
                drop(state);
                deadlock::leaves(watch.nap());
                return None;
            }
        }
    }

    /// Waits until notified, or for as long as an idle thread is kept: false then.
    fn idle<'a>(
        &'a self,
        mut state: Guard<'a, State>,
        watch: &mut Watch,
    ) -> (Guard<'a, State>, bool) {
        let since = Instant::now();
        loop {
            let left = KEEP_ALIVE.saturating_sub(since.elapsed());
            if left.is_zero() {
                return (state, false);
            }
            let look = watch.pause().filter(|&pause| pause < left);
            let wait = look.unwrap_or(left);
            let before = Instant::now();
            state = self.changed.wait(state, Some(wait));
            if before.elapsed() < wait || !state.jobs.is_empty() || state.shut {
                return (state, true);
            }
            if look.is_some() {
                drop(state);
                watch.look();
                state = self.state.lock();
                if !state.jobs.is_empty() || state.shut {
                    return (state, true);
                }
            }
        }
    }

    /// How many threads it has, workers included.
    pub(crate) fn threads(&self) -> usize {
        self.state.lock().threads
    }

    /// Adds the number of the nap of each idle thread that has not been given a job. (That it ends when it is
    /// idle for long is nothing that others could hear of.)
    pub(crate) fn naps(&self, naps: &mut Vec<u64>) {
        let state = self.state.lock();
        if state.jobs.is_empty() && !state.shut {
            naps.extend(&state.naps);
        }
    }
}

/// A pool thread's life.
fn serve(shared: &Arc<Shared>) {
    let _entered = crate::current::enter_runtime(shared);
    threads::belongs_to(shared.group());
    while let Some(job) = shared.pool.next() {
        match job {
            Job::Task(task) => task.run(),
            Job::Worker(core) => super::worker::work(shared, core),
        }
    }
}

impl std::fmt::Debug for Pool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pool")
            .field("threads", &self.state.lock().threads)
            .finish_non_exhaustive()
    }
}
