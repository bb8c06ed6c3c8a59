//! The moves that involve the buffer: taking from it and refilling it, putting into it and serving those
//! who wait for what it holds.

use std::{
    mem::{ManuallyDrop, MaybeUninit},
    panic::resume_unwind,
    ptr::NonNull,
};

use super::{
    callback,
    core::{
        CLOSED, CONTENDED, DIVIDED, ITEMS, NOTED, PUT_READY, PUTTERS, Queues, ROOM, Side,
        TAKE_READY, TAKERS, WATCHED, XFORM,
    },
    data::Data,
    inner::{Chan, Gave, Locked, Took, queue_put, value_of},
    put_all::RoomMade,
    unwind::guard,
};
use crate::{
    buffer::{Kind, Shared},
    task,
    waiter::{self, Actor, List, Partner, Status, Waiter, Wakes},
};

/// What a take found in stash or buffer.
pub(super) enum Stored<T> {
    /// The wake-ups that are owed, and the values that a custom buffer let go of.
    Took(Wakes, Vec<T>),
    /// A value that stays: to be cloned without the lock.
    Shared(Shared<T>),
    Lost,
    /// A custom buffer panicked, or broke its word.
    Nothing,
}

/// The common case of buffered channels: a plain ring, and nobody waits on the other side. Nobody is to be
/// woken, and the hints change only at the edges.
impl<T> Locked<'_, T> {
    /// Takes from the ring. False: this is not the common case.
    ///
    /// # Safety
    /// `dest` can be written.
    #[inline]
    pub(super) unsafe fn take_quickly(&mut self, dest: *mut T) -> bool {
        let (queues, data) = self.parts();
        if data.has_stash() || !queues.puts.is_empty() {
            return false;
        }
        let Some(Kind::Ring {
            items, capacity, ..
        }) = data.buf()
        else {
            return false;
        };
        let Some(value) = items.pop_front() else {
            return false;
        };
        // SAFETY: promised by the caller.
        unsafe { dest.write(value) };
        let left = items.len();
        if left == 0 || left + 1 == *capacity {
            self.publish();
        }
        true
    }

    /// Puts into the ring. False: this is not the common case, and the value is where it was.
    ///
    /// # Safety
    /// `src` holds a value, which moves if the answer is true.
    #[inline]
    pub(super) unsafe fn put_quickly(&mut self, src: *const T) -> bool {
        let (queues, data) = self.parts();
        let Some(Kind::Ring {
            items, capacity, ..
        }) = data.buf()
        else {
            return false;
        };
        if items.len() >= *capacity || !queues.takes.is_empty() {
            return false;
        }
        // SAFETY: promised by the caller.
        items.push_back(unsafe { src.read() });
        let len = items.len();
        if len == 1 || len == *capacity {
            self.publish();
        }
        true
    }
}

