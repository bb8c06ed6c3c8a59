//! A random walk through the schedules.
//!
//! A walk that is uniform at each fork preempts nearly everywhere, and almost never lets one entity run far while another
//! stands still, which many bugs need. So each execution first draws how much it likes to let the one that ran go on;
//! executions of either kind come up ("swarm testing", Groce et al. 2012: many different biases find more
//! than the best single one).

use super::{
    Done, Fork, Strategy,
    dice::{Dice, Seeds},
};

/// Chances of 16 that the one that ran goes on without the dice being asked. (Found by measuring, see the tests.)
const STAYS: [u64; 4] = [0, 0, 8, 14];

/// A seeded random walk.
#[derive(Debug)]
pub(crate) struct Random {
    seeds: Seeds,
    seed: u64,
    dice: Dice,
    is_uniform: bool,
    stay: u64,
}

impl Random {
    /// The first execution is the one that had this seed, if it is one that [`seed`](Strategy::seed) gave.
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            seeds: Seeds::new(seed),
            seed,
            dice: Dice::new(seed),
            is_uniform: false,
            stay: 0,
        }
    }

    /// Each candidate has the same chance at each fork.
    #[cfg(test)]
    pub(crate) fn uniform(seed: u64) -> Self {
        Self {
            is_uniform: true,
            ..Self::new(seed)
        }
    }
}

impl Strategy for Random {
    fn begin(&mut self) -> bool {
        self.seed = self.seeds.next();
        self.dice = Dice::new(self.seed);
        self.stay = if self.is_uniform {
            0
        } else {
            STAYS[self.dice.index(STAYS.len())]
        };
        true
    }

    fn schedule(&mut self, fork: &Fork<'_>) -> Option<usize> {
        if fork.is_preemption && self.dice.below(16) < self.stay {
            return Some(0);
        }
        Some(self.dice.index(fork.candidates.len()))
    }

    fn choose(&mut self, bound: u32) -> u32 {
        self.dice.below_u32(bound)
    }

    fn done(&mut self, _: &Done<'_>) {}

    fn seed(&self) -> Option<u64> {
        Some(self.seed)
    }
}
