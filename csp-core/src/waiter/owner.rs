//! Whom a waiter belongs to, in one tagged word.

use std::{
    ptr::NonNull,
    task::{Context, Waker},
};

use super::{CallbackTable, DueCallback, Waiter, wake::Wake};
use crate::{
    alts::AltCell,
    site::Place,
    sync::UnsafeCell,
    task::{self, Header},
};

const ALT: usize = 1;
const SLOT: usize = 2;
const CALLBACK: usize = 3;
const COUNTED: usize = 4;
const TAGS: usize = 7;

/// The box of a foreign waker. The committer takes the waker out; the operation frees the box.
#[repr(align(8))]
pub(crate) struct WakerSlot(UnsafeCell<Option<Waker>>);

impl WakerSlot {
    /// The number of the thread that sleeps on it, if it is one of ours.
    ///
    /// # Safety
    /// Nobody takes the waker out meanwhile, and the operation does not change it.
    pub(super) unsafe fn thread(&self) -> Option<u64> {
        self.0.with(|waker| {
            // SAFETY: promised by the caller.
            let waker = unsafe { &*waker };
            waker.as_ref().and_then(crate::park::thread_of)
        })
    }
}

/// Nobody, an own task, a foreign waker's box, the cell of an alts, or the callback that the waiter is
/// the head of.
///
/// An own task comes without a reference if what names it stands in that task's own frame, and goes
/// with it (invariant 3 of [`waiter`](super)). An operation that stands elsewhere, in a box say, can
/// be moved out of the block, or be leaked, while it is queued: it holds a reference.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Owner(*const ());

/// An [`Owner`], looked into.
pub(crate) enum Kind {
    None,
    Task(NonNull<Header>),
    Counted(NonNull<Header>),
    Slot(NonNull<WakerSlot>),
    Alt(NonNull<AltCell>),
    Callback(&'static CallbackTable),
}

/// Who waits, as a dump shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Who {
    /// The block with this number.
    Block(u64),
    /// A thread, other async code, a callback.
    Outsider,
    Nobody,
}

impl Owner {
    /// Who this is.
    ///
    /// # Safety
    /// If it is a task, it stays during this call: what names it is queued in a channel whose lock is held.
    pub(crate) unsafe fn who(self) -> Who {
        match self.kind() {
            Kind::Task(header) | Kind::Counted(header) => {
                // SAFETY: promised by the caller.
                Who::Block(unsafe { header.as_ref() }.id())
            }
            Kind::Slot(_) | Kind::Callback(_) => Who::Outsider,
            Kind::Alt(_) | Kind::None => Who::Nobody,
        }
    }

    pub(crate) const fn none() -> Self {
        Self(std::ptr::null())
    }

    pub(crate) fn callback(table: &'static CallbackTable) -> Self {
        Self(
            std::ptr::from_ref(table)
                .cast::<()>()
                .map_addr(|a| a | CALLBACK),
        )
    }

    /// A word that is no owner: see [`Waiter::new`].
    pub(super) fn place(place: Place) -> Self {
        Self(place.0)
    }

    pub(super) fn as_place(self) -> Place {
        Place(self.0)
    }

    pub(crate) fn alt(cell: &AltCell) -> Self {
        Self(std::ptr::from_ref(cell).cast::<()>().map_addr(|a| a | ALT))
    }

    /// The task that polls, if it is ours and what it polls, at `at`, stands in its own frame: an owner
    /// that costs nothing, and need not be given back.
    #[inline]
    pub(crate) fn of_frame<A>(cx: &Context<'_>, at: &A) -> Option<(NonNull<Header>, Self)> {
        let header = task::task_of(cx.waker())?;
        // SAFETY: the waker that we are polled with keeps the task alive.
        let holds = unsafe { header.as_ref() }.holds(std::ptr::from_ref(at).cast());
        holds.then(|| (header, Self(header.as_ptr().cast_const().cast())))
    }

    /// The owner that polls what stands at `at`: its task if it is ours, else a box with a clone of its
    /// waker. Runs foreign code (the clone), so never under a lock. To be given back with
    /// [`release`](Self::release).
    pub(crate) fn of<A>(cx: &Context<'_>, at: &A) -> Self {
        if let Some((_, owner)) = Self::of_frame(cx, at) {
            return owner;
        }
        let Some(header) = task::task_of(cx.waker()) else {
            return Self::boxed(cx.waker().clone());
        };
        // SAFETY: the waker keeps the task alive during this call; `release` gives the reference back.
        unsafe { task::hold(header) };
        Self(
            header
                .as_ptr()
                .cast_const()
                .cast::<()>()
                .map_addr(|a| a | COUNTED),
        )
    }

