//! [`LoopHandle`]: the loop, as every thread may use it.

use std::{
    fmt,
    panic::{AssertUnwindSafe, Location, catch_unwind},
    time::Instant,
};

use csp_core::{Failure, Go, Panicked, Receiver, Sender, chan};
use csp_sched::Handle;

use super::{
    AtShutdown, CallError, Effect, Ended, Phase,
    core::Core,
    job::{Call, Internal, Job},
    shutdown::Shutdown,
};
use crate::{
    block::changes,
    promise::{Error, Promise},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
        plain::thread,
    },
};

struct Shared {
    jobs: Sender<Box<dyn Job>>,
    stop: Sender<()>,
    executor: Handle,
    thread: thread::ThreadId,
    shutdown: Shutdown,
    ignored: AtomicU64,
}

/// What an event loop takes from any thread: events, calls, timers. Clone it at will.
///
/// Made by [`EventLoop::handle`](super::EventLoop::handle), and handed to every handler. None of its
/// methods parks or blocks, but [`call_blocking`](Self::call_blocking). What is given here is queued without
/// a limit: whoever produces without end should wait for an answer now and then, or put into a channel
/// that a block of the loop takes from.
///
/// **The order** is that of the queue: what one thread asks for happens in the order in which it asked.
/// Nothing is called inside another call: what a handler emits is handled after it has returned, and after
/// what was queued before.
///
/// **The end.** Once the loop has ended, what would need it says so, and gives back what it was given:
/// [`Ended`]. What was accepted before [`EventLoop::run`](super::EventLoop::run) returned has been called. An
/// `EventLoop` that is simply dropped drops what it has not done.
///
/// A handle does not keep its loop from ending.
#[derive(Clone)]
pub struct LoopHandle(Arc<Shared>);

/// The ends that stay with the loop.
pub(super) struct Ends {
    pub(super) jobs: Receiver<Box<dyn Job>>,
    pub(super) stopped: Receiver<()>,
}

impl LoopHandle {
    pub(super) fn new(executor: Handle) -> (Self, Ends) {
        let (jobs, queue) = changes();
        let (stop, stopped) = chan(0);
        let shared = Shared {
            jobs,
            stop,
            executor,
            thread: thread::current().id(),
            shutdown: Shutdown::default(),
            ignored: AtomicU64::new(0),
        };
        let jobs = queue;
        (Self(Arc::new(shared)), Ends { jobs, stopped })
    }

    pub(super) fn executor(&self) -> &Handle {
        &self.0.executor
    }

    pub(super) fn shutdown(&self) -> &Shutdown {
        &self.0.shutdown
    }

    pub(super) fn count_ignored(&self) {
        // Ordering: a counter.
        self.0.ignored.fetch_add(1, Ordering::Relaxed);
    }

    /// Nothing is accepted from now on.
    pub(super) fn end(&self) {
        self.0.stop.close();
        self.0.jobs.close();
    }

