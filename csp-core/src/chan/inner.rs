//! The channel: three queues under one lock (puts, takes, buffer), and the moves between them.
//!
//! # Invariants (when the lock is free)
//! 1. A taker that can be committed waits only if there is no value: buffer and stash are empty and no
//!    putter waits (but arms of the same alts).
//! 2. A putter that can be committed waits only if there is no room in the buffer and no taker waits.
//! 3. Once CLOSED no putter is added and no taker waits. Once the receiving side closed, no putter
//!    waits either.
//! 4. The hints say what is the case (but a dead arm may still count as a taker or putter).
//!
//! # Lock order
//! The channel's lock, then the words of alts, in the order of their addresses. Two channel locks are
//! never held together. No foreign code runs under the lock but a custom buffer's: values are moved,
//! not cloned or dropped; wakers are collected and woken after it. (A custom buffer that panics is caught
//! there and then, and the panic goes on when the lock is free and all wake-ups are done.)

use std::{any::Any, collections::VecDeque, mem::MaybeUninit, ptr::NonNull};

use super::{
    callback::Pending,
    core::{CLOSED, Core, ITEMS, Queues, ROOM},
    stored::Stored,
};
use crate::{
    buffer::Kind,
    sync::{Guard, UnsafeCell, plain::Arc},
    task,
    waiter::{self, Actor, List, Partner, Status, Waiter},
};

/// Why a channel [failed](crate::Sender::fail).
pub type Cause = Arc<dyn std::error::Error + Send + Sync>;

#[repr(C)]
pub(crate) struct Chan<T> {
    pub(crate) core: Core,
    data: UnsafeCell<Data<T>>,
}

// SAFETY: values pass from thread to thread (T: Send), and are never shared under the lock; the
// promise buffer, which shares one, asks for T: Sync when it is made.
unsafe impl<T: Send> Send for Chan<T> {}
// SAFETY: as above.
unsafe impl<T: Send> Sync for Chan<T> {}

/// What the lock protects besides the queues.
pub(crate) struct Data<T> {
    pub(crate) buf: Option<Box<Kind<T>>>,
    pub(crate) ext: Option<Box<Ext<T>>>,
}

/// What most channels never need.
pub(crate) struct Ext<T> {
    /// Values that were handed to takers who went away: the very next to be taken.
    pub(crate) stash: VecDeque<T>,
    pub(crate) name: Option<Arc<str>>,
    pub(crate) failure: Option<Cause>,
    /// Pending callbacks of each [`Side`].
    pub(crate) pending: [Pending; 2],
    /// Those who wait for the channel to close.
    pub(crate) watchers: List,
}

impl<T> Ext<T> {
    pub(super) fn new() -> Self {
        Self {
            stash: VecDeque::new(),
            name: None,
            failure: None,
            pending: Default::default(),
            watchers: List::new(),
        }
    }
}

/// A waiter and the place of its value: what a channel's queue is made of.
#[repr(C)]
pub(crate) struct Slot<T> {
    pub(crate) waiter: Waiter,
    value: UnsafeCell<MaybeUninit<T>>,
}

impl<T> Slot<T> {
    pub(crate) fn new(waiter: Waiter, value: MaybeUninit<T>) -> Self {
        Self {
            waiter,
            value: UnsafeCell::new(value),
        }
    }

    /// The slot as a queue knows it: by the waiter that heads it, but with a pointer that is good for
    /// the whole.
    #[inline]
    pub(crate) fn head(&self) -> NonNull<Waiter> {
        NonNull::from(self).cast()
    }

    /// Where the value is or will be. Who may use it: invariant 5 of [`waiter`].
    #[inline]
    pub(crate) fn value(&self) -> *mut T {
        self.value.with_mut(<*mut MaybeUninit<T>>::cast::<T>)
    }
}

/// # Safety
/// The waiter is queued in (or just out of) a channel of `T`.
#[inline]
pub(super) unsafe fn value_of<T>(waiter: NonNull<Waiter>) -> *mut T {
    // SAFETY: every waiter of a channel of T is the head of a `Slot<T>`, and its pointer comes from
    // the whole slot.
    unsafe { waiter.cast::<Slot<T>>().as_ref() }.value()
}

/// What a take came to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Took {
    Value,
    Closed,
    Empty,
    Queued,
    /// The actor has been ended through another of its arms.
    Lost,
}

/// What a put came to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Gave {
    Accepted,
    Closed,
    Full,
    Queued,
    /// The actor has been ended through another of its arms.
    Lost,
}

pub(crate) struct Locked<'a, T> {
    pub(crate) queues: Guard<'a, Queues>,
    chan: &'a Chan<T>,
}

