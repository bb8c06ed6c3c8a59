//! Puts and takes that run a function when they are done, instead of parking anybody.

use std::{mem::MaybeUninit, ptr::NonNull};

use super::{
    core::Side,
    inner::{Chan, Gave, Slot, Took},
    unwind::or_undo,
};
use crate::{
    buffer::Shared,
    error::{Closed, TooManyPending},
    inspect::evidence,
    site::Place,
    sync::{
        UnsafeCell,
        plain::{
            Arc,
            atomic::{AtomicUsize, Ordering},
        },
    },
    waiter::{Actor, CallbackTable, DueCallback, Owner, Status, Waiter},
};

/// A side's number of pending callbacks. Shared with them, since they may outlive the channel.
pub(crate) type Pending = Arc<AtomicUsize>;

/// The part of a callback that the channel knows.
#[repr(C)]
struct Pend<T> {
    slot: Slot<T>,
    /// The promise that came; the committer's until the status is final, like the slot.
    share: UnsafeCell<Option<Shared<T>>>,
}

/// A pending callback: freed by running it, and run when its operation ends.
#[repr(C)]
struct Callback<T, F> {
    pend: Pend<T>,
    /// How many are pending on this side of the channel.
    pending: Pending,
    run: F,
}

impl<T> Chan<T> {
    pub(super) fn take_then<F: FnOnce(Option<T>)>(&self, run: F) -> Result<(), TooManyPending<()>> {
        let Some(pending) = self.count_callback(Side::Take) else {
            return Err(TooManyPending {
                value: (),
                chan: self.describe(),
            });
        };
        let table = const {
            &CallbackTable {
                due: due::<T, F>,
                run: run_take::<T, F>,
            }
        };
        let head = leak(MaybeUninit::<T>::uninit(), run, table, pending);
        // SAFETY: the callback is live, and nobody else knows it yet.
        let slot = unsafe { head.cast::<Slot<T>>().as_ref() };
        let took = or_undo(
            // SAFETY: its slot can be written; its waiter heads it, has its owner, and stays in its box
            // until it is committed.
            || unsafe { self.take(slot.value(), Actor::Alone, Some(head)) },
            // SAFETY: what unwinds has not queued it.
            || unsafe { forget::<T, F>(head) },
        );
        let status = match took {
            Took::Queued => return Ok(()),
            Took::Value => Status::Done,
            _ => Status::Closed,
        };
        slot.waiter.set_status(status);
        // SAFETY: the operation has ended, and this is the only place that says so.
        unsafe { DueCallback::new(head, table) }.run_in_turn();
        Ok(())
    }

    pub(super) fn put_then<F>(&self, value: T, run: F) -> Result<(), TooManyPending<T>>
    where
        F: FnOnce(Result<(), Closed<T>>),
    {
        let Some(pending) = self.count_callback(Side::Put) else {
            return Err(TooManyPending {
                value,
                chan: self.describe(),
            });
        };
        let table = const {
            &CallbackTable {
                due: due::<T, F>,
                run: run_put::<T, F>,
            }
        };
        let head = leak(MaybeUninit::new(value), run, table, pending);
        // SAFETY: the callback is live, and nobody else knows it yet.
        let slot = unsafe { head.cast::<Slot<T>>().as_ref() };
        let gave = or_undo(
            // SAFETY: its slot has the value; otherwise as in `take_then`.
            || unsafe { self.put(slot.value(), Actor::Alone, Some(head)) },
            // SAFETY: as there; the value has gone.
            || unsafe { forget::<T, F>(head) },
        );
        let status = match gave {
            Gave::Queued => return Ok(()),
            Gave::Accepted => Status::Done,
            _ => Status::Closed,
        };
        slot.waiter.set_status(status);
        // SAFETY: the operation has ended, and this is the only place that says so.
        unsafe { DueCallback::new(head, table) }.run_in_turn();
        Ok(())
    }

