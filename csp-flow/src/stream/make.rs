//! Streams that do not begin with one receiver.

use std::pin::pin;

use csp_core::{
    Receiver, chan,
    xf::{Flow, Identity},
};
use csp_sched::go;

use super::{Stream, derived, wait::Drains};
use crate::ops::{
    outlet::{Outlet, call},
    pump::{Sure, Work},
};

/// A stream of all values of some channels: one channel after the other.
///
/// ```text
/// a      1        2  |
/// b         5           |
/// out    1        2  5  |     concat([a, b])
/// ```
///
/// * The iterator is asked for the next receiver when the one before has ended. It may be without end, but
///   should not block. If it panics, the derived channel fails.
/// * When all have ended, the derived channel closes. If one fails, it fails with the same cause, and the rest
///   is let go.
/// * When nobody takes any more, the receivers that are left are dropped, at once: each channel closes if nobody
///   else takes from it.
///
/// ```
/// use csp::prelude::*;
///
/// let all = csp::stream::concat([csp::to_chan(1..3), csp::to_chan(5..7)]).chan(0);
/// assert!(all.into_iter().eq([1, 2, 5, 6]));
/// ```
///
/// Manifold's `concat`. For a stream of receivers there is the method [`concat`](Stream::concat).
#[track_caller]
pub fn concat<I, T>(receivers: I) -> Stream<Identity<T>>
where
    T: Send + 'static,
    I: IntoIterator<Item = Receiver<T>, IntoIter: Send + 'static>,
{
    let mut receivers = receivers.into_iter();
    let (to, out) = chan(0);
    let to = Sure(to);
    drop(go(async move {
        let to = &to.0;
        let closed = pin!(to.closed());
        let mut out = Outlet::new(to, closed);
        let (mut failure, mut drains) = (None, Drains::default());
        while let Some(from) = call("the iterator of `concat`", to, || receivers.next()) {
            match drains.work(from, &mut out).await {
                Ok(Flow::Continue(())) => {}
                Ok(Flow::Break(())) => break,
                Err(cause) => {
                    failure = Some(cause);
                    break;
                }
            }
        }
        out.end(failure);
    }));
    derived(None, out)
}

/// A stream of one value.
///
/// ```
/// use csp::prelude::*;
///
/// let out = csp::stream::concat([csp::stream::once(0).receiver(), csp::to_chan([1, 2])]).chan(0);
/// assert!(out.into_iter().eq([0, 1, 2]));
/// ```
///
/// For more values there is [`csp::to_chan`](crate::ops::to_chan).
pub fn once<T>(value: T) -> Stream<Identity<T>> {
    let (to, out) = chan(1);
    let put = to.try_put(value);
    debug_assert!(put.is_ok(), "the channel is empty and open");
    derived(None, out)
}

/// A stream without values: its channel is closed.
///
/// ```
/// let out = csp::stream::empty::<u32>().receiver();
/// assert!(out.is_closed());
/// ```
///
/// Lamina's `closed-channel`.
#[doc(alias = "closed-channel")]
pub fn empty<T>() -> Stream<Identity<T>> {
    derived(None, chan(0).1)
}