impl<T> Locked<'_, T> {
    #[inline]
    pub(crate) fn parts(&mut self) -> (&mut Queues, &mut Data<T>) {
        // SAFETY: the data belongs to the lock, which this guard holds; `&mut self` makes the
        // borrow exclusive.
        let data = self.chan.data.with_mut(|data| unsafe { &mut *data });
        (&mut self.queues, data)
    }

    pub(crate) fn ext(&mut self) -> &mut Ext<T> {
        self.parts()
            .1
            .ext
            .get_or_insert_with(|| Box::new(Ext::new()))
    }

    /// The panic that a custom buffer had under this lock, to go on once it is free.
    pub(super) fn policy_panic(&mut self) -> Option<Box<dyn Any + Send>> {
        match self.parts().1.buf.as_deref() {
            Some(Kind::Custom(custom)) => custom.take_panic(),
            _ => None,
        }
    }

    /// Publishes all hints but CLOSED.
    #[inline]
    pub(super) fn publish(&mut self) {
        let chan = self.chan;
        let (queues, data) = self.parts();
        chan.core.publish(ITEMS | ROOM, data.flags());
        chan.core.publish_queues(queues);
    }
}

impl<T> Data<T> {
    #[inline]
    fn flags(&self) -> u32 {
        let mut flags = 0;
        if let Some(buf) = &self.buf {
            flags |= if buf.is_empty() { 0 } else { ITEMS };
            flags |= if buf.is_full() { 0 } else { ROOM };
        }
        if self.ext.as_ref().is_some_and(|ext| !ext.stash.is_empty()) {
            flags |= ITEMS;
        }
        flags
    }
}

impl<T> Chan<T> {
    pub(crate) fn new(buf: Option<Box<Kind<T>>>) -> Self {
        let data = Data { buf, ext: None };
        Self {
            core: Core::new(data.flags()),
            data: UnsafeCell::new(data),
        }
    }

