//! When workers sleep, and who wakes them.
//!
//! # The protocol
//! * Whoever makes work (pushes a task where another worker could take it) then calls
//!   [`notify`](Idle::notify): fence; if nobody searches and somebody sleeps, wake one.
//! * A worker without work *searches*, if fewer than half of the workers do. A searcher that finds work
//!   stops searching; if it was the last, it calls `notify`: perhaps there is more (the chain).
//! * A worker that finds nothing enters the list of sleepers and stops searching, in one atomic step;
//!   fence; then it looks through all queues once more. Only if they are empty it parks.
//!
//! # Races, by name
//! * *push, then sleep*: the pusher's fence comes before its look at the counts, the sleeper's fence
//!   between its entry and its last look at the queues. Whichever fence comes second sees the other
//!   side: the pusher sees the sleeper, or the sleeper sees the task.
//! * *search and miss*: a pusher that sees a searcher wakes nobody. That searcher either finds the task,
//!   or looks once more after it has stopped searching (as above).
//! * *woken twice*: a worker is taken out of the list, under its lock, by the one who wakes it; so each
//!   wake-up goes to another worker.
//!
//! # Time
//! One sleeper, the *timekeeper*, sleeps only until the next deadline; the others until they are woken.
//! It is woken for work last. A new deadline that comes before the one it sleeps for wakes it.

use std::time::{Duration, Instant};

use crate::sync::{
    Condvar, Mutex,
    atomic::{AtomicUsize, Ordering, fence},
};

const SEARCHING: usize = 1;
const SLEEPING: usize = 1 << 16;
const SEARCHERS: usize = SLEEPING - 1;

/// A worker's place to sleep. An unpark before the park is not lost.
#[derive(Debug)]
struct Bed {
    woken: Mutex<bool>,
    changed: Condvar,
}

#[derive(Debug)]
struct Sleepers {
    asleep: Vec<usize>,
    timekeeper: Option<usize>,
}

#[derive(Debug)]
pub(crate) struct Idle {
    /// How many search (low half), how many sleep (high half).
    counts: AtomicUsize,
    sleepers: Mutex<Sleepers>,
    beds: Box<[Bed]>,
}

impl Idle {
    pub(crate) fn new(workers: usize) -> Self {
        let bed = || Bed {
            woken: Mutex::new(false),
            changed: Condvar::new(),
        };
        Self {
            counts: AtomicUsize::new(0),
            sleepers: Mutex::new(Sleepers {
                asleep: Vec::with_capacity(workers),
                timekeeper: None,
            }),
            beds: (0..workers).map(|_| bed()).collect(),
        }
    }

    /// Work was made: somebody should look.
    #[inline]
    pub(crate) fn notify(&self) {
        // Ordering: pairs with the fence in `sleep` (race *push, then sleep*).
        fence(Ordering::SeqCst);
        // Ordering: ordered by the fence.
        let counts = self.counts.load(Ordering::Relaxed);
        if counts >= SLEEPING && counts & SEARCHERS == 0 {
            self.wake_one();
        }
    }

    #[cold]
    fn wake_one(&self) {
        let worker = {
            let mut sleepers = self.sleepers.lock();
            // Ordering: changed under the lock when sleepers are; a second notifier sees the searcher.
            if self.counts.load(Ordering::Relaxed) & SEARCHERS != 0 {
                return;
            }
            // The timekeeper is first in the list, and taken last.
            let Some(worker) = sleepers.asleep.pop() else {
                return;
            };
            sleepers.retire(worker);
            // The woken one searches from now on, so that the next push wakes nobody else.
            // Ordering: AcqRel as everywhere on the counts.
            self.counts
                .fetch_add(SEARCHING.wrapping_sub(SLEEPING), Ordering::AcqRel);
            worker
        };
        self.beds[worker].wake();
    }

    /// Wakes every sleeper: the end is near.
    pub(crate) fn wake_all(&self) {
        let asleep = {
            let mut sleepers = self.sleepers.lock();
            let asleep = std::mem::take(&mut sleepers.asleep);
            sleepers.timekeeper = None;
            let change = (SEARCHING.wrapping_sub(SLEEPING)).wrapping_mul(asleep.len());
            self.counts.fetch_add(change, Ordering::AcqRel);
            asleep
        };
        for worker in asleep {
            self.beds[worker].wake();
        }
    }

