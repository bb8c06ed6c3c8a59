//! From one channel into another.

use std::pin::pin;

use csp_core::{Closed, Go, Receiver, Sender};
use csp_sched::go;

use super::{
    PipeError,
    outlet::{Outlet, end, take},
};
use crate::AtEnd;

/// Moves every value of `from` into `to`, and closes `to` at the end.
///
/// ```text
/// from   1  2  3  |
/// to      1  2  3 |
/// ```
///
/// * `from` ended: `to` closes, also if it has other senders ([`pipe_with`] can leave it open), and the
///   `Go` says `Ok(())`.
/// * `from` failed: `to` fails with the same cause.
/// * `to` closed: the pipe ends, even while it waits for a value, and drops its receiver. Nothing more is
///   taken, what is in `from` stays there for others.
/// * Back pressure: one value at a time is on its way; the next is taken when it was accepted.
/// * Dropping the `Go` lets the pipe run on. Cancelling it ends the pipe at its next park point, without
///   closing `to` for other senders. If it waits for room then, the value on its way is dropped; while
///   it waits for a value, nothing is lost.
///
/// # Errors
/// [`PipeError`]: `to` closed before `from` had ended, with the value that was on its way, if one was;
/// or `from` failed.
///
/// ```
/// use csp::{ops, prelude::*};
///
/// let (numbers, from) = chan(0);
/// let (to, out) = chan(0);
/// let pipe = ops::pipe(from, to);
/// go!({ for n in 1..=3 { put!(numbers, n).ok(); } });
/// assert!(out.into_iter().eq([1, 2, 3]));
/// pipe.wait()??;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// core.async's `pipe`, which loses a value when its target closes, and goes on waiting.
#[track_caller]
pub fn pipe<T>(from: Receiver<T>, to: Sender<T>) -> Go<Result<(), PipeError<T>>>
where
    T: Send + 'static,
{
    pipe_with(from, to, AtEnd::Close)
}

/// As [`pipe`]; `at_end` says what becomes of `to` when `from` has ended or failed.
///
/// With [`AtEnd::KeepOpen`] a failure of `from` does not touch `to` either; the `Go` tells.
///
/// # Errors
/// As for [`pipe`].
///
/// ```
/// use csp::{AtEnd, ops, prelude::*};
///
/// let (to, out) = chan(8);
/// // One after the other.
/// for numbers in [1..=2, 3..=4] {
///     ops::pipe_with(ops::to_chan(numbers), to.clone(), AtEnd::KeepOpen).wait()??;
/// }
/// drop(to);
/// assert!(out.into_iter().eq([1, 2, 3, 4]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[track_caller]
pub fn pipe_with<T>(from: Receiver<T>, to: Sender<T>, at_end: AtEnd) -> Go<Result<(), PipeError<T>>>
where
    T: Send + 'static,
{
    go(async move {
        let moved = move_all(&from, &to).await;
        match &moved {
            Ok(()) => end(&to, at_end, None),
            Err(PipeError::Failed(cause)) => end(&to, at_end, Some(cause.clone())),
            Err(PipeError::Closed(_)) => {}
        }
        moved
    })
}

async fn move_all<T>(from: &Receiver<T>, to: &Sender<T>) -> Result<(), PipeError<T>> {
    let closed = pin!(to.closed());
    let mut out = Outlet::new(to, closed);
    loop {
        match take(&mut out, from).await {
            Some(Some(value)) => {
                if let Err(Closed(value)) = out.put(value).await {
                    return Err(PipeError::Closed(Some(value)));
                }
            }
            Some(None) => {
                return from
                    .failure()
                    .map_or(Ok(()), |cause| Err(PipeError::Failed(cause)));
            }
            None => return Err(PipeError::Closed(None)),
        }
    }
}
