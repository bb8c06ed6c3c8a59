//! Who decides what is left to chance.

mod random;

pub(crate) use random::Random;

/// An entity that could go on, and what its announced operation is about (empty: it was just started or woken, and
/// goes on with code of its own).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Candidate {
    pub(crate) entity: u32,
    pub(crate) objects: Vec<u32>,
}

/// Who goes on?
#[derive(Debug)]
pub(crate) struct Fork<'a> {
    /// In a fixed order: the one that ran last first, if it can go on and did not give up its turn by itself; then by
    /// the time they became runnable.
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

/// Decides what is left to chance. One value lives through all executions of an exploration.
pub(crate) trait Strategy: Send {
    /// Another execution is about to begin. False: there is nothing left to explore.
    fn begin(&mut self) -> bool;
    /// An index into the candidates; `None`: this execution is redundant, end it now (all entities are cancelled).
    fn schedule(&mut self, fork: &Fork<'_>) -> Option<usize>;
    /// A number below `bound` (> 1).
    fn choose(&mut self, bound: u32) -> u32;
    /// The step that was scheduled last has ended.
    fn done(&mut self, step: &Done<'_>);
    /// The seed by which this execution alone can be had again, if it has one.
    fn seed(&self) -> Option<u64> {
        None
    }
}
