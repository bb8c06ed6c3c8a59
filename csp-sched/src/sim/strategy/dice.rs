//! Numbers that look random and come again with the same seed.

const STRIDE: u64 = 0x9e37_79b9_7f4a_7c15;

/// `SplitMix64` (Steele, Lea, Flood 2014): every seed is a good one, and what it gives never changes between versions
/// of a library, so that seeds stay valid.
#[derive(Debug, Clone)]
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STRIDE);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `bound`, as uniform as matters (the bias is below bound / 2^64).
    pub(super) fn below(&mut self, bound: u64) -> u64 {
        let wide = u128::from(self.next()) * u128::from(bound);
        (wide >> 64) as u64
    }

    pub(super) fn below_u32(&mut self, bound: u32) -> u32 {
        u32::try_from(self.below(u64::from(bound))).expect("it is below a u32")
    }

    pub(super) fn index(&mut self, len: usize) -> usize {
        usize::try_from(self.below(len as u64)).expect("it is below a usize")
    }
}

/// The seed of each execution: the first has the master's own, so that a seed that is given again gives the same
/// execution first.
#[derive(Debug, Clone)]
pub(super) struct Seeds {
    next: u64,
    dice: Dice,
}

impl Seeds {
    pub(super) fn new(master: u64) -> Self {
        Self {
            next: master,
            dice: Dice::new(!master),
        }
    }

    pub(super) fn next(&mut self) -> u64 {
        let dice = &mut self.dice;
        std::mem::replace(&mut self.next, dice.next())
    }
}
