//! The way from the first fork to where the exploration is, and what is left to be tried beside it.

use super::set::Set;
use crate::sim::strategy::{Candidate, Fork};

/// An entity whose next step has been explored already, with all that follows it: as long as nothing touches what that
/// step touched, letting it go on leads to executions that are known (a *sleep set*, Godefroid 1996).
#[derive(Debug, Clone)]
pub(super) struct Sleeper {
    pub(super) entity: u32,
    pub(super) touched: Set,
    /// Objects from this number on were not known when it was explored: another execution may number them otherwise.
    pub(super) unknown: u32,
}

impl Sleeper {
    fn may_meet(&self, touched: &Set) -> bool {
        let both_are_new = self.touched.reaches(self.unknown) && touched.reaches(self.unknown);
        both_are_new || !self.touched.is_disjoint(touched)
    }
}

/// Several could go on here.
#[derive(Debug)]
pub(super) struct Node {
    /// Their entities.
    candidates: Vec<u32>,
    /// Whether the chosen one goes on with what it had parked in.
    continuing: Vec<bool>,
    is_preemption: bool,
    /// Preemptions before this.
    preemptions: u32,
    /// Objects from this number on have not been seen yet.
    unknown: u32,
    chosen: u32,
    /// Those that have to be tried.
    todo: Set,
    /// Those that have been.
    explored: Set,
    /// Those that need not be.
    sleep: Vec<Sleeper>,
    /// What the chosen step touched, whichever arms were chosen in it.
    touched: Set,
    /// The chosen step has not ended yet.
    is_open: bool,
    /// It once did not: what it would have touched is not known.
    is_unknown: bool,
}

impl Node {
    pub(super) fn new(
        fork: &Fork<'_>,
        preemptions: u32,
        unknown: u32,
        sleep: Vec<Sleeper>,
    ) -> Self {
        Self {
            candidates: fork.candidates.iter().map(|c| c.entity).collect(),
            continuing: fork.candidates.iter().map(is_continuing).collect(),
            is_preemption: fork.is_preemption,
            preemptions,
            unknown,
            chosen: u32::MAX,
            todo: Set::default(),
            explored: Set::default(),
            sleep,
            touched: Set::default(),
            is_open: false,
            is_unknown: false,
        }
    }

    pub(super) fn is_of(&self, fork: &Fork<'_>) -> bool {
        self.is_preemption == fork.is_preemption
            && fork
                .candidates
                .iter()
                .map(|c| c.entity)
                .eq(self.candidates.iter().copied())
    }

    pub(super) fn candidates(&self) -> &[u32] {
        &self.candidates
    }

    pub(super) fn chosen(&self) -> u32 {
        self.chosen
    }

    pub(super) fn index(&self) -> Option<usize> {
        self.candidates
            .iter()
            .position(|&entity| entity == self.chosen)
    }

    pub(super) fn is_continuation(&self) -> bool {
        self.index().is_some_and(|index| self.continuing[index])
    }

    pub(super) fn preemptions_with(&self, entity: u32) -> u32 {
        let preempts = self.is_preemption && self.candidates.first() != Some(&entity);
        self.preemptions + u32::from(preempts)
    }

    /// Whoever is chosen, none is preempted.
    pub(super) fn is_free(&self) -> bool {
        !self.is_preemption
    }

    /// Preemptions up to the chosen step.
    pub(super) fn preemptions(&self) -> u32 {
        self.preemptions_with(self.chosen)
    }

    pub(super) fn sleeps(&self, entity: u32) -> bool {
        self.sleep.iter().any(|sleeper| sleeper.entity == entity)
    }

    pub(super) fn is_todo(&self, entity: u32) -> bool {
        self.todo.contains(entity)
    }

    pub(super) fn add(&mut self, entity: u32) {
        self.todo.insert(entity);
    }

    pub(super) fn add_all(&mut self) {
        self.todo.extend(&self.candidates);
    }

    pub(super) fn choose(&mut self, entity: u32) {
        self.chosen = entity;
        self.todo.insert(entity);
    }

    /// The next one to be tried. `may` says no to those that are out of bounds.
    pub(super) fn next(&self, mut may: impl FnMut(u32) -> bool) -> Option<u32> {
        let todo = self.todo.as_slice().iter().copied();
        todo.filter(|&entity| !self.explored.contains(entity) && !self.sleeps(entity))
            .find(|&entity| may(self.preemptions_with(entity)))
    }

    /// The chosen step begins, now or once more.
    pub(super) fn open(&mut self) {
        self.is_unknown |= self.is_open;
        self.is_open = true;
    }

    /// The chosen step has ended.
    pub(super) fn close(&mut self, touched: &Set) {
        self.is_open = false;
        self.touched.unite(touched);
    }

    /// All that follows the chosen step has been tried.
    pub(super) fn leave(&mut self, may_sleep: bool) {
        self.explored.insert(self.chosen);
        let touched = std::mem::take(&mut self.touched);
        let is_known = !std::mem::take(&mut self.is_unknown) && !std::mem::take(&mut self.is_open);
        if may_sleep && is_known {
            self.sleep.push(Sleeper {
                entity: self.chosen,
                touched,
                unknown: self.unknown,
            });
        }
    }

    /// Who sleeps on after the chosen step, which touched these.
    pub(super) fn sleepers_after(&self, touched: &Set) -> Vec<Sleeper> {
        let stay = (self.sleep.iter())
            .filter(|sleeper| sleeper.entity != self.chosen && !sleeper.may_meet(touched));
        stay.cloned().collect()
    }
}

fn is_continuing(candidate: &Candidate) -> bool {
    candidate.objects.is_empty()
}

/// A place where it could have gone another way.
#[derive(Debug)]
pub(super) enum Point {
    Fork(Node),
    Arm { chosen: u32, bound: u32 },
}

impl Point {
    pub(super) fn as_fork(&self) -> Option<&Node> {
        match self {
            Self::Fork(node) => Some(node),
            Self::Arm { .. } => None,
        }
    }

    pub(super) fn as_fork_mut(&mut self) -> Option<&mut Node> {
        match self {
            Self::Fork(node) => Some(node),
            Self::Arm { .. } => None,
        }
    }
}
