//! The put operation as a future and as an arm of alts.

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
    core::{Core, PUT_READY, Side},
    inner::{Chan, Gave, Slot},
    unwind::or_undo,
};
use crate::{
    alts::{Arm, ArmTable, Attempt, RawArm},
    context,
    error::Closed,
    site::{Op, Place},
    task,
    waiter::{Actor, Owner, Status, Waiter},
};

/// A put under way: future of `Result<(), Closed<T>>`.
///
/// Made by [`Sender::put`](crate::Sender::put), whose rules it keeps: dropped before a taker came, it
/// takes its value with it; [`withdraw`](Self::withdraw) gives it back instead.
#[must_use = "a put does nothing until it is awaited"]
pub struct Put<'a, T> {
    op: PutOp<T>,
    _chan: PhantomData<&'a Chan<T>>,
}

impl<T> Put<'_, T> {
    pub(crate) fn new(chan: &Chan<T>, value: T, place: Place) -> Self {
        Self {
            // SAFETY: the lifetime (of a handle's borrow, see the callers) keeps the channel alive.
            op: unsafe { PutOp::new(NonNull::from(chan), value, place) },
            _chan: PhantomData,
        }
    }

    /// Takes the put back. The value, if no taker got it; `None` if it was put.
    ///
    /// ```
    /// use csp::prelude::*;
    /// use std::{future::Future, pin::pin, task::{Context, Waker}};
    /// let (tx, rx) = chan::<String>(0);
    /// let mut put = pin!(tx.put("late".to_owned()));
    /// assert!(put.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    /// assert_eq!(put.as_mut().withdraw().as_deref(), Some("late"));
    /// assert!(rx.try_take().is_err());
    /// ```
    pub fn withdraw(self: Pin<&mut Self>) -> Option<T> {
        self.op().withdraw()
    }

    /// See [`Arm::placed`]. Called before it is polled.
    #[inline]
    pub(crate) fn unplace(&self) {
        debug_assert!(matches!(
            self.op.slot.waiter.status(),
            Status::Idle | Status::Spent
        ));
        // SAFETY: it is in no queue.
        unsafe { self.op.slot.waiter.set_place(Place::nowhere()) };
    }

    /// The operation, for who uses only what is shared of it.
    pub(super) fn shared(&self) -> &PutOp<T> {
        &self.op
    }

    pub(crate) fn op(self: Pin<&mut Self>) -> Pin<&mut PutOp<T>> {
        // SAFETY: structural pinning of the only field that has an address: it is never moved out,
        // and Put has no Drop and is Unpin only if the field is.
        unsafe { self.map_unchecked_mut(|put| &mut put.op) }
    }
}

impl<T> Future for Put<'_, T> {
    type Output = Result<(), Closed<T>>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.op().poll(cx)
    }
}

impl<T> crate::alts::Sealed for Put<'_, T> {}

impl<T> Arm for Put<'_, T> {
    type Output = Result<(), Closed<T>>;
    const NEEDS_DROP: bool = std::mem::needs_drop::<T>();

    #[inline]
    fn channel(&self) -> usize {
        self.op.chan.addr().get()
    }

    #[inline]
    fn is_ready(&self) -> bool {
        self.op.chan().core.is(PUT_READY)
    }

    #[inline]
    fn placed(self) -> Self {
        self.unplace();
        self
    }

    fn raw(self: Pin<&mut Self>) -> RawArm {
        self.op().raw()
    }

    unsafe fn finish(self: Pin<&mut Self>) -> Self::Output {
        self.op().finish()
    }
}

impl<T> Waits for Put<'_, T> {
    const OP: Op = Op::Put;

    fn core(&self) -> &Core {
        &self.op.chan().core
    }

    fn start_awake(self: Pin<&mut Self>) -> Poll<Self::Output> {
        let op = self.op();
        // SAFETY: status Idle: the waiter is in no queue.
        unsafe { op.slot.waiter.set_owner(Owner::none(), 0) };
        match op.attempt(Actor::Alone, true) {
            Gave::Queued => Poll::Pending,
            _ => Poll::Ready(op.finish()),
        }
    }

    fn is_queued(&self) -> bool {
        self.op.slot.waiter.status() == Status::Queued
    }

    fn end(self: Pin<&mut Self>) -> Self::Output {
        self.op().finish()
    }
}

/// A put without the borrow: whoever holds it keeps the channel alive.
///
/// The value stands in the slot while the waiter is Idle, Queued or Closed; it has moved when it is
/// Done or Spent.
pub(crate) struct PutOp<T> {
    chan: NonNull<Chan<T>>,
    slot: Slot<T>,
}

