//! The jobs of a pool: who runs the next one, a thread that is idle or a new one.
//!
//! # Invariants, whenever the lock is free
//! 1. Of the threads that are counted idle and the new ones that were asked for, at least as many come to look
//!    as there are jobs: a job never waits for a thread that is in another.
//! 2. A thread that ends has seen, under the lock, that there is no job.

use std::{collections::VecDeque, time::Duration};

use csp_core::inspect::deadlock::Watch;

use crate::sync::{Condvar, Guard, Mutex, now};

/// How long a thread without a job waits for one before it ends.
const KEEP_ALIVE: Duration = Duration::from_secs(10);

struct State<J> {
    jobs: VecDeque<J>,
    idle: usize,
    /// The naps of those that are idle.
    naps: Vec<u64>,
    threads: usize,
    named: u64,
    shut: bool,
}

pub(super) struct Jobs<J> {
    state: Mutex<State<J>>,
    changed: Condvar,
}

/// What became of a new job.
pub(super) enum Added<J> {
    /// An idle thread was told.
    Told,
    /// The caller is to start a thread, the so-manieth.
    NeedsThread(u64),
    /// The jobs were shut, and take no more of these.
    Refused(J),
}

/// What becomes of the jobs when a thread could not be started.
pub(super) enum Left<J> {
    /// So many wait until one of so many threads is free.
    Waiting(usize, usize),
    /// There is no thread, so they are given up.
    Dropped(VecDeque<J>),
}

impl<J> Jobs<J> {
    pub(super) fn new() -> Self {
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
        }
    }

    /// Takes a job, also after the end if it is `needed` for it.
    pub(super) fn add(&self, job: J, needed: bool) -> Added<J> {
        let mut state = self.state.lock();
        if state.shut && !needed {
            return Added::Refused(job);
        }
        state.jobs.push_back(job);
        if state.idle >= state.jobs.len() {
            drop(state);
            self.changed.notify_one();
            return Added::Told;
        }
        state.threads += 1;
        state.named += 1;
        Added::NeedsThread(state.named)
    }

    /// The thread that [`add`](Self::add) asked for does not come.
    pub(super) fn no_thread(&self) -> Left<J> {
        let mut state = self.state.lock();
        state.threads -= 1;
        if state.threads > 0 {
            return Left::Waiting(state.jobs.len(), state.threads);
        }
        Left::Dropped(std::mem::take(&mut state.jobs))
    }

    /// Lets idle threads end, and gives out the jobs that are not `needed` for the end.
    pub(super) fn shut(&self, needed: impl Fn(&J) -> bool) -> VecDeque<J> {
        let dropped = {
            let mut state = self.state.lock();
            state.shut = true;
            let (kept, dropped) = state.jobs.drain(..).partition(needed);
            state.jobs = kept;
            dropped
        };
        self.changed.notify_all();
        dropped
    }

    /// The next job for a thread of the pool. `None`: the thread is to end.
    pub(super) fn next(&self) -> Option<J> {
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
                return None;
            }
        }
    }

    /// Waits until notified, or for as long as an idle thread is kept: false then.
    fn idle<'a>(
        &'a self,
        mut state: Guard<'a, State<J>>,
        watch: &mut Watch,
    ) -> (Guard<'a, State<J>>, bool) {
        let since = now();
        loop {
            let left = KEEP_ALIVE.saturating_sub(now() - since);
            if left.is_zero() {
                return (state, false);
            }
            let look = watch.pause().filter(|&pause| pause < left);
            let wait = look.unwrap_or(left);
            let before = now();
            state = self.changed.wait(state, Some(wait));
            if now() - before < wait || !state.jobs.is_empty() || state.shut {
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

    /// Adds the number of the nap of each idle thread that has not been given a job. (That it ends when it is
    /// idle for long is nothing that others could hear of.)
    pub(super) fn naps(&self, naps: &mut Vec<u64>) {
        let state = self.state.lock();
        if state.jobs.is_empty() && !state.shut {
            naps.extend(&state.naps);
        }
    }

    /// How many threads there are.
    pub(super) fn threads(&self) -> usize {
        self.state.lock().threads
    }
}