    #[inline(never)]
    fn boxed(waker: Waker) -> Self {
        let slot = Box::into_raw(Box::new(WakerSlot(UnsafeCell::new(Some(waker)))));
        Self(slot.cast_const().cast::<()>().map_addr(|a| a | SLOT))
    }

    /// True if it is an alts: whoever commits the waiter has to win that first.
    #[inline]
    pub(crate) fn is_alt(self) -> bool {
        self.0.addr() & TAGS == ALT
    }

    #[inline]
    pub(crate) fn kind(self) -> Kind {
        let at = NonNull::new(self.0.map_addr(|a| a & !TAGS).cast_mut());
        match (self.0.addr() & TAGS, at) {
            (_, None) => Kind::None,
            // SAFETY: `callback` made the word, from a reference to a static.
            (CALLBACK, Some(at)) => Kind::Callback(unsafe { at.cast().as_ref() }),
            (ALT, Some(at)) => Kind::Alt(at.cast()),
            (SLOT, Some(at)) => Kind::Slot(at.cast()),
            (COUNTED, Some(at)) => Kind::Counted(at.cast()),
            (_, Some(at)) => Kind::Task(at.cast()),
        }
    }

    /// True if the one who polls with `cx` is this owner already. Compares foreign wakers, so it is
    /// for the operation itself, which alone replaces the waker.
    ///
    /// # Safety
    /// Called by the operation that the owner was made for, while no commit can run (its lock is
    /// held) unless the owner is a task.
    pub(crate) unsafe fn is(self, cx: &Context<'_>) -> bool {
        match self.kind() {
            Kind::Task(header) | Kind::Counted(header) => task::task_of(cx.waker()) == Some(header),
            Kind::Slot(slot) => {
                // SAFETY: the box is the operation's, which calls.
                let slot = unsafe { slot.as_ref() };
                slot.0.with(|waker| {
                    // SAFETY: nobody takes the waker out now.
                    let waker = unsafe { &*waker };
                    waker.as_ref().is_some_and(|w| w.will_wake(cx.waker()))
                })
            }
            _ => false,
        }
    }

    /// Frees the waker's box or gives the task's reference back, if there is one. May drop a waker:
    /// never under a lock.
    ///
    /// # Safety
    /// `of` made it, it is released once, and no waiter or cell names it any more.
    #[inline]
    pub(crate) unsafe fn release(self) {
        match self.kind() {
            // SAFETY: `boxed` made the box, and we are the last to use it.
            Kind::Slot(slot) => drop(unsafe { Box::from_raw(slot.as_ptr()) }),
            // SAFETY: `of` took the reference, and we are the last to use it.
            Kind::Counted(header) => unsafe { task::release(header) },
            _ => {}
        }
    }

    /// What wakes this owner, now that `waiter` is committed.
    ///
    /// # Safety
    /// As for [`commit`](super::commit), which calls it.
    #[inline]
    pub(super) unsafe fn wake(self, waiter: NonNull<Waiter>) -> Option<Wake> {
        match self.kind() {
            Kind::Task(header) | Kind::Counted(header) => {
                // SAFETY: the waiter is not settled yet and the lock is held, so the frame it stands
                // in, and the task with it, cannot go; if it stands elsewhere, its reference is there.
                unsafe { task::notify(header) }.map(Wake::Task)
            }
            Kind::Slot(slot) => {
                // SAFETY: the operation frees the box after the status is final.
                let slot = unsafe { slot.as_ref() };
                slot.0
                    // SAFETY: the waker is the committer's to take, and there is one committer.
                    .with_mut(|waker| unsafe { (*waker).take() })
                    .map(Wake::Waker)
            }
            Kind::Alt(cell) => {
                // SAFETY: the cell stays until the waiter it was won through is settled.
                let cell = unsafe { cell.as_ref() };
                // SAFETY: its word was won by the caller.
                let owner = unsafe { cell.owner() };
                // SAFETY: an alts' own owner is a task or a waker; otherwise as for this call.
                unsafe { owner.wake(waiter) }
            }
            Kind::Callback(table) => {
                // SAFETY: the waiter is committed to us, once.
                let due = unsafe { DueCallback::new(waiter, table) };
                Some(Wake::Callback(due))
            }
            Kind::None => None,
        }
    }
}
