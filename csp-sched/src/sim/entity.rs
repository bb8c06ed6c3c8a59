//! Who can be chosen to go on: the clock, the main closure, blocks and threads.

use std::{fmt, ptr::NonNull, time::Instant};

use csp_core::{BlockSite, ParkSite, Task};

use super::seat::Seat;
use crate::sync::Arc;

/// The number of the clock.
pub(super) const CLOCK: u32 = 0;
/// The number of the main closure.
pub(super) const MAIN: u32 = 1;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Clock,
    Main,
    Block,
    Thread,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    /// Could go on: it is among the due.
    Ready,
    Running,
    Parked,
    Ended,
}

/// What a parked thread waits for.
pub(super) struct Wait {
    unparked: NonNull<dyn Fn() -> bool>,
    pub(super) deadline: Option<Instant>,
    pub(super) may_unwind: bool,
}

// SAFETY: the closure is called by whoever has the baton, and one thread has it at a time; what it looks at is
// behind locks or in atomics, since foreign wakers change it.
unsafe impl Send for Wait {}

impl Wait {
    /// # Safety
    /// `unparked` outlives the value.
    pub(super) unsafe fn new(
        unparked: &dyn Fn() -> bool,
        deadline: Option<Instant>,
        may_unwind: bool,
    ) -> Self {
        let unparked: NonNull<dyn Fn() -> bool + '_> = NonNull::from(unparked);
        // SAFETY: only the lifetime changes; the caller promises that it is long enough.
        let unparked = unsafe {
            std::mem::transmute::<NonNull<dyn Fn() -> bool + '_>, NonNull<dyn Fn() -> bool>>(
                unparked,
            )
        };
        Self {
            unparked,
            deadline,
            may_unwind,
        }
    }

    pub(super) fn is_over(&self) -> bool {
        // SAFETY: promised to `new`.
        let unparked = unsafe { self.unparked.as_ref() };
        unparked()
    }
}

#[expect(clippy::struct_excessive_bools, reason = "independent facts")]
pub(super) struct Entity {
    pub(super) kind: Kind,
    /// Of the block.
    pub(super) id: u64,
    /// The runtime that it was started on.
    pub(super) realm: u32,
    pub(super) site: Option<BlockSite>,
    pub(super) status: Status,
    /// To be run when it is chosen.
    pub(super) task: Option<Task>,
    /// Its thread, if it was left in the middle of a turn.
    pub(super) seat: Option<Arc<Seat>>,
    /// As a thread that is parked.
    pub(super) wait: Option<Wait>,
    pub(super) timed_out: bool,
    /// Is to be unwound when it goes on.
    pub(super) unwind: bool,
    /// What its next operation is about.
    pub(super) announced: Vec<u32>,
    pub(super) place: Option<ParkSite>,
    /// Another was chosen, and its turn is to end.
    pub(super) yields: bool,
    /// It was chosen to do what it had announced.
    pub(super) granted: bool,
    /// Operations since the end was declared.
    pub(super) late: u32,
}

impl Entity {
    pub(super) fn new(kind: Kind, id: u64, realm: u32, site: Option<BlockSite>) -> Self {
        Self {
            kind,
            id,
            realm,
            site,
            status: Status::Ready,
            task: None,
            seat: None,
            wait: None,
            timed_out: false,
            unwind: false,
            announced: Vec::new(),
            place: None,
            yields: false,
            granted: false,
            late: 0,
        }
    }
}

/// An entity in words: `block 2 (src/x.rs:10:5)`.
pub(super) struct Named<'a> {
    pub(super) number: usize,
    pub(super) entity: &'a Entity,
}

impl fmt::Display for Named<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { number, entity } = self;
        match (entity.kind, &entity.site) {
            (Kind::Clock, _) => f.write_str("the clock"),
            (Kind::Main, _) => f.write_str("main"),
            (Kind::Block, Some(site)) => write!(f, "block {number} ({site})"),
            (Kind::Thread, Some(site)) => write!(f, "thread {number} ({site})"),
            (_, None) => write!(f, "entity {number}"),
        }
    }
}

/// Where an operation stands: `take!(rx) at src/x.rs:12:9`.
pub(super) struct At<'a>(pub(super) &'a ParkSite);

impl fmt::Display for At<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let site = self.0;
        // (A method's caller is known, not what it was called on.)
        match (site.op(), site.text()) {
            (csp_core::Op::Alt, _) => write!(f, "alt!")?,
            (csp_core::Op::Take, "..") => write!(f, "take")?,
            (csp_core::Op::Put, "..") => write!(f, "put")?,
            (csp_core::Op::Park, "..") => write!(f, "wait")?,
            (op, text) => write!(f, "{op}({text})")?,
        }
        write!(f, " at {}:{}:{}", site.file(), site.line(), site.column())
    }
}
