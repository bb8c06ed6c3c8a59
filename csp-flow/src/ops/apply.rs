//! Transducers between channels.

use csp_core::{
    Buffer, Cause, Receiver, Sender, TryPutError, chan,
    xf::{self, Flow, Transducer},
};
use csp_sched::go;

use super::{
    outlet::Outlet,
    pump::{Sure, Work, feed},
};

/// Whose panic it is.
const WHAT: &str = "the transducer of `ops::apply`";

/// A channel of what a transducer makes of the values of `from`.
///
/// ```text
/// from   1   2   3   4     |
/// out      [1 2]   [3 4]   |     apply(from, xf::partition_all(2), 0)
/// ```
///
/// * When `from` has ended, the transducer is completed: what it holds back comes, then the channel
///   closes. It fails instead if `from` failed.
/// * When the transducer wants no more (as `xf::take` does), it is completed, the channel closes, and the
///   receiver of `from` is dropped: what is left stays there for others.
/// * Back pressure: the next value is taken when everything that came of the one before was accepted. What
///   one step gives waits in memory meanwhile, so a step must not give values without end.
/// * When the new channel is dropped, nothing more is taken, and the receiver of `from` is dropped. What
///   came of the last value is dropped.
/// * If a step panics, what it gave before is still delivered, then the channel fails with the panic's
///   message. It fails also if the block is cancelled, with its runtime.
///
/// The steps run in a go block of their own, not under a channel's lock as those of
/// `chan_with` do, so they may use channels themselves; they should not block.
///
/// ```
/// use csp::{ops, xf};
///
/// let doubled = ops::apply(ops::to_chan(1..=3), xf::map(|n| n * 2), 0);
/// assert!(doubled.into_iter().eq([2, 4, 6]));
/// ```
///
/// core.async's `map<`, `filter<`, `remove<`, `mapcat<`, with any transducer.
#[doc(alias("map<", "filter<", "remove<", "mapcat<"))]
#[track_caller]
pub fn apply<X>(from: Receiver<X::In>, xf: X, buffer: impl Into<Buffer<X::Out>>) -> Receiver<X::Out>
where
    X: Transducer<In: Send + 'static, Out: Send + 'static> + Send + 'static,
{
    let (to, out) = chan(buffer);
    let to = Sure(to);
    drop(go(async move {
        feed(WHAT, Some(from), xf, Forward, &to.0).await;
    }));
    out
}

/// A channel whose values go through a transducer into `to`.
///
/// ```text
/// in   1   2   3   4     |
/// to     [1 2]   [3 4]   |     apply_into(to, xf::partition_all(2), 0)
/// ```
///
/// `buffer` is that of the new channel. A put on it says that the value was accepted, not that it has come
/// to `to`.
///
/// * When the new channel closes (all its senders are dropped), the transducer is completed, and `to`
///   closes, also if it has other senders. If the new channel fails, `to` fails with the same cause.
/// * When `to` closes, or the transducer wants no more, the new channel closes: puts on it give their
///   values back. What it had accepted already, and what came of the last value, is dropped then.
/// * Back pressure and panics are as for [`apply`].
///
/// ```
/// use csp::{ops, prelude::*, xf};
///
/// let (to, out) = chan(8);
/// let numbers = ops::apply_into(to, xf::map(|n: u32| n * 2), 0);
/// for n in 1..=3 {
///     numbers.put_blocking(n)?;
/// }
/// drop(numbers);
/// assert!(out.into_iter().eq([2, 4, 6]));
/// # Ok::<(), Closed<u32>>(())
/// ```
///
/// core.async's `map>`, `filter>`, `remove>`, `mapcat>`, with any transducer.
#[doc(alias("map>", "filter>", "remove>", "mapcat>"))]
#[track_caller]
pub fn apply_into<X>(to: Sender<X::Out>, xf: X, buffer: impl Into<Buffer<X::In>>) -> Sender<X::In>
where
    X: Transducer<In: Send + 'static, Out: Send + 'static> + Send + 'static,
{
    let (tx, from) = chan(buffer);
    drop(go(async move {
        feed(WHAT, Some(from), xf, Forward, &to).await;
    }));
    tx
}