// SAFETY: a put moves a T between threads; its node is shared under the channel's lock.
unsafe impl<T: Send> Send for PutOp<T> {}
// SAFETY: `&PutOp` gives access to nothing.
unsafe impl<T: Send> Sync for PutOp<T> {}

impl<T> PutOp<T> {
    /// # Safety
    /// The channel outlives the operation.
    pub(crate) unsafe fn new(chan: NonNull<Chan<T>>, value: T, place: Place) -> Self {
        Self {
            chan,
            slot: Slot::new(Waiter::new(place), MaybeUninit::new(value)),
        }
    }

    pub(super) fn chan(&self) -> &Chan<T> {
        // SAFETY: promised to `new`.
        unsafe { self.chan.as_ref() }
    }

    pub(super) fn slot(&self) -> &Slot<T> {
        &self.slot
    }

    // Out of line, with all that it needs in it: a park point in a block costs one call.
    #[inline(never)]
    pub(crate) fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Closed<T>>> {
        match self.slot.waiter.status() {
            Status::Idle => self.start(cx),
            Status::Queued => self.poll_again(cx),
            Status::Spent => panic!("a put was polled after it had ended"),
            _ => Poll::Ready(self.finish()),
        }
    }

    /// Gives a finished put another value, for another round.
    pub(crate) fn rearm(&self, value: T, place: Place) {
        debug_assert_eq!(self.slot.waiter.status(), Status::Spent);
        // SAFETY: the status says that the slot is empty and ours.
        unsafe { self.slot.value().write(value) };
        // SAFETY: the operation calls, and its waiter is in no queue.
        unsafe { self.slot.waiter.set_place(place) };
        self.slot.waiter.set_status(Status::Idle);
    }

    /// True if the value has gone.
    pub(crate) fn is_spent(&self) -> bool {
        self.slot.waiter.status() == Status::Spent
    }

