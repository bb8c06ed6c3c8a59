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
//! # Rest
//! A worker [rests](Idle::rest) while others are better off without it (see `rest`). It is in no list that
//! wake-ups look at, and sleeps for a limited time. There is always a worker that does not rest, awake or in the
//! list. Who gives its tasks away, or stops searching, for a rest calls `notify` when it has begun, as everybody does
//! who makes work.
//!
//! # Time
//! One sleeper, the *timekeeper*, sleeps only until the next deadline; the others until they are woken.
//! It is woken for work last. A new deadline that comes before the one it sleeps for wakes it.
//!
//! It is also the *watch*: while any other worker is awake it gets up now and then, to look for a task
//! that waits in the hand-off slot of a worker in a long turn. When all sleep it sleeps without a
//! limit, and when it leaves, the other sleepers do not notice: then nobody is on watch, and the first
//! task in anybody's slot calls a sleeper to it ([`call_watch`](Idle::call_watch)).

mod members;

use std::time::{Duration, Instant};

use csp_core::inspect::deadlock::Watch;

use members::Members;

use crate::sync::{
    Apart, Condvar, Guard, Mutex,
    atomic::{AtomicBool, AtomicUsize, Ordering, fence},
    now,
};

const SEARCHING: usize = 1;
const SLEEPING: usize = 1 << 16;
const SEARCHERS: usize = SLEEPING - 1;

/// A worker's place to sleep. An unpark before the park is not lost.
#[derive(Debug)]
struct Bed {
    state: Mutex<BedState>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct BedState {
    woken: bool,
    /// The sleep without a limit that nobody has ended yet.
    nap: Option<u64>,
}

#[derive(Debug)]
struct Sleepers {
    /// All but the timekeeper.
    asleep: Members,
    timekeeper: Option<usize>,
    /// Those whom nobody wakes for work.
    resting: Members,
}

#[derive(Debug)]
pub(crate) struct Idle {
    /// How many search (low half), how many sleep (high half).
    counts: Apart<AtomicUsize>,
    sleepers: Apart<Mutex<Sleepers>>,
    /// Some sleep, and nobody watches the hand-off slots. Changed under the lock of the sleepers.
    off_watch: AtomicBool,
    beds: Box<[Bed]>,
}

impl Idle {
    pub(crate) fn new(workers: usize) -> Self {
        let bed = || Bed {
            state: Mutex::new(BedState::default()),
            changed: Condvar::new(),
        };
        Self {
            counts: Apart(AtomicUsize::new(0)),
            sleepers: Apart(Mutex::new(Sleepers {
                asleep: Members::new(workers),
                timekeeper: None,
                resting: Members::new(workers),
            })),
            off_watch: AtomicBool::new(false),
            beds: (0..workers).map(|_| bed()).collect(),
        }
    }

