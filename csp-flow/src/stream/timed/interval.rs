//! Streams that the clock makes.

use std::{
    pin::pin,
    time::{Duration, Instant},
};

use csp_core::{Sender, xf::Identity};
use csp_sched::now;

use super::{
    super::{Stream, start::begin},
    alarm::{Alarm, after, check_period, next_beat},
};
use crate::ops::outlet::{Outlet, call};

/// A stream of what `f` gives, once every `period`; the first a period from now.
///
/// ```text
/// time     0    10   20   30
/// out           f()  f()  f()     interval(10 ms, f)
/// ```
///
/// * It goes on until nobody takes from it any more; then it ends at once. To end it by itself, let a
///   `take_while` follow.
/// * Back pressure: `f` is called when its time has come and the value before was taken. Beats that are
///   missed meanwhile are skipped.
/// * If `f` panics, the stream fails with the message.
///
/// `f` runs in a go block of its own; it should not block.
///
/// ```
/// use csp::{Local, prelude::*};
/// let local = Local::virtual_time();
/// let counts = local.run_until(async {
///     let mut count = 0;
///     csp::stream::interval(ms(10), move || { count += 1; count }).chan(8)
/// });
/// local.advance(ms(35));
/// assert_eq!(counts.len(), 3);
/// ```
///
/// Lamina's and Manifold's `periodically`. The prelude's [`interval`](csp_sched::interval) is the beat alone,
/// without a block.
///
/// # Panics
/// If `period` is zero.
#[doc(alias = "periodically")]
#[track_caller]
pub fn interval<T, F>(period: Duration, f: F) -> Stream<Identity<T>>
where
    T: Send + 'static,
    F: FnMut() -> T + Send + 'static,
{
    interval_after(period, period, f)
}

/// As [`interval`], but the first value comes after `initial`; with zero, at once.
///
/// ```text
/// time     0    10   20   30
/// out        f()  f()  f()      interval_after(5 ms, 10 ms, f)
/// ```
///
/// ```
/// use csp::{Local, prelude::*};
/// let now = Local::virtual_time().run_until(async {
///     let values = csp::stream::interval_after(ms(0), secs(60), || "now").chan(0);
///     take!(values)
/// });
/// assert_eq!(now, Some("now"));
/// ```
///
/// Manifold's `periodically` with an initial delay, Lamina's with `:immediate?`.
///
/// # Panics
/// If `period` is zero.
#[track_caller]
pub fn interval_after<T, F>(initial: Duration, period: Duration, mut f: F) -> Stream<Identity<T>>
where
    T: Send + 'static,
    F: FnMut() -> T + Send + 'static,
{
    check_period("interval", period);
    beats(initial, period, move |_| f())
}

/// A stream of beats, each with the time it was due; the first a period from now.
///
/// ```text
/// time     0    10   20   30
/// out           10   20   30      ticks(10 ms)
/// ```
///
/// Everything else is as for [`interval`].
///
/// ```
/// use csp::{Local, prelude::*};
/// Local::virtual_time().run_until(async {
///     let start = csp::now();
///     let ticks = csp::stream::ticks(ms(10)).chan(0);
///     assert_eq!(take!(ticks), Some(start + ms(10)));
///     assert_eq!(take!(ticks), Some(start + ms(20)));
/// });
/// ```
///
/// Go's `time.Tick`, which a program cannot stop; this one ends when it is dropped.
///
/// # Panics
/// If `period` is zero.
#[track_caller]
pub fn ticks(period: Duration) -> Stream<Identity<Instant>> {
    check_period("ticks", period);
    beats(period, period, |due| due)
}

#[track_caller]
fn beats<T, F>(initial: Duration, period: Duration, f: F) -> Stream<Identity<T>>
where
    T: Send + 'static,
    F: FnMut(Instant) -> T + Send + 'static,
{
    let first = after(now(), initial);
    begin(|to| beat_all(to, first, period, f))
}

/// `f` is given the time when the beat was due.
async fn beat_all<T>(
    to: Sender<T>,
    mut due: Instant,
    period: Duration,
    mut f: impl FnMut(Instant) -> T,
) {
    let closed = pin!(to.closed());
    let mut out = Outlet::new(&to, closed);
    let mut alarm = Alarm::at(due);
    while alarm.ring(&mut out).await {
        let value = call("the function of `stream::interval`", &to, || f(due));
        if out.put(value).await.is_err() {
            return;
        }
        due = next_beat(due, period);
        alarm.set(due);
    }
}
