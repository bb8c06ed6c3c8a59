//! Who may commit a waiter: nothing to do for a plain operation, one atomic word for an alts, two for
//! an alts that meets an alts.

use std::ptr::NonNull;

use super::{Kind, List, Status, Waiter};
use crate::alts::AltCell;

/// The one who acts on a channel, under its lock.
#[derive(Clone, Copy)]
pub(crate) enum Actor<'a> {
    /// A plain operation, or an alts that has not queued any waiter yet: nobody else can end it.
    Alone,
    /// Arm `index` of an alts that has waiters in other queues: it may be ended through those at any
    /// time, so it must win its own word to act.
    Arm(&'a AltCell, u32),
    /// An arm of a set that does not wait: nobody else can end it, but other arms of it may be queued.
    Set(&'a AltCell),
}

/// What an attempt to commit a waiter came to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Claim {
    /// The waiter is ours to commit (and we are committed to it).
    Won,
    /// The waiter's alts has been ended through another arm: it only waits to be unlinked.
    Dead,
    /// We have been ended through another arm.
    Lost,
}

impl Actor<'_> {
    /// True if nobody else can end the actor.
    #[inline]
    pub(crate) fn is_free(self) -> bool {
        !matches!(self, Self::Arm(..))
    }

    /// Wins the actor's own word, for something that needs no other waiter: a value in the buffer,
    /// room there, a closed channel. False: it was ended through another arm.
    #[inline]
    pub(crate) fn win(self) -> bool {
        match self {
            Self::Alone | Self::Set(_) => true,
            Self::Arm(cell, index) => cell.win(index),
        }
    }

    /// Tries to commit `waiter`, and the actor with it.
    ///
    /// # Safety
    /// The lock is held and the waiter is in a list of it; it is not an arm of the actor itself.
    #[inline]
    unsafe fn claim(self, waiter: NonNull<Waiter>) -> Claim {
        // SAFETY: what is queued is live.
        let waiter = unsafe { waiter.as_ref() };
        // SAFETY: the lock is held.
        let owner = unsafe { waiter.owner() };
        // SAFETY: as above.
        let index = unsafe { waiter.index() };
        match (self, owner.kind()) {
            (Self::Alone | Self::Set(_), Kind::Alt(other)) => {
                // SAFETY: the cell lives as long as its waiters are queued.
                if unsafe { other.as_ref() }.win(index) {
                    Claim::Won
                } else {
                    Claim::Dead
                }
            }
            (Self::Arm(mine, my_index), Kind::Alt(other)) => {
                // SAFETY: as above.
                AltCell::win_both(mine, my_index, unsafe { other.as_ref() }, index)
            }
            // A plain waiter in the list, under the lock, is there for the taking.
            _ if self.win() => Claim::Won,
            _ => Claim::Lost,
        }
    }

    fn is_owner_of(self, waiter: NonNull<Waiter>) -> bool {
        let (Self::Arm(mine, _) | Self::Set(mine)) = self else {
            return false;
        };
        // SAFETY: the caller holds the lock of a list with this waiter, so it is live.
        let waiter = unsafe { waiter.as_ref() };
        // SAFETY: the lock is held.
        match unsafe { waiter.owner() }.kind() {
            Kind::Alt(cell) => std::ptr::eq(cell.as_ptr(), mine),
            _ => false,
        }
    }
}

/// What a search for a partner found.
pub(crate) enum Partner {
    /// Committed to us and out of the list; to be given its final status with
    /// [`commit`](super::commit).
    Found(NonNull<Waiter>),
    /// Nobody waits (but perhaps the actor itself, in its other arms).
    Nobody,
    /// The actor has been ended through another arm.
    Lost,
}

impl List {
    /// Takes out the first waiter that can be committed. Dead ones on the way are taken out too;
    /// the actor's own arms stay (an alts never meets itself).
    ///
    /// # Safety
    /// The lock is held.
    #[inline]
    pub(crate) unsafe fn partner(&mut self, actor: Actor<'_>) -> Partner {
        let Some(first) = self.first() else {
            return Partner::Nobody;
        };
        // SAFETY: what is queued is live.
        let waiter = unsafe { first.as_ref() };
        // SAFETY: the lock is held.
        let plain = !unsafe { waiter.owner() }.is_alt();
        if plain && actor.is_free() {
            // SAFETY: it is in this list and the lock is held.
            unsafe { self.unlink(first) };
            return Partner::Found(first);
        }
        // SAFETY: as for this call.
        unsafe { self.partner_at_length(actor) }
    }

