//! Threads for what blocks: `thread(..)`, and workers that take over from a blocked one.

use std::io;

use csp_core::{
    Task,
    inspect::{deadlock, threads},
};

use super::{
    core::Core,
    jobs::{Added, Jobs, Left},
    shared::Shared,
};
use crate::sync::{Arc, spawn};

pub(crate) enum Job {
    /// A `thread(..)`: one turn, which may block.
    Task(Task),
    /// A worker's queue, whose thread is about to block, or which starts.
    Worker(Box<Core>),
}

impl Job {
    /// Whether it has to be run also once the runtime is ending.
    fn is_needed(&self) -> bool {
        matches!(self, Self::Worker(_))
    }
}

/// Threads are made as jobs need them, without a limit of our own: jobs may wait for each other, so a
/// full pool would be a deadlock.
pub(crate) struct Pool {
    jobs: Jobs<Job>,
    name: String,
}

impl Pool {
    pub(crate) fn new(name: String) -> Self {
        Self {
            jobs: Jobs::new(),
            name,
        }
    }

    /// Runs a job on a thread of its own.
    ///
    /// # Errors
    /// The system refuses another thread, and no thread of the pool is left that could run the job
    /// later. The job is dropped: a task is cancelled.
    pub(crate) fn run(&self, shared: &Arc<Shared>, job: Job) -> io::Result<()> {
        let needed = job.is_needed();
        let number = match self.jobs.add(job, needed) {
            Added::Told | Added::Refused(_) => return Ok(()),
            Added::NeedsThread(number) => number,
        };
        let own = Arc::clone(shared);
        spawn(format!("{}-{number}", self.name), move || serve(&own)).or_else(|error| {
            let result = self.refused(error);
            // What waits may be a worker's queue: it can be stolen from.
            shared.idle.notify();
            result
        })
    }

    fn refused(&self, error: io::Error) -> io::Result<()> {
        match self.jobs.no_thread() {
            // The threads there are will come to it, unless all wait for each other: then somebody should
            // know why.
            Left::Waiting(waiting, threads) => {
                crate::report(format_args!(
                    "cannot start a thread: {error}; {waiting} jobs wait until one of {threads} threads is free"
                ));
                Ok(())
            }
            Left::Dropped(jobs) => {
                drop(jobs);
                Err(error)
            }
        }
    }

    /// Lets idle threads end, and drops (cancels) tasks that have not begun.
    pub(crate) fn shut(&self) {
        drop(self.jobs.shut(Job::is_needed));
    }

    /// How many threads it has, workers included.
    pub(crate) fn threads(&self) -> usize {
        self.jobs.threads()
    }

    /// See [`Jobs::naps`].
    pub(crate) fn naps(&self, naps: &mut Vec<u64>) {
        self.jobs.naps(naps);
    }
}

/// A pool thread's life.
fn serve(shared: &Arc<Shared>) {
    let _entered = crate::current::enter_runtime(shared);
    threads::belongs_to(shared.group());
    while let Some(job) = shared.pool.jobs.next() {
        match job {
            Job::Task(task) => task.run(),
            Job::Worker(core) => super::worker::work(shared, core),
        }
    }
    deadlock::thread_ends();
}

impl std::fmt::Debug for Pool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pool")
            .field("threads", &self.jobs.threads())
            .finish_non_exhaustive()
    }
}
