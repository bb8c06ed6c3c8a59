//! Objects and entities as small sorted lists.

/// A set of numbers, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Set {
    numbers: Vec<u32>,
    /// It has something in common with every other, whatever its numbers are.
    meets_all: bool,
}

impl Set {
    pub(super) fn insert(&mut self, number: u32) {
        if let Err(at) = self.numbers.binary_search(&number) {
            self.numbers.insert(at, number);
        }
    }

    pub(super) fn extend(&mut self, numbers: &[u32]) {
        for &number in numbers {
            self.insert(number);
        }
    }

    pub(super) fn unite(&mut self, other: &Self) {
        self.extend(&other.numbers);
        self.meets_all |= other.meets_all;
    }

    pub(super) fn clear(&mut self) {
        self.numbers.clear();
        self.meets_all = false;
    }

    pub(super) fn contains(&self, number: u32) -> bool {
        self.numbers.binary_search(&number).is_ok()
    }

    pub(super) fn as_slice(&self) -> &[u32] {
        &self.numbers
    }

    pub(super) fn meet_all(&mut self) {
        self.meets_all = true;
    }

    pub(super) fn meets_all(&self) -> bool {
        self.meets_all
    }

    /// Has a number from this one on.
    pub(super) fn reaches(&self, from: u32) -> bool {
        self.numbers.last().is_some_and(|&last| last >= from)
    }

    pub(super) fn is_disjoint(&self, other: &Self) -> bool {
        if self.meets_all || other.meets_all {
            return false;
        }
        let (mut ours, mut theirs) = (
            self.numbers.iter().peekable(),
            other.numbers.iter().peekable(),
        );
        while let (Some(a), Some(b)) = (ours.peek(), theirs.peek()) {
            match a.cmp(b) {
                std::cmp::Ordering::Less => drop(ours.next()),
                std::cmp::Ordering::Greater => drop(theirs.next()),
                std::cmp::Ordering::Equal => return false,
            }
        }
        true
    }
}
