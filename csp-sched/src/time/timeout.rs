//! [`Timeout`] and what is built on it.

use std::{
    panic::Location,
    time::{Duration, Instant},
};

use csp_core::{__private::ParkSite, Elapsed, ReadPort, Receiver, Take, context};

use crate::current;

/// A channel that closes at its deadline: take from it, in an `alt!` above all.
///
/// Made by [`timeout`] and [`deadline`]. A take gives `None` when the time is over. It ends at the
/// first tick of its runtime (10 ms by default) that is not before the deadline: never early.
///
/// The tick is shared with other timeouts, the handle is one's own: dropping it (the only way to
/// cancel it) never touches another's, and leaves nothing behind.
///
/// The runtime that was current when it was made keeps its time. It ends with that runtime, if that is
/// shut down or dropped before the deadline.
#[derive(Debug)]
pub struct Timeout {
    over: Receiver<()>,
    deadline: Option<Instant>,
}

impl Timeout {
    /// `deadline` is told the time.
    fn at(deadline: impl FnOnce(Instant) -> Option<Instant>) -> Self {
        current::with_current(|current| {
            let ticks = current.ticks();
            let now = ticks.now();
            let deadline = deadline(now);
            let (over, earlier) = ticks.at(current.table(), deadline, now);
            if earlier {
                current.earlier_deadline();
            }
            Self { over, deadline }
        })
    }

    /// Parks until the time is over; gives `None` then.
    #[track_caller]
    pub fn take(&self) -> Take<'_, ()> {
        self.over.take()
    }

    /// Blocks the thread until the time is over. (On the thread of a [`Local`](crate::Local) with virtual
    /// time that is for ever, if it is not over yet: nobody else lets that time pass.)
    #[track_caller]
    pub fn wait(&self) {
        // By this thread's own clock too: on a `Local` it is this very thread that would keep the time. (In a
        // simulation that keeps itself.)
        let left = self
            .deadline
            .map(|at| at.saturating_duration_since(context::now()));
        match left {
            Some(left) if left.is_zero() || !context::is_simulated() => {
                self.over.take_blocking_for(left).ok();
            }
            _ => {
                self.over.take_blocking();
            }
        }
    }

    /// True once the time is over.
    pub fn is_over(&self) -> bool {
        // A virtual deadline is far ahead of the system's clock, and of a simulation's.
        self.over.is_closed() || self.deadline.is_some_and(|at| at <= context::now())
    }

    /// When it was asked to end: it does at the first tick from then on. `None` if that is beyond the
    /// clock's range.
    pub fn deadline(&self) -> Option<Instant> {
        self.deadline
    }
}

impl ReadPort for Timeout {
    type Item = ();
    type Take<'a> = Take<'a, ()>;

    fn take_from(&self, site: &'static ParkSite) -> Take<'_, ()> {
        self.over.take_at(site)
    }
}

impl IntoFuture for Timeout {
    type Output = ();
    type IntoFuture = std::pin::Pin<Box<dyn Future<Output = ()> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            self.take().await;
        })
    }
}

/// A timeout that ends after `duration`: core.async's `timeout`.
///
/// ```
/// use csp::prelude::*;
/// let (_tx, rx) = chan::<u32>(0);
/// let got = go!({
///     alt! {
///         v = take!(rx) => v,
///         _ = take!(timeout(ms(20))) => None,
///     }
/// });
/// assert_eq!(got.wait(), Ok(None));
/// ```
///
/// A zero duration is over at once; one beyond the clock's range never is.
pub fn timeout(duration: Duration) -> Timeout {
    Timeout::at(|now| now.checked_add(duration))
}

/// A timeout that ends at `at`.
pub fn deadline(at: Instant) -> Timeout {
    Timeout::at(|_| Some(at))
}