    /// Queues a job, or gives it back.
    pub(super) fn post<J: Job + 'static>(&self, job: J) -> Result<(), J> {
        self.0.jobs.try_put(Box::new(job)).map_err(|refused| {
            let job = refused.into_inner().into_any().downcast();
            *job.expect("what comes back is what was put")
        })
    }

    /// Has `f` called on the loop's thread: Twisted's `callFromThread`, JavaScript's `setImmediate`.
    ///
    /// ```
    /// let events = csp::EventLoop::new();
    /// let handle = events.handle();
    /// std::thread::spawn(move || {
    ///     let stop = handle.clone();
    ///     handle.call(move || _ = stop.stop()).unwrap();
    /// });
    /// events.run();
    /// ```
    ///
    /// In one pass the loop makes the calls that were queued when the pass began. A function that queues
    /// itself again and again holds up neither timers nor blocks.
    ///
    /// # Panics
    /// A panic of `f` is [told](super::EventLoop::on_notice), and the loop goes on.
    ///
    /// # Errors
    /// [`Ended`], with the function.
    #[track_caller]
    pub fn call<F: FnOnce() + Send + 'static>(&self, f: F) -> Result<(), Ended<F>> {
        let at = Location::caller();
        self.post(Call { f, at })
            .map_err(|refused| Ended(refused.f))
    }

    /// Starts a block on the loop: `go!`, from any thread.
    ///
    /// Once the loop has ended the block does not run, and its [`Go`] says [`Cancelled`](Failure::Cancelled).
    #[track_caller]
    pub fn go<F>(&self, block: F) -> Go<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.0.executor.go(block)
    }

    /// Runs blocking work on a thread of the pool: Twisted's `deferToThread`. The loop goes on meanwhile.
    ///
    /// The promise's steps run on the loop's thread, wherever they are added.
    ///
    /// ```
    /// use csp::EventLoop;
    /// let events = EventLoop::new();
    /// let page = events
    ///     .handle()
    ///     .defer_to_thread(|| std::fs::read_to_string("Cargo.toml")) // blocks, but not the loop
    ///     .and_then(|text| Ok(text?))
    ///     .map(|text| text.lines().count());
    /// assert!(events.run_until(page).unwrap() > 0);
    /// ```
    ///
    /// Virtual time stands still while the work lasts.
    ///
    /// # Panics
    /// A panic of `f` fails the promise as [`Panicked`](Failure::Panicked).
    ///
    /// # Cancellation
    /// Cancelling the promise does not interrupt `f`; its value is dropped. Once the loop has ended the promise
    /// is [`Cancelled`](Failure::Cancelled); `f` is not run then.
    #[track_caller]
    pub fn defer_to_thread<T, F>(&self, f: F) -> Promise<T, Error>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        if self.is_ended() {
            return Promise::settled(Err(Failure::Cancelled));
        }
        let executor = &self.0.executor;
        let held = executor.hold_time();
        // Let go of in a block of the loop: what the value wakes is due before the time goes on.
        Promise::from(csp_sched::thread(f))
            .with_handle(Some(executor.clone()))
            .finally(move || drop(held))
    }

    /// Calls `f` on the loop's thread, and blocks this thread until it has returned: Twisted's
    /// `blockingCallFromThread`.
    ///
    /// For what is not there at once, `f` gives a promise, and this thread waits for that.
    ///
    /// ```
    /// use csp::EventLoop;
    /// let events = EventLoop::new();
    /// let handle = events.handle();
    /// let other = std::thread::spawn(move || {
    ///     let later = handle.clone();
    ///     let value = handle.call_blocking(move || later.defer_to_thread(|| 42)).unwrap();
    ///     let value = value.wait().unwrap();
    ///     handle.stop();
    ///     value
    /// });
    /// events.run();
    /// assert_eq!(other.join().unwrap(), 42);
    /// ```
    ///
    /// # Errors
    /// [`CallError`]: `f` panicked; the loop has ended; or this *is* the loop's thread, which would wait for
    /// itself.
    pub fn call_blocking<T, F>(&self, f: F) -> Result<T, CallError>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        if thread::current().id() == self.0.thread {
            return Err(CallError::OnTheLoop);
        }
        let (tx, rx) = chan(1);
        let call = Internal(move |core: &Core| {
            core.count();
            // Nobody waits if that thread is gone.
            tx.try_put(catch_unwind(AssertUnwindSafe(f))).ok();
        });
        if self.post(call).is_err() {
            return Err(CallError::Ended);
        }
        match rx.take_blocking() {
            Some(Ok(value)) => Ok(value),
            Some(Err(payload)) => Err(CallError::Panicked(Panicked::from(payload))),
            None => Err(CallError::Ended),
        }
    }

    /// Has `f` called when the loop is shut down, in that phase: Twisted's `addSystemEventTrigger`.
    ///
    /// The phases come one after the other, and within one the functions in the order in which they were
    /// given. A phase lasts until all promises that its functions gave have settled; meanwhile the loop serves
    /// events and timers as before. A function that fails or panics is [told](super::EventLoop::on_notice),
    /// and the others run. Each runs once. A promise that never settles holds the end up: give it a
    /// [`timeout`](Promise::timeout).
    ///
    /// ```
    /// use csp::{EventLoop, event_loop::Phase, prelude::*, promise::go_try};
    /// let events = EventLoop::virtual_time();
    /// let handle = events.handle();
    /// let (tx, log) = chan(2);
    /// let saved = tx.clone();
    /// handle.at_shutdown(Phase::During, move || tx.try_put("closed").unwrap())?;
    /// handle.at_shutdown(Phase::Before, move || {
    ///     go_try(async move {
    ///         sleep(secs(1)).await;
    ///         saved.try_put("saved").unwrap();
    ///         Ok(())
    ///     })
    /// })?;
    /// handle.stop();
    /// events.run();
    /// assert_eq!((log.try_take(), log.try_take()), (Ok("saved"), Ok("closed")));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`Ended`], with the function: the phase has begun.
    #[track_caller]
    pub fn at_shutdown<F, R>(&self, phase: Phase, f: F) -> Result<AtShutdown, Ended<F>>
    where
        F: FnOnce() -> R + Send + 'static,
        R: Effect + 'static,
    {
        let place = self.0.shutdown.add(phase, Location::caller(), f)?;
        let on = self.clone();
        Ok(AtShutdown { place, on })
    }

    /// Asks the loop to [shut down](super::EventLoop::shutdown), which then returns from
    /// [`run`](super::EventLoop::run). True if nobody had asked yet.
    pub fn stop(&self) -> bool {
        self.0.stop.close()
    }

    /// True once the loop accepts nothing any more.
    pub fn is_ended(&self) -> bool {
        self.0.jobs.is_closed()
    }

    /// The time by the loop's clock.
    pub fn now(&self) -> Instant {
        self.0.executor.now()
    }

    /// How many events and calls are queued now.
    pub fn queued(&self) -> usize {
        self.0.jobs.len()
    }

    /// How many events nobody handled.
    pub fn ignored(&self) -> u64 {
        // Ordering: a counter.
        self.0.ignored.load(Ordering::Relaxed)
    }
}

impl fmt::Debug for LoopHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoopHandle")
            .field("queued", &self.queued())
            .field("ended", &self.is_ended())
            .finish_non_exhaustive()
    }
}
