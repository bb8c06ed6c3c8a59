//! The take operation as a future and as an arm of alts.

use std::{
    future::Future,
    marker::PhantomData,
    mem::MaybeUninit,
    pin::Pin,
    ptr::NonNull,
    task::{Context, Poll},
};

use super::{
    awake::Waits,
    core::{Core, Side, TAKE_READY},
    inner::{Chan, Slot, Took},
    unwind::or_undo,
};
use crate::{
    alts::{Arm, ArmTable, Attempt, RawArm},
    context,
    site::{Op, Place},
    task,
    waiter::{Actor, Owner, Status, Waiter},
};

/// A take under way: future of an `Option`, `None` when the channel is closed and drained.
///
/// Made by [`Receiver::take`](crate::Receiver::take), whose rules it keeps: dropping it at any moment
/// loses nothing.
#[must_use = "a take does nothing until it is awaited"]
pub struct Take<'a, T> {
    op: TakeOp<T>,
    _chan: PhantomData<&'a Chan<T>>,
}

impl<T> Take<'_, T> {
    pub(crate) fn new(chan: &Chan<T>, place: Place) -> Self {
        Self {
            // SAFETY: the lifetime (of a handle's borrow, see the callers) keeps the channel alive.
            op: unsafe { TakeOp::new(NonNull::from(chan), place) },
            _chan: PhantomData,
        }
    }

    fn op(self: Pin<&mut Self>) -> Pin<&mut TakeOp<T>> {
        // SAFETY: structural pinning of the only field that has an address: it is never moved out,
        // and Take has no Drop and is Unpin only if the field is.
        unsafe { self.map_unchecked_mut(|take| &mut take.op) }
    }
}

impl<T> Future for Take<'_, T> {
    type Output = Option<T>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        self.op().poll(cx)
    }
}

impl<T> crate::alts::Sealed for Take<'_, T> {}

impl<T> Arm for Take<'_, T> {
    type Output = Option<T>;
    const NEEDS_DROP: bool = false;

    #[inline]
    fn channel(&self) -> usize {
        self.op.chan.addr().get()
    }

    #[inline]
    fn is_ready(&self) -> bool {
        self.op.chan().core.is(TAKE_READY)
    }

    #[inline]
    fn placed(self) -> Self {
        // SAFETY: what can be moved has not been pinned, so it has not been polled.
        unsafe { self.op.slot.waiter.set_place(Place::nowhere()) };
        self
    }

    fn raw(self: Pin<&mut Self>) -> RawArm {
        self.op().raw()
    }

    unsafe fn finish(self: Pin<&mut Self>) -> Option<T> {
        self.op().finish()
    }

    unsafe fn at_once(self: Pin<&mut Self>) -> Option<Option<T>> {
        // SAFETY: promised by the caller.
        unsafe { self.op().at_once() }
    }
}

impl<T> Waits for Take<'_, T> {
    const OP: Op = Op::Take;

    fn core(&self) -> &Core {
        &self.op.chan().core
    }

    fn start_awake(self: Pin<&mut Self>) -> Poll<Self::Output> {
        let op = self.op();
        let mut out = MaybeUninit::uninit();
        let waiter = &op.slot.waiter;
        // SAFETY: status Idle: the waiter is in no queue.
        unsafe { waiter.set_owner(Owner::none(), 0) };
        // (As in `start`.)
        waiter.set_status(Status::Spent);
        match op.take(&mut out, true) {
            Took::Queued => Poll::Pending,
            // SAFETY: the value was written there.
            Took::Value => Poll::Ready(Some(unsafe { out.assume_init() })),
            _ => Poll::Ready(None),
        }
    }

    fn is_queued(&self) -> bool {
        self.op.slot.waiter.status() == Status::Queued
    }

    fn end(self: Pin<&mut Self>) -> Self::Output {
        self.op().finish()
    }
}

/// A take without the borrow: whoever holds it keeps the channel alive.
pub(crate) struct TakeOp<T> {
    chan: NonNull<Chan<T>>,
    slot: Slot<T>,
}

// SAFETY: a take moves a T between threads; its node is shared under the channel's lock.
unsafe impl<T: Send> Send for TakeOp<T> {}
// SAFETY: `&TakeOp` gives access to nothing.
unsafe impl<T: Send> Sync for TakeOp<T> {}

impl<T> TakeOp<T> {
    /// # Safety
    /// The channel outlives the operation.
    pub(crate) unsafe fn new(chan: NonNull<Chan<T>>, place: Place) -> Self {
        Self {
            chan,
            slot: Slot::new(Waiter::new(place), MaybeUninit::uninit()),
        }
    }

