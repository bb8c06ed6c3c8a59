//! No more than so many values in a time.

use std::{
    pin::pin,
    time::{Duration, Instant},
};

use csp_core::{
    Receiver, Sender,
    xf::{Identity, Transducer},
};
use csp_sched::now;

use super::{
    super::{Stream, start::follow},
    alarm::{Alarm, after, check_period},
};
use crate::ops::outlet::Outlet;

impl<X> Stream<X>
where
    X: Transducer<In: Send + 'static, Out: Send + 'static> + Send + 'static,
{
    /// Lets `rate` values through per `period`, evenly, and after a pause up to `burst` at once.
    ///
    /// ```text
    /// time     0     10    20    30    40    50    60
    /// source   12345                         67|
    /// out      1     2     3     4     5     6     7     |     throttle(1, 10 ms, 1)
    /// out      123   4     5                 67|              throttle(1, 10 ms, 3)
    /// ```
    ///
    /// A value is due `period / rate` after the one before it was taken from the stream. Time in which none
    /// was due is saved up, enough for `burst` values, and a stream begins with as much: `burst` is 1 for
    /// values that never come closer together.
    ///
    /// * **Back pressure**, and nothing else: what is not due yet stays in the source, and holds back
    ///   whoever puts into it. Nothing is dropped, and the operator has nothing in hand while it waits
    ///   for the next value to be due.
    /// * When nobody takes from the stream any more, the source is let go at once.
    /// * When the source has ended or failed, so does the stream; since it looks at the source only
    ///   when a value is due, it can be later by the time until then.
    ///
    /// ```
    /// use csp::{Local, prelude::*};
    /// let seconds = Local::virtual_time().run_until(async {
    ///     let start = csp::now();
    ///     let slow = csp::stream(csp::to_chan(0..5)).throttle(2, secs(1), 1).chan(0);
    ///     for n in 0..5 { assert_eq!(take!(slow), Some(n)); }
    ///     csp::now() - start
    /// });
    /// assert_eq!(seconds, secs(2));
    /// ```
    ///
    /// Manifold's `throttle`, whose backlog is the burst. (It begins with nothing saved up.)
    ///
    /// # Panics
    /// If `rate`, `period` or `burst` is 0.
    #[track_caller]
    pub fn throttle(self, rate: u32, period: Duration, burst: u32) -> Stream<Identity<X::Out>> {
        assert!(
            rate > 0,
            "throttle(0, ..): nothing would ever come; write a rate of 1 or more, and a longer period"
        );
        assert!(
            burst > 0,
            "throttle(.., 0): nothing would ever come; write a burst of 1 for none"
        );
        check_period("throttle", period);
        // The clock is the block's, which may not be ours.
        let allowance = move || Allowance::new(rate, period, burst);
        follow(self, |from, to| throttle_all(from, to, allowance))
    }
}

async fn throttle_all<T>(from: Receiver<T>, to: Sender<T>, allowance: impl FnOnce() -> Allowance) {
    let closed = pin!(to.closed());
    let mut out = Outlet::new(&to, closed);
    let mut alarm = Alarm::off();
    let mut allowance = allowance();
    loop {
        if let Some(due) = allowance.due() {
            alarm.set(due);
            if !alarm.ring(&mut out).await {
                return;
            }
        }
        let Some(value) = out.next_or_end(&from).await else {
            return;
        };
        if out.put(value).await.is_err() {
            return;
        }
        allowance.spend();
    }
}

/// How much time the values so far have used up, beyond that which has passed.
struct Allowance {
    /// The time for one value.
    each: Duration,
    /// A value is due while no more than this is used up.
    saved: Duration,
    used: Duration,
    /// When that was so.
    at: Instant,
}

impl Allowance {
    fn new(rate: u32, period: Duration, burst: u32) -> Self {
        // Rounded up, so that the rate is never exceeded.
        let nanos = period.as_nanos().div_ceil(u128::from(rate));
        let each = u64::try_from(nanos).map_or(Duration::MAX, Duration::from_nanos);
        Self {
            each,
            saved: each.saturating_mul(burst - 1),
            used: Duration::ZERO,
            at: now(),
        }
    }

    /// When the next value is due, unless it is already.
    fn due(&mut self) -> Option<Instant> {
        self.catch_up();
        let wait = self.used.saturating_sub(self.saved);
        (!wait.is_zero()).then(|| after(self.at, wait))
    }

    fn spend(&mut self) {
        self.catch_up();
        self.used = self.used.saturating_add(self.each);
    }

    fn catch_up(&mut self) {
        let now = now();
        let passed = now.saturating_duration_since(self.at);
        self.used = self.used.saturating_sub(passed);
        self.at = now;
    }
}
