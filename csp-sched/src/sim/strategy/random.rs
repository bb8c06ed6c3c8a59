//! Every choice by a seeded die.

use super::{Done, Fork, Strategy};

/// Chooses among all candidates alike. (Replaced when the strategies are merged.)
#[derive(Debug)]
pub(crate) struct Random {
    seed: u64,
    next_seed: u64,
    state: u64,
}

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            seed,
            next_seed: seed,
            state: 0,
        }
    }

    /// splitmix64
    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        (self.next() >> 32) * bound >> 32
    }
}

impl Strategy for Random {
    fn begin(&mut self) -> bool {
        self.seed = self.next_seed;
        self.next_seed = self.next_seed.wrapping_add(1);
        self.state = self.seed;
        true
    }

    fn schedule(&mut self, fork: &Fork<'_>) -> Option<usize> {
        match fork.candidates.len() {
            1 => Some(0),
            many => usize::try_from(self.below(many as u64)).ok(),
        }
    }

    fn choose(&mut self, bound: u32) -> u32 {
        self.below(u64::from(bound)) as u32
    }

    fn done(&mut self, _step: &Done<'_>) {}

    fn seed(&self) -> Option<u64> {
        Some(self.seed)
    }
}