/// A channel without the values that equal the one before: [`apply`] with
/// [`xf::dedupe`](csp_core::xf::dedupe).
///
/// ```text
/// from   1  1  2  2  1  |
/// out    1     2     1  |     unique(from, 0)
/// ```
///
/// ```
/// use csp::ops;
///
/// assert!(ops::unique(ops::to_chan([1, 1, 2, 2, 1]), 0).into_iter().eq([1, 2, 1]));
/// ```
///
/// core.async's `unique`.
#[track_caller]
pub fn unique<T>(from: Receiver<T>, buffer: impl Into<Buffer<T>>) -> Receiver<T>
where
    T: PartialEq + Clone + Send + 'static,
{
    apply(from, xf::dedupe(), buffer)
}

/// A channel of the values in groups of `n`; the last may be shorter: [`apply`] with
/// [`xf::partition_all`](csp_core::xf::partition_all).
///
/// ```text
/// from   1  2   3  4   5     |
/// out       [1 2]  [3 4]  [5]|     partition(from, 2, 0)
/// ```
///
/// If `from` fails, the last group comes before the failure.
///
/// ```
/// use csp::ops;
///
/// let pairs = ops::partition(ops::to_chan(1..=5), 2, 0);
/// assert!(pairs.into_iter().eq([vec![1, 2], vec![3, 4], vec![5]]));
/// ```
///
/// core.async's `partition`.
///
/// # Panics
/// If `n` is 0.
#[track_caller]
pub fn partition<T>(
    from: Receiver<T>,
    n: usize,
    buffer: impl Into<Buffer<Vec<T>>>,
) -> Receiver<Vec<T>>
where
    T: Send + 'static,
{
    assert!(
        n > 0,
        "ops::partition(from, 0, ..): a group has at least one value; write 1 or more"
    );
    apply(from, xf::partition_all(n), buffer)
}

/// A channel of runs: values in a row for which `f` gives the same key. [`apply`] with
/// [`xf::partition_by`](csp_core::xf::partition_by).
///
/// ```text
/// from   1  3   2  4  5         |
/// out        [1 3]    [2 4]  [5]|     partition_by(from, |n| n % 2, 0)
/// ```
///
/// A run is given when the first value of the next one comes, the last when `from` has ended or failed.
///
/// ```
/// use csp::ops;
///
/// let runs = ops::partition_by(ops::to_chan([1, 3, 2, 4, 5]), |n| n % 2, 0);
/// assert!(runs.into_iter().eq([vec![1, 3], vec![2, 4], vec![5]]));
/// ```
///
/// core.async's `partition-by`.
#[track_caller]
pub fn partition_by<T, K, F>(
    from: Receiver<T>,
    f: F,
    buffer: impl Into<Buffer<Vec<T>>>,
) -> Receiver<Vec<T>>
where
    T: Send + 'static,
    K: PartialEq + Send + 'static,
    F: FnMut(&T) -> K + Send + 'static,
{
    apply(from, xf::partition_by(f), buffer)
}

/// Puts values as they are.
pub(crate) struct Forward;

impl<T: Send + 'static> Work<T> for Forward {
    type Out = T;

    #[inline]
    fn offer(&mut self, value: T, to: &Sender<T>) -> Result<Flow, T> {
        match to.try_put(value) {
            Ok(()) => Ok(Flow::Continue(())),
            Err(TryPutError::Full(value)) => Err(value),
            Err(TryPutError::Closed(_)) => Ok(Flow::Break(())),
        }
    }

    async fn work(&mut self, value: T, out: &mut Outlet<'_, '_, T>) -> Result<Flow, Cause> {
        Ok(out.give(value).await)
    }
}