    fn chan(&self) -> &Chan<T> {
        // SAFETY: promised to `new`.
        unsafe { self.chan.as_ref() }
    }

    // Out of line, with all that it needs in it: a park point in a block costs one call.
    #[inline(never)]
    pub(crate) fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        match self.slot.waiter.status() {
            Status::Idle => self.start(cx),
            Status::Queued => self.poll_again(cx),
            Status::Spent => panic!("a take was polled after it had given its value"),
            _ => Poll::Ready(self.finish()),
        }
    }

    /// Makes a finished take ready for another round.
    pub(crate) fn rearm(&self, place: Place) {
        debug_assert_eq!(self.slot.waiter.status(), Status::Spent);
        // SAFETY: the operation calls, and its waiter is in no queue.
        unsafe { self.slot.waiter.set_place(place) };
        self.slot.waiter.set_status(Status::Idle);
    }

    #[inline]
    fn start(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        let waiter = &self.slot.waiter;
        // SAFETY: status Idle: the waiter is in no queue, and its place is still in it.
        let place = unsafe { waiter.place() };
        if !context::spend(|| place, |all| all.push(self.chan().core.object())) {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        let mut out = MaybeUninit::uninit();
        // Should a value's `clone` or a custom buffer panic, the take has ended. (The status follows
        // from `take` if it queues the waiter.)
        waiter.set_status(Status::Spent);
        // SAFETY: `out` can be written.
        if unsafe { self.chan().take_at_once(out.as_mut_ptr()) } {
            // SAFETY: the value was written there.
            return Poll::Ready(Some(unsafe { out.assume_init() }));
        }
        let took = if let Some((_, owner)) = Owner::of_frame(cx, waiter) {
            // SAFETY: the waiter is in no queue.
            unsafe { waiter.set_owner(owner, 0) };
            self.take(&mut out, true)
        } else {
            self.start_elsewhere(&mut out, cx)
        };
        match took {
            Took::Queued => {
                task::parks_at(cx, place, self.chan().core.id);
                Poll::Pending
            }
            // SAFETY: the value was written there.
            Took::Value => Poll::Ready(Some(unsafe { out.assume_init() })),
            _ => Poll::Ready(None),
        }
    }

    fn take(&self, out: &mut MaybeUninit<T>, queue: bool) -> Took {
        let waiter = queue.then(|| self.slot.head());
        // SAFETY: `out` can be written; the waiter heads our slot, its owner is set when it is to be
        // queued, and it leaves the queue in `drop` (the future is pinned).
        unsafe { self.chan().take(out.as_mut_ptr(), Actor::Alone, waiter) }
    }

    /// Polled by a foreign waker, or in a box. What keeps the owner is made only if the take has to
    /// park.
    fn start_elsewhere(&self, out: &mut MaybeUninit<T>, cx: &Context<'_>) -> Took {
        let took = self.take(out, false);
        if took != Took::Empty {
            return took;
        }
        let waiter = &self.slot.waiter;
        // SAFETY: the waiter is in no queue.
        unsafe { waiter.set_owner(Owner::of(cx, waiter), 0) };
        // SAFETY: what unwinds has not queued it; as below.
        let undo = || unsafe { waiter.drop_owner() };
        let took = or_undo(|| self.take(out, true), undo);
        if took != Took::Queued {
            // SAFETY: the waiter was not queued, so nobody else knows the owner.
            unsafe { waiter.drop_owner() };
        }
        took
    }

    #[cold]
    fn poll_again(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        // SAFETY: the waiter belongs to this channel, on this side.
        if unsafe { self.chan().core.change_owner(&self.slot.waiter, cx) } {
            Poll::Pending
        } else {
            Poll::Ready(self.finish())
        }
    }

    /// As an arm that an alts has tossed for: its result, if it has one at once.
    ///
    /// # Safety
    /// It is not finished, and none of its alts is queued.
    #[expect(
        clippy::option_option,
        reason = "`None` is a result: the channel is closed"
    )]
    #[inline(never)]
    unsafe fn at_once(self: Pin<&mut Self>) -> Option<Option<T>> {
        // (While somebody is at it another arm may be ready.)
        if self.chan().core.is_in_use() {
            return None;
        }
        let mut out = MaybeUninit::uninit();
        // SAFETY: `out` can be written.
        if unsafe { self.chan().take_at_once(out.as_mut_ptr()) } {
            self.slot.waiter.set_status(Status::Spent);
            // SAFETY: the value was written there.
            return Some(Some(unsafe { out.assume_init() }));
        }
        self.at_once_slowly()
    }

    #[expect(clippy::option_option, reason = "as above")]
    #[inline(never)]
    fn at_once_slowly(&self) -> Option<Option<T>> {
        let mut out = MaybeUninit::uninit();
        let result = match self.chan().try_take(&mut out) {
            // SAFETY: the value was written there.
            Took::Value => Some(unsafe { out.assume_init() }),
            Took::Closed => None,
            _ => return None,
        };
        self.slot.waiter.set_status(Status::Spent);
        Some(result)
    }

    /// The result of a take that has been committed or ended.
    #[inline]
    pub(crate) fn finish(self: Pin<&mut Self>) -> Option<T> {
        let waiter = &self.slot.waiter;
        let status = waiter.settled();
        // SAFETY: the status is final: nobody else uses the owner.
        unsafe { waiter.drop_owner() };
        waiter.set_status(Status::Spent);
        if status == Status::Done {
            // SAFETY: the committer moved a value here, and it is ours now (invariant 5).
            Some(unsafe { self.slot.value().read() })
        } else {
            self.finish_without(status)
        }
    }

    /// The result of a take that was handed no value. (Out of line: a round of a set is 14 instructions longer with it.)
    #[cold]
    #[inline(never)]
    fn finish_without(&self, status: Status) -> Option<T> {
        match status {
            Status::Again => {
                let mut out = MaybeUninit::uninit();
                // SAFETY: `out` can be written.
                match unsafe { self.chan().take(out.as_mut_ptr(), Actor::Alone, None) } {
                    // SAFETY: the value was written there.
                    Took::Value => Some(unsafe { out.assume_init() }),
                    _ => None,
                }
            }
            Status::Closed => None,
            // A custom buffer panicked in the middle of the take, and whoever caught that polls again.
            Status::Idle | Status::Spent | Status::Queued | Status::Claimed | Status::Done => {
                panic!("a take was polled after it had ended")
            }
        }
    }

    pub(crate) fn raw(self: Pin<&mut Self>) -> RawArm {
        RawArm::channel(
            &self.chan().core,
            &self.slot.waiter,
            NonNull::from(&*self).cast(),
            const { &ArmTable::channel(Side::Take, attempt::<T>) },
        )
    }
}

