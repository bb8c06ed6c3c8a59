//! The schedule of an execution that was, once more.

use super::{Decision, Done, Fork, Strategy};
use crate::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// Follows a list of decisions through one execution. Where only one candidate is, there is nothing to decide, and the list
/// has no entry for it.
///
/// A decision that cannot be followed, because what it names is no candidate or is not asked for, is left
/// out; where the list ends, the first candidate and the first arm go on. The former is a divergence: the program is not
/// the one that the list was made by. (The shrinker counts on this: it hands in lists that only nearly fit.)
#[derive(Debug)]
pub(crate) struct Replay {
    decisions: Vec<Decision>,
    next: usize,
    has_begun: bool,
    diverged: Arc<AtomicBool>,
}

impl Replay {
    /// And a flag that tells whether a decision did not fit.
    pub(crate) fn new(decisions: Vec<Decision>) -> (Self, Arc<AtomicBool>) {
        let diverged = Arc::new(AtomicBool::new(false));
        let replay = Self {
            decisions,
            next: 0,
            has_begun: false,
            diverged: Arc::clone(&diverged),
        };
        (replay, diverged)
    }

    fn diverges(&self) {
        // Ordering: read when the execution is over.
        self.diverged.store(true, Ordering::Relaxed);
    }
}

impl Strategy for Replay {
    fn begin(&mut self) -> bool {
        let is_first = !std::mem::replace(&mut self.has_begun, true);
        if !is_first && self.next < self.decisions.len() {
            // The execution did not come to all of them.
            self.diverges();
        }
        is_first
    }

    fn schedule(&mut self, fork: &Fork<'_>) -> Option<usize> {
        if fork.candidates.len() == 1 {
            return Some(0);
        }
        while let Some(&decision) = self.decisions.get(self.next) {
            self.next += 1;
            if let Decision::Entity(entity) = decision {
                let index = fork.candidates.iter().position(|c| c.entity == entity);
                if index.is_some() {
                    return index;
                }
            }
            self.diverges();
        }
        Some(0)
    }

    fn choose(&mut self, bound: u32) -> u32 {
        match self.decisions.get(self.next) {
            Some(&Decision::Arm(arm)) => {
                self.next += 1;
                if arm < bound {
                    return arm;
                }
                self.diverges();
            }
            Some(Decision::Entity(_)) => self.diverges(),
            None => (),
        }
        0
    }

    fn done(&mut self, _: &Done<'_>) {}
}
