//! [`Handle`]: an executor as others see it.

use std::{fmt, panic::Location, rc::Rc, time::Instant};

use csp_core::{__private::FromCaller, Go, NewTask};

use crate::{
    current::{self, Current, Entered},
    local::Local,
    runtime::Runtime,
    sync::Arc,
};

/// Starts blocks on a [`Runtime`](crate::Runtime) or a [`Local`](crate::Local) from anywhere; made by
/// [`Runtime::handle`](crate::Runtime::handle) and [`Local::handle`](crate::Local::handle).
///
/// Where an operation takes `impl Into<Handle>`, a reference to either executor will do.
///
/// It does not keep the executor from ending. What is started after that does not run: its [`Go`] says
/// [`Cancelled`](csp_core::Failure::Cancelled).
///
/// ```
/// use csp::{Runtime, prelude::*};
/// let rt = Runtime::builder().workers(1).build();
/// let handle = rt.handle();
/// let answer = go!({ handle.go(async { 42 }).await });
/// assert_eq!(answer.wait(), Ok(Ok(42)));
/// ```
#[derive(Clone)]
pub struct Handle(Current);

impl Handle {
    pub(crate) fn of(executor: Current) -> Self {
        Self(executor)
    }

    /// Starts a block on the executor, as [`Runtime::go`](crate::Runtime::go).
    #[track_caller]
    pub fn go<F>(&self, future: F) -> Go<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let (task, go) = NewTask::new(FromCaller(Location::caller()), future);
        current::launch_on(&self.0, task);
        go
    }

    /// Makes the executor the current one on this thread, as [`Runtime::enter`](crate::Runtime::enter).
    #[track_caller]
    pub fn enter(&self) -> Entered {
        current::enter_at(Rc::new(self.0.clone()), Location::caller())
    }

    /// The time by the executor's clock: see [`now`](crate::now()).
    pub fn now(&self) -> Instant {
        self.0.ticks().now()
    }

    /// Keeps [virtual time](crate::Local::virtual_time) where it is until the guard is dropped.
    ///
    /// For work on another thread that the executor is to wait for: by itself virtual time goes on as soon
    /// as all blocks are parked, whatever other threads are about. While it is held,
    /// [`run_until`](crate::Local::run_until) and [`advance`](crate::Local::advance) run what becomes due, and
    /// wait. Real time cannot be held; then this does nothing.
    ///
    /// ```
    /// use csp::{Local, prelude::*};
    /// let local = Local::virtual_time();
    /// let held = local.handle().hold_time();
    /// let (tx, rx) = chan(1);
    /// std::thread::spawn(move || {
    ///     tx.put_blocking("in time").unwrap();
    ///     drop(held); // what it woke is due by now
    /// });
    /// let got = local.run_until(async move {
    ///     alt! { v = take!(rx) => v, _ = take!(timeout(secs(1))) => Some("late") }
    /// });
    /// assert_eq!(got, Some("in time"));
    /// ```
    ///
    /// A thread that holds the time and waits for it to pass waits for ever.
    pub fn hold_time(&self) -> TimeHold {
        if let Current::Local(local) = &self.0 {
            local.hold();
        }
        TimeHold(self.0.clone())
    }
}

impl From<&Handle> for Handle {
    fn from(handle: &Handle) -> Self {
        handle.clone()
    }
}

impl From<&Runtime> for Handle {
    fn from(runtime: &Runtime) -> Self {
        runtime.handle()
    }
}

impl From<&Local> for Handle {
    fn from(local: &Local) -> Self {
        local.handle()
    }
}

/// They are equal if they are of one and the same executor.
impl PartialEq for Handle {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Current::Runtime(a), Current::Runtime(b)) => Arc::ptr_eq(a, b),
            (Current::Local(a), Current::Local(b)) => Arc::ptr_eq(a, b),
            (Current::Sim(a), Current::Sim(b)) => {
                Arc::ptr_eq(&a.world, &b.world) && a.number == b.number
            }
            _ => false,
        }
    }
}

impl Eq for Handle {}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Handle").field(&self.0.name()).finish()
    }
}

/// Keeps virtual time where it is; made by [`Handle::hold_time`].
#[must_use = "the time goes on when the guard is dropped"]
pub struct TimeHold(Current);

impl Drop for TimeHold {
    fn drop(&mut self) {
        if let Current::Local(local) = &self.0 {
            local.let_go();
        }
    }
}

impl fmt::Debug for TimeHold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TimeHold")
    }
}