/// # Safety
/// `at` is a live, pinned `TakeOp<T>`, whose waiter is in no queue.
unsafe fn attempt<T>(at: NonNull<()>, actor: Actor<'_>, queue: bool) -> Attempt {
    // SAFETY: promised by the caller.
    let op = unsafe { at.cast::<TakeOp<T>>().as_ref() };
    let waiter = &op.slot.waiter;
    let head = queue.then(|| op.slot.head());
    // SAFETY: the slot can be written, it is empty; the waiter heads it, its alts has set the owner,
    // and withdraws it before it moves or dies.
    let status = match unsafe { op.chan().take(op.slot.value(), actor, head) } {
        Took::Value => Status::Done,
        Took::Closed => Status::Closed,
        Took::Empty => return Attempt::NotReady,
        Took::Queued => return Attempt::Queued,
        Took::Lost => return Attempt::Lost,
    };
    // SAFETY: the waiter is in no queue. Its word may still be a place, which `finish` must not take
    // for an owner.
    unsafe { waiter.set_owner(Owner::none(), 0) };
    waiter.set_status(status);
    Attempt::Ready
}

impl<T> Drop for TakeOp<T> {
    #[inline]
    fn drop(&mut self) {
        if !matches!(self.slot.waiter.status(), Status::Idle | Status::Spent) {
            self.abandon();
        }
    }
}

impl<T> TakeOp<T> {
    /// Leaves the queue, or gives back what was handed over already. The take can start anew.
    #[cold]
    pub(crate) fn abandon(&mut self) {
        let waiter = &self.slot.waiter;
        let withdrawn = self.chan().core.withdraw(Side::Take, waiter);
        let status = waiter.settled();
        // SAFETY: out of the queue and settled: nobody else uses the owner.
        unsafe { waiter.drop_owner() };
        // Before the value goes: should that panic, it is not to go again.
        waiter.set_status(Status::Idle);
        if !withdrawn && status == Status::Done {
            // SAFETY: the committer moved a value here, and it is ours (invariant 5).
            unsafe { self.chan().give_back(self.slot.value()) };
        }
    }
}

impl<T> std::fmt::Debug for Take<'_, T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Take")
            .field("status", &self.op.slot.waiter.status())
            .finish_non_exhaustive()
    }
}
