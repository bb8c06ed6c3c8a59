//! Several values at a time: pipelines.

use csp_core::{
    Go, Receiver, Sender, chan,
    xf::{self, Identity, Transducer},
};
use csp_sched::go;

use super::{Stream, start::follow_by};
use crate::ops::{self, Stopped, pump::Sure};

impl<X> Stream<X>
where
    X: Transducer<In: Send + 'static, Out: Send + 'static> + Send + 'static,
{
    /// Gives what an async function makes of each value: up to `n` calls at a time, results in the order of
    /// the values.
    ///
    /// ```text
    /// in    1  2  3
    /// f      ─────▸a
    ///           ─▸b
    ///              ──▸c
    /// out          a b  c   |     par_map(2, f)
    /// ```
    ///
    /// It is [`ops::pipeline_async`], which says what a panic does, and how it ends. At most `n` values
    /// are taken whose results were not accepted yet; those are dropped, with the calls, when nobody takes any
    /// more.
    ///
    /// # Panics
    /// If `n` is 0.
    ///
    /// ```
    /// use csp::prelude::*;
    ///
    /// let out = csp::stream(csp::to_chan(1..=3))
    ///     .par_map(2, async |n: u32| {
    ///         yield_now().await; // ask some service
    ///         n * 2
    ///     })
    ///     .chan(0);
    /// assert!(out.into_iter().eq([2, 4, 6]));
    /// ```
    ///
    /// Lamina's `pmap*`.
    #[doc(alias("pmap", "pmap*"))]
    #[track_caller]
    pub fn par_map<B, F, Fut>(self, n: usize, f: F) -> Stream<Identity<B>>
    where
        B: Send + 'static,
        F: FnMut(X::Out) -> Fut + Clone + Send + 'static,
        Fut: Future<Output = B> + Send,
    {
        follow_by(self, |from| {
            watched(|to| ops::pipeline_async(n, from, f).into(to))
        })
    }

    /// As [`par_map`](Self::par_map), but gives results as they are ready: none waits behind a slower one.
    ///
    /// # Panics
    /// If `n` is 0.
    ///
    /// ```
    /// use csp::prelude::*;
    ///
    /// let out = csp::stream(csp::to_chan(1..=3)).par_map_unordered(2, async |n: u32| n * 2).chan(0);
    /// let mut out: Vec<_> = out.into_iter().collect();
    /// out.sort();
    /// assert_eq!(out, [2, 4, 6]);
    /// ```
    #[track_caller]
    pub fn par_map_unordered<B, F, Fut>(self, n: usize, f: F) -> Stream<Identity<B>>
    where
        B: Send + 'static,
        F: FnMut(X::Out) -> Fut + Clone + Send + 'static,
        Fut: Future<Output = B> + Send,
    {
        follow_by(self, |from| {
            watched(|to| ops::pipeline_async(n, from, f).unordered().into(to))
        })
    }

    /// Gives what a function makes of each value that blocks or computes for long: on `n` threads of the
    /// runtime's pool, results in the order of the values.
    ///
    /// Otherwise as [`par_map`](Self::par_map); a call that is under way cannot be interrupted. It is
    /// [`ops::pipeline_blocking`].
    ///
    /// # Panics
    /// If `n` is 0.
    ///
    /// ```
    /// use csp::prelude::*;
    ///
    /// let paths = csp::to_chan(["Cargo.toml", "no such file"]);
    /// let read = csp::stream(paths).blocking_map(2, |path| std::fs::read(path).is_ok()).chan(0);
    /// assert!(read.into_iter().eq([true, false]));
    /// ```
    ///
    /// Lamina's `pmap*` with an executor for waiting.
    #[track_caller]
    pub fn blocking_map<B, F>(self, n: usize, f: F) -> Stream<Identity<B>>
    where
        B: Send + 'static,
        F: FnMut(X::Out) -> B + Clone + Send + 'static,
    {
        follow_by(self, |from| {
            watched(|to| ops::pipeline_blocking(n, from, xf::map(f)).into(to))
        })
    }
}

/// A pipeline that is cancelled, since its runtime shuts down, leaves its target open: so that it does not just
/// close then, it is failed.
#[track_caller]
fn watched<T, U>(start: impl FnOnce(Sender<U>) -> Go<Result<(), Stopped<T, U>>>) -> Receiver<U>
where
    T: Send + 'static,
    U: Send + 'static,
{
    let (to, out) = chan(0);
    let pipeline = start(to.clone());
    let to = Sure(to);
    drop(go(async move {
        // What it has in hand if it is stopped is nobody's any more.
        drop(pipeline.await);
        drop(to);
    }));
    out
}
