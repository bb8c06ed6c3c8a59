//! One put of a transaction, typed: what is done with its value.

use std::{any::Any, ptr::NonNull};

use super::{
    super::{
        PutOp,
        core::{Core, Queues, XFORM},
        inner::{Locked, value_of},
        stored::serve_takers,
    },
    Rest,
};
use crate::{
    buffer::{Kind, WhenFull},
    sync::lock::Guard,
    waiter::{Status, Waiter, Wakes},
};

/// How many values a channel takes in now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Space {
    /// So many without a taker.
    pub(super) free: usize,
    /// Takers who wait are handed values directly: a rendezvous, or a plain ring.
    pub(super) direct: bool,
    /// Code of the user's decides what becomes of a value, so nobody knows whether there is room for a second.
    pub(super) single: bool,
}

/// With what a custom buffer panicked, if it did.
pub(crate) type Payload = Option<Box<dyn Any + Send>>;

/// A channel's space.
pub(crate) type Measured = (Space, Payload);

/// What came of a value that went into a buffer.
#[must_use = "wake-ups that are not done are lost"]
pub(crate) struct Stored<'a> {
    pub(super) wakes: Wakes,
    pub(super) rest: Rest<'a>,
    pub(super) panic: Payload,
}

/// One put of a transaction, without its type.
///
/// While a transaction waits, the put's waiter may be queued as a watcher (see [`watch`](super::watch)), and is
/// Done once it was told; the value stays in the slot until the status is Spent. (Put alone, Done would mean
/// that it has moved: a transaction makes it Idle before it gives its puts up.)
pub(crate) trait Entry {
    fn core(&self) -> &Core;

    fn waiter(&self) -> &Waiter;

    /// # Safety
    /// `lock` is this channel's. The channel is open.
    unsafe fn space<'a>(&'a self, lock: Guard<'a, Queues>) -> (Guard<'a, Queues>, Measured);

    /// Moves the value to a taker.
    ///
    /// # Safety
    /// The taker is just out of this channel's list, whose lock is held, and committed to the caller; the value is
    /// still there.
    unsafe fn hand_to(&self, taker: NonNull<Waiter>);

    /// Moves the value into the buffer, or through the transducer.
    ///
    /// # Safety
    /// `lock` is this channel's, which has room; the value is still there.
    unsafe fn store<'a>(&'a self, lock: Guard<'a, Queues>) -> (Guard<'a, Queues>, Stored<'a>);

    /// Publishes all hints but CLOSED and WATCHED. With what a custom buffer panicked when it was asked.
    ///
    /// # Safety
    /// `lock` is this channel's.
    unsafe fn publish<'a>(&'a self, lock: Guard<'a, Queues>) -> (Guard<'a, Queues>, Payload);

    /// Drops the value that the buffer let go of, if it did. Not under a lock.
    fn drop_left(&self);
}

impl<T> Entry for PutOp<T> {
    fn core(&self) -> &Core {
        &self.chan().core
    }

    fn waiter(&self) -> &Waiter {
        &self.slot().waiter
    }

    unsafe fn space<'a>(&'a self, lock: Guard<'a, Queues>) -> (Guard<'a, Queues>, Measured) {
        let chan = self.chan();
        if let Some(table) = lock.table() {
            let core = NonNull::from(chan).cast();
            // SAFETY: the table is this channel's, whose lock is held.
            let (lock, has_room) = unsafe { (table.has_room)(core, lock) };
            return (lock, (Space::single(has_room), None));
        }
        let mut locked = Locked { queues: lock, chan };
        let space = match locked.parts().1.buf() {
            None => Space::direct(0),
            Some(Kind::Ring {
                items,
                capacity,
                when_full: WhenFull::Park,
            }) => Space::direct(capacity.saturating_sub(items.len())),
            Some(Kind::Ring { .. }) => Space::direct(usize::MAX),
            Some(Kind::Promise { .. }) => Space {
                free: usize::MAX,
                direct: false,
                single: false,
            },
            Some(buf) => Space::single(!buf.is_full()),
        };
        let panic = locked.policy_panic();
        (locked.queues, (space, panic))
    }

    unsafe fn hand_to(&self, taker: NonNull<Waiter>) {
        // SAFETY: promised by the caller.
        let at = unsafe { value_of::<T>(taker) };
        // SAFETY: the taker is committed to the caller, its slot ours to fill; the value moves.
        unsafe { at.copy_from_nonoverlapping(self.slot().value(), 1) };
        self.waiter().set_status(Status::Spent);
    }

    unsafe fn store<'a>(&'a self, lock: Guard<'a, Queues>) -> (Guard<'a, Queues>, Stored<'a>) {
        let chan = self.chan();
        self.waiter().set_status(Status::Spent);
        let src = self.slot().value();
        let mut stored = Stored {
            wakes: Wakes::new(),
            rest: None,
            panic: None,
        };
        if let Some(table) = lock.table() {
            let core = NonNull::from(chan).cast();
            // SAFETY: the table is this channel's, which has room; the senders of its channel put what its
            // transducer takes in.
            let (lock, rest) = unsafe { (table.put_among)(core, lock, src.cast_const().cast()) };
            stored.rest = rest;
            return (lock, stored);
        }
        let mut locked = Locked { queues: lock, chan };
        let (queues, data) = locked.parts();
        let buf = data.buf().expect("room without a taker means a buffer");
        let plain = matches!(buf, Kind::Ring { .. });
        // SAFETY: promised by the caller; the value moves.
        if let Some(left) = buf.add(unsafe { src.read() }) {
            // SAFETY: the slot is empty, and ours.
            unsafe { src.write(left) };
            self.waiter().set_status(Status::Closed);
        }
        // (Those who wait for a plain ring have been served directly.)
        if !plain && serve_takers(queues, data, &mut stored.wakes) {
            stored.rest = Some(Box::new(|| chan.serve_all(chan.lock())));
        }
        stored.panic = locked.policy_panic();
        (locked.queues, stored)
    }

    unsafe fn publish<'a>(&'a self, lock: Guard<'a, Queues>) -> (Guard<'a, Queues>, Payload) {
        if self.core().has(XFORM) {
            // Published when it was put into; its values are of another type here.
            return (lock, None);
        }
        let mut locked = Locked {
            queues: lock,
            chan: self.chan(),
        };
        locked.publish();
        let panic = locked.policy_panic();
        (locked.queues, panic)
    }

    fn drop_left(&self) {
        if self.waiter().status() == Status::Closed {
            self.waiter().set_status(Status::Spent);
            // SAFETY: `store` left a value in the slot, which is ours.
            unsafe { self.slot().value().drop_in_place() };
        }
    }
}

impl Space {
    fn direct(free: usize) -> Self {
        Self {
            free,
            direct: true,
            single: false,
        }
    }

    fn single(has_room: bool) -> Self {
        Self {
            free: usize::from(has_room),
            direct: false,
            single: true,
        }
    }
}
