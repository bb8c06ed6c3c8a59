//! The part of a channel that does not depend on what goes through it: the lock with the two queues
//! of parked operations, the handle counts, and the hints.
//!
//! # Hints
//! One word, written under the lock and read without it, says what the channel is ready for. A try
//! on a channel that is not ready takes no lock, an alts looks at its arms with one load each, and two
//! equal looks at all of them prove that none was ready in between: the upper bits count the changes (of which exactly a
//! multiple of 2²¹ between the looks would not be seen).

#[cfg(all(test, not(csp_loom)))]
mod tests;

use std::{panic::Location, ptr::NonNull, task::Context};

use super::{
    callback::Pending,
    divided::{self, Erased},
    inner::Cause,
    number,
    put_all::Room,
    trace::Trace,
    xform,
};
use crate::{
    context::{Object, current_block, describe, touch, visible},
    sync::{
        MODELLED,
        atomic::{AtomicPtr, AtomicU32, Ordering},
        load_locked,
        lock::{Guard, Lock, Stepping},
        plain::Arc,
    },
    task,
    waiter::{Kind, List, Owner, Status, Waiter},
};

/// No more puts.
pub(crate) const CLOSED: u32 = 1;
/// Somebody waits to take.
pub(crate) const TAKERS: u32 = 2;
/// Somebody waits to put.
pub(crate) const PUTTERS: u32 = 4;
/// A value is in the buffer.
pub(crate) const ITEMS: u32 = 8;
/// A put into the buffer would not park.
pub(crate) const ROOM: u32 = 16;
/// What is put goes through a transducer: set from the start, or never.
pub(crate) const XFORM: u32 = 32;
/// A transaction waits for room: see [`put_all`](super::put_all).
pub(crate) const WATCHED: u32 = 64;
/// Inspection knows the channel, and who uses it is noted: set from the start, or never. See [`trace`](super::trace).
pub(crate) const NOTED: u32 = 128;
/// Its buffer is plain, and has room for many: set from the start, or never.
pub(crate) const WIDE: u32 = 256;
/// Its buffer is in two: see [`divided`](super::divided).
pub(crate) const DIVIDED: u32 = 512;
/// A thread found the lock taken, and the buffer may be of a kind that can be divided.
pub(crate) const CONTENDED: u32 = 1024;
const FLAGS: u32 = 0x7FF;
const VERSION: u32 = 0x800;

/// What a take can go on with. (Of a divided buffer the hint does not say more: it would be written for each message.)
pub(crate) const TAKE_READY: u32 = CLOSED | PUTTERS | ITEMS | DIVIDED;
/// What a put can go on with.
pub(crate) const PUT_READY: u32 = CLOSED | TAKERS | ROOM | DIVIDED;

/// The other side's handles are all gone, and its work at the end is done: see [`Core::leave`].
const OTHER_SIDE_DONE: u32 = 1 << 31;
const OWN_SIDE_DONE: u32 = 1 << 30;
const MAX_HANDLES: u32 = 1 << 29;

/// What the lock protects, but for the values.
pub(crate) struct Queues {
    pub(crate) takes: List,
    pub(crate) puts: List,
    ext: Option<Box<Ext>>,
}

/// What most channels never need.
#[derive(Default)]
pub(crate) struct Ext {
    pub(crate) name: Option<Arc<str>>,
    pub(crate) failure: Option<Cause>,
    /// Pending callbacks of each [`Side`].
    pub(crate) pending: [Pending; 2],
    /// Those who wait for the channel to close.
    pub(crate) watchers: List,
    /// Transactions that wait for room here.
    pub(super) room: Room,
    /// Who uses the channel, if that is noted.
    pub(super) trace: Option<Box<Trace>>,
    /// How whoever does not know the type of what comes out acts on a channel with a transducer.
    pub(super) table: Option<&'static xform::Table>,
}

impl Ext {
    /// Transactions that wait for room.
    pub(crate) fn wait_for_room(&self) -> &List {
        &self.room.watchers
    }
}

impl Queues {
    /// The rest, made when it is first needed.
    pub(crate) fn ext(&mut self) -> &mut Ext {
        self.ext.get_or_insert_with(Box::default)
    }

    pub(crate) fn existing_ext(&mut self) -> Option<&mut Ext> {
        self.ext.as_deref_mut()
    }

    /// Set if the channel has a transducer.
    pub(super) fn table(&self) -> Option<&'static xform::Table> {
        self.ext.as_ref().and_then(|ext| ext.table)
    }
}

/// Which end of a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Take,
    Put,
}

impl Side {
    /// The hint flags that make an operation on this side ready.
    #[inline]
    pub(crate) fn ready(self) -> u32 {
        match self {
            Self::Take => TAKE_READY,
            Self::Put => PUT_READY,
        }
    }
}

