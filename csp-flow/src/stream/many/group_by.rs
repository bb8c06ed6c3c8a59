//! A channel for each key.

use std::{collections::HashMap, hash::Hash, panic::resume_unwind, pin::pin};

use csp_core::{
    Buffer, Cause, Closed, Receiver, Sender, chan,
    xf::{Identity, Transducer},
};

use super::super::{
    Stream,
    start::{Sure, follow},
};
use crate::{
    block::{caught, panicked},
    hashing::Hashing,
    ops::outlet::{Outlet, take, unless_closed},
    sync::Arc,
};

/// No sweep below this many groups.
const FEW: usize = 64;

impl<X> Stream<X>
where
    X: Transducer<In: Send + 'static, Out: Send + 'static> + Send + 'static,
{
    /// A channel for each key, made when its first value comes.
    ///
    /// ```text
    /// source  a1      b2      a3   b4  a5  |
    /// out     (a,·)   (b,·)                |
    /// a          1            3        5   |
    /// b                  2         4       |     group_by(letter)
    /// ```
    ///
    /// The groups are channels without a buffer: [`group_by_with`](Self::group_by_with) gives them one.
    ///
    /// * **Back pressure.** Values come one by one, so a group that is not taken from holds up the others, and
    ///   so does a new group that nobody takes from the stream. Take from each in a go block of its own.
    /// * **A group that is closed** by its taker, or dropped, is forgotten: the next value with its key makes
    ///   a new group, and so does one that waited for room in it. If a group is closed before it took
    ///   the value that it was made for, that value is dropped: nobody wants it.
    /// * **The end.** When the source has ended, the stream and all groups close; if it failed, they fail with
    ///   the same cause.
    /// * **Letting go.** When nobody takes from the stream any more, the groups that are there go on; values
    ///   with other keys are dropped. When all groups are closed as well, the source is let go, at once.
    /// * **Panics.** If `key` panics, or `==`, `hash` or `clone` of a key, the stream and all groups fail with
    ///   the message, and the source is let go. If the runtime shuts down, they all fail as well.
    ///
    /// ```
    /// use csp::prelude::*;
    /// let groups = csp::stream(csp::to_chan(1..=9)).group_by(|n| n % 3).chan(0);
    /// let mut sums = vec![];
    /// for (key, group) in groups {
    ///     sums.push(go!({
    ///         let mut sum = 0;
    ///         while let Some(n) = take!(group) { sum += n; }
    ///         (key, sum)
    ///     }));
    /// }
    /// let sums: Vec<_> = sums.into_iter().map(|sum| sum.wait().unwrap()).collect();
    /// assert_eq!(sums, [(1, 12), (2, 15), (0, 18)]);
    /// ```
    ///
    /// Lamina's `distributor`. For subscribers who choose their keys themselves, see
    /// [`publish`](crate::publish).
    #[doc(alias = "distributor")]
    #[track_caller]
    pub fn group_by<K, F>(self, key: F) -> Stream<Identity<(K, Receiver<X::Out>)>>
    where
        K: Hash + Eq + Clone + Send + 'static,
        F: FnMut(&X::Out) -> K + Send + 'static,
    {
        self.group_by_with(key, |_| 0)
    }

    /// As [`group_by`](Self::group_by); `buffer` is asked for the buffer of each new group.
    ///
    /// A group holds up the others when its buffer is full; never, if that
    /// [slides](csp_core::sliding) or [drops](csp_core::dropping). If `buffer` panics, that is as if `key`
    /// did.
    ///
    /// ```
    /// use csp::prelude::*;
    /// let numbers = csp::stream(csp::to_chan(1..=4));
    /// let groups = numbers.group_by_with(|n| n % 2, |_| 2).chan(2);
    /// let groups: Vec<_> = groups.into_iter().collect();
    /// let values: Vec<Vec<_>> = groups.into_iter().map(|(_, group)| group.into_iter().collect()).collect();
    /// assert_eq!(values, [[1, 3], [2, 4]]);
    /// ```
    #[track_caller]
    pub fn group_by_with<K, F, B>(
        self,
        key: F,
        mut buffer: impl FnMut(&K) -> B + Send + 'static,
    ) -> Stream<Identity<(K, Receiver<X::Out>)>>
    where
        K: Hash + Eq + Clone + Send + 'static,
        F: FnMut(&X::Out) -> K + Send + 'static,
        B: Into<Buffer<X::Out>>,
    {
        let groups = Groups {
            key,
            buffer: move |key: &K| buffer(key).into(),
            open: HashMap::default(),
            sweep_above: FEW,
        };
        follow(self, |from, to| group_all(from, to, groups))
    }
}