    /// # Safety
    /// The lock is held.
    unsafe fn partner_at_length(&mut self, actor: Actor<'_>) -> Partner {
        let mut at = self.first();
        while let Some(waiter) = at {
            if actor.is_owner_of(waiter) {
                // SAFETY: it is in this list and the lock is held.
                at = unsafe { self.after(waiter) };
                continue;
            }
            // SAFETY: it is in this list, the lock is held, and it is not ours.
            match unsafe { actor.claim(waiter) } {
                Claim::Won => {
                    // SAFETY: it is in this list and the lock is held.
                    unsafe { self.unlink(waiter) };
                    return Partner::Found(waiter);
                }
                Claim::Lost => return Partner::Lost,
                Claim::Dead => {
                    // SAFETY: it is in this list and the lock is held.
                    let next = unsafe { self.after(waiter) };
                    // SAFETY: as above.
                    if unsafe { self.take_out_dead(waiter) } {
                        at = next;
                    }
                }
            }
        }
        Partner::Nobody
    }

    /// True if the first who waits can be committed, by the look of it: an alts among them may be ended
    /// elsewhere at any moment. Takes out the dead in front, as [`partner`](Self::partner) does.
    ///
    /// # Safety
    /// The lock is held.
    pub(crate) unsafe fn has_partner(&mut self) -> bool {
        while let Some(first) = self.first() {
            // SAFETY: what is queued is live.
            let waiter = unsafe { first.as_ref() };
            // SAFETY: the lock is held.
            let owner = unsafe { waiter.owner() };
            // SAFETY: it is in this list and the lock is held.
            if !owner.is_alt() || !unsafe { self.take_out_dead(first) } {
                return true;
            }
        }
        false
    }

    /// Takes out all arms that cannot be committed: a walk, for the end.
    ///
    /// # Safety
    /// The lock is held.
    pub(crate) unsafe fn take_out_all_dead(&mut self) {
        let mut at = self.first();
        while let Some(waiter) = at {
            // SAFETY: it is in this list, whose lock is held.
            at = unsafe { self.after(waiter) };
            // SAFETY: what is queued is live.
            let node = unsafe { waiter.as_ref() };
            // SAFETY: the lock is held.
            let owner = unsafe { node.owner() };
            if owner.is_alt() {
                // SAFETY: it is an arm, in this list, whose lock is held.
                unsafe { self.take_out_dead(waiter) };
            }
        }
    }

    /// Takes out an arm of an alts that cannot be committed, and tells its set, if it is one's. False: it stays, for
    /// it can be, by the look of it.
    ///
    /// # Safety
    /// It is an arm, in this list, whose lock is held.
    pub(crate) unsafe fn take_out_dead(&mut self, arm: NonNull<Waiter>) -> bool {
        // SAFETY: what is queued is live.
        let waiter = unsafe { arm.as_ref() };
        // SAFETY: the lock is held.
        let Kind::Alt(cell) = unsafe { waiter.owner() }.kind() else {
            return false;
        };
        // SAFETY: the cell lives as long as its waiters are queued.
        let cell = unsafe { cell.as_ref() };
        // SAFETY: it is in this list, whose lock is held; it is taken out and leaves below.
        if !cell.is_final() || !unsafe { cell.mark(waiter) } {
            return false;
        }
        // SAFETY: as above.
        unsafe { self.unlink(arm) };
        // Its alts sees Idle and need not take our lock: neither links nor cell are touched by us after this. (The
        // lock is held, so the alts has not left yet.)
        waiter.leave();
        true
    }
}

impl Waiter {
    /// False for an arm of an alts that cannot be committed.
    ///
    /// # Safety
    /// It is in a list, whose lock is held.
    pub(super) unsafe fn is_alive(&self) -> bool {
        // SAFETY: the lock is held.
        match unsafe { self.owner() }.kind() {
            // SAFETY: the cell lives as long as its waiters are queued.
            Kind::Alt(cell) => !unsafe { cell.as_ref() }.is_final(),
            _ => true,
        }
    }

    /// Marks a waiter that is out of the list and not committed.
    pub(crate) fn leave(&self) {
        // Ordering: Release pairs with `status`: the owner may free the waiter once it sees Idle.
        self.status
            .store(Status::Idle as u32, super::Ordering::Release);
    }
}
