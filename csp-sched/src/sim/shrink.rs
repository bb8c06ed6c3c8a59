//! Makes a failing schedule one that can be read: few preemptions, then few switches between entities,
//! then few steps.
//!
//! Delta debugging (Zeller, Hildebrandt: *Simplifying and Isolating Failure-Inducing Input*, 2002) over the switches of the
//! schedule, as Jalbert and Sen do (*A Trace Simplification Technique for Effective Debugging of Concurrent Programs*, FSE
//! 2010): a switch is dropped by letting the one that ran go on. What is tried is a wish: a
//! [`Replay`](super::strategy::Replay) leaves out what cannot be followed and goes on with first candidates, and what was
//! really decided is looked at and kept, if it fails in the same way and is simpler.
//!
//! No dice: the same schedule is shrunk to the same one.

mod wishes;

use super::strategy::Decision;
use wishes::Wishes;

/// Runs a list of decisions. `None`: it does not fail in that way; else what was really decided, and which of it
/// were preemptions.
pub(crate) type Run<'a> = &'a mut dyn FnMut(&[Decision]) -> Option<(Vec<Decision>, Vec<bool>)>;

/// Runs that are enough for what a reader would look at.
const BUDGET: u64 = 3_000;

/// A failing schedule, and what it took to find it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shrunk {
    pub(crate) decisions: Vec<Decision>,
    /// Executions that it took.
    pub(crate) runs: u64,
    /// It was not the budget that ended it.
    pub(crate) is_finished: bool,
}

/// What is simpler: first by preemptions, then by switches, then by steps, then by arms that are not the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Cost {
    preemptions: usize,
    switches: usize,
    decisions: usize,
    arms: u64,
}

/// The simplest list of decisions found that still fails.
pub(crate) fn shrink(
    decisions: Vec<Decision>,
    is_preemption: &[bool],
    run: Run<'_>,
) -> Vec<Decision> {
    shrink_within(BUDGET, decisions, is_preemption, run).decisions
}

/// The simplest list of decisions found in at most `budget` runs.
pub(crate) fn shrink_within(
    budget: u64,
    decisions: Vec<Decision>,
    is_preemption: &[bool],
    run: Run<'_>,
) -> Shrunk {
    let mut shrinking = Shrinking {
        cost: cost(&decisions, is_preemption),
        best: decisions,
        runs: 0,
        budget,
        run,
    };
    let is_finished = loop {
        match shrinking.round() {
            Some(true) => (),
            Some(false) => break true,
            None => break false,
        }
    };
    Shrunk {
        decisions: shrinking.best,
        runs: shrinking.runs,
        is_finished,
    }
}

struct Shrinking<'a> {
    best: Vec<Decision>,
    cost: Cost,
    runs: u64,
    budget: u64,
    run: Run<'a>,
}

impl Shrinking<'_> {
    /// Tries all wishes; one that is simpler is the base of those after it. False: none is. `None`: the budget
    /// is used up.
    fn round(&mut self) -> Option<bool> {
        let mut is_simpler = false;
        let mut wishes = Wishes::new();
        while let Some(wish) = wishes.next(&self.best) {
            let is_better = self.try_wish(&wish)?;
            wishes.answer(is_better);
            is_simpler |= is_better;
        }
        Some(is_simpler)
    }

    /// Whether it is simpler and fails. `None`: the budget is used up.
    fn try_wish(&mut self, wish: &[Decision]) -> Option<bool> {
        if self.runs == self.budget {
            return None;
        }
        self.runs += 1;
        let Some((made, is_preemption)) = (self.run)(wish) else {
            return Some(false);
        };
        let cost = cost(&made, &is_preemption);
        let is_better = cost < self.cost;
        if is_better {
            (self.best, self.cost) = (made, cost);
        }
        Some(is_better)
    }
}

fn cost(decisions: &[Decision], is_preemption: &[bool]) -> Cost {
    let mut cost = Cost {
        preemptions: is_preemption.iter().filter(|&&is| is).count(),
        switches: 0,
        decisions: decisions.len(),
        arms: 0,
    };
    let mut last = None;
    for &decision in decisions {
        match decision {
            Decision::Entity(entity) => {
                cost.switches += usize::from(last.is_some_and(|last| last != entity));
                last = Some(entity);
            }
            Decision::Arm(arm) => cost.arms += u64::from(arm),
        }
    }
    cost
}

#[cfg(test)]
mod tests;
