//! [`Go`]: what `go!` yields.

use std::{
    fmt,
    future::Future,
    marker::PhantomData,
    pin::Pin,
    ptr::NonNull,
    task::{Context, Poll, Waker},
};

use super::{Task, cell, drop_ref, header::Header};
use crate::{
    context::{Object, touch, visible, visible_all},
    error::Failure,
    inspect, park,
    site::BlockSite,
    sync::plain::Arc,
};

/// A go block's handle: a promise of its value.
///
/// Await it in a go block or any async code, [`wait`](Self::wait) for it on a thread, use it as an
/// arm of `alt!` (`p = park!(go) => …`), [`cancel`](Self::cancel) it. Dropping it detaches the block,
/// which runs on. Comes from core.async, whose go blocks yield a channel of their value, and from
/// Task; the failure carries what those lose: the panic.
///
/// ```
/// use csp::prelude::*;
/// let sum = go!({ 1 + 1 });
/// assert_eq!(sum.wait(), Ok(2));
/// ```
///
/// # Panics
/// Awaiting panics in the block itself, whose value can then never come.
///
/// # Cancellation
/// Dropping a future that awaits `&mut go` loses nothing: the value stays in the handle.
///
/// # Errors
/// [`Failure::Panicked`] if the block panicked, [`Failure::Cancelled`] if it was cancelled, or its
/// runtime was shut down, before it ended.
pub struct Go<T> {
    task: NonNull<Header>,
    _value: PhantomData<T>,
}

// SAFETY: a Go moves a T to the thread that asks for it, and everything else it does goes through
// the task's atomics.
unsafe impl<T: Send> Send for Go<T> {}
// SAFETY: a shared Go gives no access to the T.
unsafe impl<T: Send> Sync for Go<T> {}

impl<T> Unpin for Go<T> {}

impl<T> Go<T> {
    /// # Safety
    /// The caller has the handle's reference to a task whose output is `T`.
    pub(super) unsafe fn from_raw(task: NonNull<Header>) -> Self {
        Self {
            task,
            _value: PhantomData,
        }
    }

    fn header(&self) -> &Header {
        // SAFETY: the handle's reference keeps the header alive.
        unsafe { self.task.as_ref() }
    }

    /// Blocks the thread until the block has ended, and gives its value.
    ///
    /// On a worker thread the worker's queue is handed to a spare thread meanwhile.
    ///
    /// # Errors
    /// As for awaiting it: [`Failure`] tells why there is no value.
    ///
    /// # Panics
    /// If the value was taken before (by polling the handle to its end).
    #[track_caller]
    pub fn wait(self) -> Result<T, Failure> {
        park::block_on(self)
    }

    /// Blocks the thread for at most `limit`; gives the handle back if the block has not ended.
    ///
    /// # Errors
    /// The handle itself, when the time was over first.
    #[track_caller]
    pub fn wait_for(mut self, limit: std::time::Duration) -> Result<Result<T, Failure>, Self> {
        match park::block_on_for(Pin::new(&mut self), limit) {
            Some(outcome) => Ok(outcome),
            None => Err(self),
        }
    }

    /// Ends the block at its next park point: it is not polled again, what it holds is dropped, and
    /// its value becomes [`Failure::Cancelled`].
    ///
    /// True if it had not ended. A block that is running now runs on to its next park point; if it ends
    /// before, its value stands. What it was about to put or take is not lost: see the rules of
    /// [`Receiver::take`](crate::Receiver::take).
    pub fn cancel(&self) -> bool {
        let task = self.header();
        visible_all(|all| all.extend([Object::Block(task.id()), Object::Life(task.id())]));
        let asked = task.state.cancel();
        if asked == Some(true) {
            // SAFETY: `cancel` gave us the run token.
            unsafe { Task::from_token(self.task) }.post();
        }
        asked.is_some()
    }

    /// True once the block has ended.
    pub fn is_finished(&self) -> bool {
        let task = self.header();
        visible(Object::Block(task.id()));
        task.state.is_complete()
    }

    /// The block's number: no two blocks of a process share it.
    pub fn id(&self) -> u64 {
        self.header().id()
    }

    /// Gives the block a name, for dumps, and gives the handle back. Names are kept also while
    /// [inspection](crate::inspect) is off.
    ///
    /// ```
    /// use csp::prelude::*;
    /// let worker = go!({ sleep(ms(1)).await }).named("worker 3");
    /// assert_eq!(worker.name().as_deref(), Some("worker 3"));
    /// # worker.wait().unwrap();
    /// ```
    #[expect(
        clippy::return_self_not_must_use,
        reason = "a handle may be dropped: the block goes on"
    )]
    pub fn named(self, name: impl Into<Arc<str>>) -> Self {
        inspect::blocks::name(self.header(), name.into());
        self
    }

    /// The block's name, if it was given one and has not ended.
    pub fn name(&self) -> Option<Arc<str>> {
        inspect::blocks::name_of(self.id())
    }

    /// Where the block stands in the source.
    pub fn site(&self) -> BlockSite {
        // SAFETY: the header belongs to this table and is live.
        unsafe { (self.header().vtable.site)(self.task) }
    }

    /// Where the block is parked now, as far as `take!`, `put!` and their kin told: a snapshot.
    pub fn parked_at(&self) -> Option<crate::ParkSite> {
        let task = self.header();
        let before = task.state.is_parked();
        let (place, _) = task.parked_at();
        if before && task.state.is_parked() {
            place.park_site()
        } else {
            None
        }
    }

    /// Leaves a waker to be woken at the end. False: the block has ended.
    fn wait_with(&self, waker: &Waker) -> bool {
        let task = self.header();
        let waits = task.join.register(waker) && task.state.wait();
        if !waits {
            task.join.clear();
        }
        waits
    }

    fn take_outcome(&self) -> Result<T, Failure> {
        assert!(
            self.header().state.take_outcome(),
            "the value of this go block was taken before"
        );
        // SAFETY: the task is complete (callers checked), T is its output, and we took the right.
        unsafe { cell::read_outcome::<T>(self.task) }
    }
}

impl<T> Future for Go<T> {
    type Output = Result<T, Failure>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let task = self.header();
        assert!(
            super::task_of(cx.waker()) != Some(self.task),
            "a go block awaits its own value: it would wait for ever"
        );
        touch(Object::Block(task.id()));
        if task.state.is_complete() || !self.wait_with(cx.waker()) {
            Poll::Ready(self.take_outcome())
        } else {
            super::awaits(cx, task.id());
            Poll::Pending
        }
    }
}

impl<T> Drop for Go<T> {
    fn drop(&mut self) {
        let task = self.header();
        task.join.clear();
        let dropped = task.state.drop_handle();
        if dropped.is_released {
            return;
        }
        if dropped.leaves_outcome {
            // SAFETY: complete, not taken, and no handle is left: the right to the outcome is ours.
            unsafe { cell::discard(self.task) };
        }
        // SAFETY: this is the handle's reference.
        unsafe { drop_ref(self.task) };
    }
}

impl<T> fmt::Debug for Go<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Go")
            .field("id", &self.id())
            .field("site", &self.site())
            .field("finished", &self.is_finished())
            .finish()
    }
}
