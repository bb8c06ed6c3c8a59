//! The first tick of each table, and of all: what tells when to look at them.
//!
//! # Invariant
//! `least` is never later than the first tick of a table. Both change under the lock, and `least` is raised only by who
//! has found no table with a tick that is over.
//!
//! So no deadline is forgotten. Whoever keeps the time sleeps until `least`. If a new tick is earlier, the keeper is
//! woken; if not, then the keeper sleeps no longer than until that tick, or it read a `least` that has been raised since.
//! That was raised by somebody for whom it was over: so it is for the keeper, who gets up and reads again.

use crate::sync::{
    Apart, Mutex,
    atomic::{AtomicU64, Ordering},
};

/// No tick.
pub(super) const NEVER: u64 = u64::MAX;

/// A table whose first tick is the first of all, and up to which tick no other table comes before it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Due {
    pub(super) table: usize,
    pub(super) until: u64,
}

/// Few write here: who makes a timeout that is the first of its table, and who ends some. Every worker reads `least`.
pub(super) struct Firsts {
    of_each: Apart<Mutex<Box<[u64]>>>,
    least: Apart<AtomicU64>,
}

impl Firsts {
    pub(super) fn new(tables: usize) -> Self {
        Self {
            of_each: Apart(Mutex::new(vec![NEVER; tables].into())),
            least: Apart(AtomicU64::new(NEVER)),
        }
    }

    /// The first tick of all, or an earlier one.
    #[inline]
    pub(super) fn least(&self) -> u64 {
        // Ordering: Acquire pairs with the Release of the stores; a tick that is missed now is seen at the next look.
        self.least.load(Ordering::Acquire)
    }

    /// A table's first tick is earlier now, under the table's lock. True: earlier than any.
    pub(super) fn lower(&self, table: usize, tick: u64) -> bool {
        let mut of_each = self.of_each.lock();
        of_each[table] = tick;
        // Ordering: changed under the lock only.
        let earlier = tick < self.least.load(Ordering::Relaxed);
        if earlier {
            // Ordering: Release, see `least`.
            self.least.store(tick, Ordering::Release);
        }
        earlier
    }

    /// A table's first tick is later now, under the table's lock. What is due next.
    pub(super) fn raise(&self, table: usize, tick: u64, now: u64) -> Option<Due> {
        let mut of_each = self.of_each.lock();
        of_each[table] = tick;
        self.first_of(&of_each, now)
    }

    /// What is due next, if anything is at `now`.
    pub(super) fn due(&self, now: u64) -> Option<Due> {
        self.first_of(&self.of_each.lock(), now)
    }

    /// As `due`, under the lock.
    fn first_of(&self, of_each: &[u64], now: u64) -> Option<Due> {
        let (mut table, mut first, mut second) = (0, NEVER, now);
        for (at, &tick) in of_each.iter().enumerate() {
            if tick < first {
                second = second.min(first);
                (table, first) = (at, tick);
            } else {
                second = second.min(tick);
            }
        }
        if first <= now {
            let until = second;
            return Some(Due { table, until });
        }
        // Ordering: Release, see `least`.
        self.least.store(first, Ordering::Release);
        None
    }
}

#[cfg(all(test, not(any(csp_loom, csp_shuttle))))]
mod tests {
    use super::*;

    #[test]
    fn tables_are_due_in_the_order_of_their_ticks() {
        let firsts = Firsts::new(3);
        assert!(firsts.lower(1, 7));
        assert!(!firsts.lower(2, 9), "7 is before it");
        assert!(!firsts.lower(0, 7), "7 is not after it");
        let due = |table, until| Some(Due { table, until });
        assert_eq!(firsts.due(6), None);
        assert_eq!(firsts.due(8), due(0, 7), "up to the first of table 1");
        assert_eq!(firsts.raise(0, 12, 8), due(1, 8), "up to now");
        assert_eq!(firsts.due(10), due(1, 9));
        assert_eq!(firsts.least(), 7, "while some are due");
        assert_eq!(firsts.raise(1, NEVER, 8), None);
        assert_eq!(firsts.least(), 9);
        assert!(firsts.lower(1, 8));
        assert_eq!(firsts.least(), 8);
    }
}
