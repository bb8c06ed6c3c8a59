//! The waker of our own tasks, and how our operations recognise it.
//!
//! A parked own task holds no waker and no reference: the operation it parks on notes the task's
//! address (see [`waiter`](crate::waiter)). The waker here is what foreign futures get to see.

use std::{
    mem::ManuallyDrop,
    ptr::NonNull,
    task::{RawWaker, RawWakerVTable, Waker},
};

use super::{Task, header::Header};

// A static, not a const: the address of a promoted const may differ from use to use.
static OWN: RawWakerVTable = RawWakerVTable::new(clone, wake, wake_by_ref, drop_waker);

pub(super) fn vtable() -> &'static RawWakerVTable {
    &OWN
}

/// The task behind an own waker.
#[inline]
pub(crate) fn task_of(waker: &Waker) -> Option<NonNull<Header>> {
    if std::ptr::eq(waker.vtable(), &raw const OWN) {
        NonNull::new(waker.data().cast::<Header>().cast_mut())
    } else {
        None
    }
}

/// A waker for the time of one turn, which takes no reference.
///
/// # Safety
/// The task must live as long as the waker is used: the turn's run token sees to that.
#[inline]
pub(super) unsafe fn borrowed(header: NonNull<Header>) -> ManuallyDrop<Waker> {
    let raw = RawWaker::new(header.as_ptr().cast_const().cast(), &OWN);
    // SAFETY: the functions of OWN keep RawWaker's contract for a pointer to a live header, which
    // the caller vouches for; ManuallyDrop since this waker has no reference to give back.
    ManuallyDrop::new(unsafe { Waker::from_raw(raw) })
}

fn header(data: *const ()) -> NonNull<Header> {
    NonNull::new(data.cast::<Header>().cast_mut()).expect("a waker's task is not null")
}

unsafe fn clone(data: *const ()) -> RawWaker {
    // SAFETY: whoever holds a waker holds a reference or the run token, so the header is live.
    unsafe { header(data).as_ref() }.state.add_ref();
    RawWaker::new(data, &OWN)
}

unsafe fn wake(data: *const ()) {
    // SAFETY: contract of RawWakerVTable, as for the two calls themselves.
    unsafe { wake_by_ref(data) };
    // SAFETY: as above; `wake` consumes the waker.
    unsafe { drop_waker(data) };
}

unsafe fn wake_by_ref(data: *const ()) {
    let header = header(data);
    // SAFETY: the waker's reference (or the turn that it is borrowed from) keeps the header live.
    if unsafe { header.as_ref() }.state.notify_foreign() {
        // SAFETY: `notify_foreign` gave us the run token.
        unsafe { Task::from_token(header) }.post();
    }
}

unsafe fn drop_waker(data: *const ()) {
    // SAFETY: an owned waker has one reference, and gives it back here.
    unsafe { super::drop_ref(header(data)) };
}
