//! What a handle does with time: one call, or many at a rate.

use std::{panic::Location, time::Duration};

use super::{Effect, Ended, LoopHandle, Missed, Ticker, Timer};

impl LoopHandle {
    /// Has `f` called on the loop's thread in `after` from now: Twisted's `callLater`, JavaScript's
    /// `setTimeout`.
    ///
    /// ```
    /// use csp::{EventLoop, prelude::*};
    /// let events = EventLoop::virtual_time();
    /// let handle = events.handle();
    /// let stop = handle.clone();
    /// let timer = handle.call_later(secs(60), move || _ = stop.stop())?;
    /// timer.delay(secs(3600))?;
    /// assert!(timer.is_active());
    /// events.run();
    /// assert!(timer.cancel().is_err()); // it has run
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// Never early, and late by at most the loop's tick (10 ms; none with virtual time) and by how long the
    /// calls before it take. Calls are made in the order of their times, at equal times in the order in which
    /// they were asked for. What has not come up when the loop ends is dropped.
    ///
    /// # Panics
    /// A panic of `f` is [told](super::EventLoop::on_notice), and the loop goes on.
    ///
    /// # Errors
    /// [`Ended`], with the function.
    #[track_caller]
    pub fn call_later<F>(&self, after: Duration, f: F) -> Result<Timer, Ended<F>>
    where
        F: FnOnce() + Send + 'static,
    {
        let (timer, later) = Timer::new(self, after, Location::caller(), f);
        self.post(later).map_err(|refused| Ended(refused.f))?;
        Ok(timer)
    }

    /// Has `f` called at a fixed rate, first in one period from now: Twisted's `LoopingCall`.
    ///
    /// ```text
    /// period   |    |    |    |    |    |
    /// f             f    f────────╮ f    f
    /// Missed        0    0        ╰▸1    0
    /// ```
    ///
    /// Beats stay on the grid. The ones that the loop was too late for, or that went by while a promise that
    /// `f` gave was waited for, are skipped, and the next is told how many. What `f` gives says how it
    /// goes on: see [`Effect`].
    ///
    /// ```
    /// use csp::{EventLoop, prelude::*};
    /// use std::ops::ControlFlow;
    /// let events = EventLoop::virtual_time();
    /// let mut beats = 0;
    /// let ticker = events.handle().every(secs(1), move |_missed| {
    ///     beats += 1;
    ///     if beats == 3 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    /// })?;
    /// let start = events.now();
    /// events.run_until(ticker.ended()).unwrap();
    /// assert_eq!(events.now() - start, secs(3));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Panics
    /// If `period` is zero: it would never let go. A panic of `f` stops the ticker, whose
    /// [`ended`](Ticker::ended) says [`Panicked`](csp_core::Failure::Panicked).
    ///
    /// # Errors
    /// [`Ended`], with the function.
    #[track_caller]
    pub fn every<F, R>(&self, period: Duration, f: F) -> Result<Ticker, Ended<F>>
    where
        F: FnMut(Missed) -> R + Send + 'static,
        R: Effect + 'static,
    {
        self.every_after(period, period, f)
    }

    /// As [`every`](Self::every); the first beat comes in `first` from now, which may be zero.
    ///
    /// # Panics
    /// If `period` is zero.
    ///
    /// # Errors
    /// [`Ended`], with the function.
    #[track_caller]
    pub fn every_after<F, R>(
        &self,
        first: Duration,
        period: Duration,
        f: F,
    ) -> Result<Ticker, Ended<F>>
    where
        F: FnMut(Missed) -> R + Send + 'static,
        R: Effect + 'static,
    {
        assert!(
            !period.is_zero(),
            "a ticker with a period of {period:?} would never let go: give it a period above zero"
        );
        if self.is_ended() {
            return Err(Ended(f));
        }
        Ok(Ticker::start(self, first, period, f))
    }
}
