//! [`EventLoop`]: the loop, as its own thread has it.

use std::{
    fmt,
    panic::Location,
    rc::Rc,
    time::{Duration, Instant},
};

use csp_core::{Failure, Go, Of2, Receiver, alts, park};
use csp_sched::Local;

use super::{
    Handler, LoopHandle, Notice, Timer,
    core::{Core, react},
    events::Key,
    handle::Ends,
    job::Job,
    notice::contained,
    shutdown,
};
use crate::{
    promise::{Outcome, Promise},
    sync::Arc,
};

/// A reactor on the thread that runs it: events, timers, calls from other threads, go blocks.
///
/// See the [module](super) for what it is for. Handlers that are registered here, on its own thread, need
/// not be `Send`; everything that comes from elsewhere goes through a [`LoopHandle`].
///
/// ```
/// use csp::EventLoop;
/// use std::{cell::Cell, rc::Rc};
/// struct Beep;
/// let events = EventLoop::new();
/// let beeps = Rc::new(Cell::new(0));
/// let count = Rc::clone(&beeps);
/// events.on(move |_: &Beep, _| count.set(count.get() + 1));
/// events.handle().emit(Beep)?;
/// events.handle().emit(Beep)?;
/// assert_eq!(events.run_until_idle(), 2);
/// assert_eq!(beeps.get(), 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Dropping it cancels its blocks, and drops what it has not done, [shutdown](Self::shutdown) functions as
/// well, on this thread.
pub struct EventLoop {
    // Dropped in this order: the block that reacts goes with its executor.
    local: Local,
    reactor: Go<()>,
    jobs: Receiver<Box<dyn Job>>,
    stopped: Receiver<()>,
    core: Rc<Core>,
}

impl EventLoop {
    /// A loop for this thread, by the system's clock, in ticks of 10 ms.
    pub fn new() -> Self {
        Self::on_local(Local::new())
    }

    /// A loop whose time passes only when nothing is due, and then at once: see [`Local::virtual_time`].
    ///
    /// ```
    /// use csp::{EventLoop, prelude::*};
    /// let events = EventLoop::virtual_time();
    /// let (tx, rx) = chan(1);
    /// events.handle().call_later(secs(3600), move || tx.try_put("late").unwrap())?;
    /// events.advance(secs(3599));
    /// assert!(rx.try_take().is_err());
    /// events.advance(secs(1));
    /// assert_eq!(rx.try_take(), Ok("late"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// Work that is [deferred to a thread](LoopHandle::defer_to_thread) takes no virtual time. Twisted's
    /// `task.Clock`.
    pub fn virtual_time() -> Self {
        Self::on_local(Local::virtual_time())
    }

    #[track_caller]
    fn on_local(local: Local) -> Self {
        let (handle, Ends { jobs, stopped }) = LoopHandle::new(local.handle());
        let core = Rc::new(Core::new(handle));
        let reactor = local.go(react(Rc::clone(&core), jobs.clone()));
        Self {
            local,
            reactor,
            jobs,
            stopped,
            core,
        }
    }

    /// A handle for handlers, blocks and other threads.
    pub fn handle(&self) -> LoopHandle {
        self.core.handle.clone()
    }

    /// Runs until somebody calls [`stop`](LoopHandle::stop), then [shuts down](Self::shutdown).
    ///
    /// The thread sleeps while nothing is due. If nobody ever stops it, it runs for ever.
    pub fn run(self) {
        self.local.run_until(self.stopped.take());
        self.shutdown();
    }

    /// Runs until `future` is done: a promise, or any other.
    ///
    /// A `stop` does not end it; [`react`](Self::react) is what heeds both. If nothing can ever become due,
    /// it sleeps for ever. Inside a handler, nothing else is handled meanwhile.
    pub fn run_until<F: Future>(&self, future: F) -> F::Output {
        self.local.run_until(future)
    }

    /// Runs a program: calls `main` on the loop, runs until its promise settles, or somebody stops the
    /// loop, and [shuts down](Self::shutdown). Twisted's `task.react`.
    ///
    /// ```
    /// use csp::{EventLoop, prelude::*, promise::go_try};
    /// let answer = EventLoop::virtual_time().react(|_events| {
    ///     go_try::<_, csp::Error, _>(async {
    ///         sleep(secs(5)).await;
    ///         Ok(42)
    ///     })
    /// });
    /// assert_eq!(answer.unwrap(), 42);
    /// ```
    ///
    /// # Errors
    /// What the promise failed with; [`Cancelled`](Failure::Cancelled) if the loop was stopped before, and
    /// then the promise is cancelled.
    pub fn react<T, E>(self, main: impl FnOnce(&LoopHandle) -> Promise<T, E>) -> Outcome<T, E>
    where
        T: Send + 'static,
        E: Send + 'static,
    {
        let outcome = self.local.run_until(async {
            let mut promise = main(&self.core.handle);
            match alts!(park(&mut promise), self.stopped.take(), priority) {
                Of2::A(outcome) => outcome,
                Of2::B(_) => {
                    promise.cancel();
                    Err(Failure::Cancelled)
                }
            }
        });
        self.shutdown();
        outcome
    }

