//! Groups that are ready when they are full, or old.

use std::{
    mem,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    pin::pin,
    time::Duration,
};

use csp_core::{
    Receiver, Sender,
    xf::{Flow, Identity, Transducer},
};

use super::{
    super::{Stream, start::follow},
    alarm::{Alarm, Came},
};
use crate::{block::said, ops::outlet::Outlet};

impl<X> Stream<X>
where
    X: Transducer<In: Send + 'static, Out: Send + 'static> + Send + 'static,
{
    /// Puts values together into groups of `max`; a group waits for no longer than `max_latency` for more.
    ///
    /// ```text
    /// time     0    10   20   30   40   50   60
    /// source   1  2  3       4    |
    /// out            [1 2 3]      [4]|              batch(3, 20 ms)
    /// source   1  2               3
    /// out                [1 2]              [3]     batch(3, 20 ms)
    /// ```
    ///
    /// The clock of a group starts with its first value. Otherwise as [`batch_by`](Self::batch_by), with a
    /// weight of 1 for each value.
    ///
    /// ```
    /// use csp::{Local, prelude::*};
    /// let groups = Local::virtual_time().run_until(async {
    ///     let groups = csp::stream(csp::to_chan(1..=5)).batch(2, ms(10)).chan(0);
    ///     let mut all = vec![];
    ///     while let Some(group) = take!(groups) { all.push(group); }
    ///     all
    /// });
    /// assert_eq!(groups, [vec![1, 2], vec![3, 4], vec![5]]);
    /// ```
    ///
    /// Manifold's `batch`.
    ///
    /// # Panics
    /// If `max` is 0.
    #[track_caller]
    pub fn batch(self, max: usize, max_latency: Duration) -> Stream<Identity<Vec<X::Out>>> {
        assert!(
            max > 0,
            "batch(0, ..): a group has one value at least; write batch(1, ..) or more"
        );
        self.batch_by(|_| 1, max, max_latency)
    }

    /// Puts values together into groups of a weight of at most `limit`; a group waits for no longer than
    /// `max_latency` for more.
    ///
    /// ```text
    /// source   aa  bb  c   dddddddd   e        |
    /// out         [aa bb]  [c]  [dddddddd]  [e]|     batch_by(String::len, 4, ..)
    /// ```
    ///
    /// * A value that would make the group too heavy begins the next one. A value that is heavier than
    ///   `limit` makes a group alone; one that weighs nothing goes with the others.
    /// * Back pressure: while a group waits to be taken, no value is taken from the source. The time since the
    ///   first value of a group runs all the same.
    /// * When the source has ended, or failed, the last group comes at once, and then the end.
    /// * When nobody takes from the stream any more, the source is let go; the values of the group under way
    ///   are dropped.
    /// * If `weight` panics, the values before that one still come as a group; then the stream fails with the
    ///   message. The source is let go.
    ///
    /// ```
    /// use csp::{Local, prelude::*};
    /// let groups = Local::virtual_time().run_until(async {
    ///     let words = csp::stream(csp::to_chan(["a", "bc", "def", "ghijk", "l"]));
    ///     let groups = words.batch_by(|word| word.len(), 3, ms(10)).chan(0);
    ///     let mut all = vec![];
    ///     while let Some(group) = take!(groups) { all.push(group); }
    ///     all
    /// });
    /// assert_eq!(groups, [vec!["a", "bc"], vec!["def"], vec!["ghijk"], vec!["l"]]);
    /// ```
    ///
    /// Manifold's `batch` with a metric.
    ///
    /// # Panics
    /// If `limit` is 0.
    #[track_caller]
    pub fn batch_by<F>(
        self,
        weight: F,
        limit: usize,
        max_latency: Duration,
    ) -> Stream<Identity<Vec<X::Out>>>
    where
        F: FnMut(&X::Out) -> usize + Send + 'static,
    {
        assert!(
            limit > 0,
            "batch_by(.., 0, ..): no value is so light; write a limit of 1 or more"
        );
        follow(self, |from, to| {
            batch_all(from, to, weight, limit, max_latency)
        })
    }
}

const WEIGHT: &str = "the weight of `Stream::batch_by`";

async fn batch_all<T>(
    from: Receiver<T>,
    to: Sender<Vec<T>>,
    mut weight: impl FnMut(&T) -> usize,
    limit: usize,
    max_latency: Duration,
) {
    let closed = pin!(to.closed());
    let mut out = Outlet::new(&to, closed);
    let mut alarm = Alarm::off();
    let mut group = Group::new();
    let panic = loop {
        let ready = match alarm.or_value(&mut out, &from).await {
            Came::Value(value) => {
                let weight = match catch_unwind(AssertUnwindSafe(|| weight(&value))) {
                    Ok(weight) => weight,
                    Err(payload) => break Some(payload),
                };
                let too_heavy = !group.has_room(weight, limit);
                if too_heavy || group.values.is_empty() {
                    alarm.set_in(max_latency);
                }
                if too_heavy && group.give(&out).await.is_break() {
                    return;
                }
                group.add(value, weight);
                group.weight >= limit
            }
            Came::Time => true,
            Came::Ended => break None,
            Came::Unwanted => return,
        };
        if ready {
            alarm.clear();
            if group.give(&out).await.is_break() {
                return;
            }
        }
    };
    // Before whoever waits for the group has it: a source that nobody takes from is let go.
    let failure = from.failure();
    drop(from);
    if group.give(&out).await.is_break() {
        return;
    }
    match panic {
        None => out.end(failure),
        Some(payload) => {
            to.fail(said(WEIGHT, &*payload));
            resume_unwind(payload);
        }
    }
}

/// The group under way.
struct Group<T> {
    values: Vec<T>,
    weight: usize,
}

impl<T> Group<T> {
    fn new() -> Self {
        Self {
            values: Vec::new(),
            weight: 0,
        }
    }

    fn has_room(&self, weight: usize, limit: usize) -> bool {
        self.values.is_empty() || self.weight.saturating_add(weight) <= limit
    }

    fn add(&mut self, value: T, weight: usize) {
        self.values.push(value);
        self.weight = self.weight.saturating_add(weight);
    }

    /// Puts the group, if there is one, and begins the next. `Break`: nobody takes any more.
    async fn give(&mut self, out: &Outlet<'_, '_, Vec<T>>) -> Flow {
        let group = mem::replace(self, Self::new());
        if group.values.is_empty() || out.put(group.values).await.is_ok() {
            Flow::Continue(())
        } else {
            Flow::Break(())
        }
    }
}
