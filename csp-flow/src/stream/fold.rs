//! Ends that give a value.

use std::ops::ControlFlow;

use csp_core::{
    Go, Receiver,
    xf::{Flow, Transducer},
};
use csp_sched::go;

use super::Stream;
use crate::ops::SourceFailed;

/// What ends that make a value give: a block, and the value, or what was made of it before the source failed.
///
/// ```
/// use csp::{prelude::*, stream::Folded};
///
/// fn sum(numbers: Receiver<u32>) -> Folded<u32> {
///     csp::stream(numbers).fold(0, |sum, n| sum + n)
/// }
/// assert_eq!(sum(csp::to_chan([1, 2])).wait()??, 3);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub type Folded<S> = Go<Result<S, SourceFailed<S>>>;

impl<X> Stream<X>
where
    X: Transducer<In: Send + 'static, Out: Send + 'static> + Send + 'static,
{
    /// Makes one value of all: `f(… f(f(init, first), second) …, last)`.
    ///
    /// ```text
    /// in    1  2  3  |
    /// Go              6     fold(0, |sum, n| sum + n)
    /// ```
    ///
    /// Without values it is `init`. Operators and fold are one block, which runs until the source has ended, or
    /// an operator wants no more. Its [`Go`] dropped, it runs on; cancelled, it drops what it has, and the rest
    /// stays in the source. If a function panics, the `Go` says so, and the source is let go.
    ///
    /// # Errors
    /// [`SourceFailed`] if the source failed: with what was made of the values before, and the cause.
    ///
    /// ```
    /// use csp::prelude::*;
    ///
    /// let sum = csp::stream(csp::to_chan(1..=4)).map(|n| n * n).fold(0, |sum, n| sum + n);
    /// assert_eq!(sum.wait()??, 30);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// Lamina's `reduce*`, Manifold's `reduce`, with a first value.
    #[doc(alias = "reduce*")]
    #[track_caller]
    pub fn fold<S, F>(self, init: S, mut f: F) -> Folded<S>
    where
        S: Send + 'static,
        F: FnMut(S, X::Out) -> S + Send + 'static,
    {
        self.try_fold(init, move |state, value| {
            ControlFlow::Continue(f(state, value))
        })
    }

    /// As [`fold`](Self::fold), but `f` can end it: with `Break`, whose value is the result.
    ///
    /// ```text
    /// in    1  2  3  4  5  |
    /// Go          6     |        f breaks with 6 at the value 3
    /// ```
    ///
    /// After a `Break` nothing more is taken. The rest stays in the source, for its other receivers; if this was
    /// the last, it closes: keep a clone to go on. What an operator before it holds back, such as an unfinished
    /// group, is dropped.
    ///
    /// # Errors
    /// As for [`fold`](Self::fold).
    ///
    /// ```
    /// use csp::prelude::*;
    /// use std::ops::ControlFlow::{Break, Continue};
    ///
    /// let numbers = csp::to_chan(1..);
    /// let past_ten = csp::stream(numbers.clone()).try_fold(0, |sum, n| match sum + n {
    ///     sum if sum > 10 => Break(sum),
    ///     sum => Continue(sum),
    /// });
    /// assert_eq!(past_ten.wait()??, 15);
    /// assert_eq!(numbers.take_blocking(), Some(6));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// Manifold's and core.async's `reduce` with `reduced`.
    #[doc(alias = "reduced")]
    #[track_caller]
    pub fn try_fold<S, F>(self, init: S, f: F) -> Folded<S>
    where
        S: Send + 'static,
        F: FnMut(S, X::Out) -> ControlFlow<S, S> + Send + 'static,
    {
        let _here = self.enter();
        let (from, xf) = self.run();
        go(async move { fold_all(from, xf, init, f).await })
    }

    /// Makes one value of all, of which the first is where it begins: `None` without values.
    ///
    /// # Errors
    /// As for [`fold`](Self::fold).
    ///
    /// ```
    /// use csp::prelude::*;
    ///
    /// let largest = csp::stream(csp::to_chan([3, 7, 5])).reduce(u32::max);
    /// assert_eq!(largest.wait()??, Some(7));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// Lamina's `reduce*` and Manifold's `reduce` without a first value, which call `(f)` for an empty
    /// source.
    #[track_caller]
    pub fn reduce<F>(self, mut f: F) -> Folded<Option<X::Out>>
    where
        F: FnMut(X::Out, X::Out) -> X::Out + Send + 'static,
    {
        self.fold(None, move |state, value| {
            Some(match state {
                None => value,
                Some(state) => f(state, value),
            })
        })
    }

    /// Gives the last value, `None` without values.
    ///
    /// # Errors
    /// As for [`fold`](Self::fold): `so_far` is the last value before the failure.
    ///
    /// ```
    /// use csp::prelude::*;
    ///
    /// let last = csp::stream(csp::to_chan(1..=3)).last();
    /// assert_eq!(last.wait()??, Some(3));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// Lamina's `last*`.
    #[doc(alias = "last*")]
    #[track_caller]
    pub fn last(self) -> Folded<Option<X::Out>> {
        self.fold(None, |_, value| Some(value))
    }

    /// Gives the first value, and takes no more; `None` without values. The rest stays in the source.
    ///
    /// # Errors
    /// [`SourceFailed`], with `None`, if the source failed before a value came.
    ///
    /// ```
    /// use csp::prelude::*;
    ///
    /// let numbers = csp::to_chan(1..);
    /// let even = csp::stream(numbers.clone()).filter(|n| n % 2 == 0).first();
    /// assert_eq!(even.wait()??, Some(2));
    /// assert_eq!(numbers.take_blocking(), Some(3));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// Lamina's `read-channel` with a predicate.
    #[doc(alias = "read-channel")]
    #[track_caller]
    pub fn first(self) -> Folded<Option<X::Out>> {
        self.try_fold(None, |_, value| ControlFlow::Break(Some(value)))
    }

    /// Counts the values.
    ///
    /// # Errors
    /// As for [`fold`](Self::fold).
    ///
    /// ```
    /// use csp::prelude::*;
    ///
    /// let odd = csp::stream(csp::to_chan(1..=5)).filter(|n| n % 2 == 1).count();
    /// assert_eq!(odd.wait()??, 3);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn count(self) -> Folded<usize> {
        self.fold(0, |count, _| count + 1)
    }

    /// Collects the values.
    ///
    /// # Errors
    /// As for [`fold`](Self::fold).
    ///
    /// ```
    /// use csp::prelude::*;
    ///
    /// let all: Vec<u32> = csp::stream(csp::to_chan(1..=3)).map(|n| n * 2).collect().wait()??;
    /// assert_eq!(all, [2, 4, 6]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// Lamina's `channel->seq`, Manifold's `stream->seq`; to iterate without collecting, end in a
    /// [`chan`](Self::chan): receivers are iterators.
    #[doc(alias("channel->seq", "stream->seq"))]
    #[track_caller]
    pub fn collect<C>(self) -> Folded<C>
    where
        C: Default + Extend<X::Out> + Send + 'static,
    {
        self.fold(C::default(), |mut all, value| {
            all.extend([value]);
            all
        })
    }

    /// Calls `f` on each value.
    ///
    /// ```text
    /// in     1    2    3   |
    /// f      f(1) f(2) f(3)
    /// Go                    ()
    /// ```
    ///
    /// The values that are there come first, then those that come later. The [`Go`] gives `()` when the source has
    /// ended. Dropped, it lets the block run on; cancelled, it ends it between two values, and nothing is
    /// lost. If `f` panics, the `Go` says so, and the source is let go.
    ///
    /// `f` runs in the block, so it should not block; one that waits is for
    /// [`for_each_async`](Self::for_each_async).
    ///
    /// # Errors
    /// [`SourceFailed`] if the source failed.
    ///
    /// ```
    /// use csp::prelude::*;
    ///
    /// let (seen, log) = chan(8);
    /// let all = csp::stream(csp::to_chan(1..=3)).for_each(move |n| seen.try_put(n).unwrap());
    /// all.wait()??;
    /// assert!(log.into_iter().eq([1, 2, 3]));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// Lamina's `receive-all`, Manifold's `consume`.
    #[doc(alias("receive-all", "consume"))]
    #[track_caller]
    pub fn for_each<F>(self, mut f: F) -> Folded<()>
    where
        F: FnMut(X::Out) + Send + 'static,
    {
        self.fold((), move |(), value| f(value))
    }
}

async fn fold_all<X, S>(
    from: Option<Receiver<X::In>>,
    mut xf: X,
    init: S,
    mut f: impl FnMut(S, X::Out) -> ControlFlow<S, S>,
) -> Result<S, SourceFailed<S>>
where
    X: Transducer,
{
    // It is not there while `f` has it.
    let mut state = Some(init);
    let mut emit = |value| {
        let Some(so_far) = state.take() else {
            return Flow::Break(());
        };
        let (next, flow) = match f(so_far, value) {
            ControlFlow::Continue(next) => (next, Flow::Continue(())),
            ControlFlow::Break(result) => (result, Flow::Break(())),
        };
        state = Some(next);
        flow
    };
    let mut failure = None;
    let mut wanted = true;
    if let Some(from) = from {
        while wanted && let Some(value) = from.take().await {
            wanted = xf.step(value, &mut emit).is_continue();
        }
        if wanted {
            failure = from.failure();
        }
    }
    let _ = xf.complete(&mut emit);
    let so_far = state.expect("`f` gives the state back, or the block ends");
    match failure {
        None => Ok(so_far),
        Some(cause) => Err(SourceFailed { so_far, cause }),
    }
}