    #[inline]
    pub(crate) fn lock(&self) -> Locked<'_, T> {
        Locked {
            queues: self.core.lock(),
            chan: self,
        }
    }

    /// Takes a value into `dest`; or queues `waiter`, if there is one, when the channel is empty.
    ///
    /// # Safety
    /// `dest` can be written. `waiter` is the head of a `Slot<T>` with its owner set, in no list,
    /// and will leave this one before it moves or dies.
    #[inline(never)]
    pub(crate) unsafe fn take(
        &self,
        dest: *mut T,
        actor: Actor<'_>,
        waiter: Option<NonNull<Waiter>>,
    ) -> Took {
        let mut locked = self.lock();
        if self.core.has(ITEMS) {
            // SAFETY: `dest` can be written.
            if matches!(actor, Actor::Alone) && unsafe { locked.take_quickly(dest) } {
                return Took::Value;
            }
            // SAFETY: as for this call.
            return unsafe { Self::take_at_length(locked, dest, actor) };
        }
        self.take_from_putter(locked, dest, actor, waiter)
    }

    /// Takes from stash or buffer, which hold something, with all that may follow.
    ///
    /// # Safety
    /// `dest` can be written.
    #[inline(never)]
    unsafe fn take_at_length(mut locked: Locked<'_, T>, dest: *mut T, actor: Actor<'_>) -> Took {
        // SAFETY: as for this call.
        match unsafe { Self::take_stored(&mut locked, dest, actor) } {
            Stored::Took(wakes, leaving) => {
                let panic = locked.policy_panic();
                drop(locked);
                wakes.fire();
                drop(leaving);
                if let Some(payload) = panic {
                    // The value was taken; it was the refilling that went wrong.
                    task::swallow(payload);
                }
                Took::Value
            }
            Stored::Shared(value) => {
                drop(locked);
                // SAFETY: `dest` can be written.
                unsafe { dest.write(value.get()) };
                Took::Value
            }
            Stored::Lost => Took::Lost,
            Stored::Nothing => {
                let panic = locked.policy_panic();
                drop(locked);
                match panic {
                    Some(payload) => std::panic::resume_unwind(payload),
                    None => panic!("a BufferPolicy that is not empty must give a value"),
                }
            }
        }
    }

    #[expect(
        clippy::inline_always,
        reason = "the hot path of `take`, apart for its length only"
    )]
    #[inline(always)]
    fn take_from_putter(
        &self,
        mut locked: Locked<'_, T>,
        dest: *mut T,
        actor: Actor<'_>,
        waiter: Option<NonNull<Waiter>>,
    ) -> Took {
        let (queues, _) = locked.parts();
        // SAFETY: the lock is held.
        match unsafe { queues.puts.partner(actor) } {
            Partner::Found(putter) => {
                // SAFETY: the putter is just out of the list.
                let at = unsafe { value_of::<T>(putter) };
                // SAFETY: it is committed to us, so its value is ours to move (callers promised
                // `dest`).
                unsafe { dest.copy_from_nonoverlapping(at, 1) };
                // SAFETY: it is out of the list, and its value has been moved.
                let wake = unsafe { waiter::commit(putter, Status::Done) };
                self.core.publish_queues(queues);
                drop(locked);
                if let Some(wake) = wake {
                    wake.fire();
                }
                Took::Value
            }
            Partner::Lost => Took::Lost,
            Partner::Nobody if self.core.has(CLOSED) => {
                if actor.win() {
                    Took::Closed
                } else {
                    Took::Lost
                }
            }
            Partner::Nobody => {
                let outcome = match waiter {
                    Some(waiter) => {
                        // SAFETY: promised by the caller.
                        unsafe { queues.takes.push_back(waiter) };
                        Took::Queued
                    }
                    None => Took::Empty,
                };
                self.core.publish_queues(queues);
                outcome
            }
        }
    }

    /// Puts the value at `src`; or queues `waiter`, whose slot it stands in, when there is no room.
    /// The value has been moved out if the answer is Accepted, and then only.
    ///
    /// # Safety
    /// `src` holds a value. `waiter` as for [`take`](Self::take).
    #[inline(never)]
    pub(crate) unsafe fn put(
        &self,
        src: *const T,
        actor: Actor<'_>,
        waiter: Option<NonNull<Waiter>>,
    ) -> Gave {
        let mut locked = self.lock();
        if self.core.has(CLOSED) {
            return if actor.win() {
                Gave::Closed
            } else {
                Gave::Lost
            };
        }
        // SAFETY: `src` holds a value.
        if matches!(actor, Actor::Alone) && unsafe { locked.put_quickly(src) } {
            return Gave::Accepted;
        }
        let (queues, data) = locked.parts();
        if let Some(buf) = &mut data.buf
            && (!matches!(&**buf, Kind::Ring { .. }) || queues.takes.is_empty())
        {
            // SAFETY: `src` holds a value.
            return unsafe { self.put_stored(locked, src, actor, waiter) };
        }
        // SAFETY: the lock is held.
        match unsafe { queues.takes.partner(actor) } {
            Partner::Found(taker) => {
                // SAFETY: the taker is just out of the list.
                let at = unsafe { value_of::<T>(taker) };
                // SAFETY: it is committed to us, so its slot is ours to fill; `src` holds a value,
                // which moves.
                unsafe { at.copy_from_nonoverlapping(src, 1) };
                // SAFETY: it is out of the list, and the value has been moved.
                let wake = unsafe { waiter::commit(taker, Status::Done) };
                self.core.publish_queues(queues);
                drop(locked);
                if let Some(wake) = wake {
                    wake.fire();
                }
                Gave::Accepted
            }
            Partner::Lost => Gave::Lost,
            Partner::Nobody => {
                if data.buf.is_some() {
                    // SAFETY: `src` holds a value.
                    return unsafe { self.put_stored(locked, src, actor, waiter) };
                }
                let outcome = queue_put(queues, waiter);
                self.core.publish_queues(queues);
                outcome
            }
        }
    }

    /// A value that was handed to a taker who went away: to the next taker, or to the front.
    ///
    /// # Safety
    /// `src` holds a value, which moves.
    #[cold]
    pub(crate) unsafe fn give_back(&self, src: *const T) {
        let mut locked = self.lock();
        let (queues, data) = locked.parts();
        if matches!(data.buf.as_deref(), Some(Kind::Promise { .. })) {
            // Every taker has its own clone: this one is needed by nobody.
            drop(locked);
            // SAFETY: promised by the caller.
            drop(unsafe { src.read() });
            return;
        }
        // SAFETY: the lock is held.
        match unsafe { queues.takes.partner(Actor::Alone) } {
            Partner::Found(taker) => {
                // SAFETY: the taker is just out of the list.
                let at = unsafe { value_of::<T>(taker) };
                // SAFETY: it is committed to us; the value at `src` moves.
                unsafe { at.copy_from_nonoverlapping(src, 1) };
                // SAFETY: it is out of the list, and the value has been moved.
                let wake = unsafe { waiter::commit(taker, Status::Done) };
                self.core.publish_queues(queues);
                drop(locked);
                if let Some(wake) = wake {
                    wake.fire();
                }
            }
            Partner::Nobody | Partner::Lost => {
                self.core.publish_queues(queues);
                // SAFETY: promised by the caller.
                let value = unsafe { src.read() };
                locked.ext().stash.push_front(value);
                self.core.publish(ITEMS, ITEMS);
            }
        }
    }
}

pub(super) fn queue_put(queues: &mut Queues, waiter: Option<NonNull<Waiter>>) -> Gave {
    match waiter {
        Some(waiter) => {
            // SAFETY: promised by the caller of `put`.
            unsafe { queues.puts.push_back(waiter) };
            Gave::Queued
        }
        None => Gave::Full,
    }
}