    /// One more pending callback, if there may be.
    fn count_callback(&self, side: Side) -> Option<Pending> {
        evidence::hands_code_over();
        let mut queues = self.core.lock_as_is();
        let pending = &queues.ext().pending[side as usize];
        // Ordering: only a count.
        if pending.fetch_add(1, Ordering::Relaxed) < TooManyPending::<T>::LIMIT {
            return Some(Arc::clone(pending));
        }
        pending.fetch_sub(1, Ordering::Relaxed);
        None
    }

    fn describe(&self) -> String {
        match self.name() {
            Some(name) => format!("channel `{name}`"),
            None => format!("channel {}", self.core.id),
        }
    }
}

fn leak<T, F>(
    value: MaybeUninit<T>,
    run: F,
    table: &'static CallbackTable,
    pending: Pending,
) -> NonNull<Waiter> {
    let slot = Slot::new(Waiter::new(Place::nowhere()), value);
    // SAFETY: the waiter is new.
    unsafe { slot.waiter.set_owner(Owner::callback(table), 0) };
    let share = UnsafeCell::new(None);
    let pend = Pend { slot, share };
    NonNull::from(Box::leak(Box::new(Callback { pend, pending, run }))).cast()
}

/// Leaves a promise's value with the callback that waits for it.
///
/// # Safety
/// `head` is the waiter of a pending `take_then` on a channel of `T`, which is committed to the caller.
pub(super) unsafe fn give_share<T>(head: NonNull<Waiter>, value: Shared<T>) {
    // SAFETY: the waiter heads a `Callback`, which begins with a `Pend<T>`.
    let pend = unsafe { head.cast::<Pend<T>>().as_ref() };
    // SAFETY: it is committed to us. (What was there is None: nothing is dropped.)
    pend.share.with_mut(|share| unsafe { *share = Some(value) });
}

/// The operation has ended: it is not pending any more.
///
/// # Safety
/// `head` is a live callback of these types.
unsafe fn due<T, F>(head: NonNull<Waiter>) {
    // SAFETY: promised by the caller.
    let callback = unsafe { head.cast::<Callback<T, F>>().as_ref() };
    // Ordering: only a count.
    callback.pending.fetch_sub(1, Ordering::Relaxed);
}

/// # Safety
/// `head` is a callback of these types whose operation has ended; this call consumes it.
unsafe fn consume<T, F>(head: NonNull<Waiter>) -> (Status, Box<Callback<T, F>>) {
    // SAFETY: `leak` made the box, and this is the one call that consumes it.
    let callback = unsafe { Box::from_raw(head.cast::<Callback<T, F>>().as_ptr()) };
    (callback.pend.slot.waiter.settled(), callback)
}

/// Its operation was unwound: it does not run.
///
/// # Safety
/// `head` is a live callback of these types, which is in no queue; this call consumes it. (It drops no value.)
#[cold]
unsafe fn forget<T, F>(head: NonNull<Waiter>) {
    // SAFETY: promised by the caller.
    unsafe { due::<T, F>(head) };
    // SAFETY: as above.
    drop(unsafe { consume::<T, F>(head) });
}

/// # Safety
/// As for [`consume`].
unsafe fn run_take<T, F: FnOnce(Option<T>)>(head: NonNull<Waiter>) {
    // SAFETY: promised by the caller.
    let (status, callback) = unsafe { consume::<T, F>(head) };
    let value = match status {
        // SAFETY: a value was moved into the slot, and it is ours.
        Status::Done => Some(unsafe { callback.pend.slot.value().read() }),
        // SAFETY: as above.
        Status::Again => (callback.pend.share)
            .with_mut(|share| unsafe { (*share).take() })
            .map(|share| share.get()),
        _ => None,
    };
    (callback.run)(value);
}

/// # Safety
/// As for [`consume`].
unsafe fn run_put<T, F: FnOnce(Result<(), Closed<T>>)>(head: NonNull<Waiter>) {
    // SAFETY: promised by the caller.
    let (status, callback) = unsafe { consume::<T, F>(head) };
    let result = match status {
        Status::Done => Ok(()),
        // SAFETY: ended by close: the value is still in the slot.
        _ => Err(Closed(unsafe { callback.pend.slot.value().read() })),
    };
    (callback.run)(result);
}