    /// A deadline came up that is earlier than any before.
    pub(crate) fn wake_timekeeper(&self) {
        let worker = self.sleepers.lock().timekeeper;
        if let Some(worker) = worker {
            self.beds[worker].wake();
        }
    }

    /// Asks to search. False: enough others do.
    pub(crate) fn start_search(&self) -> bool {
        // Ordering: a limit on effort; nothing hangs on its being exact.
        let searching = self.counts.load(Ordering::Relaxed) & SEARCHERS;
        if 2 * searching >= self.beds.len() {
            return false;
        }
        self.counts.fetch_add(SEARCHING, Ordering::AcqRel);
        true
    }

    /// The searcher has found something. The last one passes the search on.
    pub(crate) fn end_search(&self) {
        let counts = self.counts.fetch_sub(SEARCHING, Ordering::AcqRel);
        if counts & SEARCHERS == 1 {
            self.notify();
        }
    }

    /// Goes to sleep, unless `has_work` after all. True: the worker searches now (it was woken for
    /// work, or saw some). False: it woke for the time.
    ///
    /// `deadline` is asked for the time to wake at, if the worker is to keep the time.
    pub(crate) fn sleep(
        &self,
        worker: usize,
        searching: bool,
        has_work: impl Fn() -> bool,
        deadline: impl Fn() -> Option<Instant>,
        limit: Option<Duration>,
    ) -> bool {
        let keeps_time = {
            let mut sleepers = self.sleepers.lock();
            let keeps_time = sleepers.timekeeper.is_none();
            if keeps_time {
                sleepers.timekeeper = Some(worker);
                sleepers.asleep.insert(0, worker);
            } else {
                sleepers.asleep.push(worker);
            }
            let stop = if searching { SEARCHING } else { 0 };
            // Ordering: AcqRel as everywhere on the counts; the fence below does the work.
            self.counts.fetch_add(SLEEPING - stop, Ordering::AcqRel);
            keeps_time
        };
        // Ordering: pairs with the fence in `notify`.
        fence(Ordering::SeqCst);
        if has_work() {
            return self.get_up(worker, true);
        }
        let until = if keeps_time { deadline() } else { None };
        let now = Instant::now();
        let time_left = until.map(|at| at.saturating_duration_since(now));
        let limit = match (time_left, limit) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        self.beds[worker].sleep(limit);
        self.get_up(worker, false)
    }

    /// Leaves the list, unless somebody took the worker out to wake it. True: it searches now.
    fn get_up(&self, worker: usize, search: bool) -> bool {
        let mut sleepers = self.sleepers.lock();
        let Some(at) = sleepers.asleep.iter().position(|&w| w == worker) else {
            // Whoever took us out made us a searcher; its wake-up is done or about to be.
            drop(sleepers);
            self.beds[worker].sleep(Some(Duration::ZERO));
            return true;
        };
        sleepers.asleep.remove(at);
        sleepers.retire(worker);
        let start = if search { SEARCHING } else { 0 };
        self.counts
            .fetch_add(start.wrapping_sub(SLEEPING), Ordering::AcqRel);
        search
    }
}

impl Sleepers {
    fn retire(&mut self, worker: usize) {
        if self.timekeeper == Some(worker) {
            self.timekeeper = None;
        }
    }
}

impl Bed {
    /// Sleeps until woken, or for `limit`. A wake-up that is there already is used up.
    fn sleep(&self, limit: Option<Duration>) {
        let mut woken = self.woken.lock();
        match limit {
            Some(limit) => {
                if !*woken && !limit.is_zero() {
                    woken = self.changed.wait(woken, Some(limit));
                }
            }
            None => {
                while !*woken {
                    woken = self.changed.wait(woken, None);
                }
            }
        }
        *woken = false;
    }

    fn wake(&self) {
        *self.woken.lock() = true;
        self.changed.notify_one();
    }
}
