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
const TAGS: usize = 3;

/// The box of a foreign waker. The committer takes the waker out; the operation frees the box.
pub(crate) struct WakerSlot(UnsafeCell<Option<Waker>>);

/// Nobody, an own task (no count, see invariant 3 of [`waiter`](super)), a foreign waker's box, the
/// cell of an alts, or the callback that the waiter is the head of.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Owner(*const ());

/// An [`Owner`], looked into.
pub(crate) enum Kind {
    None,
    Task(NonNull<Header>),
    Slot(NonNull<WakerSlot>),
    Alt(NonNull<AltCell>),
    Callback(&'static CallbackTable),
}

impl Owner {
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

    /// The owner that polls: its task if it is ours, else a box with a clone of its waker. Runs foreign
    /// code (the clone), so never under a lock. To be given back with [`release`](Self::release).
    #[inline]
    pub(crate) fn of(cx: &Context<'_>) -> Self {
        match task::task_of(cx.waker()) {
            Some(header) => Self(header.as_ptr().cast_const().cast()),
            None => Self::boxed(cx.waker().clone()),
        }
    }

    #[inline(never)]
    fn boxed(waker: Waker) -> Self {
        let slot = Box::into_raw(Box::new(WakerSlot(UnsafeCell::new(Some(waker)))));
        Self(slot.cast_const().cast::<()>().map_addr(|a| a | SLOT))
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
            Kind::Task(header) => task::task_of(cx.waker()) == Some(header),
            Kind::Slot(slot) => {
                // SAFETY: the box is the operation's, which calls; nobody takes the waker out now.
                unsafe { slot.as_ref() }.0.with(|waker| {
                    unsafe { (*waker).as_ref() }.is_some_and(|w| w.will_wake(cx.waker()))
                })
            }
            _ => false,
        }
    }

    /// Frees the waker's box, if there is one. May drop a waker: never under a lock.
    ///
    /// # Safety
    /// `of` made it, it is released once, and no waiter or cell names it any more.
    #[inline]
    pub(crate) unsafe fn release(self) {
        if let Kind::Slot(slot) = self.kind() {
            // SAFETY: `boxed` made the box, and we are the last to use it.
            drop(unsafe { Box::from_raw(slot.as_ptr()) });
        }
    }

    /// What wakes this owner, now that `waiter` is committed.
    ///
    /// # Safety
    /// As for [`commit`](super::commit), which calls it.
    #[inline]
    pub(super) unsafe fn wake(self, waiter: NonNull<Waiter>) -> Option<Wake> {
        match self.kind() {
            // SAFETY: the waiter is still unsettled and the lock is held, so the frame it stands in,
            // and the task with it, cannot go.
            Kind::Task(header) => unsafe { task::notify(header) }.map(Wake::Task),
            Kind::Slot(slot) => {
                // SAFETY: the operation frees the box after the status is final; the waker in it is
                // the committer's to take, and there is one committer.
                let waker = unsafe { slot.as_ref() }
                    .0
                    .with_mut(|waker| unsafe { (*waker).take() });
                waker.map(Wake::Waker)
            }
            Kind::Alt(cell) => {
                // SAFETY: the cell lives in the frame of the waiter it was won through.
                let owner = unsafe { cell.as_ref().owner() };
                // SAFETY: an alts' own owner is a task or a waker; otherwise as for this call.
                unsafe { owner.wake(waiter) }
            }
            // SAFETY: the waiter is committed to us, once.
            Kind::Callback(table) => {
                Some(Wake::Callback(unsafe { DueCallback::new(waiter, table) }))
            }
            Kind::None => None,
        }
    }
}
