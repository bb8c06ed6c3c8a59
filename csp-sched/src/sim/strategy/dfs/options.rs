//! What is explored, and what has been.

use super::{Dfs, Phase, trace::Trace};

/// How many preemptions an execution may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bound {
    pub(super) now: u32,
    pub(super) last: u32,
    /// When all within `last` are explored, all others are.
    pub(super) is_completed: bool,
}

/// When time passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Time {
    /// When nobody can go on.
    WhenIdle,
    /// At any moment; what depends on it is not told.
    Untold,
    /// At any moment; what depends on it touches an object of the clock's.
    Told,
}

impl Dfs {
    /// All schedules, up to exchanges that make no difference.
    pub(crate) fn new() -> Self {
        Self {
            is_reduced: true,
            time: Time::WhenIdle,
            bound: None,
            path: Vec::new(),
            at: 0,
            fork: None,
            trace: Trace::default(),
            races: Vec::new(),
            sleep: Vec::new(),
            unknown: 0,
            phase: Phase::Fresh,
            is_cut: false,
            diverged: false,
            redundant: 0,
        }
    }

    /// Really all, also those that make no difference.
    pub(crate) fn without_reduction(mut self) -> Self {
        self.is_reduced = false;
        self
    }

    /// The world lets time pass while others could go on. If `is_told`, each step that reads the time or sets a
    /// timer touches an object that the clock's step touches as well.
    pub(crate) fn with_time_at_any_moment(mut self, is_told: bool) -> Self {
        self.time = if is_told { Time::Told } else { Time::Untold };
        self
    }

    /// Only schedules with at most this many preemptions.
    #[cfg(test)]
    pub(crate) fn with_preemptions(mut self, at_most: u32) -> Self {
        self.bound = Some(Bound {
            now: at_most,
            last: at_most,
            is_completed: false,
        });
        self
    }

    /// First those without a preemption, then those with at most one, and so on up to `last`; then, if
    /// `is_completed`, all. (Each round repeats the one before, which is small beside it.)
    pub(crate) fn with_growing_preemptions(mut self, last: u32, is_completed: bool) -> Self {
        self.bound = Some(Bound {
            now: 0,
            last,
            is_completed,
        });
        self
    }

    /// All schedules have been explored, those beyond a bound on preemptions included.
    #[cfg(test)]
    pub(crate) fn is_complete(&self) -> bool {
        self.phase == Phase::Over && !self.is_cut && !self.diverged
    }

    /// Preemptions that the executions of the round under way may have.
    #[cfg(test)]
    pub(crate) fn preemptions(&self) -> Option<u32> {
        self.bound.map(|bound| bound.now)
    }

    /// Executions that were ended since they only repeated others.
    #[cfg(test)]
    pub(crate) fn redundant(&self) -> u64 {
        self.redundant
    }
}
