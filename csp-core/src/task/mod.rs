//! The cell of a go block: one allocation, one state word, no waker while it is parked.
//!
//! * [`state`]: the word and its transitions; the *run token*.
//! * [`header`]: what stands in front of every frame, and who may touch which field.
//! * [`cell`]: the typed part: poll, settle, free. [`reuse`]: where its memory comes from.
//! * [`home`]: the list of an executor's live tasks.
//! * [`waker`]: the waker that foreign futures see; our operations recognise it.
//! * [`join`], [`go`]: waiting for the outcome.
//!
//! # Life of a task
//! 1. [`Home::spawn`] allocates it and hands out the run token as a [`Task`], and a [`Go`].
//! 2. The executor calls [`Task::run`]: one turn. If the block parks, the token is given up; whoever
//!    wakes it first gets the token and posts it to the executor of its home.
//! 3. At the end (value, panic or cancel) the frame is dropped, the outcome takes its place, the task
//!    leaves its home, and the one who waits for it is woken.
//! 4. The last reference frees the allocation.

mod cell;
mod go;
mod header;
mod home;
mod join;
#[cfg(all(test, csp_loom))]
mod loom;
mod panic_hook;
mod reuse;
mod state;
mod waker;

use std::{
    mem::ManuallyDrop,
    panic::{AssertUnwindSafe, catch_unwind},
    ptr::NonNull,
    task::Context,
};

pub use go::Go;
pub(crate) use header::Header;
pub(crate) use home::Seen;
pub use home::{Executor, Home};
pub use panic_hook::set_panic_hook;
pub(crate) use panic_hook::{show, swallow, wake};
pub(crate) use waker::task_of;

use crate::{
    context::{self, Object, touch},
    inspect::{self, LiveBlock},
    site::{Origin, Place},
};
use header::Polled;
use state::Left;

/// A task that belongs to no executor yet. [`Home::adopt`] takes it; dropping it cancels the block.
pub struct NewTask(NonNull<Header>);

// SAFETY: as for `Task`.
unsafe impl Send for NewTask {}

impl NewTask {
    /// Makes a task of a block.
    #[inline]
    pub fn new<F, O>(origin: O, future: F) -> (Self, Go<F::Output>)
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
        O: Origin + 'static,
    {
        // SAFETY: everything is Send and 'static, so the task may be run and dropped anywhere.
        unsafe { Self::new_unchecked(origin, future) }
    }

    /// As [`new`](Self::new), without the bounds.
    ///
    /// # Safety
    /// If the future is not `Send`, the task must be run, cancelled and dropped only on the thread that
    /// makes it. The future's borrows must outlive the task. The output must be `Send` or the `Go` must
    /// stay on the thread, and likewise its borrows.
    #[inline]
    pub unsafe fn new_unchecked<F, O>(origin: O, future: F) -> (Self, Go<F::Output>)
    where
        F: Future,
        O: Origin,
    {
        let header = cell::allocate(future, origin);
        // SAFETY: a new task comes with the reference of its handle.
        (Self(header), unsafe { Go::from_raw(header) })
    }

    /// Where the block stands in the source.
    pub fn site(&self) -> crate::BlockSite {
        // SAFETY: a new task has a reference.
        let task = unsafe { self.0.as_ref() };
        // SAFETY: the header belongs to this table, and is live.
        unsafe { (task.vtable.site)(self.0) }
    }

    fn into_header(self) -> NonNull<Header> {
        ManuallyDrop::new(self).0
    }
}

impl Drop for NewTask {
    fn drop(&mut self) {
        // SAFETY: a new task comes with its run token.
        unsafe { Task::from_token(self.0) }.cancel_unlinked();
    }
}

impl std::fmt::Debug for NewTask {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("NewTask")
    }
}

/// A task that is due: the run token.
///
/// Exactly one exists for a task that is queued or runs; a parked task has none. Dropping it cancels
/// the block.
pub struct Task(NonNull<Header>);

// SAFETY: the token gives exclusive use of the frame. Frames that must stay on a thread are spawned
// with `spawn_unchecked`, whose caller promises that the executor keeps the task there.
unsafe impl Send for Task {}

impl Task {
    /// # Safety
    /// The caller owns the run token, and gives it up to the new value.
    pub(crate) unsafe fn from_token(header: NonNull<Header>) -> Self {
        Self(header)
    }

    /// The task's address as a word, for a queue of atomics. [`from_raw`](Self::from_raw) takes it back.
    pub fn into_raw(self) -> NonNull<()> {
        self.into_header().cast()
    }

