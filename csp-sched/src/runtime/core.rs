//! What makes a thread a worker: its queue and its counters, and how tasks come in.

use std::time::{Duration, Instant};

use crossbeam_deque::{Steal, Worker as Deque};
use csp_core::Task;

use super::{
    chaos::{Chaos, Post},
    others::Others,
    rest::{Progress, Rest},
    shared::{Remote, Shared},
};
use crate::sync::{atomic::Ordering, now};

/// At the latest after so many turns the worker looks at the injector and the clock. Prime, as Go's, so
/// that it does not beat with periodic work.
const CHECK_EVERY: u32 = 61;
/// The looks are to be about so far apart in time, where turns are long.
const CHECK_APART: Duration = Duration::from_micros(500);
/// Looks that have become as frequent as this tell of turns of 8 µs and more, on average.
const LONG_TURNS: u32 = CHECK_EVERY / 2;
/// After so many turns a worker that has rested judges itself.
const TRIAL: u32 = 8;
/// How many tasks from the hand-off slot may run in a row.
pub(super) const HANDOFF_STREAK: u32 = 16;
/// How long a worker may be in one turn before its hand-off slot is emptied by another, roughly; an idle
/// worker that looks in vain looks less and less often.
pub(super) const LONG_TURN: Duration = Duration::from_millis(1);
pub(super) const RARELY: Duration = Duration::from_millis(16);

/// What makes a thread a worker. It moves to another thread when its own blocks.
pub(crate) struct Core {
    pub(super) index: usize,
    pub(super) deque: Deque<Task>,
    pub(super) turn: u32,
    /// Turns until the next look at injector and clock, and how many there are between two.
    pub(super) check_in: u32,
    check_every: u32,
    pub(super) checked: Instant,
    pub(super) streak: u32,
    random: u32,
    /// The turn of the last look, and how often it stole since.
    looked_in: u32,
    pub(super) steals: u32,
    /// How many tasks it has put in its deque.
    pushes: u32,
    /// Of what use this worker is, and whether the others get on.
    pub(super) rest: Rest,
    others: Others,
    others_or_pushes: Others,
    /// The last work came from outside, where more may come from.
    pub(super) fed_from_outside: bool,
    /// How long to sleep before the next look at the others' slots.
    pub(super) patience: Duration,
    /// The turns of the others when last seen with something in their slots.
    seen_turns: Vec<u32>,
    /// The dice, if chance is to decide.
    pub(super) chaos: Option<Box<Chaos>>,
}

impl Core {
    pub(crate) fn new(index: usize, deque: Deque<Task>, chaos: Option<u64>) -> Self {
        let random = 0x9E37_79B9_u32.wrapping_mul(u32::try_from(index).unwrap_or(0) + 1) | 1;
        Self {
            index,
            deque,
            turn: 0,
            fed_from_outside: false,
            check_in: if chaos.is_some() { 1 } else { CHECK_EVERY },
            check_every: CHECK_EVERY,
            checked: now(),
            streak: 0,
            random,
            looked_in: 0,
            steals: 0,
            pushes: 0,
            rest: Rest::new(),
            others: Others::default(),
            others_or_pushes: Others::default(),
            patience: LONG_TURN,
            seen_turns: Vec::new(),
            chaos: chaos.map(|seed| Box::new(Chaos::new(seed, index))),
        }
    }

    fn random_below(&mut self, bound: usize) -> usize {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 17;
        self.random ^= self.random << 5;
        self.random as usize % bound
    }

    #[inline]
    pub(super) fn hand_off(&mut self, shared: &Shared, task: Task) {
        // Behind a long turn it would wait, while another worker could run it beside.
        if self.check_every < LONG_TURNS {
            return self.push_last(shared, task);
        }
        match shared.remotes[self.index].handoff.put(task) {
            // Most likely we run it at once. Should this turn be long, somebody has to see it.
            None => shared.idle.call_watch(),
            Some(before) => self.push_last(shared, before),
        }
    }

    #[inline]
    pub(super) fn push_last(&mut self, shared: &Shared, task: Task) {
        self.deque.push(task);
        self.pushes = self.pushes.wrapping_add(1);
        // Ordering: a progress mark, compared only with itself.
        shared.remotes[self.index]
            .pushes
            .store(self.pushes, Ordering::Relaxed);
        shared.idle.notify();
    }

    #[cold]
    pub(super) fn post_by_chance(&mut self, shared: &Shared, task: Task) {
        match self.chaos.as_mut().map(|chaos| chaos.post()) {
            Some(Post::Last) => self.push_last(shared, task),
            Some(Post::Inject) => shared.inject(task),
            Some(Post::HandOff) | None => self.hand_off(shared, task),
        }
    }