async fn group_all<T, K, F, B>(
    from: Receiver<T>,
    to: Sender<(K, Receiver<T>)>,
    mut groups: Groups<T, K, F, B>,
) where
    K: Hash + Eq + Clone,
    F: FnMut(&T) -> K,
    B: FnMut(&K) -> Buffer<T>,
{
    let result = caught(async {
        let ended = groups.serve(&from, &to).await;
        if !ended {
            groups.serve_those(&from).await;
        }
    })
    .await;
    let cause = match &result {
        Ok(()) => from.failure(),
        Err(payload) => Some(panicked("a function of `Stream::group_by`", payload)),
    };
    end(&to, cause.as_ref());
    for group in groups.open.values() {
        end(&group.0, cause.as_ref());
    }
    result.unwrap_or_else(|payload| resume_unwind(payload));
}

fn end<T>(to: &Sender<T>, cause: Option<&Cause>) {
    match cause {
        Some(cause) => to.fail(Arc::clone(cause)),
        None => to.close(),
    };
}

struct Groups<T, K, F, B> {
    key: F,
    buffer: B,
    /// Those that are not known to be closed.
    open: HashMap<K, Sure<T>, Hashing>,
    sweep_above: usize,
}

impl<T, K, F, B> Groups<T, K, F, B>
where
    K: Hash + Eq + Clone,
    F: FnMut(&T) -> K,
    B: FnMut(&K) -> Buffer<T>,
{
    /// Gives values to groups, and new groups to `to`. True: the source has ended. False: `to` is closed.
    async fn serve(&mut self, from: &Receiver<T>, to: &Sender<(K, Receiver<T>)>) -> bool {
        let closed = pin!(to.closed());
        let mut out = Outlet::new(to, closed);
        loop {
            match take(&mut out, from).await {
                Some(Some(value)) => {
                    let key = (self.key)(&value);
                    if let Err((key, value)) = self.give(key, value).await {
                        self.give_new(key, value, &out).await;
                    }
                }
                Some(None) => return true,
                None => return false,
            }
        }
    }

    /// Gives values to the groups that there are, until the source has ended or the last group is closed.
    async fn serve_those(&mut self, from: &Receiver<T>) {
        let groups: Vec<_> = self.open.values().map(|group| group.0.clone()).collect();
        // As long as one of them is open values are wanted: it is enough to watch one at a time.
        for group in groups {
            let closed = pin!(group.closed());
            let mut out = Outlet::new(&group, closed);
            while let Some(value) = unless_closed(&mut out, from.take()).await {
                let Some(value) = value else { return };
                let key = (self.key)(&value);
                drop(self.give(key, value).await);
            }
        }
    }

    /// Puts a value into its group. An error: there is none, or it has closed.
    async fn give(&mut self, key: K, value: T) -> Result<(), (K, T)> {
        let Some(group) = self.open.get(&key) else {
            return Err((key, value));
        };
        if let Err(Closed(value)) = group.0.put(value).await {
            self.open.remove(&key);
            return Err((key, value));
        }
        Ok(())
    }

    /// Makes a group for a value.
    async fn give_new(&mut self, key: K, value: T, out: &Outlet<'_, '_, (K, Receiver<T>)>) {
        let (group, rx) = chan((self.buffer)(&key));
        let group = Sure(group);
        if out.put((key.clone(), rx)).await.is_ok() && group.0.put(value).await.is_ok() {
            if self.open.len() >= self.sweep_above {
                self.open.retain(|_, group| !group.0.is_closed());
                self.sweep_above = FEW.max(2 * self.open.len());
            }
            self.open.insert(key, group);
        }
    }
}
