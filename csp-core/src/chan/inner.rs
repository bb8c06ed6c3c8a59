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
//! not cloned or dropped; wakers are collected and woken after it.

use std::{collections::VecDeque, mem::MaybeUninit, ptr::NonNull};

use super::{
    callback::Pending,
    core::{CLOSED, Core, ITEMS, Queues, ROOM},
};
use crate::{
    buffer::Kind,
    sync::{Guard, UnsafeCell, plain::Arc},
    waiter::{self, Actor, List, Partner, Status, Waiter, Wakes},
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
    fn new() -> Self {
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

    /// Where the value is or will be. Who may use it: invariant 5 of [`waiter`].
    #[inline]
    pub(crate) fn value(&self) -> *mut T {
        self.value.with_mut(<*mut MaybeUninit<T>>::cast::<T>)
    }
}

/// # Safety
/// The waiter is queued in (or just out of) a channel of `T`.
#[inline]
unsafe fn value_of<T>(waiter: NonNull<Waiter>) -> *mut T {
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

    /// Publishes all hints but CLOSED.
    #[inline]
    fn publish(&mut self) {
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
        waiter: Option<&Waiter>,
    ) -> Took {
        let mut locked = self.lock();
        if self.core.is(ITEMS) {
            // SAFETY: as for this call.
            match unsafe { self.take_stored(&mut locked, dest, actor) } {
                Stored::Took(wakes, leaving) => {
                    drop(locked);
                    wakes.fire();
                    drop(leaving);
                    return Took::Value;
                }
                Stored::Shared(value, clone) => {
                    drop(locked);
                    // SAFETY: `dest` can be written.
                    unsafe { dest.write(clone(&value)) };
                    return Took::Value;
                }
                Stored::Lost => return Took::Lost,
            }
        }
        self.take_from_putter(locked, dest, actor, waiter)
    }

    #[inline(always)]
    fn take_from_putter(
        &self,
        mut locked: Locked<'_, T>,
        dest: *mut T,
        actor: Actor<'_>,
        waiter: Option<&Waiter>,
    ) -> Took {
        let (queues, _) = locked.parts();
        // SAFETY: the lock is held.
        match unsafe { queues.puts.partner(actor) } {
            Partner::Found(putter) => {
                // SAFETY: the putter is committed to us, so its value is ours to move (callers
                // promised `dest`).
                unsafe { dest.copy_from_nonoverlapping(value_of::<T>(putter), 1) };
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
            Partner::Nobody if self.core.is(CLOSED) => {
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

    /// Takes from stash or buffer, which hold something.
    ///
    /// # Safety
    /// `dest` can be written.
    #[inline]
    unsafe fn take_stored(
        &self,
        locked: &mut Locked<'_, T>,
        dest: *mut T,
        actor: Actor<'_>,
    ) -> Stored<T> {
        // From here on the take is decided: waiting putters are served in our own right.
        if !actor.win() {
            return Stored::Lost;
        }
        let (queues, data) = locked.parts();
        if let Some(value) = data.ext.as_mut().and_then(|ext| ext.stash.pop_front()) {
            // SAFETY: `dest` can be written.
            unsafe { dest.write(value) };
            locked.publish();
            return Stored::Took(Wakes::new(), Vec::new());
        }
        let buf = data
            .buf
            .as_mut()
            .expect("ITEMS without a stash means a buffer");
        if let Kind::Promise {
            value: Some(value),
            clone,
        } = &**buf
        {
            return Stored::Shared(Arc::clone(value), *clone);
        }
        let value = match &mut **buf {
            Kind::Ring { items, .. } => items.pop_front(),
            Kind::Custom(policy) => policy.remove(),
            Kind::Promise { .. } => None,
        };
        let value = value.expect("a BufferPolicy that is not empty must give a value");
        // SAFETY: `dest` can be written.
        unsafe { dest.write(value) };
        let mut wakes = Wakes::new();
        let mut leaving = Vec::new();
        if !queues.puts.is_empty() {
            refill(queues, buf, &mut wakes, &mut leaving);
        }
        locked.publish();
        Stored::Took(wakes, leaving)
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
        waiter: Option<&Waiter>,
    ) -> Gave {
        let mut locked = self.lock();
        if self.core.is(CLOSED) {
            return if actor.win() {
                Gave::Closed
            } else {
                Gave::Lost
            };
        }
        let (queues, data) = locked.parts();
        if let Some(buf) = &mut data.buf {
            if !matches!(&**buf, Kind::Ring { .. }) || queues.takes.is_empty() {
                // SAFETY: `src` holds a value.
                return unsafe { self.put_stored(locked, src, actor, waiter) };
            }
        }
        // SAFETY: the lock is held.
        match unsafe { queues.takes.partner(actor) } {
            Partner::Found(taker) => {
                // SAFETY: the taker is committed to us, so its slot is ours to fill; `src` holds a
                // value, which moves.
                unsafe { value_of::<T>(taker).copy_from_nonoverlapping(src, 1) };
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

    /// Puts into the buffer, or queues.
    ///
    /// # Safety
    /// As for [`put`](Self::put).
    #[inline]
    unsafe fn put_stored(
        &self,
        mut locked: Locked<'_, T>,
        src: *const T,
        actor: Actor<'_>,
        waiter: Option<&Waiter>,
    ) -> Gave {
        let (queues, data) = locked.parts();
        let buf = data.buf.as_mut().expect("callers looked");
        if buf.is_full() {
            let outcome = queue_put(queues, waiter);
            locked.publish();
            return outcome;
        }
        if !actor.win() {
            return Gave::Lost;
        }
        // SAFETY: `src` holds a value, which moves.
        let leaving = buf.add(unsafe { src.read() });
        if queues.takes.is_empty() {
            locked.publish();
            drop(locked);
        } else {
            self.serve_all(locked);
        }
        // The value that had to go is dropped here, without the lock.
        drop(leaving);
        Gave::Accepted
    }

    /// Gives what the buffer holds to those who wait, a batch under each hold of the lock.
    #[cold]
    fn serve_all<'a>(&'a self, mut locked: Locked<'a, T>) {
        loop {
            let mut wakes = Wakes::new();
            let (queues, data) = locked.parts();
            serve_takers(queues, data, &mut wakes);
            locked.publish();
            let more = wakes.len() >= super::BATCH;
            drop(locked);
            wakes.fire();
            if !more {
                return;
            }
            locked = self.lock();
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
                // SAFETY: the taker is committed to us; the value at `src` moves.
                unsafe { value_of::<T>(taker).copy_from_nonoverlapping(src, 1) };
                // SAFETY: it is out of the list, and the value has been moved.
                let wake = unsafe { waiter::commit(taker, Status::Done) };
                locked.publish();
                drop(locked);
                if let Some(wake) = wake {
                    wake.fire();
                }
            }
            Partner::Nobody | Partner::Lost => {
                // SAFETY: promised by the caller.
                let value = unsafe { src.read() };
                locked.ext().stash.push_front(value);
                locked.publish();
            }
        }
    }
}

/// What a take found in stash or buffer.
enum Stored<T> {
    /// The wake-ups that are owed, and the values that a custom buffer let go of.
    Took(Wakes, Vec<T>),
    /// A value that stays: to be cloned without the lock.
    Shared(Arc<T>, fn(&T) -> T),
    Lost,
}

fn queue_put(queues: &mut Queues, waiter: Option<&Waiter>) -> Gave {
    match waiter {
        Some(waiter) => {
            // SAFETY: promised by the caller of `put`.
            unsafe { queues.puts.push_back(waiter) };
            Gave::Queued
        }
        None => Gave::Full,
    }
}

/// Moves the values of waiting putters into the buffer while there is room.
fn refill<T>(queues: &mut Queues, buf: &mut Kind<T>, wakes: &mut Wakes, leaving: &mut Vec<T>) {
    while !buf.is_full() {
        // SAFETY: the lock is held by whoever has `queues`.
        let Partner::Found(putter) = (unsafe { queues.puts.partner(Actor::Alone) }) else {
            return;
        };
        // SAFETY: the putter is committed to us, its value ours to move.
        let value = unsafe { value_of::<T>(putter).read() };
        leaving.extend(buf.add(value));
        // SAFETY: it is out of the list, and its value has been moved.
        wakes.push(unsafe { waiter::commit(putter, Status::Done) });
    }
}

/// Gives what the buffer holds to those who wait, after a put into a buffer that is not a plain ring.
fn serve_takers<T>(queues: &mut Queues, data: &mut Data<T>, wakes: &mut Wakes) {
    let Some(buf) = data.buf.as_mut() else { return };
    while !buf.is_empty() && wakes.len() < super::BATCH {
        let value = match &mut **buf {
            Kind::Promise { .. } => None,
            Kind::Custom(policy) => match policy.remove() {
                None => return,
                value => value,
            },
            Kind::Ring { items, .. } => items.pop_front(),
        };
        // SAFETY: the lock is held by whoever has `queues`.
        let Partner::Found(taker) = (unsafe { queues.takes.partner(Actor::Alone) }) else {
            if let Some(value) = value {
                data.ext
                    .get_or_insert_with(|| Box::new(Ext::new()))
                    .stash
                    .push_front(value);
            }
            return;
        };
        let status = match value {
            Some(value) => {
                // SAFETY: the taker is committed to us, its slot ours to fill.
                unsafe { value_of::<T>(taker).write(value) };
                Status::Done
            }
            // A promise's value: each taker clones it for itself, without the lock.
            None => Status::Again,
        };
        // SAFETY: it is out of the list, and the value has been moved.
        wakes.push(unsafe { waiter::commit(taker, status) });
    }
}
