//! The beginning only.

use std::pin::pin;

use csp_core::{Buffer, Receiver, Sender, chan};
use csp_sched::go;

use super::outlet::Outlet;

/// A channel of the first `n` values of `from`.
///
/// ```text
/// from   1  2  3  4  5
/// out    1  2  |           take(from, 2, 0)
/// ```
///
/// * It closes after `n` values, or when `from` has ended; it fails if `from` failed before.
/// * Exactly `n` values are taken from `from`, never one more: the others stay for other receivers. The
///   operator's own receiver is dropped after the `n`-th; keep a clone to go on.
/// * `n` = 0 takes nothing: the channel is closed at once.
/// * Back pressure: the next value is taken when the one before was accepted by the new channel.
/// * When the new channel is dropped, nothing more is taken. A value that waits for room then is
///   dropped.
///
/// ```
/// use csp::ops;
///
/// let numbers = ops::to_chan(1..);
/// let first = ops::take(numbers.clone(), 3, 0);
/// assert!(first.into_iter().eq([1, 2, 3]));
/// assert_eq!(numbers.take_blocking(), Some(4));
/// ```
///
/// core.async's `take`.
#[track_caller]
pub fn take<T>(from: Receiver<T>, n: usize, buffer: impl Into<Buffer<T>>) -> Receiver<T>
where
    T: Send + 'static,
{
    let (to, out) = chan(buffer);
    if n > 0 {
        drop(go(async move { take_all(&from, n, &to).await }));
    }
    out
}

async fn take_all<T>(from: &Receiver<T>, n: usize, to: &Sender<T>) {
    let closed = pin!(to.closed());
    let mut out = Outlet::new(to, closed);
    for _ in 0..n {
        let Some(value) = out.next_or_end(from).await else {
            return;
        };
        if out.put(value).await.is_err() {
            return;
        }
    }
}