impl<T> Chan<T> {
    /// Takes, if this is a common case of a buffered channel: no parking, so nothing is made ready for it.
    ///
    /// # Safety
    /// `dest` can be written.
    #[expect(
        clippy::inline_always,
        reason = "the quick path of every buffered take: out of line it is 17 instructions longer, of 220 a message"
    )]
    #[inline(always)]
    pub(super) unsafe fn take_at_once(&self, dest: *mut T) -> bool {
        // (A hint: where it is another case, the lock is taken once.)
        if self.core.look() & (ITEMS | PUTTERS) != ITEMS {
            // (`take` asks as well, but with the lock, where those who have divided the buffer are not to meet.)
            // SAFETY: `dest` can be written.
            return self.core.is(DIVIDED) && unsafe { self.take_divided_at_once(dest) };
        }
        let mut locked = self.lock_as_is();
        // SAFETY: `dest` can be written.
        self.core.which(ITEMS | XFORM | WATCHED | NOTED | CONTENDED) == ITEMS
            && unsafe { locked.take_quickly(dest) }
    }

    /// Puts, if this is a common case of a buffered channel. False: the value is where it was.
    ///
    /// # Safety
    /// `src` holds a value, which moves if the answer is true.
    #[expect(clippy::inline_always, reason = "as above")]
    #[inline(always)]
    pub(super) unsafe fn put_at_once(&self, src: *const T) -> bool {
        // (As above.)
        if self.core.look() & (ROOM | TAKERS) != ROOM {
            // SAFETY: promised by the caller.
            return self.core.is(DIVIDED) && unsafe { self.put_divided_at_once(src) };
        }
        let mut locked = self.lock_as_is();
        // SAFETY: promised by the caller.
        self.core
            .which(CLOSED | XFORM | NOTED | DIVIDED | CONTENDED)
            == 0
            && unsafe { locked.put_quickly(src) }
    }

    /// Takes without parking. A value is in `out` if the answer says so. On an empty channel it takes no lock.
    #[inline]
    pub(super) fn try_take(&self, out: &mut MaybeUninit<T>) -> Took {
        // SAFETY: `out` can be written.
        if unsafe { self.take_at_once(out.as_mut_ptr()) } {
            return Took::Value;
        }
        if !self.core.is(TAKE_READY) {
            return Took::Empty;
        }
        // SAFETY: as above.
        unsafe { self.take(out.as_mut_ptr(), Actor::Alone, None) }
    }

    /// Puts without parking. The value has gone if the answer is Accepted, and then only. On a full channel it takes
    /// no lock.
    #[inline]
    pub(super) fn try_put(&self, value: &ManuallyDrop<T>) -> Gave {
        let src = std::ptr::from_ref(value).cast();
        // SAFETY: `src` holds a value, which callers take for gone if the answer is true.
        if unsafe { self.put_at_once(src) } {
            return Gave::Accepted;
        }
        self.put_unless_full(value)
    }

    /// The rest of [`try_put`](Self::try_put).
    #[inline]
    pub(super) fn put_unless_full(&self, value: &ManuallyDrop<T>) -> Gave {
        if !self.core.is(PUT_READY) {
            return Gave::Full;
        }
        // SAFETY: `value` is one, which callers take for gone if the answer is Accepted.
        unsafe { self.put(std::ptr::from_ref(value).cast(), Actor::Alone, None) }
    }

    /// Takes from stash or buffer, which hold something, or what is more than that, with all that may
    /// follow.
    ///
    /// # Safety
    /// As for [`take`](Self::take).
    #[inline(never)]
    pub(super) unsafe fn take_at_length(
        locked: Locked<'_, T>,
        dest: *mut T,
        actor: Actor<'_>,
        waiter: Option<NonNull<Waiter>>,
    ) -> Took {
        if (locked.chan.core).has(XFORM | WATCHED | NOTED | DIVIDED | CONTENDED) {
            // SAFETY: as for this call.
            return unsafe { Self::take_specially(locked, dest, actor, waiter) };
        }
        // SAFETY: as for this call.
        unsafe { Self::take_from_store(locked, dest, actor) }
    }

    /// Takes through a transducer, from a divided buffer, while a transaction waits for room, or where it is noted.
    ///
    /// # Safety
    /// As for [`take`](Self::take).
    #[cold]
    unsafe fn take_specially(
        mut locked: Locked<'_, T>,
        dest: *mut T,
        actor: Actor<'_>,
        waiter: Option<NonNull<Waiter>>,
    ) -> Took {
        let chan = locked.chan;
        if chan.core.has(DIVIDED | CONTENDED) {
            drop(locked);
            // SAFETY: `dest` can be written.
            if let Some(took) = unsafe { chan.take_divided(dest, actor) } {
                return took;
            }
            locked = chan.lock();
        }
        if chan.core.has(NOTED) {
            locked.queues.note_use(Side::Take, false);
        }
        // Told when the take is over and the lock is free, also if a policy panics.
        let _made = chan.core.has(WATCHED).then(|| RoomMade(&chan.core));
        if chan.core.has(XFORM) {
            // SAFETY: as for this call.
            return unsafe { super::xform::take(locked, dest, actor, waiter) };
        }
        if chan.core.has(ITEMS) {
            // SAFETY: as for this call.
            return unsafe { Self::take_from_store(locked, dest, actor) };
        }
        chan.take_from_putter(locked, dest, actor, waiter)
    }

    /// Takes from stash or buffer, which hold something.
    ///
    /// # Safety
    /// `dest` can be written.
    unsafe fn take_from_store(mut locked: Locked<'_, T>, dest: *mut T, actor: Actor<'_>) -> Took {
        // SAFETY: as for this call.
        match unsafe { Self::take_stored(&mut locked, dest, actor) } {
            Stored::Took(wakes, leaving) => {
                let panic = locked.policy_panic();
                drop(locked);
                wakes.fire();
                // The value was taken: what goes wrong with others is not to lose it.
                if !leaving.is_empty() {
                    drop_each(leaving);
                }
                if let Some(payload) = panic {
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
                    Some(payload) => resume_unwind(payload),
                    None => panic!("a BufferPolicy that is not empty must give a value"),
                }
            }
        }
    }

    /// Takes from stash or buffer, which hold something.
    ///
    /// # Safety
    /// `dest` can be written.
    #[inline]
    pub(super) unsafe fn take_stored(
        locked: &mut Locked<'_, T>,
        dest: *mut T,
        actor: Actor<'_>,
    ) -> Stored<T> {
        // From here on the take is decided: waiting putters are served in our own right.
        if !actor.win() {
            return Stored::Lost;
        }
        let (queues, data) = locked.parts();
        if let Some(value) = data.take_stashed() {
            // SAFETY: `dest` can be written.
            unsafe { dest.write(value) };
            locked.publish();
            return Stored::Took(Wakes::new(), Vec::new());
        }
        let buf = data.buf().expect("ITEMS without a stash means a buffer");
        if let Some(value) = buf.shared() {
            return Stored::Shared(value.clone());
        }
        let Some(value) = buf.remove() else {
            locked.publish();
            return Stored::Nothing;
        };
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

    /// Puts into the buffer, or queues.
    ///
    /// # Safety
    /// As for [`put`](Self::put).
    #[inline]
    pub(super) unsafe fn put_stored(
        &self,
        mut locked: Locked<'_, T>,
        src: *const T,
        actor: Actor<'_>,
        waiter: Option<NonNull<Waiter>>,
    ) -> Gave {
        let (queues, data) = locked.parts();
        let buf = data.buf().expect("callers looked");
        if buf.is_full() {
            if let Some(payload) = locked.policy_panic() {
                drop(locked);
                // SAFETY: `src` holds a value, which callers take for gone when this unwinds.
                drop(unsafe { src.read() });
                resume_unwind(payload);
            }
            let (queues, _) = locked.parts();
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
            let panic = locked.policy_panic();
            drop(locked);
            if let Some(payload) = panic {
                resume_unwind(payload);
            }
        } else {
            self.serve_all(locked);
        }
        // The value that had to go is dropped here, without the lock.
        drop(leaving);
        Gave::Accepted
    }

    /// Gives what the buffer holds to those who wait, a batch under each hold of the lock.
    #[cold]
    pub(super) fn serve_all<'a>(&'a self, mut locked: Locked<'a, T>) {
        loop {
            let mut wakes = Wakes::new();
            let (queues, data) = locked.parts();
            let more = serve_takers(queues, data, &mut wakes);
            locked.publish();
            let panic = locked.policy_panic();
            drop(locked);
            wakes.fire();
            if let Some(payload) = panic {
                resume_unwind(payload);
            }
            if !more {
                return;
            }
            locked = self.lock();
        }
    }
}

