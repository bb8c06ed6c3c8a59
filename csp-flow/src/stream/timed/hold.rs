//! Values that are held until their time has come.

use std::{
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
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
    alarm::{Alarm, Came, after},
};
use crate::{block::said, ops::outlet::Outlet};

/// How many values are held at most, if nobody says.
const MOST: usize = 1024;

impl<X> Stream<X>
where
    X: Transducer<In: Send + 'static, Out: Send + 'static> + Send + 'static,
{
    /// Gives each value `time` after it came.
    ///
    /// ```text
    /// time     0    10   20   30   40   50
    /// source   1 2      3   |
    /// out                1 2      3   |         delay(20 ms)
    /// ```
    ///
    /// Up to 1024 values are on their way at once; [`delay_most`](Self::delay_most) lets you choose.
    ///
    /// * Back pressure: when so many are on their way, or one that is due waits to be taken, none is taken from
    ///   the source. Those that come later are late.
    /// * When the source has ended, or failed, so does the stream, after the last value.
    /// * When nobody takes from the stream any more, the source is let go; the values on their way are
    ///   dropped.
    ///
    /// ```
    /// use csp::{Local, prelude::*};
    /// let late = Local::virtual_time().run_until(async {
    ///     let start = csp::now();
    ///     let delayed = csp::stream(csp::to_chan(1..=3)).delay(secs(5)).chan(0);
    ///     for n in 1..=3 { assert_eq!(take!(delayed), Some(n)); }
    ///     csp::now() - start
    /// });
    /// assert_eq!(late, secs(5));
    /// ```
    ///
    /// The `delay` of the Rx family.
    #[track_caller]
    pub fn delay(self, time: Duration) -> Stream<Identity<X::Out>> {
        self.delay_most(time, MOST)
    }

    /// As [`delay`](Self::delay), with at most `most` values on their way.
    ///
    /// ```text
    /// time     0    10   20   30   40
    /// source   123|
    /// out           1    2    3|         delay_most(10 ms, 1)
    /// ```
    ///
    /// ```
    /// use csp::{Local, prelude::*};
    /// let late = Local::virtual_time().run_until(async {
    ///     let start = csp::now();
    ///     let delayed = csp::stream(csp::to_chan(1..=3)).delay_most(secs(5), 1).chan(0);
    ///     for n in 1..=3 { assert_eq!(take!(delayed), Some(n)); }
    ///     csp::now() - start
    /// });
    /// assert_eq!(late, secs(15));
    /// ```
    ///
    /// # Panics
    /// If `most` is 0.
    #[track_caller]
    pub fn delay_most(self, time: Duration, most: usize) -> Stream<Identity<X::Out>> {
        assert!(
            most > 0,
            "delay_most(.., 0): nothing would ever come; write 1 or more"
        );
        let due = move |_: &X::Out| after(now(), time);
        follow(self, |from, to| hold_all(from, to, due, most))
    }

    /// Gives each value once the clock has reached the time that `timestamp` tells of it; at once, if it is
    /// past.
    ///
    /// ```text
    /// time     0    10   20   30   40   50
    /// source   @10 @30 @20  |
    /// out           @10  @20  @30|          by_timestamp(..)
    /// ```
    ///
    /// On a [`Local`](csp_sched::Local) with virtual time this replays what was recorded: `run_until` goes on
    /// to each value's time by itself, `advance` as far as you say. The times are such as
    /// [`now`] gives.
    ///
    /// Values with the same time keep their order. Up to 1024 are held at once, so that one that is due
    /// before others may come that much after them.
    ///
    /// * Back pressure and ends are as for [`delay`](Self::delay).
    /// * If `timestamp` panics, what is held still comes at its time; then the stream fails with the message.
    ///   The source is let go at once.
    ///
    /// ```
    /// use csp::{Local, prelude::*};
    /// let (tx, rx) = chan(8);
    /// for second in [1, 5, 3] { tx.try_put(second).unwrap(); }
    /// let local = Local::virtual_time();
    /// let start = local.now();
    /// let out = local.run_until(async move {
    ///     csp::stream(rx).by_timestamp(move |&second| start + secs(second)).chan(8)
    /// });
    /// local.advance(secs(4));
    /// assert_eq!((out.try_take(), out.try_take()), (Ok(1), Ok(3)));
    /// assert!(out.try_take().is_err());
    /// ```
    ///
    /// Lamina's `defer-onto-queue`; its `auto-advance?` is `run_until`.
    #[track_caller]
    pub fn by_timestamp<F>(self, timestamp: F) -> Stream<Identity<X::Out>>
    where
        F: FnMut(&X::Out) -> Instant + Send + 'static,
    {
        follow(self, |from, to| hold_all(from, to, timestamp, MOST))
    }
}

const TIMESTAMP: &str = "the function of `Stream::by_timestamp`";

async fn hold_all<T>(
    from: Receiver<T>,
    to: Sender<T>,
    mut due: impl FnMut(&T) -> Instant,
    most: usize,
) {
    let closed = pin!(to.closed());
    let mut out = Outlet::new(&to, closed);
    let mut alarm = Alarm::off();
    let mut held = Held::new();
    let mut source = Some(from);
    let (mut failure, mut panic) = (None, None);
    loop {
        match held.first() {
            Some(due) => alarm.set(due),
            None => alarm.clear(),
        }
        let came = match &source {
            Some(from) if held.values.len() < most => alarm.or_value(&mut out, from).await,
            None if held.values.is_empty() => break,
            _ if alarm.ring(&mut out).await => Came::Time,
            _ => Came::Unwanted,
        };
        match came {
            Came::Value(value) => match catch_unwind(AssertUnwindSafe(|| due(&value))) {
                Ok(due) => held.add(due, value),
                Err(payload) => {
                    panic = Some(payload);
                    source = None;
                }
            },
            Came::Ended => failure = source.take().and_then(|from| from.failure()),
            Came::Time => {
                if let Some(value) = held.take()
                    && out.put(value).await.is_err()
                {
                    return;
                }
            }
            Came::Unwanted => return,
        }
    }
    match panic {
        None => out.end(failure),
        Some(payload) => {
            to.fail(said(TIMESTAMP, &*payload));
            resume_unwind(payload);
        }
    }
}

/// Values by their time, and by their order if that is the same.
struct Held<T> {
    values: BTreeMap<(Instant, u64), T>,
    count: u64,
}

impl<T> Held<T> {
    fn new() -> Self {
        Self {
            values: BTreeMap::new(),
            count: 0,
        }
    }

    fn first(&self) -> Option<Instant> {
        self.values.first_key_value().map(|(&(due, _), _)| due)
    }

    fn add(&mut self, due: Instant, value: T) {
        self.values.insert((due, self.count), value);
        self.count += 1;
    }

    fn take(&mut self) -> Option<T> {
        self.values.pop_first().map(|(_, value)| value)
    }
}
