//! Who goes on, and which ready arm is chosen: what a simulation leaves to chance, decided.
//!
//! * [`Random`]: a random walk, for large programs.
//! * [`Pct`]: few, well spread preemptions, with a bound on the chance of missing a bug.
//! * [`Dfs`]: every schedule that can make a difference, for small programs.
//! * [`Replay`]: the schedule of an execution that was.
//!
//! Entities and objects are known by their numbers within one execution, never by an address: the same decisions
//! give the same numbers again.

mod bounded;
mod code;
mod dfs;
mod dice;
mod pct;
mod random;
mod replay;
#[cfg(test)]
pub(in crate::sim) mod tests;

pub(crate) use bounded::Bounded;
#[cfg(test)]
pub(crate) use code::CodeError;
pub(crate) use code::{decode, encode};
pub(crate) use dfs::Dfs;
pub(crate) use pct::Pct;
pub(crate) use random::Random;
pub(crate) use replay::Replay;

/// The entity that moves the time.
pub(crate) const CLOCK: u32 = 0;

/// An entity that could go on, and what its announced operation is about (empty: it was just started or woken,
/// and goes on with code of its own).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Candidate {
    pub(crate) entity: u32,
    pub(crate) objects: Vec<u32>,
}

/// Who goes on?
#[derive(Debug)]
pub(crate) struct Fork<'a> {
    /// In a fixed order: the one that ran last first, if it can go on; then by the time they became runnable.
    pub(crate) candidates: &'a [Candidate],
    /// The first candidate ran last and did not give up its turn by itself: choosing another is a preemption.
    pub(crate) is_preemption: bool,
}

/// What a step did.
#[derive(Debug)]
pub(crate) struct Done<'a> {
    pub(crate) entity: u32,
    /// All objects that it touched, the announced ones included.
    pub(crate) touched: &'a [u32],
    /// Entities that it started or woke.
    pub(crate) woke: &'a [u32],
}

/// One thing that was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Decision {
    /// This entity went on.
    Entity(u32),
    /// This number was chosen.
    Arm(u32),
}

/// Decides what is left to chance. One value lives through all executions of an exploration.
pub(crate) trait Strategy: Send {
    /// Another execution is about to begin. False: there is nothing left to explore.
    fn begin(&mut self) -> bool;
    /// An index into the candidates; `None`: this execution is redundant, end it now (all entities are
    /// cancelled).
    fn schedule(&mut self, fork: &Fork<'_>) -> Option<usize>;
    /// A number below `bound` (> 1).
    fn choose(&mut self, bound: u32) -> u32;
    /// The step that was scheduled last has ended.
    fn done(&mut self, step: &Done<'_>);
    /// The seed by which this execution alone can be had again, if it has one.
    fn seed(&self) -> Option<u64> {
        None
    }
    /// The same decisions did not lead to the same forks as before.
    fn diverged(&self) -> bool {
        false
    }
}