    /// Takes back what [`into_raw`](Self::into_raw) gave.
    ///
    /// # Safety
    /// `raw` comes from `into_raw`, and is taken back once.
    pub unsafe fn from_raw(raw: NonNull<()>) -> Self {
        Self(raw.cast())
    }

    fn header(&self) -> &Header {
        // SAFETY: a task with a run token has not completed, so its own reference is still there.
        unsafe { self.0.as_ref() }
    }

    /// Hands the task to the executor of its home.
    #[inline]
    pub fn post(self) {
        let header = self.into_header();
        // SAFETY: until it is posted the task is live.
        let task = unsafe { header.as_ref() };
        // The home outlives its tasks (`Home::new`), but perhaps not this call: once posted, the
        // task may complete elsewhere. An executor that can go away guards itself inside `post`.
        // SAFETY: the token is ours.
        let room = unsafe { task.room() };
        // SAFETY: as above; `self` gave it up.
        room.executor().post(unsafe { Self::from_token(header) });
    }

    fn into_header(self) -> NonNull<Header> {
        ManuallyDrop::new(self).0
    }

    /// The block's number: see [`Go::id`].
    pub fn id(&self) -> u64 {
        self.header().id()
    }

    /// Where the block stands in the source.
    pub fn site(&self) -> crate::BlockSite {
        // SAFETY: the header belongs to this table, and is live.
        unsafe { (self.header().vtable.site)(self.0) }
    }

    /// Runs one turn of the block.
    pub fn run(self) {
        let header = ManuallyDrop::new(self).0;
        // SAFETY: we own the token, so the task is live until we complete it or give the token up.
        let task = unsafe { header.as_ref() };
        let turn = task.state.begin_turn();
        if turn.cancelled {
            // SAFETY: we own the token.
            unsafe { finish(header, true, true) };
            return;
        }
        // SAFETY: the waker is used in this turn only.
        let waker = unsafe { waker::borrowed(header) };
        let turn_guard = context::begin_turn(header);
        // SAFETY: we own the token.
        let bound = unsafe { task.enter_bindings() };
        // SAFETY: we own the token, the frame is there, and the header belongs to this table.
        let polled = unsafe { (task.vtable.poll)(header, &mut Context::from_waker(&waker)) };
        drop(bound);
        drop(turn_guard);
        match polled {
            // SAFETY: we own the token; the outcome has been written.
            Polled::Ready => unsafe { finish(header, false, true) },
            Polled::Pending => {
                if task.state.end_turn(turn.seen) {
                    // SAFETY: a task that has not completed keeps its home alive.
                    let room = unsafe { task.room() };
                    // SAFETY: the turn keeps the token.
                    room.executor()
                        .post_again(unsafe { Self::from_token(header) });
                }
                // Else the task is somebody else's now, and may be gone: touch nothing.
            }
        }
    }

    /// Ends a task that never got into its home.
    fn cancel_unlinked(self) {
        let header = ManuallyDrop::new(self).0;
        // SAFETY: we own the token.
        unsafe { finish(header, true, false) };
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        // SAFETY: we own the token.
        unsafe { finish(self.0, true, true) };
    }
}

impl std::fmt::Debug for Task {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Task")
            .field("id", &self.header().id())
            .field("site", &self.site())
            .finish()
    }
}

/// Completes a task: cancels it if it has no outcome yet, takes it out of its home, publishes.
///
/// # Safety
/// The caller owns the token, and gives it up.
unsafe fn finish(header: NonNull<Header>, cancel: bool, linked: bool) {
    // SAFETY: the task's own reference is given up at the very end of this function.
    let task = unsafe { header.as_ref() };
    if cancel {
        // SAFETY: we own the token.
        let _bound = unsafe { task.enter_bindings() };
        // SAFETY: we own the token and the frame is there.
        unsafe { cell::cancel(header) };
    }
    // SAFETY: we own the token.
    if let Some(bindings) = unsafe { task.take_bindings() } {
        // The values may be the user's last: their drop must not stop us.
        if let Err(payload) = catch_unwind(AssertUnwindSafe(|| drop(bindings))) {
            swallow(payload);
        }
    }
    if linked {
        // SAFETY: a task that has not left its home keeps it alive.
        unsafe { task.room() }.unlink(header);
    }
    // From here on the home, and the executor with it, may be gone.
    let id = task.id();
    touch(Object::Block(id));
    let completed = task.state.complete();
    if completed.is_noted {
        inspect::blocks::forget(id);
    }
    match completed.left {
        Left::Nothing => return,
        // SAFETY: no handle is left, so the right to the outcome is ours.
        Left::Outcome => unsafe { cell::discard(header) },
        Left::Waiter => {
            if let Some(waker) = task.join.finish() {
                wake(waker);
            }
        }
    }
    // SAFETY: this is the task's own reference.
    unsafe { drop_ref(header) };
}