    /// Runs until nothing is due, without waiting for timers or other threads. How many events, calls and
    /// timers it has done.
    pub fn run_until_idle(&self) -> usize {
        let before = self.core.called();
        self.local.run_until_idle();
        self.core.called() - before
    }

    /// Lets [virtual time](Self::virtual_time) pass: runs what is due now, and at each deadline up to the end
    /// what is due then. It waits for work that was deferred to threads.
    ///
    /// # Panics
    /// If the time of this loop is real.
    #[track_caller]
    pub fn advance(&self, time: Duration) {
        self.local.advance(time);
    }

    /// Runs the functions that were given for the [shutdown](LoopHandle::at_shutdown), phase by phase, then
    /// what has been queued until then, and ends the loop.
    ///
    /// From then on its handles say [`Ended`](super::Ended). Timers that have not come up are dropped,
    /// blocks and tickers that are still there are cancelled.
    pub fn shutdown(mut self) {
        let core = &self.core;
        let phases = shutdown::run(core, core.handle.shutdown());
        self.local.run_until(phases);
        core.handle.end();
        // It ends by itself: its queue is closed.
        self.local.run_until(&mut self.reactor).ok();
    }

    /// As [`LoopHandle::on`], for a handler that need not be `Send`. It holds at once.
    #[track_caller]
    pub fn on<Ev: 'static>(&self, handler: impl FnMut(&Ev, &LoopHandle) + 'static) -> Handler {
        self.register(Key::of::<Ev>(None), handler)
    }

    /// As [`LoopHandle::on_topic`], for a handler that need not be `Send`. It holds at once.
    #[track_caller]
    pub fn on_topic<P: 'static>(
        &self,
        topic: &str,
        handler: impl FnMut(&P, &LoopHandle) + 'static,
    ) -> Handler {
        self.register(Key::of::<P>(Some(topic)), handler)
    }

    #[track_caller]
    fn register<Ev: 'static>(
        &self,
        key: Key,
        handler: impl FnMut(&Ev, &LoopHandle) + 'static,
    ) -> Handler {
        let registered = Handler::new(key.clone(), &self.core.handle);
        let life = Arc::clone(&registered.life);
        let handlers = &self.core.handlers;
        handlers.add(key, life, Location::caller(), handler);
        registered
    }

    /// Starts a block on the loop, which need not be `Send`. It runs when the loop does.
    #[track_caller]
    pub fn go<F>(&self, block: F) -> Go<F::Output>
    where
        F: Future + 'static,
        F::Output: Send + 'static,
    {
        self.local.go(block)
    }

    /// Has `hook` called with what would go by unseen: events that nobody handles, panics of handlers and
    /// other functions, failures at the shutdown. The one set last counts; without one they go by.
    ///
    /// ```
    /// use csp::{EventLoop, prelude::*};
    /// let events = EventLoop::new();
    /// let (tx, told) = chan(1);
    /// events.on_notice(move |notice| tx.try_put(notice.to_string()).unwrap());
    /// events.handle().emit(7_u8)?;
    /// events.run_until_idle();
    /// assert_eq!(told.try_take().as_deref(), Ok("nobody handles the event u8"));
    /// assert_eq!(events.handle().ignored(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn on_notice(&self, hook: impl FnMut(&Notice) + 'static) {
        self.core.set_hook(Box::new(hook));
    }

    /// The timers that wait, the next first: Twisted's `getDelayedCalls`. Not yet those that were set since
    /// the loop last ran.
    pub fn timers(&self) -> Vec<Timer> {
        self.core.timers.list(&self.core.handle)
    }

    /// The time by the loop's clock.
    pub fn now(&self) -> Instant {
        self.local.now()
    }
}

impl Default for EventLoop {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for EventLoop {
    fn drop(&mut self) {
        let handle = &self.core.handle;
        handle.end();
        // They may hold handles, which would keep the queue for ever.
        while let Ok(job) = self.jobs.try_take() {
            contained(|| drop(job)).ok();
        }
        handle.shutdown().end();
    }
}

impl fmt::Debug for EventLoop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventLoop")
            .field("handle", &self.core.handle)
            .field("blocks", &self.local.live())
            .finish_non_exhaustive()
    }
}