#[repr(C)]
pub(crate) struct Core {
    hint: AtomicU32,
    pub(crate) id: u32,
    /// Live senders, and in the top bits which sides are done with the channel.
    senders: AtomicU32,
    receivers: AtomicU32,
    pub(crate) queues: Lock<Queues>,
    /// Null until its buffer is divided: see [`divided`].
    pub(super) ends: AtomicPtr<Erased>,
}

impl Core {
    pub(crate) fn new(hint: u32) -> Self {
        Self {
            hint: AtomicU32::new(hint),
            id: number::next(),
            senders: AtomicU32::new(1),
            receivers: AtomicU32::new(1),
            queues: Lock::new(Queues {
                takes: List::new(),
                puts: List::new(),
                ext: None,
            }),
            ends: AtomicPtr::new(std::ptr::null_mut()),
        }
    }

    /// True once it is closed.
    pub(crate) fn is_closed(&self) -> bool {
        self.is(CLOSED)
    }

    /// True if what is put goes through a transducer.
    pub(crate) fn has_transducer(&self) -> bool {
        self.is(XFORM)
    }

    /// The channel as a simulation knows it.
    pub(crate) fn object(&self) -> Object {
        Object::Channel(self.id)
    }

    #[inline]
    pub(super) fn made_at(&self, at: &'static Location<'static>) {
        describe(self.object(), &format_args!("the channel of {at}"));
    }

    /// Its handles, as a simulation knows them.
    pub(super) fn ends(&self) -> Object {
        Object::Ends(self.id)
    }

    /// Something is about to be done here that cannot yield.
    #[inline]
    pub(super) fn visible(&self) {
        visible(self.object());
    }

    /// The hint with its version, for two equal looks.
    #[inline]
    pub(crate) fn look(&self) -> u32 {
        // Ordering: Acquire pairs with `publish`: a later look at another channel is at least as new
        // as what the writer of this hint had seen there.
        self.hint.load(Ordering::Acquire)
    }

    #[inline]
    pub(crate) fn is(&self, flags: u32) -> bool {
        self.look() & flags != 0
    }

    /// As [`is`](Self::is), under the lock, where it is not a hint but the truth.
    #[inline]
    pub(crate) fn has(&self, flags: u32) -> bool {
        load_locked(&self.hint) & flags != 0
    }

    /// Which of `flags` are set. Under the lock.
    #[inline]
    pub(super) fn which(&self, flags: u32) -> u32 {
        load_locked(&self.hint) & flags
    }

    /// Sets the flags of `mask` as in `flags`. Under the lock.
    #[inline]
    pub(crate) fn publish(&self, mask: u32, flags: u32) {
        // Ordering: written only under the lock, which we hold; Release pairs with `look`.
        let old = load_locked(&self.hint);
        let new = (old & !mask) | (flags & mask);
        if (old ^ new) & FLAGS != 0 {
            self.hint
                .store(new.wrapping_add(VERSION), Ordering::Release);
        }
    }

    /// Publishes whether anybody waits on either side. Under the lock.
    #[inline]
    pub(crate) fn publish_queues(&self, queues: &Queues) {
        let takers = if queues.takes.is_empty() { 0 } else { TAKERS };
        let putters = if queues.puts.is_empty() { 0 } else { PUTTERS };
        self.publish(TAKERS | PUTTERS, takers | putters);
    }

    /// Takes a waiter out of its queue, unless it has been committed. True: it was taken out.
    #[inline(never)]
    pub(crate) fn withdraw(&self, side: Side, waiter: &Waiter) -> bool {
        touch(self.object());
        let mut queues = self.queues.lock_or_abort();
        // Under the lock Queued is certain: it is in the list.
        if waiter.status() != Status::Queued {
            return false;
        }
        let list = match side {
            Side::Take => &mut queues.takes,
            Side::Put => &mut queues.puts,
        };
        // SAFETY: it is in this list (invariant 2 of `waiter`), whose lock we hold.
        unsafe { list.unlink(NonNull::from(waiter)) };
        waiter.leave();
        self.publish_queues(&queues);
        true
    }