/// Gives a reference back, and frees the task with the last one.
///
/// # Safety
/// The caller has a reference, and does not use it again.
unsafe fn drop_ref(header: NonNull<Header>) {
    // SAFETY: the reference keeps the header alive for this call.
    if unsafe { header.as_ref() }.state.drop_ref() {
        // SAFETY: it was the last one; the outcome was taken, or dropped with the right to it.
        unsafe { cell::free(header) };
    }
}

/// Notes where the task that polls with `cx`, if it is ours, is about to park; or the thread that does.
#[inline]
pub(crate) fn parks_at(cx: &Context<'_>, place: Place, object: u32) {
    if let Some(header) = task_of(cx.waker()) {
        // SAFETY: the waker that we are polled with keeps the task alive.
        unsafe { header.as_ref() }.parks_at(place, object);
    } else {
        crate::park::parks_at(cx.waker(), place, object);
    }
}

/// Notes that the thread that polls with `cx` is about to wait for the end of a block. (Of a block that does so,
/// the [`JoinSlot`](join::JoinSlot) knows.)
#[inline]
fn awaits(cx: &Context<'_>, block: u64) {
    if task_of(cx.waker()).is_none() {
        crate::park::awaits(cx.waker(), block);
    }
}

/// What is seen of a task from outside.
#[derive(Debug)]
pub(crate) struct TaskLook {
    pub(crate) state: LiveBlock,
    /// Where its header stands: to be compared.
    pub(crate) address: usize,
    /// How many others refer to it, who may wake it.
    pub(crate) wakers: u64,
    /// The address of the task that waits for its end.
    pub(crate) awaited_by: Option<usize>,
}

/// As [`state_of`], with more.
///
/// # Safety
/// The task is live.
unsafe fn look_at(header: NonNull<Header>) -> TaskLook {
    // SAFETY: promised by the caller.
    let task = unsafe { header.as_ref() };
    TaskLook {
        // SAFETY: promised by the caller.
        state: unsafe { state_of(header) },
        address: header.addr().get(),
        wakers: task.state.wakers(),
        awaited_by: task.join.waits(),
    }
}

/// What a block is about, for whoever looks from outside.
///
/// # Safety
/// The task is live.
unsafe fn state_of(header: NonNull<Header>) -> LiveBlock {
    // SAFETY: promised by the caller.
    let task = unsafe { header.as_ref() };
    let was_parked = task.state.is_parked();
    let (place, object) = task.parked_at();
    let is_parked = was_parked && task.state.is_parked();
    LiveBlock {
        id: task.id(),
        // SAFETY: the header belongs to this table and is live.
        site: unsafe { (task.vtable.site)(header) },
        is_parked,
        parked_at: place.park_site().filter(|_| is_parked),
        channel: Some(object).filter(|&channel| is_parked && channel != 0),
    }
}

/// One more reference to a task, for an operation that may outlive it.
///
/// # Safety
/// The task is live, and [`release`] gives the reference back.
pub(crate) unsafe fn hold(header: NonNull<Header>) {
    // SAFETY: promised by the caller.
    unsafe { header.as_ref() }.state.add_ref();
}

/// Gives back what [`hold`] took. May free the task, so never under a lock.
///
/// # Safety
/// `hold` was called for it, and the header is not used again on its strength.
pub(crate) unsafe fn release(header: NonNull<Header>) {
    // SAFETY: promised by the caller.
    unsafe { drop_ref(header) };
}

/// Wakes a parked own task, from under a channel's lock.
///
/// # Safety
/// The waiter that names the task as its owner is not settled yet, and the lock is held. Either it
/// stands in the task's own frame, which cannot be dropped before (its operation would wait for the
/// lock, or for the final status), or its operation holds a reference until it is settled: the
/// header is live during this call. If the result is `None`, it must not be touched again.
#[inline]
pub(crate) unsafe fn notify(header: NonNull<Header>) -> Option<Task> {
    // SAFETY: promised by the caller.
    if unsafe { header.as_ref() }.state.notify() {
        // SAFETY: `notify` gave us the token.
        Some(unsafe { Task::from_token(header) })
    } else {
        None
    }
}
