//! What the workers of one runtime share.

use std::{
    ptr::NonNull,
    time::{Duration, Instant},
};

use crossbeam_deque::{Injector, Stealer, Worker as Deque};
use csp_core::{
    Executor, Home, NewTask, Task,
    inspect::{LiveBlock, Stamp, threads},
};

use super::{
    GRACE,
    core::Core,
    handoff::HandOff,
    idle::Idle,
    pool::{Job, Pool},
    shutdown::{Shutdown, ShutdownError},
    worker,
};
use crate::{
    builder::Config,
    sync::{
        Apart, Arc, Weak,
        atomic::{AtomicBool, AtomicU32, Ordering},
        now, sleep,
    },
    time::Ticks,
    workload::{self, Workload},
};

/// A worker as the others see it. No two share a cache line: their homes are aligned.
pub(crate) struct Remote {
    /// Never written. (Beside what its worker writes in each turn it would be far from every thief.)
    pub(crate) stealer: Apart<Stealer<Task>>,
    pub(crate) handoff: HandOff,
    /// Turns begun, wrapping: a worker that stands still is in a long turn.
    pub(crate) turns: AtomicU32,
    /// How many tasks the worker has put in its deque.
    pub(crate) pushes: AtomicU32,
    /// The blocks that were started on this worker.
    home: Home,
}

const _: () = assert!(
    align_of::<Remote>() >= align_of::<Apart<()>>(),
    "neighbours would share a line"
);

pub(crate) struct Shared {
    pub(crate) remotes: Box<[Remote]>,
    pub(crate) injector: Injector<Task>,
    pub(crate) idle: Idle,
    pub(crate) pool: Pool,
    pub(crate) ticks: Ticks,
    pub(crate) config: Config,
    /// The blocks that were started from other threads.
    outside: Home,
    /// The blocks of the pool (see `PoolExecutor`), and of the user's executors.
    pool_home: Home,
    #[expect(dead_code, reason = "`pool_home` points to it")]
    pool_executor: Box<PoolExecutor>,
    shutting_down: AtomicBool,
    me: Weak<Shared>,
}

/// Sends the tasks of `thread(..)` to the pool.
struct PoolExecutor(Weak<Shared>);

impl Executor for PoolExecutor {
    fn post(&self, task: Task) {
        // Gone only when no task is left (see `Shared::new`).
        let Some(shared) = self.0.upgrade() else {
            return;
        };
        if let Err(error) = shared.pool.run(&shared, Job::Task(task)) {
            // The task was cancelled, and its `Go` says so; more cannot be done here.
            crate::report(format_args!("cannot start a thread: {error}"));
        }
    }
}

impl Shared {
    /// Makes the shared part and the workers' cores.
    pub(crate) fn new(config: Config) -> (Arc<Self>, Vec<Core>) {
        let mut cores = Vec::new();
        let shared = Arc::new_cyclic(|me: &Weak<Self>| {
            let executor = NonNull::new(me.as_ptr().cast_mut())
                .expect("a weak made by new_cyclic is not dangling");
            let executor: NonNull<dyn Executor> = executor;
            // SAFETY: the executor is this Shared, which its threads keep alive until every home is
            // empty after they were shut (`is_over`); it and the homes do not move in their Arc.
            let home = || unsafe { Home::new(executor) };
            let mut remote = |index| {
                let deque = Deque::new_fifo();
                let stealer = deque.stealer();
                cores.push(Core::new(index, deque, config.chaos));
                Remote {
                    stealer: Apart(stealer),
                    handoff: HandOff::new(),
                    turns: AtomicU32::new(0),
                    pushes: AtomicU32::new(0),
                    home: home(),
                }
            };
            let remotes: Box<[Remote]> = (0..config.workers).map(&mut remote).collect();
            let pool_executor = Box::new(PoolExecutor(me.clone()));
            let for_pool: NonNull<dyn Executor> = NonNull::from(&*pool_executor);
            Self {
                remotes,
                injector: Injector::new(),
                idle: Idle::new(config.workers),
                pool: Pool::new(format!("{}-thread", config.name)),
                ticks: Ticks::with_tables(config.workers + 1, config.tick),
                outside: home(),
                // SAFETY: as above; the box lives as long as the Shared.
                pool_home: unsafe { Home::new(for_pool) },
                pool_executor,
                config,
                shutting_down: AtomicBool::new(false),
                me: me.clone(),
            }
        });
        crate::party::register(&shared);
        (shared, cores)
    }

    /// Starts a block, from whatever thread.
    pub(crate) fn launch(&self, task: NewTask) {
        if let Some(task) = self.home_here().adopt(task) {
            self.post(task);
        }
    }

    /// Starts a block whose first turn only parks: that turn is had here, and wakes no worker.
    pub(crate) fn launch_parked(&self, task: NewTask) {
        if let Some(task) = self.home_here().adopt(task) {
            task.run();
        }
    }

    #[inline]
    fn home_here(&self) -> &Home {
        worker::index_in(self).map_or(&self.outside, |index| &self.remotes[index].home)
    }

    /// The table of the ticks that is for this thread: the first for those that are no workers.
    #[inline]
    pub(crate) fn table_here(&self) -> usize {
        worker::index_in(self).map_or(0, |index| index + 1)
    }

    /// Starts blocking work on the executor for its kind, or on the pool.
    pub(crate) fn launch_blocking(self: &Arc<Self>, workload: Workload, task: NewTask) {
        let Some(task) = self.pool_home.adopt(task) else {
            return;
        };
        let Some(executor) = self.config.executors.get(workload) else {
            return task.post();
        };
        // (It ends in its first turn, so it is never posted again, which would be to the pool.)
        let job = workload::Job::new(task, Arc::clone(self));
        // Whoever starts the work is not unwound by a panic there; it drops the job.
        crate::catch(workload.executor_name(), || executor(job));
    }