    /// How many sleep, by the look of it.
    pub(crate) fn asleep(&self) -> usize {
        // Ordering: a snapshot for the dump.
        self.counts.load(Ordering::Relaxed) / SLEEPING
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

    /// As [`notify`](Self::notify). True: somebody searches, to whom it is left.
    #[cfg(all(test, csp_loom))]
    pub(super) fn is_left_to_searcher(&self) -> bool {
        fence(Ordering::SeqCst);
        self.counts.load(Ordering::Relaxed) & SEARCHERS != 0
    }

    #[cold]
    fn wake_one(&self) {
        let worker = {
            let mut sleepers = self.sleepers.lock();
            // Ordering: changed under the lock when sleepers are; a second notifier sees the searcher.
            if self.counts.load(Ordering::Relaxed) & SEARCHERS != 0 {
                return;
            }
            // The timekeeper is taken last.
            let worker = if let Some(worker) = sleepers.asleep.pop() {
                worker
            } else if let Some(keeper) = sleepers.timekeeper.take() {
                self.off_watch.store(false, Ordering::Relaxed);
                keeper
            } else {
                return;
            };
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
            let mut asleep = sleepers.asleep.take();
            asleep.extend(sleepers.timekeeper.take());
            self.off_watch.store(false, Ordering::Relaxed);
            let change = (SEARCHING.wrapping_sub(SLEEPING)).wrapping_mul(asleep.len());
            self.counts.fetch_add(change, Ordering::AcqRel);
            let resting = sleepers.resting.take();
            asleep.into_iter().chain(resting)
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

    /// A task was put into a hand-off slot: somebody should know, should this turn be long.
    #[inline]
    pub(crate) fn call_watch(&self) {
        // Ordering: whoever is awake took the lock when it got up, or when the last sleeper that it
        // may have to call lay down later, which is a delay, not a loss: that one looks first.
        if self.off_watch.load(Ordering::Relaxed) {
            self.end_off_watch();
        }
    }

    #[cold]
    fn end_off_watch(&self) {
        let worker = {
            let sleepers = self.sleepers.lock();
            self.off_watch.store(false, Ordering::Relaxed);
            sleepers.timekeeper.or(sleepers.asleep.last())
        };
        // It stays in the list, gets up by itself, looks, and lies down again as the watch.
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
    /// `deadline` is asked for the time to wake at, if the worker is to keep the time; `watch` is how long
    /// it sleeps at most if it is to watch; `limit` in any case. `deadline` and `limit` are asked for
    /// once the worker is in the list: whoever changes them afterwards finds it there.
    pub(crate) fn sleep(
        &self,
        worker: usize,
        searching: bool,
        has_work: impl Fn() -> bool,
        deadline: impl Fn() -> Option<Instant>,
        watch: Duration,
        limit: impl Fn() -> Option<Duration>,
    ) -> bool {
        let watches;
        let keeps_time = {
            let mut sleepers = self.sleepers.lock();
            let keeps_time = sleepers.timekeeper.is_none();
            if keeps_time {
                sleepers.timekeeper = Some(worker);
            } else {
                sleepers.asleep.push(worker);
            }
            let alone_awake = sleepers.number() == self.beds.len();
            if keeps_time {
                self.off_watch
                    .store(alone_awake && self.beds.len() > 1, Ordering::Relaxed);
            }
            watches = keeps_time && !alone_awake;
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
        // After the entry: `wake_all` finds us in the list, or we find what it was called for.
        let until = keeps_time.then(&deadline).flatten();
        let time_left = until.map(|at| at.saturating_duration_since(now()));
        let limit = shortest([time_left, limit(), watches.then_some(watch)]);
        self.beds[worker].sleep(limit);
        self.get_up(worker, false)
    }

    /// Sleeps for `length`, and is not woken for work; not at all if `is_called`, which is asked once the rest has
    /// begun. False: it has to stay awake, since no other worker is.
    pub(crate) fn rest(
        &self,
        worker: usize,
        searching: &mut bool,
        length: Duration,
        is_called: impl FnOnce() -> bool,
    ) -> bool {
        {
            let mut sleepers = self.sleepers.lock();
            if sleepers.number() + sleepers.resting.len() + 1 >= self.beds.len() {
                return false;
            }
            sleepers.resting.push(worker);
        }
        if std::mem::take(searching) {
            self.counts.fetch_sub(SEARCHING, Ordering::AcqRel);
        }
        // Ordering: pairs with the fence in `notify`: who left the waking to us, since we searched, is seen to call.
        fence(Ordering::SeqCst);
        if !is_called() {
            self.beds[worker].sleep(Some(length));
        }
        let mut sleepers = self.sleepers.lock();
        if !sleepers.resting.remove(worker) {
            // `wake_all` took us out; its wake-up is done or about to be.
            drop(sleepers);
            self.beds[worker].sleep(Some(Duration::ZERO));
        }
        true
    }

    /// Adds the number of each sleep without a limit that nobody has ended.
    pub(crate) fn naps(&self, naps: &mut Vec<u64>) {
        naps.extend(self.beds.iter().filter_map(|bed| bed.state.lock().nap));
    }

    /// Leaves the list, unless somebody took the worker out to wake it. True: it searches now.
    fn get_up(&self, worker: usize, search: bool) -> bool {
        let mut sleepers = self.sleepers.lock();
        if sleepers.timekeeper == Some(worker) {
            sleepers.timekeeper = None;
            // Those who sleep on do not watch.
            self.off_watch
                .store(!sleepers.asleep.is_empty(), Ordering::Relaxed);
        } else if !sleepers.asleep.remove(worker) {
            // Whoever took us out made us a searcher; its wake-up is done or about to be.
            drop(sleepers);
            self.beds[worker].sleep(Some(Duration::ZERO));
            return true;
        }
        let start = if search { SEARCHING } else { 0 };
        self.counts
            .fetch_add(start.wrapping_sub(SLEEPING), Ordering::AcqRel);
        search
    }
}

fn shortest(limits: [Option<Duration>; 3]) -> Option<Duration> {
    limits.into_iter().flatten().min()
}

impl Sleepers {
    /// How many sleep.
    fn number(&self) -> usize {
        self.asleep.len() + usize::from(self.timekeeper.is_some())
    }
}

impl Bed {
    /// Sleeps until woken, or for `limit`. A wake-up that is there already is used up.
    fn sleep(&self, limit: Option<Duration>) {
        let mut state = self.state.lock();
        match limit {
            Some(limit) if !state.woken && !limit.is_zero() => {
                state = self.changed.wait(state, Some(limit));
            }
            None if !state.woken => {
                let mut watch = Watch::begin();
                state.nap = Some(watch.nap());
                while !state.woken {
                    state = self.nap(state, &mut watch);
                }
            }
            _ => {}
        }
        *state = BedState::default();
    }

    /// Sleeps until woken, or until the next look at whether anybody is awake.
    fn nap<'a>(&'a self, state: Guard<'a, BedState>, watch: &mut Watch) -> Guard<'a, BedState> {
        let pause = watch.pause();
        let state = self.changed.wait(state, pause);
        if state.woken || pause.is_none() {
            return state;
        }
        drop(state);
        watch.look();
        self.state.lock()
    }

    fn wake(&self) {
        {
            let mut state = self.state.lock();
            state.woken = true;
            state.nap = None;
        }
        self.changed.notify_one();
    }
}

#[cfg(all(test, not(any(csp_loom, csp_shuttle))))]
mod tests;