    /// Sees to it that a queued plain operation wakes the one who polls it now. False: it has been
    /// committed.
    ///
    /// # Safety
    /// Called by the operation, whose waiter was queued on this channel.
    pub(crate) unsafe fn change_owner(&self, waiter: &Waiter, cx: &Context<'_>) -> bool {
        // SAFETY: the operation calls.
        let old = unsafe { waiter.owner() };
        if let (Kind::Task(task) | Kind::Counted(task), Some(polled)) =
            (old.kind(), task::task_of(cx.waker()))
            && task == polled
        {
            // A wake-up that came after this turn began makes another turn.
            return waiter.status() == Status::Queued;
        }
        // A clone of a waker is foreign code: made and dropped without the lock.
        let new = Owner::of(cx, waiter);
        let queues = self.queues.lock();
        let parked = waiter.status() == Status::Queued;
        // SAFETY: the operation calls, under the lock.
        let replace = parked && !unsafe { old.is(cx) };
        if replace {
            // What a watcher has noted of its line stays.
            // SAFETY: as above.
            let index = unsafe { waiter.index() };
            // SAFETY: as above.
            unsafe { waiter.set_owner(new, index) };
        }
        drop(queues);
        // SAFETY: one of the two is not named by the waiter, and is ours alone. (If it was committed,
        // the old one goes with the operation.)
        unsafe { if replace { old } else { new }.release() };
        parked
    }

    #[inline]
    pub(crate) fn lock(&self) -> Guard<'_, Queues> {
        let queues = self.lock_as_is();
        if self.has(DIVIDED) {
            divided::join(self, false);
        }
        queues
    }

    /// As [`lock`](Self::lock), unless somebody keeps it for more than a moment.
    pub(crate) fn lock_soon(&self) -> Option<Guard<'_, Queues>> {
        let queues = self.queues.lock_soon()?;
        (!self.has(DIVIDED) || divided::join(self, true)).then_some(queues)
    }

    /// The lock, of a channel whose buffer may be divided: for who asks that under it, or has nothing to do with values.
    #[inline]
    pub(crate) fn lock_as_is(&self) -> Guard<'_, Queues> {
        if let Some(queues) = self.queues.try_lock() {
            return queues;
        }
        self.lock_contended()
    }

    #[cold]
    #[inline(never)]
    fn lock_contended(&self) -> Guard<'_, Queues> {
        let queues = self.queues.lock();
        let divides = WIDE | CLOSED | XFORM | NOTED | WATCHED | DIVIDED;
        if !MODELLED && self.which(divides) == WIDE && current_block().is_none() {
            self.publish(CONTENDED, CONTENDED);
        }
        queues
    }

    /// Whether somebody has the lock just now.
    #[inline]
    pub(crate) fn is_in_use(&self) -> bool {
        self.queues.is_taken()
    }

    /// Says that code of the user's runs under the lock, until the guard is dropped.
    pub(super) fn stepping(&self) -> Stepping {
        self.queues.stepping()
    }

    fn count(&self, side: Side) -> &AtomicU32 {
        match side {
            Side::Put => &self.senders,
            Side::Take => &self.receivers,
        }
    }

    /// How many handles a side has.
    pub(crate) fn handles(&self, side: Side) -> u32 {
        // Ordering: a snapshot.
        self.count(side).load(Ordering::Relaxed) & (OWN_SIDE_DONE - 1)
    }

    /// One more handle of a side that has one.
    #[inline]
    pub(crate) fn add_handle(&self, side: Side) {
        // Ordering: the caller has a handle, so the channel stays.
        let old = self.count(side).fetch_add(1, Ordering::Relaxed);
        if old & (OWN_SIDE_DONE - 1) >= MAX_HANDLES {
            // The clone fails, so it must not count: the field would overflow in the end.
            self.count(side).fetch_sub(1, Ordering::Relaxed);
            panic!("more than {MAX_HANDLES} handles of one channel");
        }
    }

    /// One handle less. True: it was the last of its side, and the caller must close the channel and
    /// then call [`leave`](Self::leave). False: the channel may be gone before this returns, so it is not borrowed here.
    ///
    /// # Safety
    /// The channel is live; the caller gives up a handle of this side.
    #[inline]
    pub(crate) unsafe fn drop_handle(this: NonNull<Self>, side: Side) -> bool {
        // SAFETY: promised by the caller. (What is borrowed across the access is an atomic alone.)
        let count = unsafe { this.as_ref() }.count(side);
        // Ordering: Release orders our uses before the closing, Acquire sees those of the others.
        count.fetch_sub(1, Ordering::AcqRel) & (OWN_SIDE_DONE - 1) == 1
    }

    /// A side is done with the channel for good. True: so is the other, and the caller frees it. False: the other frees
    /// it, perhaps before this returns, as above.
    ///
    /// # Safety
    /// The channel is live; the caller calls for this side, once, which does not use it any more.
    pub(crate) unsafe fn leave(this: NonNull<Self>, side: Side) -> bool {
        let (mine, other) = match side {
            Side::Put => (OWN_SIDE_DONE, OTHER_SIDE_DONE),
            Side::Take => (OTHER_SIDE_DONE, OWN_SIDE_DONE),
        };
        // SAFETY: as in `drop_handle`.
        let senders = &unsafe { this.as_ref() }.senders;
        // Ordering: AcqRel: the second to come sees everything that the first did.
        senders.fetch_or(mine, Ordering::AcqRel) & other != 0
    }
}
