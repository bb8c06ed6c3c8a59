//! A parked operation: the node that stands in a channel's queue.
//!
//! The node lives in the operation's own future, so in the block's frame: parking allocates nothing.
//!
//! # Invariants
//! 1. `links`, and being in a list at all, belong to the channel's lock. Outside of a list they hold nothing.
//! 2. `status` is QUEUED exactly while the waiter is in a list. Whoever takes it out, under the lock,
//!    sets another status.
//! 3. While QUEUED, the waiter stays where it is: dropping the operation takes the lock to leave the
//!    queue first, and it is pinned. The task that owns it stays too: if the waiter stands in the
//!    task's frame, because it is dropped before that; if not, because it holds a reference.
//! 4. `owner` is written by the operation alone: before it is QUEUED, or while it is, under the lock.
//! 5. Whoever commits a waiter is the one who took it out of the list (and, for an arm of alts, who
//!    won its word). The value's slot is the committer's from then until status is final, and the
//!    operation's afterwards.
//!
//! # The order of a commit (all under the channel's lock)
//! move the value; status = CLAIMED; wake the owner; status = final (Release). CLAIMED comes before
//! the wake-up, so that a turn which counted the wake-up cannot see QUEUED and park again on it; the
//! final status comes after, so that the frame with waiter and header outlives the wake-up. An
//! operation that sees CLAIMED waits the few instructions until the status is final. (Where several waiters are
//! served at one instant, all are CLAIMED before the first value moves.)

mod claim;
mod list;
mod owner;
mod sleeper;
mod wake;

use std::{marker::PhantomPinned, mem::MaybeUninit, ptr::NonNull};

pub(crate) use claim::{Actor, Claim, Partner};
pub(crate) use list::List;
pub(crate) use owner::{Kind, Owner, Who};
pub(crate) use sleeper::Sleeper;
pub(crate) use wake::{CallbackTable, DueCallback, Wake, Wakes};

use crate::{
    site::Place,
    sync::{
        UnsafeCell,
        atomic::{AtomicU32, Ordering},
        spin_until,
    },
};

/// Where a waiter stands in its life. The first two are those of an operation that has nothing to see to when it is
/// dropped: one comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub(crate) enum Status {
    /// Not in any queue.
    Idle = 0,
    /// The operation has given its result.
    Spent = 1,
    /// In a channel's queue.
    Queued = 2,
    /// Committed; the committer is about to wake the owner.
    Claimed = 3,
    /// Committed: the value has moved.
    Done = 4,
    /// Ended by close: no value moved.
    Closed = 5,
    /// The value is one that stays (a promise): look again, it is there.
    Again = 6,
}

impl Status {
    fn of(raw: u32) -> Self {
        match raw {
            0 => Self::Idle,
            1 => Self::Spent,
            2 => Self::Queued,
            3 => Self::Claimed,
            4 => Self::Done,
            5 => Self::Closed,
            _ => Self::Again,
        }
    }
}

#[derive(Clone, Copy)]
pub(crate) struct Links {
    prev: *const Waiter,
    next: *const Waiter,
}

/// One parked operation. 32 bytes.
pub(crate) struct Waiter {
    /// Written when the waiter is put in a list.
    links: UnsafeCell<MaybeUninit<Links>>,
    owner: UnsafeCell<Owner>,
    status: AtomicU32,
    /// Which arm of its alts this is. (In an arm that was [marked](crate::alts::AltCell::mark): which was marked before it.)
    index: UnsafeCell<u32>,
    // Others hold pointers to the node while it is borrowed: without this, every `&mut` to the
    // future around it would claim to be the only access.
    _pinned: PhantomPinned,
}

impl Waiter {
    /// A waiter whose operation stands at `place` in the source. The place rides in the owner's word
    /// until the operation is first queued.
    #[inline]
    pub(crate) fn new(place: Place) -> Self {
        Self {
            links: UnsafeCell::new(MaybeUninit::uninit()),
            owner: UnsafeCell::new(Owner::place(place)),
            status: AtomicU32::new(Status::Idle as u32),
            index: UnsafeCell::new(0),
            _pinned: PhantomPinned,
        }
    }

    /// Where the operation stands.
    ///
    /// # Safety
    /// `set_owner` has not been called yet.
    #[inline]
    pub(crate) unsafe fn place(&self) -> Place {
        // SAFETY: nobody but the operation knows the waiter yet.
        unsafe { self.owner() }.as_place()
    }

    #[inline]
    pub(crate) fn status(&self) -> Status {
        // Ordering: Acquire pairs with the Release of the final status in `commit`.
        Status::of(self.status.load(Ordering::Acquire))
    }

    /// The status, once a commit under way is through.
    #[inline]
    pub(crate) fn settled(&self) -> Status {
        let mut status = self.status();
        if status == Status::Claimed {
            spin_until(|| {
                status = self.status();
                status != Status::Claimed
            });
        }
        status
    }

    /// Waits until the committer, who won the word of this arm's alts, is through with it, or who marked the arm. (The
    /// word is won before the waiter is taken out of its queue: it may still be Queued.)
    pub(crate) fn wait_for_commit(&self) {
        spin_until(|| !matches!(self.status(), Status::Queued | Status::Claimed));
    }

