//! Values that are counted, and dice.

use std::{
    fmt,
    ops::AddAssign,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

/// What became of the values of one round.
#[derive(Clone, Default)]
pub(crate) struct Book(Arc<Counts>);

#[derive(Default)]
struct Counts {
    made: AtomicU64,
    delivered: AtomicU64,
    given_back: AtomicU64,
    dropped: AtomicU64,
}

impl Book {
    pub(crate) fn value(&self, n: u64) -> Value {
        self.0.made.fetch_add(1, Ordering::Relaxed);
        Value {
            n,
            book: self.clone(),
            fate: Fate::Open,
        }
    }

    pub(crate) fn sum(&self) -> Sum {
        let Counts {
            made,
            delivered,
            given_back,
            dropped,
        } = &*self.0;
        let read = |count: &AtomicU64| count.load(Ordering::SeqCst);
        // The ends first: what is made meanwhile shows as open.
        let (delivered, given_back, dropped) = (read(delivered), read(given_back), read(dropped));
        Sum {
            made: read(made),
            delivered,
            given_back,
            dropped,
        }
    }
}

#[derive(Clone, Copy)]
enum Fate {
    Open,
    Delivered,
    GivenBack,
}

/// A value that is counted when it is made, and once when it ends.
pub(crate) struct Value {
    pub(crate) n: u64,
    book: Book,
    fate: Fate,
}

impl Value {
    pub(crate) fn delivered(mut self) {
        self.fate = Fate::Delivered;
    }

    pub(crate) fn given_back(mut self) {
        self.fate = Fate::GivenBack;
    }
}

impl Clone for Value {
    fn clone(&self) -> Self {
        self.book.value(self.n)
    }
}

impl Drop for Value {
    fn drop(&mut self) {
        let counts = &*self.book.0;
        let count = match self.fate {
            Fate::Open => &counts.dropped,
            Fate::Delivered => &counts.delivered,
            Fate::GivenBack => &counts.given_back,
        };
        count.fetch_add(1, Ordering::SeqCst);
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.n)
    }
}

/// The counts of a round, or of many.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Sum {
    made: u64,
    delivered: u64,
    given_back: u64,
    pub(crate) dropped: u64,
}

impl Sum {
    /// Values that nobody has accounted for. More ends than values wrap around, and are as wrong.
    pub(crate) fn open(&self) -> u64 {
        self.made
            .wrapping_sub(self.delivered + self.given_back + self.dropped)
    }
}

impl AddAssign for Sum {
    fn add_assign(&mut self, other: Self) {
        self.made += other.made;
        self.delivered += other.delivered;
        self.given_back += other.given_back;
        self.dropped += other.dropped;
    }
}

impl fmt::Display for Sum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} values made = {} delivered + {} given back + {} dropped by rule",
            self.made, self.delivered, self.given_back, self.dropped
        )
    }
}

/// A small source of random numbers.
#[derive(Debug, Clone)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        let mixed = (seed ^ 0x9E37_79B9_7F4A_7C15).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        Self((mixed ^ (mixed >> 31)) | 1)
    }

    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 32) % bound
    }

    pub(crate) fn index(&mut self, bound: usize) -> usize {
        usize::try_from(self.below(bound as u64)).unwrap_or(0)
    }

    pub(crate) fn one_in(&mut self, bound: u64) -> bool {
        self.below(bound) == 0
    }

    /// Dice of their own, for a block.
    pub(crate) fn split(&mut self) -> Self {
        Self::new(self.below(u64::MAX))
    }
}
