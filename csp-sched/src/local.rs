//! The executor on the caller's own thread: for tests, for GUIs, for single-threaded programs.

mod shared;

use std::{
    fmt,
    panic::Location,
    pin::pin,
    rc::Rc,
    task::{Context, Poll, Waker},
    time::{Duration, Instant},
};

use csp_core::{__private::FromCaller, Go, NewTask, Task};

pub(crate) use self::shared::LocalShared;
use self::shared::{OnDue, State};
use crate::{
    current::{self, Current},
    handle::Handle,
    inspect::{self, Known},
    sim,
    sync::{Arc, Guard},
    time::Ticks,
};

/// How many tasks one turn runs at most before it lets the host have the thread, as ClojureScript's
/// core.async.
const TURN: usize = 1024;

const TICK: Duration = Duration::from_millis(10);

/// An executor on the thread that calls it. Its blocks need not be `Send`.
///
/// Nothing runs until it is told to: [`run_until`](Self::run_until) a future is done,
/// [`run_until_idle`](Self::run_until_idle), or one [`turn`](Self::turn) at a time inside another event
/// loop, told by [`with_wake`](Self::with_wake) when there is something to do. `go!` inside its blocks
/// stays on it; blocking work ([`thread`](crate::thread)) goes to the default runtime's pool.
///
/// ```
/// use csp::{prelude::*, Local};
/// use std::{cell::Cell, rc::Rc};
/// let local = Local::new();
/// let seen = Rc::new(Cell::new(0));
/// let (tx, rx) = chan(0);
/// let there = Rc::clone(&seen);
/// local.go(async move { while let Some(n) = take!(rx) { there.set(there.get() + n); } });
/// local.go(async move { for n in 1..=3 { put!(tx, n).ok(); } });
/// local.run_until_idle();
/// assert_eq!(seen.get(), 6);
/// ```
///
/// Dropping it cancels its blocks, on this thread.
pub struct Local {
    shared: Arc<LocalShared>,
    /// For `go!` in its blocks. Also what binds a `Local` to its thread.
    current: Rc<Current>,
}

impl Local {
    /// An executor for this thread, with ticks of 10 ms.
    pub fn new() -> Self {
        Self::make(None, Ticks::new(TICK))
    }

    /// An executor whose time passes only when nothing is due, and then at once: for tests and simulations.
    ///
    /// [`timeout`](crate::timeout()), [`sleep`](crate::sleep()), [`interval`](crate::interval()) and
    /// [`now`](crate::now()) in its blocks go by its own clock. [`run_until`](Self::run_until) lets it jump to
    /// the next deadline whenever all blocks are parked; [`advance`](Self::advance) lets it go on by as much
    /// as you say; nothing else moves it. An hour of the program costs what its blocks do.
    ///
    /// ```
    /// use csp::{Local, prelude::*};
    /// let local = Local::virtual_time();
    /// let (tx, rx) = chan(8);
    /// for pause in [30, 10, 20] {
    ///     let tx = tx.clone();
    ///     local.go(async move { sleep(secs(pause)).await; put!(tx, pause).ok(); });
    /// }
    /// local.advance(secs(20));
    /// assert_eq!((rx.try_take(), rx.try_take()), (Ok(10), Ok(20)));
    /// local.advance(secs(9));
    /// assert!(rx.try_take().is_err());
    /// local.advance(secs(1));
    /// assert_eq!(rx.try_take(), Ok(30));
    /// ```
    ///
    /// It reaches 500 years from its start; what is beyond that never comes.
    ///
    /// It is not the system's time, so deadlines are to be computed from `csp::now()`, not `Instant::now()`.
    /// Work on other threads takes no virtual time: while a block waits for a [`thread`](crate::thread()) and
    /// another sleeps, `run_until` ends the sleep, unless the time is [held](Handle::hold_time). Twisted's
    /// `task.Clock`, Lamina's non-realtime task queue.
    pub fn virtual_time() -> Self {
        Self::make(None, Ticks::virtual_time())
    }

    /// As [`new`](Self::new); calls `on_due` when something is due after nothing was, from whatever
    /// thread made it so: ask the host's event loop to call [`turn`](Self::turn) then.
    ///
    /// Timeouts are looked at in each turn; the host learns from
    /// [`next_deadline`](Self::next_deadline) when to come again for them.
    pub fn with_wake(on_due: impl Fn() + Send + Sync + 'static) -> Self {
        Self::make(Some(Box::new(on_due)), Ticks::new(TICK))
    }

