//! Probabilistic concurrency testing: few preemptions, at random places.
//!
//! Burckhardt, Kothari, Musuvathi, Nagarakatte: *A Randomized Scheduler with Probabilistic Guarantees of Finding Bugs*
//! (ASPLOS 2010). Each entity has a random priority, and the one with the highest goes on. At `depth - 1` random steps,
//! the change points, the entity that would go on falls below all others.
//!
//! **The guarantee**: a bug of depth `d` is one that shows whenever `d` certain steps happen in a certain order (a
//! deadlock of two locks and a lost update have depth 2). In a program of `n` entities and `k` steps each execution
//! finds it with a chance of at least `1 / (n * k^(d - 1))`, whatever the other steps do. It holds as far as `k`,
//! which is learnt from the executions before, is at least the number of steps of this one, and for schedules alone: arms
//! are chosen uniformly. Nothing is said of programs that need an entity to be overtaken while it
//! spins: one that gives up its turn by itself falls below all others, or such a program would not end.

use super::{
    Done, Fork, Strategy,
    dice::{Dice, Seeds},
};

/// What the learnt number of steps costs of a seed: it is part of the seed, or the seed alone would not give the
/// same execution again.
const LENGTH_BITS: u32 = 8;
const LENGTH_MASK: u64 = (1 << LENGTH_BITS) - 1;
/// What an execution is expected to take if none has been seen.
const FIRST_LENGTH: u64 = 128;

/// Random priorities with `depth - 1` changes. See the module.
#[derive(Debug)]
pub(crate) struct Pct {
    seeds: Seeds,
    /// Execution after execution: none is learnt from before the second.
    is_first: bool,
    depth: u32,
    seed: u64,
    dice: Dice,
    /// By entity; the highest goes on. Drawn ones are positive.
    priorities: Vec<Option<i64>>,
    /// Steps at which the one that would go on falls, in order; the next first.
    changes: Vec<u64>,
    lowest: i64,
    steps: u64,
    longest: u64,
    last: Option<u32>,
}

impl Pct {
    /// The first execution is the one that had this seed, if it is one that [`seed`](Strategy::seed) gave for the
    /// same depth.
    pub(crate) fn new(seed: u64, depth: u32) -> Self {
        Self {
            seeds: Seeds::new(seed),
            is_first: true,
            depth: depth.max(1),
            seed,
            dice: Dice::new(seed),
            priorities: Vec::new(),
            changes: Vec::new(),
            lowest: 0,
            steps: 0,
            longest: 0,
            last: None,
        }
    }

    fn priority(&mut self, entity: u32) -> i64 {
        let entity = entity as usize;
        if self.priorities.len() <= entity {
            self.priorities.resize(entity + 1, None);
        }
        // Drawn anew for each: ties are as good as impossible, and settled by the order of candidates.
        *self.priorities[entity].get_or_insert_with(|| (self.dice.next() >> 2).cast_signed() + 1)
    }

    /// Lets all others overtake it.
    fn demote(&mut self, entity: u32) {
        self.lowest -= 1;
        let lowest = self.lowest;
        self.priority(entity);
        self.priorities[entity as usize] = Some(lowest);
    }

    fn highest(&mut self, fork: &Fork<'_>) -> usize {
        let mut best = (i64::MIN, 0);
        for (index, candidate) in fork.candidates.iter().enumerate() {
            let priority = self.priority(candidate.entity);
            if priority > best.0 {
                best = (priority, index);
            }
        }
        best.1
    }
}

/// The shortest length code whose length is at least this: quarters of powers of two.
fn length_code(length: u64) -> u64 {
    (0..=LENGTH_MASK)
        .find(|&code| coded_length(code) >= length)
        .unwrap_or(LENGTH_MASK)
}

fn coded_length(code: u64) -> u64 {
    let (power, quarters) = (code / 4, code % 4);
    if power >= 60 {
        return 1 << 60;
    }
    (1 << power) + ((1 << power) * quarters).div_ceil(4)
}

impl Strategy for Pct {
    fn begin(&mut self) -> bool {
        let seed = self.seeds.next();
        self.longest = self.longest.max(self.steps);
        self.seed = if std::mem::take(&mut self.is_first) {
            seed
        } else {
            let expected = if self.longest == 0 {
                FIRST_LENGTH
            } else {
                self.longest
            };
            (seed & !LENGTH_MASK) | length_code(expected)
        };
        self.dice = Dice::new(self.seed);
        self.priorities.clear();
        self.lowest = 0;
        self.steps = 0;
        self.last = None;
        let length = coded_length(self.seed & LENGTH_MASK);
        self.changes = (1..self.depth).map(|_| self.dice.below(length)).collect();
        self.changes.sort_unstable_by(|a, b| b.cmp(a));
        true
    }

    fn schedule(&mut self, fork: &Fork<'_>) -> Option<usize> {
        let could_go_on = |last: &u32| fork.candidates.iter().any(|c| c.entity == *last);
        if let Some(yielded) = self.last.filter(could_go_on)
            && !fork.is_preemption
        {
            self.demote(yielded);
        }
        while self.changes.last().is_some_and(|&at| at <= self.steps) {
            self.changes.pop();
            let falls = self.highest(fork);
            self.demote(fork.candidates[falls].entity);
        }
        self.steps += 1;
        let index = self.highest(fork);
        self.last = Some(fork.candidates[index].entity);
        Some(index)
    }

    fn choose(&mut self, bound: u32) -> u32 {
        self.dice.below_u32(bound)
    }

    fn done(&mut self, _: &Done<'_>) {}

    fn seed(&self) -> Option<u64> {
        Some(self.seed)
    }
}