    #[inline]
    fn start(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Closed<T>>> {
        let waiter = &self.slot.waiter;
        // SAFETY: status Idle: the waiter is in no queue, and its place is still in it.
        let place = unsafe { waiter.place() };
        if !context::spend(|| place, |all| all.push(self.chan().core.object())) {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        // SAFETY: the value is in the slot.
        if unsafe { self.chan().put_at_once(self.slot.value()) } {
            waiter.set_status(Status::Spent);
            return Poll::Ready(Ok(()));
        }
        let gave = if let Some((_, owner)) = Owner::of_frame(cx, waiter) {
            // SAFETY: as above.
            unsafe { waiter.set_owner(owner, 0) };
            // (As `attempt`, but for the statuses that nobody would see.)
            waiter.set_status(Status::Spent);
            // SAFETY: as there.
            unsafe {
                self.chan()
                    .put(self.slot.value(), Actor::Alone, Some(self.slot.head()))
            }
        } else {
            self.start_elsewhere(cx)
        };
        match gave {
            Gave::Queued => {
                task::parks_at(cx, place, self.chan().core.id);
                Poll::Pending
            }
            Gave::Accepted => {
                waiter.set_status(Status::Spent);
                Poll::Ready(Ok(()))
            }
            _ => {
                waiter.set_status(Status::Spent);
                // SAFETY: the channel was closed: the value is still in the slot, and ours.
                Poll::Ready(Err(Closed(unsafe { self.slot.value().read() })))
            }
        }
    }

    /// Polled by a foreign waker, or in a box. What keeps the owner is made only if the put has to
    /// park.
    fn start_elsewhere(&self, cx: &Context<'_>) -> Gave {
        let gave = self.attempt(Actor::Alone, false);
        if gave != Gave::Full {
            return gave;
        }
        let waiter = &self.slot.waiter;
        // SAFETY: status Idle: the waiter is in no queue.
        unsafe { waiter.set_owner(Owner::of(cx, waiter), 0) };
        // SAFETY: what unwinds has not queued it; as below.
        let undo = || unsafe { waiter.drop_owner() };
        let gave = or_undo(|| self.attempt(Actor::Alone, true), undo);
        if gave != Gave::Queued {
            // SAFETY: the waiter was not queued, so nobody else knows the owner.
            unsafe { waiter.drop_owner() };
        }
        gave
    }

    /// Puts, or queues. The status follows: Done or Closed or Idle or Queued.
    fn attempt(&self, actor: Actor<'_>, queue: bool) -> Gave {
        let waiter = &self.slot.waiter;
        // An alts that is polled again after it ended, or panicked, comes here without a value, or when that has been put.
        assert!(
            waiter.status() == Status::Idle,
            "a put was polled after it had ended"
        );
        // A custom buffer that panics has the value: it must not be dropped again.
        waiter.set_status(Status::Spent);
        // SAFETY: the value is in the slot; the waiter heads it, its owner is set when it is to be
        // queued, and it leaves the queue in `drop` or through its alts (the future is pinned).
        let gave = unsafe {
            self.chan()
                .put(self.slot.value(), actor, queue.then(|| self.slot.head()))
        };
        match gave {
            Gave::Accepted => waiter.set_status(Status::Done),
            Gave::Closed => waiter.set_status(Status::Closed),
            Gave::Full | Gave::Lost => waiter.set_status(Status::Idle),
            // Others may have committed it already.
            Gave::Queued => {}
        }
        gave
    }

    #[cold]
    fn poll_again(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Closed<T>>> {
        // SAFETY: the waiter belongs to this channel.
        if unsafe { self.chan().core.change_owner(&self.slot.waiter, cx) } {
            Poll::Pending
        } else {
            Poll::Ready(self.finish())
        }
    }

    /// The result of a put that has been committed or ended.
    #[inline]
    pub(crate) fn finish(self: Pin<&mut Self>) -> Result<(), Closed<T>> {
        let waiter = &self.slot.waiter;
        let status = waiter.settled();
        // SAFETY: the status is final: nobody else uses the owner.
        unsafe { waiter.drop_owner() };
        waiter.set_status(Status::Spent);
        match status {
            Status::Done => Ok(()),
            // SAFETY: ended by close: the value is still in the slot, and ours again.
            Status::Closed => Err(Closed(unsafe { self.slot.value().read() })),
            // A custom buffer panicked in the middle of the put, and whoever caught that polls again.
            _ => panic!("a put was polled after it had ended"),
        }
    }

    /// Takes the put back: the value, unless it has gone.
    pub(crate) fn withdraw(self: Pin<&mut Self>) -> Option<T> {
        if self.recall() {
            self.slot.waiter.set_status(Status::Spent);
            // SAFETY: `recall` says that the value is in the slot, and ours.
            Some(unsafe { self.slot.value().read() })
        } else {
            None
        }
    }

    /// Leaves the queue. True if the value is still in the slot.
    pub(crate) fn recall(&self) -> bool {
        let waiter = &self.slot.waiter;
        let status = waiter.status();
        match status {
            Status::Idle => return true,
            Status::Spent => return false,
            _ => {}
        }
        let withdrawn = self.chan().core.withdraw(Side::Put, waiter);
        let status = waiter.settled();
        // SAFETY: out of the queue and settled: nobody else uses the owner.
        unsafe { waiter.drop_owner() };
        let here = withdrawn || status == Status::Closed;
        waiter.set_status(if here { Status::Idle } else { Status::Spent });
        here
    }

    pub(crate) fn raw(self: Pin<&mut Self>) -> RawArm {
        RawArm::channel(
            &self.chan().core,
            &self.slot.waiter,
            NonNull::from(&*self).cast(),
            const { &ArmTable::channel(Side::Put, attempt::<T>) },
        )
    }
}

/// # Safety
/// `at` is a live, pinned `PutOp<T>`, whose waiter is in no queue, and whose value is in the slot.
unsafe fn attempt<T>(at: NonNull<()>, actor: Actor<'_>, queue: bool) -> Attempt {
    // SAFETY: promised by the caller.
    let op = unsafe { at.cast::<PutOp<T>>().as_ref() };
    match op.attempt(actor, queue) {
        Gave::Accepted | Gave::Closed => {
            // SAFETY: the waiter is in no queue. Its word may still be a place, which `finish` must
            // not take for an owner.
            unsafe { op.slot.waiter.set_owner(Owner::none(), 0) };
            Attempt::Ready
        }
        Gave::Full => Attempt::NotReady,
        Gave::Queued => Attempt::Queued,
        Gave::Lost => Attempt::Lost,
    }
}

impl<T> Drop for PutOp<T> {
    #[inline]
    fn drop(&mut self) {
        if self.slot.waiter.status() != Status::Spent && self.recall() {
            // SAFETY: `recall` says that the value is in the slot, and ours.
            unsafe { self.slot.value().drop_in_place() };
        }
    }
}

impl<T> std::fmt::Debug for Put<'_, T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Put")
            .field("status", &self.op.slot.waiter.status())
            .finish_non_exhaustive()
    }
}