    fn make(on_due: Option<OnDue>, ticks: Ticks) -> Self {
        let beside = sim::world_here().map(|world| world.realm_of_all());
        let ticks = match &beside {
            Some(realm) if !ticks.clock().is_virtual() => Arc::clone(&realm.world.ticks),
            _ => Arc::new(ticks),
        };
        let shared = LocalShared::new(ticks, beside, on_due);
        crate::party::register(&shared);
        inspect::enter(Known::Local(Arc::downgrade(&shared)));
        let current = Rc::new(Current::Local(Arc::clone(&shared)));
        Self { shared, current }
    }

    /// Starts a block on this executor. It runs when the executor does.
    #[track_caller]
    pub fn go<F>(&self, future: F) -> Go<F::Output>
    where
        F: Future + 'static,
        F::Output: Send + 'static,
    {
        let origin = FromCaller(Location::caller());
        // SAFETY: the future need not be Send: tasks of this home are run, cancelled and dropped only
        // by `Local`, which never leaves its thread. (A woken task is only queued by others.)
        let (task, go) = unsafe { NewTask::new_unchecked(origin, future) };
        self.shared.launch(task);
        go
    }

    /// A handle to start blocks by, from anywhere. These have to be `Send`.
    ///
    /// ```
    /// use csp::Local;
    /// let local = Local::new();
    /// let handle = local.handle();
    /// let there = std::thread::spawn(move || handle.go(async { std::thread::current().id() }));
    /// let block = there.join().unwrap();
    /// assert_eq!(local.run_until(block), Ok(std::thread::current().id()));
    /// ```
    pub fn handle(&self) -> Handle {
        Handle::of(Current::clone(&self.current))
    }

    /// Looks at the clock, and runs what is due: at most 1024 tasks, and up to the first that has yielded in
    /// this turn. True if more is due.
    pub fn turn(&self) -> bool {
        self.check_simulation();
        let _entered = current::enter(Rc::clone(&self.current));
        let ticks = &self.shared.ticks;
        ticks.expire(ticks.now());
        for _ in 0..TURN {
            match self.next_of_turn() {
                Some(task) => task.run(),
                None => break,
            }
        }
        !self.shared.state.lock().due.is_empty()
    }

    fn check_simulation(&self) {
        if csp_core::context::is_simulated() {
            self.shared.refuses(&"the program ran");
        }
    }

    fn next_of_turn(&self) -> Option<Task> {
        let mut state = self.shared.state.lock();
        match &mut state.until_yield {
            Some(0) => {
                state.until_yield = None;
                return None;
            }
            Some(before) => *before -= 1,
            None => {}
        }
        state.due.pop_front()
    }

    fn next(&self) -> Option<Task> {
        self.shared.state.lock().due.pop_front()
    }

    /// Runs until nothing is due. Blocks that are parked, also on timeouts, stay parked.
    pub fn run_until_idle(&self) {
        while self.turn() {}
    }

    /// Runs until `future` is done. The thread sleeps while nothing is due, or, with
    /// [virtual time](Self::virtual_time), goes on with the next deadline at once.
    ///
    /// If nothing can ever become due, it sleeps for ever, as `block_on` does.
    pub fn run_until<F: Future>(&self, future: F) -> F::Output {
        self.check_simulation();
        let mut future = pin!(future);
        let waker = Waker::from(Arc::clone(&self.shared));
        let mut cx = Context::from_waker(&waker);
        // Inside one of our own blocks another call waits further out, and we take its wake-ups.
        let _passes_on = WakeAtEnd(&self.shared);
        loop {
            {
                let _entered = current::enter(Rc::clone(&self.current));
                // Inside a turn of another executor nothing would refill that turn's budget.
                let polled = csp_core::context::unlimited(|| future.as_mut().poll(&mut cx));
                if let Poll::Ready(value) = polled {
                    return value;
                }
            }
            self.run_until_woken();
        }
    }

