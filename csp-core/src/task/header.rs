//! The part of a task that every user of it sees: 72 bytes in front of the block's own frame.
//!
//! # Who may touch what
//! * `state`, `join`, `site`, `object`: anybody, they are atomics.
//! * `links`: only under the lock of the task's [`Home`].
//! * The frame behind the header: only the owner of the run token (see [`state`](super::state)).
//! * The outcome, which takes the frame's place: its writer until COMPLETE is set; then the `Go`, or
//!   whoever found that no `Go` is left.

use std::{ptr::NonNull, task::Context};

use super::{home::Home, join::JoinSlot, state::State};
use crate::{
    site::{BlockSite, Place},
    sync::{
        UnsafeCell,
        atomic::{AtomicPtr, AtomicU32, Ordering},
    },
};

/// What a poll of the frame came to.
pub(super) enum Polled {
    Pending,
    /// The frame is gone and the outcome stands in its place.
    Ready,
}

/// The typed part of a task behind function pointers: one static table per block in the source.
pub(super) struct VTable {
    /// Polls the frame, catching a panic. Caller owns the token.
    pub(super) poll: unsafe fn(NonNull<Header>, &mut Context<'_>) -> Polled,
    /// Drops the frame and writes `Cancelled` in its place. Caller owns the token.
    pub(super) cancel: unsafe fn(NonNull<Header>),
    /// Where the outcome stands, once it does.
    pub(super) outcome: unsafe fn(NonNull<Header>) -> NonNull<()>,
    /// Drops the outcome. Caller has the right to it.
    pub(super) drop_outcome: unsafe fn(NonNull<Header>),
    /// Frees the allocation; frame and outcome are gone. Caller dropped the last reference.
    pub(super) dealloc: unsafe fn(NonNull<Header>),
    /// Size of the whole allocation.
    pub(super) size: usize,
    /// Where the block stands in the source.
    pub(super) site: unsafe fn(NonNull<Header>) -> BlockSite,
}

/// Links of the list of live tasks; see [`Home`].
#[derive(Clone, Copy, Default)]
pub(super) struct Links {
    pub(super) prev: Option<NonNull<Header>>,
    pub(super) next: Option<NonNull<Header>>,
}

#[repr(C)]
pub(crate) struct Header {
    pub(super) state: State,
    pub(super) vtable: &'static VTable,
    /// The home's executor outlives the task: see [`Home::new`].
    pub(super) home: NonNull<Home>,
    pub(super) links: UnsafeCell<Links>,
    pub(super) id: u64,
    /// Where it parked last; read by the dump.
    place: AtomicPtr<()>,
    /// Waits for the outcome.
    pub(super) join: JoinSlot,
    /// The channel it parked on last; read by the dump.
    object: AtomicU32,
}

impl Header {
    pub(super) fn new(vtable: &'static VTable, home: NonNull<Home>, id: u64) -> Self {
        Self {
            state: State::new(),
            vtable,
            home,
            links: UnsafeCell::new(Links::default()),
            id,
            place: AtomicPtr::new(std::ptr::null_mut()),
            join: JoinSlot::new(),
            object: AtomicU32::new(0),
        }
    }

    /// True if `at` lies in the task's own allocation. What is pinned there is dropped with the frame,
    /// so before the header goes: it may name the header without a reference.
    #[inline]
    pub(crate) fn holds(&self, at: *const ()) -> bool {
        at.addr().wrapping_sub(std::ptr::from_ref(self).addr()) < self.vtable.size
    }

    /// Notes where the task is about to park. Two plain stores.
    #[inline]
    pub(super) fn parks_at(&self, place: Place, object: u32) {
        // Ordering: the dump accepts the pair only if the task is parked before and after.
        self.place.store(place.0.cast_mut(), Ordering::Relaxed);
        self.object.store(object, Ordering::Relaxed);
    }

    pub(super) fn parked_at(&self) -> (Place, u32) {
        // Ordering: as above.
        let place = Place(self.place.load(Ordering::Relaxed).cast_const());
        (place, self.object.load(Ordering::Relaxed))
    }
}
