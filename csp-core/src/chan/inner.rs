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
//! The channel's lock, then the words of alts, in the order of their addresses. Only
//! [`put_all`](super::put_all) holds the locks of several channels, and does not sleep for the second. No foreign code runs under the lock but a custom buffer's and a transducer's:
//! values are moved, not cloned or dropped; wakers are collected and woken after it. (A custom buffer that
//! panics is caught there and then, and the panic goes on when the lock is free and all wake-ups are done.)
//!
//! # One channel, two types
//! With a transducer what is put is an `In`, what is taken an `Out`. The channel is made as a
//! `Chan<Out>`, and its senders know it as a `Chan<In>`: the two have the same layout, and the hint XFORM
//! sends whoever acts on the values through the [table](super::xform::Table) of the true type. What
//! stands in `core` has no type, and is used directly.

use std::{any::Any, mem::MaybeUninit, ptr::NonNull};

use super::{
    core::{CLOSED, CONTENDED, Core, DIVIDED, ITEMS, NOTED, Queues, ROOM, Side, WATCHED, XFORM},
    data::Data,
};
use crate::{
    buffer::Kind,
    context::touch,
    sync::{UnsafeCell, lock::Guard, plain::Arc},
    waiter::{self, Actor, Partner, Status, Waiter},
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
    pub(super) chan: &'a Chan<T>,
}

