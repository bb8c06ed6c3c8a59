//! The part of a task that every user of it sees: 80 bytes in front of the block's own frame.
//!
//! # Who may touch what
//! * `state`, `join`, `site`, `object`: anybody, they are atomics.
//! * `links`: only under the lock of the task's [`Room`].
//! * The frame behind the header: only the owner of the run token (see [`state`](super::state)).
//! * The outcome, which takes the frame's place: its writer until COMPLETE is set; then the `Go`, or
//!   whoever found that no `Go` is left.

use std::{alloc::Layout, ptr::NonNull, task::Context};

use super::{home::Room, join::JoinSlot, state::State};
use crate::{
    dynamic::{Bindings, Restore},
    error::Failure,
    inspect::{self, Stamp},
    site::{BlockSite, Place},
    sync::{
        UnsafeCell,
        atomic::{AtomicPtr, AtomicU32, AtomicU64, Ordering},
        plain::atomic::AtomicU32 as PlainU32,
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
    /// Drops the frame, which stands there. Caller owns the token.
    pub(super) drop_frame: unsafe fn(NonNull<()>),
    /// Writes the failure there, where the frame was.
    pub(super) write_failure: unsafe fn(NonNull<()>, Failure),
    /// Drops the outcome, which stands there. Caller has the right to it.
    pub(super) drop_outcome: unsafe fn(NonNull<()>),
    /// Where frame and outcome stand, from the header on.
    pub(super) body: usize,
    /// Of the whole allocation.
    pub(super) layout: Layout,
    /// Where the block stands in the source.
    pub(super) site: unsafe fn(NonNull<Header>) -> BlockSite,
}

/// Links of the list of live tasks; see [`Room`].
#[derive(Clone, Copy, Default)]
pub(super) struct Links {
    pub(super) prev: Option<NonNull<Header>>,
    pub(super) next: Option<NonNull<Header>>,
}

/// Where a task belongs, and what holds in its turns. Set by [`Home::adopt`](super::Home::adopt); for the owner of the run
/// token only.
struct Abode {
    room: NonNull<Room>,
    bindings: Option<Bindings>,
}

#[repr(C)]
pub(crate) struct Header {
    pub(super) state: State,
    pub(super) vtable: &'static VTable,
    abode: UnsafeCell<Abode>,
    pub(super) links: UnsafeCell<Links>,
    /// Stands for frame and outcome in loom's eyes: see [`touch_body`](Self::touch_body).
    body: UnsafeCell<()>,
    /// The models' proof that the allocation is freed, and once.
    #[cfg(csp_loom)]
    _counted: crate::sync::Arc<()>,
    id: AtomicU64,
    /// Where it parked last; read by the dump.
    place: AtomicPtr<()>,
    /// Waits for the outcome.
    pub(super) join: JoinSlot,
    /// The channel it parked on last; read by the dump.
    object: AtomicU32,
    /// When that was, if inspection was on.
    since: PlainU32,
}

// A parked block is to stay small: think twice before this grows.
#[cfg(all(target_pointer_width = "64", not(any(csp_loom, csp_shuttle))))]
const _: () = assert!(size_of::<Header>() == 80);

impl Header {
    pub(super) fn new(vtable: &'static VTable) -> Self {
        Self {
            state: State::new(),
            vtable,
            abode: UnsafeCell::new(Abode {
                room: NonNull::dangling(),
                bindings: None,
            }),
            links: UnsafeCell::new(Links::default()),
            body: UnsafeCell::new(()),
            #[cfg(csp_loom)]
            _counted: crate::sync::Arc::new(()),
            id: AtomicU64::new(0),
            place: AtomicPtr::new(std::ptr::null_mut()),
            join: JoinSlot::new(),
            object: AtomicU32::new(0),
            since: PlainU32::new(0),
        }
    }

    /// Gives a new task its home, and what holds in its turns.
    ///
    /// # Safety
    /// The caller owns the token of a task without a home.
    pub(super) unsafe fn settle_in(&self, room: NonNull<Room>, bindings: Option<Bindings>) {
        // SAFETY: the owner of the token has the abode to itself.
        self.abode
            .with_mut(|abode| unsafe { *abode = Abode { room, bindings } });
    }

    pub(super) fn set_id(&self, id: u64) {
        // Ordering: a `Go` on another thread may see 0 until it hears of the task by other ways.
        self.id.store(id, Ordering::Relaxed);
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        self.state.is_cancelled()
    }

    pub(crate) fn id(&self) -> u64 {
        // Ordering: as above.
        self.id.load(Ordering::Relaxed)
    }

    /// # Safety
    /// The caller owns the token of a task that has a home, and has not completed it.
    pub(super) unsafe fn room(&self) -> &Room {
        // SAFETY: only the owner of the token touches the abode.
        let room = self.abode.with(|abode| unsafe { (*abode).room });
        // SAFETY: the home, whose part it is, outlives its tasks: see `Home::new`.
        unsafe { room.as_ref() }
    }

    /// Makes the block's dynamic bindings hold, if it has any.
    ///
    /// # Safety
    /// The caller owns the token.
    #[inline]
    pub(super) unsafe fn enter_bindings(&self) -> Option<Restore> {
        self.abode.with(|abode| {
            // SAFETY: only the owner of the token touches the abode.
            let bindings = unsafe { &(*abode).bindings };
            bindings.as_ref().map(Bindings::enter)
        })
    }

    /// Gives up the block's dynamic bindings.
    ///
    /// # Safety
    /// The caller owns the token.
    pub(super) unsafe fn take_bindings(&self) -> Option<Bindings> {
        // SAFETY: only the owner of the token touches the abode.
        self.abode
            .with_mut(|abode| unsafe { (*abode).bindings.take() })
    }

    /// Frame or outcome is about to be used: nobody else may, and all other uses are ordered with this
    /// one. Checked by loom only; no code otherwise.
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "must compile to nothing, also in debug builds"
    )]
    pub(super) fn touch_body(&self) {
        self.body.with_mut(|_| ());
    }

    /// True if `at` lies in the task's own allocation. What is pinned there is dropped with the frame,
    /// so before the header goes: it may name the header without a reference.
    #[inline]
    pub(crate) fn holds(&self, at: *const ()) -> bool {
        at.addr().wrapping_sub(std::ptr::from_ref(self).addr()) < self.vtable.layout.size()
    }

    /// Notes where the task is about to park, and when if that is asked for. Plain stores.
    #[inline]
    pub(super) fn parks_at(&self, place: Place, object: u32) {
        let since = if inspect::is_enabled() {
            inspect::stamp()
        } else {
            Stamp::NONE
        };
        // Ordering: the dump accepts the three only if the task is parked before and after.
        self.place.store(place.0.cast_mut(), Ordering::Relaxed);
        self.object.store(object, Ordering::Relaxed);
        self.since.store(since.raw(), Ordering::Relaxed);
    }

    pub(super) fn parked_at(&self) -> (Place, u32) {
        // Ordering: as above.
        let place = Place(self.place.load(Ordering::Relaxed).cast_const());
        (place, self.object.load(Ordering::Relaxed))
    }

    pub(super) fn parked_since(&self) -> Stamp {
        // Ordering: as above.
        Stamp::from_raw(self.since.load(Ordering::Relaxed))
    }

    /// Says that inspection has a note of the block. False: it has completed.
    pub(crate) fn note(&self) -> bool {
        self.state.note()
    }
}
