//! Once in a period: the last value, or all of them.

use std::{
    mem,
    pin::pin,
    time::{Duration, Instant},
};

use csp_core::{
    Receiver, Sender, TryTakeError,
    xf::{Identity, Transducer},
};
use csp_sched::now;

use super::{
    super::{Stream, start::follow},
    alarm::{Alarm, Came, after, check_period, next_beat},
};
use crate::ops::outlet::{Outlet, Target, call};

impl<X> Stream<X>
where
    X: Transducer<In: Send + 'static, Out: Send + 'static> + Send + 'static,
{
    /// Gives the last value once every `period`, again and again if no other has come. **Those between are
    /// dropped.**
    ///
    /// ```text
    /// time     0    10   20   30   40   50   60
    /// source      1  2                3   |
    /// out              2    2    2    2   3|     sample_every(10 ms)
    /// ```
    ///
    /// The first value starts the clock: a period later comes the first sample.
    ///
    /// * When the source has ended, or failed, a last value that was not given yet comes at once, and then
    ///   the end.
    /// * Back pressure: while a sample waits to be taken, none is taken from the source. Beats that are missed
    ///   are skipped.
    /// * When nobody takes from the stream any more, the source is let go, and the last value dropped.
    /// * If `clone` of a value panics, the stream fails with the message, and the source is let go.
    ///
    /// ```
    /// use csp::{Local, prelude::*};
    /// let samples = Local::virtual_time().run_until(async {
    ///     let (tx, rx) = chan(0);
    ///     let samples = csp::stream(rx).sample_every(ms(10)).chan(0);
    ///     go!({
    ///         put!(tx, 1).ok();
    ///         put!(tx, 2).ok();
    ///         sleep(ms(25)).await;
    ///         put!(tx, 3).ok();
    ///     });
    ///     let mut all = vec![];
    ///     while let Some(sample) = take!(samples) { all.push(sample); }
    ///     all
    /// });
    /// assert_eq!(samples, [2, 2, 3]);
    /// ```
    ///
    /// Lamina's `sample-every`.
    ///
    /// # Panics
    /// If `period` is zero.
    #[track_caller]
    pub fn sample_every(self, period: Duration) -> Stream<Identity<X::Out>>
    where
        X::Out: Clone,
    {
        check_period("sample_every", period);
        let sample = Sample {
            last: None,
            given: false,
        };
        follow(self, |from, to| gather_all(from, to, period, sample))
    }

    /// Gives all values of a `period` together, once every `period`: an empty `Vec` if none came.
    ///
    /// ```text
    /// time     0    10   20   30   40   50   60
    /// source      1  2                3   |
    /// out              [1 2] []   []   [3]|     chunk_every(10 ms)
    /// ```
    ///
    /// The first value starts the clock. A chunk holds as many values as come; to limit it, use
    /// [`batch`](Self::batch).
    ///
    /// * When the source has ended, or failed, what came in the period under way comes at once, if anything
    ///   did, and then the end.
    /// * Back pressure: while a chunk waits to be taken, no value is taken from the source. Beats that are
    ///   missed are skipped.
    /// * When nobody takes from the stream any more, the source is let go; what came in the period under way
    ///   is dropped.
    ///
    /// ```
    /// use csp::{Local, prelude::*};
    /// let chunks = Local::virtual_time().run_until(async {
    ///     let (tx, rx) = chan(0);
    ///     let chunks = csp::stream(rx).chunk_every(ms(10)).chan(0);
    ///     go!({
    ///         put!(tx, 1).ok();
    ///         put!(tx, 2).ok();
    ///         sleep(ms(25)).await;
    ///         put!(tx, 3).ok();
    ///     });
    ///     let mut all = vec![];
    ///     while let Some(chunk) = take!(chunks) { all.push(chunk); }
    ///     all
    /// });
    /// assert_eq!(chunks, [vec![1, 2], vec![], vec![3]]);
    /// ```
    ///
    /// Lamina's `partition-every`, which gives `nil` for an empty period.
    ///
    /// # Panics
    /// If `period` is zero.
    #[track_caller]
    pub fn chunk_every(self, period: Duration) -> Stream<Identity<Vec<X::Out>>> {
        check_period("chunk_every", period);
        follow(self, |from, to| gather_all(from, to, period, Vec::new()))
    }
}

async fn gather_all<G: Gather>(
    from: Receiver<G::In>,
    to: Sender<G::Out>,
    period: Duration,
    mut gathered: G,
) {
    let closed = pin!(to.closed());
    let mut out = Outlet::new(&to, closed);
    let mut alarm = Alarm::off();
    let mut due: Option<Instant> = None;
    loop {
        match alarm.or_value(&mut out, &from).await {
            Came::Value(value) => {
                if due.is_none() {
                    alarm.set(*due.insert(after(now(), period)));
                }
                gathered.add(value);
            }
            Came::Time => {
                let value = call(CLONE, &to, || gathered.at_beat());
                if out.put(value).await.is_err() {
                    return;
                }
                // The next beat may be due already, and the one after that: values and the end come
                // between them all the same.
                if out.is_closed() {
                    return;
                }
                match from.try_take() {
                    Ok(value) => gathered.add(value),
                    Err(TryTakeError::Closed) => break,
                    Err(TryTakeError::Empty) => {}
                }
                if let Some(due) = &mut due {
                    *due = next_beat(*due, period);
                    alarm.set(*due);
                }
            }
            Came::Ended => break,
            Came::Unwanted => return,
        }
    }
    if let Some(value) = gathered.rest() {
        out.put(value).await.ok();
    }
    out.end(from.failure());
}

const CLONE: &str = "the `clone` of a value in `Stream::sample_every`";

/// What comes of the values of a period.
trait Gather {
    type In;
    type Out;

    fn add(&mut self, value: Self::In);

    /// At the end of each period. Not before there was a value.
    fn at_beat(&mut self) -> Self::Out;

    /// At the end of all.
    fn rest(self) -> Option<Self::Out>;
}

struct Sample<T> {
    last: Option<T>,
    /// It was given at a beat already.
    given: bool,
}

impl<T: Clone> Gather for Sample<T> {
    type In = T;
    type Out = T;

    fn add(&mut self, value: T) {
        self.last = Some(value);
        self.given = false;
    }

    fn at_beat(&mut self) -> T {
        self.given = true;
        self.last.clone().expect("the first value starts the clock")
    }

    fn rest(self) -> Option<T> {
        self.last.filter(|_| !self.given)
    }
}

impl<T> Gather for Vec<T> {
    type In = T;
    type Out = Self;

    fn add(&mut self, value: T) {
        self.push(value);
    }

    fn at_beat(&mut self) -> Self {
        mem::take(self)
    }

    fn rest(self) -> Option<Self> {
        (!self.is_empty()).then_some(self)
    }
}