impl<T> Locked<'_, T> {
    #[inline]
    pub(crate) fn parts(&mut self) -> (&mut Queues, &mut Data<T>) {
        // SAFETY: the data belongs to the lock, which this guard holds; `&mut self` makes the
        // borrow exclusive.
        let data = self.chan.data.with_mut(|data| unsafe { &mut *data });
        (&mut self.queues, data)
    }

    /// The panic that a custom buffer had under this lock, to go on once it is free.
    pub(super) fn policy_panic(&mut self) -> Option<Box<dyn Any + Send>> {
        self.parts().1.buf().and_then(Kind::take_panic)
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

impl<T> Drop for Chan<T> {
    fn drop(&mut self) {
        // SAFETY: nobody uses it any more.
        unsafe { self.core.free_ends() };
    }
}

impl<T> Chan<T> {
    pub(crate) fn new(buf: Option<Kind<T>>) -> Self {
        let data = Data::new(buf);
        Self {
            core: Core::new(data.flags() | data.width()),
            data: UnsafeCell::new(data),
        }
    }

    /// Gives what the lock protects to `f`.
    ///
    /// # Safety
    /// The lock is held by who calls, who has no other borrow of it.
    pub(super) unsafe fn with_data<R>(&self, f: impl FnOnce(&Data<T>) -> R) -> R {
        // SAFETY: the data belongs to the lock.
        self.data.with(|data| f(unsafe { &*data }))
    }

    /// As [`with_data`](Self::with_data), to change it.
    ///
    /// # Safety
    /// As there.
    pub(super) unsafe fn with_data_mut<R>(&self, f: impl FnOnce(&mut Data<T>) -> R) -> R {
        // SAFETY: the data belongs to the lock.
        self.data.with_mut(|data| f(unsafe { &mut *data }))
    }

    /// As [`Core::lock_as_is`].
    #[inline]
    pub(super) fn lock_as_is(&self) -> Locked<'_, T> {
        Locked {
            queues: self.core.lock_as_is(),
            chan: self,
        }
    }

    #[inline]
    pub(crate) fn lock(&self) -> Locked<'_, T> {
        Locked {
            queues: self.core.lock(),
            chan: self,
        }
    }

    /// Takes a value into `dest`; or queues `waiter`, if there is one, when the channel is empty. Unwinds, by the
    /// user's code, only if it has not queued it.
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
        let mut locked = self.lock_as_is();
        let stored = self
            .core
            .which(ITEMS | XFORM | WATCHED | NOTED | DIVIDED | CONTENDED);
        if stored != 0 {
            let plain = stored == ITEMS && actor.is_free();
            // SAFETY: `dest` can be written.
            if plain && unsafe { locked.take_quickly(dest) } {
                return Took::Value;
            }
            // SAFETY: as for this call.
            return unsafe { Self::take_at_length(locked, dest, actor, waiter) };
        }
        self.take_from_putter(locked, dest, actor, waiter)
    }

    #[expect(
        clippy::inline_always,
        reason = "the hot path of `take`, apart for its length only"
    )]
    #[inline(always)]
    pub(super) fn take_from_putter(
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
    /// The value has been moved out if the answer is Accepted, and then only. Unwinds only if it has not queued the
    /// waiter; then the value has gone.
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
        let queues = self.core.lock_as_is();
        if self.core.has(CLOSED | XFORM | NOTED | DIVIDED | CONTENDED) {
            // SAFETY: as for this call.
            return unsafe { self.put_at_length(queues, src, actor, waiter) };
        }
        // SAFETY: as for this call.
        unsafe { self.put_plainly(queues, src, actor, waiter) }
    }

    /// Puts into a channel that is open and has no transducer.
    ///
    /// # Safety
    /// As for [`put`](Self::put).
    #[expect(
        clippy::inline_always,
        reason = "the hot path of `put`; its other caller is cold"
    )]
    #[inline(always)]
    unsafe fn put_plainly(
        &self,
        queues: Guard<'_, Queues>,
        src: *const T,
        actor: Actor<'_>,
        waiter: Option<NonNull<Waiter>>,
    ) -> Gave {
        let mut locked = Locked { queues, chan: self };
        // SAFETY: `src` holds a value.
        if actor.is_free() && unsafe { locked.put_quickly(src) } {
            return Gave::Accepted;
        }
        let (queues, data) = locked.parts();
        if let Some(buf) = data.buf()
            && (!matches!(buf, Kind::Ring { .. }) || queues.takes.is_empty())
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
                if data.buf().is_some() {
                    // SAFETY: `src` holds a value.
                    return unsafe { self.put_stored(locked, src, actor, waiter) };
                }
                let outcome = queue_put(queues, waiter);
                self.core.publish_queues(queues);
                outcome
            }
        }
    }

    /// Puts into a channel that is closed, has a transducer, is traced, or has a divided buffer.
    ///
    /// # Safety
    /// As for [`put`](Self::put).
    #[cold]
    unsafe fn put_at_length<'a>(
        &'a self,
        mut queues: Guard<'a, Queues>,
        src: *const T,
        actor: Actor<'_>,
        waiter: Option<NonNull<Waiter>>,
    ) -> Gave {
        if self.core.has(DIVIDED | CONTENDED) {
            drop(queues);
            // SAFETY: `src` holds a value.
            if let Some(gave) = unsafe { self.put_divided(src, actor) } {
                return gave;
            }
            queues = self.core.lock();
        }
        if self.core.has(NOTED) {
            queues.note_use(Side::Put, std::mem::needs_drop::<T>());
        }
        if self.core.has(CLOSED) {
            return if actor.win() {
                Gave::Closed
            } else {
                Gave::Lost
            };
        }
        if !self.core.has(XFORM) {
            // SAFETY: as for this call.
            return unsafe { self.put_plainly(queues, src, actor, waiter) };
        }
        let table = queues.table().expect("XFORM means a table");
        // SAFETY: the table is this channel's; the senders of its channel put what its transducer
        // takes in, and the rest is as for this call.
        unsafe {
            (table.put)(
                NonNull::from(self).cast(),
                queues,
                src.cast(),
                actor,
                waiter,
            )
        }
    }

    /// A value that was handed to a taker who went away: to the next taker, or to the front.
    ///
    /// # Safety
    /// `src` holds a value, which moves.
    #[cold]
    pub(crate) unsafe fn give_back(&self, src: *const T) {
        touch(self.core.object());
        let mut locked = self.lock();
        let (queues, data) = locked.parts();
        if matches!(data.buf().map(Kind::base), Some(Kind::Promise { .. })) {
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
                locked.parts().1.stash(value);
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