/// The time by the clock of the current executor.
///
/// That is the system's monotonic clock, but on a [`Local`](crate::Local) with virtual time. Code that
/// measures by it can be tested without waiting.
///
/// ```
/// use csp::{Local, prelude::*};
/// let local = Local::virtual_time();
/// let hour = local.run_until(async {
///     let before = csp::now();
///     sleep(secs(3600)).await;
///     csp::now() - before
/// });
/// assert_eq!(hour, secs(3600));
/// ```
pub fn now() -> Instant {
    current::with_current(|current| current.ticks().now())
}

/// Parks for `duration`, from the call on.
///
/// ```
/// use csp::prelude::*;
/// let before = std::time::Instant::now();
/// go!({ sleep(ms(5)).await }).wait().unwrap();
/// assert!(before.elapsed() >= ms(5));
/// ```
#[track_caller]
pub fn sleep(duration: Duration) -> impl Future<Output = ()> + Send + 'static {
    let timeout = timeout(duration);
    let caller = Location::caller();
    async move {
        timeout.over.take_for(caller).await;
    }
}

/// Beats at a fixed rate: [`interval`] makes it.
///
/// Beats that were missed are skipped, not made up for, as by Go's ticker.
#[derive(Debug)]
pub struct Interval {
    period: Duration,
    /// `None`: beyond the clock's range, so never.
    next: Option<Instant>,
}

/// An interval whose first beat is `period` from now.
///
/// ```
/// use csp::prelude::*;
/// let beats = go!({
///     let mut every = interval(ms(10));
///     every.beat().await;
///     every.beat().await
/// });
/// assert!(beats.wait().is_ok());
/// ```
///
/// # Panics
/// If `period` is zero: it would never let go.
#[track_caller]
pub fn interval(period: Duration) -> Interval {
    assert!(
        !period.is_zero(),
        "an interval of {period:?} makes no sense: give it a period above zero"
    );
    Interval {
        period,
        next: now().checked_add(period),
    }
}

impl Interval {
    /// Parks until the next beat, and gives the time it was due.
    ///
    /// # Cancellation
    /// Dropping the future loses nothing: the beat is still to come.
    #[track_caller]
    pub fn beat(&mut self) -> impl Future<Output = Instant> + Send {
        let caller = Location::caller();
        async move { self.beat_for(caller).await }
    }

    async fn beat_for(&mut self, caller: &'static Location<'static>) -> Instant {
        let Some(due) = self.next else {
            return std::future::pending().await;
        };
        deadline(due).over.take_for(caller).await;
        let late = now().saturating_duration_since(due);
        let skipped = late.as_nanos() / self.period.as_nanos();
        let skipped = u32::try_from(skipped).unwrap_or(u32::MAX);
        let step = self.period.saturating_mul(skipped.saturating_add(1));
        self.next = due.checked_add(step);
        due
    }

    /// The next beat counts from now on.
    pub fn reset(&mut self) {
        self.next = now().checked_add(self.period);
    }

    /// The time between beats.
    pub fn period(&self) -> Duration {
        self.period
    }
}

/// Seconds.
pub const fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// Milliseconds.
pub const fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

/// Runs a future for at most `limit`.
///
/// # Errors
/// [`Elapsed`]: the time was over first, and the future was dropped.
///
/// ```
/// use csp::prelude::*;
/// let (_tx, rx) = chan::<u32>(0);
/// let got = go!({ csp::within(ms(10), rx.take()).await });
/// assert_eq!(got.wait(), Ok(Err(csp::Elapsed)));
/// ```
#[track_caller]
pub fn within<F: Future>(
    limit: Duration,
    future: F,
) -> impl Future<Output = Result<F::Output, Elapsed>> {
    let caller = Location::caller();
    async move {
        let over = timeout(limit);
        let arms = (csp_core::park(future), over.take());
        match csp_core::__private::alt_for(arms, csp_core::Order::Priority, caller).await {
            csp_core::Of2::A(value) => Ok(value),
            csp_core::Of2::B(_) => Err(Elapsed),
        }
    }
}