    /// Puts a task where any worker finds it.
    pub(crate) fn inject(&self, task: Task) {
        // Once the task is there it may run, complete, and with it the runtime may go.
        let keep = self.me.upgrade();
        self.injector.push(task);
        self.idle.notify();
        drop(keep);
    }

    pub(crate) fn has_work(&self) -> bool {
        !self.injector.is_empty() || self.remotes.iter().any(|remote| !remote.stealer.is_empty())
    }

    /// Wakes the timeouts that are due. True if there were some.
    pub(crate) fn expire(&self) -> bool {
        self.ticks.expire(now())
    }

    pub(crate) fn homes(&self) -> impl Iterator<Item = &Home> {
        self.remotes
            .iter()
            .map(|remote| &remote.home)
            .chain([&self.outside, &self.pool_home])
    }

    /// Each home, and whether what lives there is blocking work.
    pub(crate) fn homes_for_dump(&self) -> impl Iterator<Item = (&Home, bool)> {
        self.homes()
            .map(|home| (home, std::ptr::eq(home, &raw const self.pool_home)))
    }

    /// How many blocks are alive.
    pub(crate) fn live(&self) -> usize {
        self.homes().map(Home::len).sum()
    }

    /// What each live block is about: a snapshot, in the order of their numbers.
    pub(crate) fn blocks(&self) -> Vec<LiveBlock> {
        let mut blocks: Vec<_> = self.homes().flat_map(Home::blocks).collect();
        blocks.sort_by_key(|block| block.id);
        blocks
    }

    /// Whose threads these are: see [`belongs_to`](csp_core::inspect::threads::belongs_to).
    pub(crate) fn group(&self) -> usize {
        std::ptr::from_ref(self).addr()
    }

    /// The naps of all its threads, if all are asleep and no timer is set. If they are the same later, nothing has
    /// run here in between.
    pub(crate) fn at_rest(&self) -> Option<Vec<u64>> {
        let mut naps = Vec::new();
        self.idle.naps(&mut naps);
        self.pool.naps(&mut naps);
        threads::naps_in(self.group(), &mut naps);
        naps.sort_unstable();
        (naps.len() == self.pool.threads()).then_some(naps)
    }

    /// Notes a complaint. False: nobody collects them here.
    pub(crate) fn complain(&self, what: &str) -> bool {
        let complaints = self.config.complaints.as_ref();
        complaints
            .map(|all| all.lock().push(what.to_owned()))
            .is_some()
    }

    /// What was complained of.
    pub(crate) fn complaints(&self) -> Vec<String> {
        let complaints = self.config.complaints.as_ref();
        complaints.map_or_else(Vec::new, |all| std::mem::take(&mut *all.lock()))
    }

    pub(crate) fn is_shutting_down(&self) -> bool {
        // Ordering: Acquire pairs with `cancel_all`, so that the homes are seen shut.
        self.shutting_down.load(Ordering::Acquire)
    }

    /// True if the workers can end: no block is left, and none can come.
    pub(crate) fn is_over(&self) -> bool {
        self.is_shutting_down() && self.homes().all(Home::is_empty)
    }

    /// Refuses new blocks, cancels the live ones, and lets the threads end when all are gone.
    pub(crate) fn cancel_all(&self) {
        self.homes().for_each(Home::shut);
        // Ordering: Release, see `is_shutting_down`.
        self.shutting_down.store(true, Ordering::Release);
        self.pool.shut();
        self.homes().for_each(Home::cancel_all);
        self.idle.wake_all();
    }

    /// Waits for the blocks, at most for `limit`, then cancels them.
    pub(super) fn shutdown(&self, limit: Duration) -> Result<Shutdown, ShutdownError> {
        let start = now();
        let deadline = start
            .checked_add(limit)
            .unwrap_or_else(|| start + Duration::from_hours(365 * 24));
        csp_core::context::begin_blocking();
        self.wait_until_empty(deadline);
        let cancelled = self.blocks();
        self.cancel_all();
        let left = self.wait_until_empty(now() + GRACE);
        if left == 0 {
            // (As the workers do, each when it gets to it: whoever has waited for the end finds nothing left, so also
            // not what a worker is about to close. That may run code which waits in its turn.)
            self.ticks.end();
            let until = now() + GRACE;
            while self.ticks.is_ending() && now() < until {
                sleep(Duration::from_micros(100));
            }
        }
        Shutdown::of(cancelled, left, || self.blocks())
    }

    /// Waits until no block is alive, at most until `deadline`. How many are left.
    fn wait_until_empty(&self, deadline: Instant) -> usize {
        loop {
            let live = self.live();
            if live == 0 || now() >= deadline {
                return live;
            }
            // Only a runtime that is being shut down is watched like this.
            sleep(Duration::from_millis(1));
        }
    }
}

impl Executor for Shared {
    #[inline]
    fn post(&self, task: Task) {
        if let Some(task) = worker::post_here(self, task) {
            self.inject(task);
        }
    }

    fn stamp(&self) -> Stamp {
        self.ticks.stamp()
    }

    fn post_again(&self, task: Task) {
        if let Some(task) = worker::post_last_here(self, task) {
            self.inject(task);
        }
    }
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared")
            .field("name", &self.config.name)
            .field("workers", &self.remotes.len())
            .field("live", &self.live())
            .finish_non_exhaustive()
    }
}