    /// The next task of the worker's own: from the hand-off slot, but not for ever, or from the deque.
    #[inline]
    pub(super) fn own_task(&mut self, remote: &Remote) -> Option<Task> {
        if self.streak < HANDOFF_STREAK
            && let Some(task) = remote.handoff.take()
        {
            self.streak += 1;
            return Some(task);
        }
        self.streak = 0;
        let task = self.deque.pop().or_else(|| remote.handoff.take());
        if task.is_some() {
            self.patience = LONG_TURN;
        }
        task
    }

    /// The clock is looked at: spaces the looks, since long turns must not make them late, and judges the time
    /// between them.
    pub(super) fn look(&mut self, shared: &Shared, now: Instant) {
        let apart = now.saturating_duration_since(self.checked);
        self.checked = now;
        if apart > CHECK_APART {
            self.check_every = (self.check_every / 4).max(1);
        } else if apart < CHECK_APART / 4 {
            self.check_every = (self.check_every * 2).min(CHECK_EVERY);
        }
        self.check_in = match self.chaos {
            None => self.check_every,
            Some(_) => 1,
        };
        self.see_others(shared);
        let looked_in = std::mem::replace(&mut self.looked_in, self.turn);
        let turns = self.turn.wrapping_sub(looked_in);
        let steals = std::mem::take(&mut self.steals);
        self.rest.judge(apart, turns, steals);
    }

    /// Half of another worker's deque.
    pub(super) fn steal_from_others(&mut self, remotes: &[Remote]) -> Steal<Task> {
        let start = self.random_below(remotes.len());
        (start..remotes.len())
            .chain(0..start)
            .filter(|&at| at != self.index)
            .map(|at| remotes[at].stealer.steal_batch_and_pop(&self.deque))
            .collect()
    }

    /// Looks whether the other workers get on.
    pub(super) fn see_others(&mut self, shared: &Shared) {
        let remotes = &*shared.remotes;
        // Ordering: progress marks, compared only with themselves.
        let turns = |at: usize| remotes[at].turns.load(Ordering::Relaxed);
        let pushes = |at: usize| remotes[at].pushes.load(Ordering::Relaxed);
        let both = |at: usize| turns(at).wrapping_add(pushes(at));
        let (me, workers) = (self.index, remotes.len());
        let progress = Progress {
            turns: self.others.look(me, workers, turns),
            all: self.others_or_pushes.look(me, workers, both),
        };
        self.rest.see(progress);
    }

    /// Rests for `length`, or up to the next deadline, unless `is_called` or the end is near. False: no other worker
    /// is awake.
    pub(super) fn take_rest(
        &mut self,
        shared: &Shared,
        searching: &mut bool,
        length: Duration,
        is_called: impl FnOnce(&Self) -> bool,
    ) -> bool {
        let due = shared.ticks.next_deadline();
        let until_due = due.map_or(length, |at| at.saturating_duration_since(now()));
        let is_called = || is_called(self) || shared.is_shutting_down();
        let pause = length.min(until_due);
        let rested = shared.idle.rest(self.index, searching, pause, is_called);
        if rested {
            self.rest.rested(length);
            self.get_up();
            // Soon it is known whether it is of use now.
            self.check_in = self.check_in.min(TRIAL);
        }
        rested
    }

    /// What is judged begins now.
    pub(super) fn get_up(&mut self) {
        self.rest.get_up();
        self.checked = now();
        self.looked_in = self.turn;
        self.steals = 0;
    }

    pub(super) fn shuffled(&mut self, first: Task) -> Task {
        match &mut self.chaos {
            None => first,
            Some(chaos) => chaos.shuffle(first, &self.deque),
        }
    }

    /// Takes the task out of the slot of a worker that has stood in one turn since our last look.
    pub(super) fn rescue(&mut self, remotes: &[Remote]) -> Option<Task> {
        self.seen_turns.resize(remotes.len(), 0);
        for (at, remote) in remotes.iter().enumerate() {
            if at == self.index || remote.handoff.is_empty() {
                continue;
            }
            // Ordering: a progress mark, compared only with itself.
            let turns = remote.turns.load(Ordering::Relaxed);
            let stands = std::mem::replace(&mut self.seen_turns[at], turns) == turns;
            if stands && let Some(task) = remote.handoff.take() {
                return Some(task);
            }
            // Look again soon: perhaps this turn is a long one.
            self.patience = LONG_TURN;
        }
        None
    }
}
