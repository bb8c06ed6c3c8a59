//! One channel into two, by a predicate.

use std::pin::pin;

use csp_core::{Buffer, Receiver, Sender, chan};
use csp_sched::go;

use super::outlet::{Outlet, call, next};

const PRED: &str = "the predicate of `ops::split`";

/// Two channels: of the values for which `pred` says `true`, and of the others.
///
/// ```text
/// from    1  2  3  4  5  |
/// true       2     4     |     split(from, |n| n % 2 == 0, 0, 0)
/// false   1     3     5  |
/// ```
///
/// * Both close when `from` has ended, and fail if it failed, or if `pred` panics.
/// * A side whose receiver is dropped is served no more: **values for it are dropped** from then on, and
///   the other side goes on as before. When both are gone nothing more is taken, and the receiver of
///   `from` is dropped.
/// * Back pressure: values come one by one, so a side that is not taken from holds up the other, once its
///   buffer is full.
///
/// ```
/// use csp::ops;
///
/// let (even, odd) = ops::split(ops::to_chan(1..=5), |n| n % 2 == 0, 5, 5);
/// assert!(even.into_iter().eq([2, 4]));
/// assert!(odd.into_iter().eq([1, 3, 5]));
/// ```
///
/// core.async's `split`, which stops without a word when one side closes.
#[track_caller]
pub fn split<T, F>(
    from: Receiver<T>,
    pred: F,
    true_buffer: impl Into<Buffer<T>>,
    false_buffer: impl Into<Buffer<T>>,
) -> (Receiver<T>, Receiver<T>)
where
    T: Send + 'static,
    F: FnMut(&T) -> bool + Send + 'static,
{
    let (yes, yes_rx) = chan(true_buffer);
    let (no, no_rx) = chan(false_buffer);
    drop(go(async move { split_all(&from, pred, &yes, &no).await }));
    (yes_rx, no_rx)
}

async fn split_all<T>(
    from: &Receiver<T>,
    mut pred: impl FnMut(&T) -> bool,
    yes: &Sender<T>,
    no: &Sender<T>,
) {
    let (yes_closed, no_closed) = (pin!(yes.closed()), pin!(no.closed()));
    let mut sides = (Outlet::new(yes, yes_closed), Outlet::new(no, no_closed));
    while let Some(value) = next(&mut sides, from).await {
        // If it panics, both fail.
        let side = if call(PRED, yes, || call(PRED, no, || pred(&value))) {
            &sides.0
        } else {
            &sides.1
        };
        // Nobody takes from a side that refuses: the other may still be wanted.
        side.put(value).await.ok();
    }
    sides.0.end(from.failure());
    sides.1.end(from.failure());
}
