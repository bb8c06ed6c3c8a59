//! A buffer that is full by weight.

use std::collections::VecDeque;

use csp_core::{
    Buffer, BufferPolicy, Cause,
    xf::{Flow, Identity, Transducer},
};

use super::Stream;
use crate::{
    ops::{outlet::Outlet, pump::Work},
    sync::plain::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
};

impl<X> Stream<X>
where
    X: Transducer<In: Send + 'static, Out: Send + 'static> + Send + 'static,
{
    /// As [`buffer`](Self::buffer), for values whose weights are `limit` together, at most.
    ///
    /// ```text
    /// in    4  4  4           |
    /// held  4  8  8 (4 waits) |     buffer_by(|n| *n, 10)
    /// ```
    ///
    /// A value that would cross the limit waits until there is room, and what stands before it with it. A value
    /// that is heavier than the limit is held alone.
    ///
    /// `weigh` is called once for each value. If it panics, the derived channel fails, after what came before.
    ///
    /// # Panics
    /// If `limit` is 0.
    ///
    /// ```
    /// use csp::prelude::*;
    ///
    /// let (tx, rx) = chan(0);
    /// let out = csp::stream(rx).buffer_by(|text: &&str| text.len(), 10).receiver();
    /// for text in ["put", "take", "alt"] { tx.put_blocking(text).unwrap(); } // nobody takes yet
    /// drop(tx);
    /// assert!(out.into_iter().eq(["put", "take", "alt"]));
    /// ```
    ///
    /// Manifold's `buffer` with a metric.
    #[track_caller]
    pub fn buffer_by<F>(self, weigh: F, limit: usize) -> Stream<Identity<X::Out>>
    where
        F: FnMut(&X::Out) -> usize + Send + 'static,
    {
        assert!(
            limit > 0,
            "buffer_by(.., 0) would hold nothing: give it a limit of 1 or more, or leave it out"
        );
        let next = Arc::new(AtomicUsize::new(0));
        let scale = Scale {
            held: VecDeque::new(),
            weight: 0,
            limit,
            next: Arc::clone(&next),
        };
        self.work(Weighs { weigh, next }, Buffer::custom(scale))
    }
}

/// Weighs a value in its block, where code of the user's may run, before it puts it.
struct Weighs<F> {
    weigh: F,
    next: Arc<AtomicUsize>,
}

impl<T, F> Work<T> for Weighs<F>
where
    T: Send + 'static,
    F: FnMut(&T) -> usize + Send,
{
    type Out = T;

    async fn work(&mut self, value: T, out: &mut Outlet<'_, '_, T>) -> Result<Flow, Cause> {
        let weight = (self.weigh)(&value);
        // Ordering: none is needed. Nobody else puts, and the channel's lock stands between this and the
        // look at it on behalf of the put that follows.
        self.next.store(weight, Relaxed);
        Ok(out.give(value).await)
    }
}

/// The buffer.
struct Scale<T> {
    held: VecDeque<(usize, T)>,
    /// Of all that is held.
    weight: usize,
    limit: usize,
    /// The weight of the value that is being put. There is one at a time.
    next: Arc<AtomicUsize>,
}

impl<T: Send> BufferPolicy<T> for Scale<T> {
    fn len(&self) -> usize {
        self.held.len()
    }

    fn is_full(&self) -> bool {
        let next = self.next.load(Relaxed);
        let with = self.weight.checked_add(next);
        !self.held.is_empty() && with.is_none_or(|weight| weight > self.limit)
    }

    fn add(&mut self, value: T) -> Option<T> {
        let weight = self.next.load(Relaxed);
        self.weight += weight;
        self.held.push_back((weight, value));
        None
    }

    fn remove(&mut self) -> Option<T> {
        let (weight, value) = self.held.pop_front()?;
        self.weight -= weight;
        Some(value)
    }
}