/// One by one: a second panic while one unwinds would be the last.
#[cold]
fn drop_each<T>(values: Vec<T>) {
    for value in values {
        guard(|| drop(value));
    }
}

/// Moves the values of waiting putters into the buffer while there is room.
fn refill<T>(queues: &mut Queues, buf: &mut Kind<T>, wakes: &mut Wakes, leaving: &mut Vec<T>) {
    while !buf.is_full() {
        // SAFETY: the lock is held by whoever has `queues`.
        let Partner::Found(putter) = (unsafe { queues.puts.partner(Actor::Alone) }) else {
            return;
        };
        // SAFETY: the putter is just out of the list.
        let at = unsafe { value_of::<T>(putter) };
        // SAFETY: it is committed to us, its value ours to move.
        let value = unsafe { at.read() };
        // SAFETY: it is out of the list, and its value has been moved.
        wakes.push(unsafe { waiter::commit(putter, Status::Done) });
        leaving.extend(buf.add(value));
        if matches!(buf, Kind::Custom(custom) if custom.has_panicked()) {
            // One value is gone with the panic; the others need not follow it.
            return;
        }
    }
}

/// Gives what the buffer holds to those who wait, after a put into it. True: a batch of those who wait for a
/// promise is full. (Values are given in one go: nobody may come in between and take one.)
pub(super) fn serve_takers<T>(queues: &mut Queues, data: &mut Data<T>, wakes: &mut Wakes) -> bool {
    let Some(buf) = data.buf() else { return false };
    if let Some(value) = buf.shared() {
        announce(&mut queues.takes, value, wakes);
        return wakes.len() >= super::BATCH;
    }
    while !buf.is_empty() {
        // Nothing is removed for takers that are dead already: the policy would lose sight of it.
        // SAFETY: the lock is held by whoever has `queues`.
        if !unsafe { queues.takes.has_partner() } {
            return false;
        }
        // A policy is asked first: it may have nothing to give after all.
        let removed = match buf.base() {
            Kind::Custom(_) => match buf.remove() {
                None => return false,
                value => value,
            },
            _ => None,
        };
        // SAFETY: the lock is held by whoever has `queues`.
        let Partner::Found(taker) = (unsafe { queues.takes.partner(Actor::Alone) }) else {
            if let Some(value) = removed {
                // The taker was ended elsewhere this very moment: as if it had given the value back.
                data.stash(value);
            }
            return false;
        };
        let value = removed.or_else(|| buf.remove());
        let value = value.expect("a ring that is not empty has a value");
        // SAFETY: the taker is just out of the list.
        let at = unsafe { value_of::<T>(taker) };
        // SAFETY: it is committed to us, its slot ours to fill.
        unsafe { at.write(value) };
        // SAFETY: it is out of the list, and the value has been moved.
        wakes.push(unsafe { waiter::commit(taker, Status::Done) });
    }
    false
}

/// Tells a batch of those who wait for a promise that its value is there. Each clones it for itself,
/// without the lock.
pub(super) fn announce<T>(list: &mut List, value: &Shared<T>, wakes: &mut Wakes) {
    while wakes.len() < super::BATCH {
        // SAFETY: the lock is held by whoever has the list.
        let Partner::Found(taker) = (unsafe { list.partner(Actor::Alone) }) else {
            return;
        };
        give_share(taker, value);
        // SAFETY: it is out of the list; no value moves.
        wakes.push(unsafe { waiter::commit(taker, Status::Again) });
    }
}

/// A callback may run when its channel is gone: it gets hold of the value here.
fn give_share<T>(taker: NonNull<Waiter>, value: &Shared<T>) {
    // SAFETY: the taker is committed to us, so it is live.
    let waiter = unsafe { taker.as_ref() };
    // SAFETY: the lock is held.
    if unsafe { waiter.is_callback() } {
        // SAFETY: as above; the waiter of a callback that takes from a channel of T heads its `Pend`.
        unsafe { callback::give_share::<T>(taker, value.clone()) };
    }
}
