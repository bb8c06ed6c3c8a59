//! Whom a queued waiter would wake: for inspection.

use std::ptr::NonNull;

use super::{Kind, Owner, Waiter};

/// Whom a waiter would wake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sleeper {
    /// A block, by its number.
    Block(u64, Hold),
    /// A thread, by its [number](crate::inspect::threads::number).
    Thread(u64, Hold),
    /// A callback, a waker that is not ours, or an alts of which not all is known.
    Other,
}

/// The reference or waker that the operation holds to wake by, known by an address: the arms of an alts share
/// one. None: it needs none.
pub(crate) type Hold = Option<usize>;

impl Sleeper {
    /// `None`: nobody, it is an arm of an alts that has been decided.
    ///
    /// # Safety
    /// The waiter is in a list, whose lock is held.
    pub(crate) unsafe fn of(waiter: NonNull<Waiter>) -> Option<Self> {
        let address = waiter.addr().get();
        // SAFETY: what is queued is live.
        let waiter = unsafe { waiter.as_ref() };
        // SAFETY: the lock is held.
        let owner = unsafe { waiter.owner() };
        if let Kind::Alt(alt) = owner.kind() {
            let address = alt.addr().get();
            // SAFETY: the cell lives as long as its waiters are queued.
            let cell = unsafe { alt.as_ref() };
            return cell.peek(|owner| {
                if !cell.is_known() {
                    // It may wait on channels that nobody looks at.
                    return Self::Other;
                }
                // SAFETY: while nobody can win the word, what its owner names stays.
                unsafe { Self::of_owner(owner, address) }
            });
        }
        // SAFETY: it is not committed while it is in the list and the lock is held.
        Some(unsafe { Self::of_owner(owner, address) })
    }

    /// # Safety
    /// The owner's waiter cannot be committed or leave during this call, nor change its owner.
    unsafe fn of_owner(owner: Owner, address: usize) -> Self {
        match owner.kind() {
            Kind::Task(task) => {
                // SAFETY: promised by the caller: the task is live.
                Self::Block(unsafe { task.as_ref() }.id(), None)
            }
            Kind::Counted(task) => {
                // SAFETY: as above.
                Self::Block(unsafe { task.as_ref() }.id(), Some(address))
            }
            Kind::Slot(slot) => {
                // SAFETY: the box is freed after the waiter has left.
                let slot = unsafe { slot.as_ref() };
                // SAFETY: promised by the caller.
                let thread = unsafe { slot.thread() };
                thread.map_or(Self::Other, |number| Self::Thread(number, Some(address)))
            }
            _ => Self::Other,
        }
    }
}
