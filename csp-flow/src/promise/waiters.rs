//! Wakers of those who wait for one thing, each in a slot of its own.
//!
//! A wait that is given up takes its waker out, and one that is polled again replaces it: what is kept is
//! one waker for each wait that goes on now, however many there were (a list that only grows is the
//! classic leak of lost selects). Slots are ordered by number, which gives the order of waking.

use std::{
    collections::{BTreeMap, btree_map},
    task::Waker,
};

/// Which of the [`Waiters`] one is. Numbers are not used again, so a slot that was woken is harmless.
pub(super) type Slot = Option<u64>;

#[derive(Debug, Default)]
pub(super) struct Waiters {
    next: u64,
    parked: BTreeMap<u64, Waker>,
}

impl Waiters {
    /// Leaves `waker` in the slot. Gives the one before: a foreign waker's drop is not to run under the lock.
    #[must_use = "to be dropped without the lock"]
    pub(super) fn park(&mut self, slot: &mut Slot, waker: Waker) -> Option<Waker> {
        let number = *slot.get_or_insert_with(|| {
            self.next += 1;
            self.next
        });
        self.parked.insert(number, waker)
    }

    /// True if this slot would be woken by that waker already.
    pub(super) fn has(&self, slot: Slot, waker: &Waker) -> bool {
        slot.and_then(|number| self.parked.get(&number))
            .is_some_and(|parked| parked.will_wake(waker))
    }

    /// Gives the slot up.
    #[must_use = "to be dropped without the lock"]
    pub(super) fn leave(&mut self, slot: &mut Slot) -> Option<Waker> {
        slot.take().and_then(|number| self.parked.remove(&number))
    }

    /// All wakers, in the order in which their waits began.
    #[must_use = "to be woken without the lock"]
    pub(super) fn take_all(&mut self) -> btree_map::IntoValues<u64, Waker> {
        std::mem::take(&mut self.parked).into_values()
    }

    pub(super) fn len(&self) -> usize {
        self.parked.len()
    }
}
