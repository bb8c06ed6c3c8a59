//! From a channel to one value.

use std::ops::ControlFlow;

use csp_core::{
    Go, Receiver,
    xf::{Flow, Transducer},
};
use csp_sched::go;

use super::SourceFailed;

/// Collects all values of a channel.
///
/// ```text
/// from   1  2  3  |
/// Go              [1 2 3]
/// ```
///
/// The block takes until the channel has ended. Its [`Go`] dropped, it runs on; cancelled, it drops what
/// it has, and the rest stays in the channel.
///
/// # Errors
/// [`SourceFailed`] if the channel failed: with what came before, and the cause.
///
/// ```
/// use csp::{ops, prelude::*};
///
/// let all: Vec<u32> = ops::collect(ops::to_chan(1..=3)).wait()??;
/// assert_eq!(all, [1, 2, 3]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// core.async's `into` with an empty collection.
#[track_caller]
pub fn collect<C, T>(from: Receiver<T>) -> Go<Result<C, SourceFailed<C>>>
where
    T: Send + 'static,
    C: Default + Extend<T> + Send + 'static,
{
    into(from, C::default())
}

/// Adds all values of a channel to a collection.
///
/// ```text
/// from   1  2  3  |
/// Go              [0 1 2 3]     into(from, vec![0])
/// ```
///
/// Otherwise as [`collect`].
///
/// # Errors
/// As for [`collect`].
///
/// ```
/// use csp::{ops, prelude::*};
///
/// let text = ops::into(ops::to_chan(["b", "c"]), String::from("a")).wait()??;
/// assert_eq!(text, "abc");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// core.async's `into`.
#[track_caller]
pub fn into<T, C>(from: Receiver<T>, collection: C) -> Go<Result<C, SourceFailed<C>>>
where
    T: Send + 'static,
    C: Extend<T> + Send + 'static,
{
    reduce(from, collection, |mut collection, value| {
        collection.extend([value]);
        collection
    })
}

/// Makes one value of all values of a channel: `f(… f(f(init, first), second) …, last)`.
///
/// ```text
/// from   1  2  3  |
/// Go              6     reduce(from, 0, |sum, n| sum + n)
/// ```
///
/// Without values it is `init`. The block takes until the channel has ended. Its [`Go`] dropped, it runs
/// on; cancelled, it drops what it has, and the rest stays in the channel. If `f` panics, the `Go` says so.
///
/// # Errors
/// [`SourceFailed`] if the channel failed: with what was made of the values before, and the cause.
///
/// ```
/// use csp::{ops, prelude::*};
///
/// let sum = ops::reduce(ops::to_chan(0..10), 0, |sum, n| sum + n);
/// assert_eq!(sum.wait()??, 45);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// core.async's `reduce`.
#[track_caller]
pub fn reduce<T, S, F>(from: Receiver<T>, init: S, mut f: F) -> Go<Result<S, SourceFailed<S>>>
where
    T: Send + 'static,
    S: Send + 'static,
    F: FnMut(S, T) -> S + Send + 'static,
{
    try_reduce(from, init, move |state, value| {
        ControlFlow::Continue(f(state, value))
    })
}

/// As [`reduce`], but `f` can end it: with `Break`, whose value is the result.
///
/// ```text
/// from   1  2  3  4  5  |
/// Go           6     |           f breaks with 6 at the value 3
/// ```
///
/// After a `Break` nothing more is taken. The rest stays in the channel, for its other receivers; if this
/// was the last, the channel closes: keep a clone to go on with it.
///
/// # Errors
/// As for [`reduce`].
///
/// ```
/// use csp::{ops, prelude::*};
/// use std::ops::ControlFlow;
///
/// let numbers = ops::to_chan(1..);
/// let past_ten = ops::try_reduce(numbers.clone(), 0, |sum, n| match sum + n {
///     sum if sum > 10 => ControlFlow::Break(sum),
///     sum => ControlFlow::Continue(sum),
/// });
/// assert_eq!(past_ten.wait()??, 15);
/// assert_eq!(numbers.take_blocking(), Some(6));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// core.async's `reduce` with `reduced`.
#[doc(alias = "reduced")]
#[track_caller]
pub fn try_reduce<T, S, F>(from: Receiver<T>, init: S, mut f: F) -> Go<Result<S, SourceFailed<S>>>
where
    T: Send + 'static,
    S: Send + 'static,
    F: FnMut(S, T) -> ControlFlow<S, S> + Send + 'static,
{
    go(async move {
        let mut state = init;
        while let Some(value) = from.take().await {
            match f(state, value) {
                ControlFlow::Continue(next) => state = next,
                ControlFlow::Break(result) => return Ok(result),
            }
        }
        ended(&from, state)
    })
}

/// As [`reduce`], with a transducer between the channel and `f`.
///
/// ```text
/// from   1  2  3  |
/// Go              [2 3 4]     transduce(from, xf::map(|n| n + 1), vec![], push)
/// ```
///
/// When the channel has ended, and also when it failed, the transducer is completed, so what it holds back
/// comes as well. If it says that it wants no more (as `xf::take` does), nothing more is taken; the rest
/// stays in the channel, as for [`try_reduce`]. If transducer or `f` panics, the `Go` says so.
///
/// # Errors
/// As for [`reduce`].
///
/// ```
/// use csp::{ops, prelude::*, xf};
///
/// let sum = ops::transduce(ops::to_chan(1..=4), xf::map(|n| n * n), 0, |sum, n| sum + n);
/// assert_eq!(sum.wait()??, 30);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// core.async's `transduce`.
#[track_caller]
pub fn transduce<X, S, F>(
    from: Receiver<X::In>,
    xf: X,
    init: S,
    f: F,
) -> Go<Result<S, SourceFailed<S>>>
where
    X: Transducer<In: Send + 'static> + Send + 'static,
    S: Send + 'static,
    F: FnMut(S, X::Out) -> S + Send + 'static,
{
    go(async move { transduce_all(&from, xf, init, f).await })
}

async fn transduce_all<X: Transducer, S>(
    from: &Receiver<X::In>,
    mut xf: X,
    init: S,
    mut f: impl FnMut(S, X::Out) -> S,
) -> Result<S, SourceFailed<S>> {
    // It is not there while `f` has it.
    let mut state = Some(init);
    let mut emit = |value| {
        state = state.take().map(|state| f(state, value));
        Flow::Continue(())
    };
    let mut wanted = true;
    while wanted && let Some(value) = from.take().await {
        wanted = xf.step(value, &mut emit).is_continue();
    }
    // Also if it wants no more: what it holds back still comes.
    let _ = xf.complete(&mut emit);
    let state = state.expect("`f` gives the state back, or the block ends");
    if wanted {
        ended(from, state)
    } else {
        Ok(state)
    }
}

/// The channel has ended: well, or not.
fn ended<T, S>(from: &Receiver<T>, so_far: S) -> Result<S, SourceFailed<S>> {
    match from.failure() {
        None => Ok(so_far),
        Some(cause) => Err(SourceFailed { so_far, cause }),
    }
}