    /// Runs turns until the main future is to be polled.
    fn run_until_woken(&self) {
        loop {
            let more = self.turn();
            let mut state = self.shared.state.lock();
            if std::mem::take(&mut state.woken) {
                return;
            }
            if more || !state.due.is_empty() {
                continue;
            }
            let is_real = !self.shared.is_time_its_own();
            let limit = self
                .next_deadline()
                .filter(|_| is_real)
                .map(|at| at.saturating_duration_since(self.now()));
            if limit.is_some_and(|limit| limit.is_zero()) {
                continue;
            }
            drop(state);
            if self.skip_to_deadline() {
                continue;
            }
            // On a worker thread, if it is one: without the lock, this wakes others.
            csp_core::context::begin_blocking();
            let is_awake = || {
                let state = self.shared.state.lock();
                state.woken || !state.due.is_empty() || self.shared.may_skip(&state)
            };
            if csp_core::context::park(&is_awake, limit).is_some() {
                continue;
            }
            let state = self.shared.state.lock();
            if !state.woken && state.due.is_empty() && !self.shared.may_skip(&state) {
                drop(self.shared.sleep(state, limit));
            }
        }
    }

    /// Lets a virtual clock go on to the next deadline. False if the clock is real or held, or nobody waits
    /// for it.
    fn skip_to_deadline(&self) -> bool {
        // Under the lock: for whoever holds the time from now on it stands still.
        let state = self.shared.state.lock();
        if !self.shared.may_skip(&state) {
            return false;
        }
        let clock = self.shared.ticks.clock();
        self.next_deadline().map(|at| clock.set(at)).is_some()
    }

    /// Sleeps while a virtual clock is held, and nothing is due.
    fn wait_while_held(&self) -> Guard<'_, State> {
        let is_held = |state: &State| state.due.is_empty() && state.holds > 0;
        if is_held(&self.shared.state.lock()) {
            csp_core::context::begin_blocking();
        }
        csp_core::context::park(&|| !is_held(&self.shared.state.lock()), None);
        let mut state = self.shared.state.lock();
        while is_held(&state) {
            state = self.shared.sleep(state, None);
        }
        state
    }

    /// Lets [virtual time](Self::virtual_time) pass: runs what is due now, and at each deadline up to the end
    /// what is due then. While the time is [held](Handle::hold_time), it waits. A time beyond the clock's
    /// range (more than 500 years) ends with the last deadline.
    ///
    /// # Panics
    /// If the time of this `Local` is real.
    #[track_caller]
    pub fn advance(&self, time: Duration) {
        let clock = self.shared.ticks.clock();
        assert!(
            self.shared.is_time_its_own(),
            "`advance` on a Local whose time is real: make it with `Local::virtual_time()`"
        );
        let end = clock.after(time);
        loop {
            self.run_until_idle();
            // The lock is kept, as in `skip_to_deadline`.
            let state = self.wait_while_held();
            if !state.due.is_empty() {
                continue;
            }
            match self.next_deadline() {
                Some(at) if end.is_none_or(|end| at <= end) => clock.set(at),
                _ => {
                    if let Some(end) = end {
                        clock.set(end);
                    }
                    return;
                }
            }
        }
    }

    /// The time by its clock: see [`now`](crate::now()).
    pub fn now(&self) -> Instant {
        self.shared.ticks.now()
    }

    /// When the next timeout is due, if one is set.
    pub fn next_deadline(&self) -> Option<Instant> {
        self.shared.ticks.next_deadline()
    }

    /// How many blocks are alive on it.
    pub fn live(&self) -> usize {
        self.shared.home.len()
    }
}

/// Has the main future of an outer `run_until` polled once more.
struct WakeAtEnd<'a>(&'a LocalShared);

impl Drop for WakeAtEnd<'_> {
    fn drop(&mut self) {
        self.0.wake();
    }
}

impl Default for Local {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Local {
    fn drop(&mut self) {
        let shared = &self.shared;
        shared.home.shut();
        shared.home.cancel_all();
        // A cancelled task may be on its way into the queue from another thread.
        while !shared.home.is_empty() {
            match self.next() {
                Some(task) => task.run(),
                None => crate::sync::thread::yield_now(),
            }
        }
        if !shared.are_ticks_shared() {
            shared.ticks.end();
        }
    }
}

impl fmt::Debug for Local {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Local")
            .field("live", &self.live())
            .finish_non_exhaustive()
    }
}