    /// For the operation itself, when nobody else can reach the waiter, or under the lock.
    #[inline]
    pub(crate) fn set_status(&self, status: Status) {
        // Ordering: published by the lock where it is queued.
        self.status.store(status as u32, Ordering::Relaxed);
    }

    /// # Safety
    /// Invariant 4: called by the operation, while the waiter is not queued or the lock is held.
    #[inline]
    pub(crate) unsafe fn set_owner(&self, owner: Owner, index: u32) {
        // SAFETY: promised by the caller.
        self.owner.with_mut(|at| unsafe { *at = owner });
        // SAFETY: as above.
        self.index.with_mut(|at| unsafe { *at = index });
    }

    /// # Safety
    /// Called by the operation itself, or under the lock.
    #[inline]
    pub(crate) unsafe fn owner(&self) -> Owner {
        // SAFETY: promised by the caller; only the operation writes it.
        self.owner.with(|at| unsafe { *at })
    }

    /// # Safety
    /// As for [`owner`](Self::owner).
    pub(crate) unsafe fn is_callback(&self) -> bool {
        // SAFETY: promised by the caller.
        matches!(unsafe { self.owner() }.kind(), Kind::Callback(_))
    }

    /// Who waits, for a dump; and which arm of an alts it is.
    ///
    /// # Safety
    /// The waiter is queued, and the lock is held.
    pub(crate) unsafe fn who(&self) -> (Who, Option<u32>) {
        // SAFETY: the lock is held.
        let owner = unsafe { self.owner() };
        let Kind::Alt(cell) = owner.kind() else {
            // SAFETY: it is queued, so its task stays (invariant 3).
            return (unsafe { owner.who() }, None);
        };
        // SAFETY: under the lock.
        let index = unsafe { self.index() };
        // SAFETY: the cell lives as long as its waiters are queued.
        (unsafe { cell.as_ref() }.who(), Some(index))
    }

    /// Where the links are: ours under the lock (invariant 1).
    #[inline]
    fn with_links<R>(&self, f: impl FnOnce(*mut Links) -> R) -> R {
        self.links.with_mut(|links| f(links.cast()))
    }

    /// Puts a place back into a waiter that is to be used again.
    ///
    /// # Safety
    /// Called by the operation, while the waiter is in no queue; its owner has been released.
    pub(crate) unsafe fn set_place(&self, place: Place) {
        // SAFETY: promised by the caller.
        unsafe { self.set_owner(Owner::place(place), 0) };
    }

    /// Gives the owner up.
    ///
    /// # Safety
    /// Called by the operation, once no commit can name the owner any more.
    #[inline]
    pub(crate) unsafe fn drop_owner(&self) {
        // SAFETY: the operation calls.
        let owner = unsafe { self.owner() };
        // SAFETY: as above.
        unsafe { self.set_owner(Owner::none(), 0) };
        // SAFETY: the waiter has just forgotten it.
        unsafe { owner.release() };
    }

    /// Another number in place of the index.
    ///
    /// # Safety
    /// The lock is held.
    pub(crate) unsafe fn set_index(&self, index: u32) {
        // SAFETY: promised by the caller.
        self.index.with_mut(|at| unsafe { *at = index });
    }

    /// # Safety
    /// As for [`owner`](Self::owner).
    #[inline]
    pub(crate) unsafe fn index(&self) -> u32 {
        // SAFETY: promised by the caller.
        self.index.with(|at| unsafe { *at })
    }
}

/// Ends a waiter that was taken out of its list, and says whom to wake once the lock is free.
///
/// # Safety
/// The lock is held; the caller took `waiter` out of the list just now and, if it is an arm of an
/// alts, won its word; the value has been moved.
#[inline]
pub(crate) unsafe fn commit(waiter: NonNull<Waiter>, last: Status) -> Option<Wake> {
    // SAFETY: as for this call.
    unsafe { claim(waiter) };
    // SAFETY: as for this call.
    unsafe { finish(waiter, last) }
}

/// The first half of a [`commit`]. Of several waiters that are claimed before the first is finished, none is seen
/// without its value while another has its own.
///
/// # Safety
/// As for `commit`, but the value may still have to be moved. [`finish`] follows, with no foreign code and no
/// waiting in between.
#[inline]
pub(crate) unsafe fn claim(waiter: NonNull<Waiter>) {
    // SAFETY: invariant 3: the waiter stays until its status is final.
    let waiter = unsafe { waiter.as_ref() };
    // Ordering: it publishes nothing; the first final status publishes the claims before it.
    waiter
        .status
        .store(Status::Claimed as u32, Ordering::Relaxed);
}

/// The second half of a [`commit`].
///
/// # Safety
/// As for `commit`; the waiter has been claimed.
#[inline]
pub(crate) unsafe fn finish(waiter: NonNull<Waiter>, last: Status) -> Option<Wake> {
    // SAFETY: invariant 3: the waiter stays until its status is final, which is our last access.
    let waiter = unsafe { waiter.as_ref() };
    // SAFETY: under the lock.
    let owner = unsafe { waiter.owner() };
    // SAFETY: the waiter is committed to us and the lock is held.
    let wake = unsafe { owner.wake(NonNull::from(waiter)) };
    // Ordering: Release publishes the moved value to `status` and `settled`.
    waiter.status.store(last as u32, Ordering::Release);
    wake
}
