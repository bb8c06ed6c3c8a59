//! An edge between two channels that can be watched, limited and cut.

mod edge;
mod link;

use std::time::Duration;

use csp_core::{Receiver, Sender, chan};
use csp_sched::go;

use self::edge::Edge;
pub use self::link::{Link, LinkEnd, LinkReason};
use crate::{
    promise::{Promise, go_try},
    sync::{Arc, plain::atomic::AtomicU64},
};

/// How [`connect`] joins two channels. Without more it is a [`join`].
///
/// ```
/// use csp::{Connect, secs};
/// let patient = Connect { timeout: Some(secs(5)), ..Connect::default() };
/// assert!(patient.upstream && patient.downstream);
/// ```
#[derive(Debug, Clone)]
pub struct Connect {
    /// When the target closes, so does the source, unless somebody else takes from it. True without it.
    pub upstream: bool,
    /// When the source closes or fails, so does the target, also if others put into it. True without it.
    pub downstream: bool,
    /// For how long a value may wait for room in the target. Then the edge is severed.
    pub timeout: Option<Duration>,
    /// A name, to be shown.
    pub name: Option<Arc<str>>,
}

impl Default for Connect {
    fn default() -> Self {
        Self {
            upstream: true,
            downstream: true,
            timeout: None,
            name: None,
        }
    }
}

/// Moves every value of `src` into `dst` until one of them ends, `how` says how, and gives the handle of
/// this edge.
///
/// ```text
/// src   1  2  3  |
/// dst    1  2  3 |      closes if `downstream`
///
/// src   1  2    |       closes if `upstream`
/// dst    1  2  |
/// ```
///
/// | what ends it | `src` | `dst` |
/// |---|---|---|
/// | `src` ended, or failed | | closes, or fails with the same cause, if `downstream` |
/// | `dst` closed | closes if `upstream` and nobody else takes from it | |
/// | a value waited longer than `timeout` | the same | fails with a [`Severed`](crate::Severed), if `downstream` |
/// | [`Link::disconnect`] | stays open | stays open |
/// | its runtime is shut down | is let go | is let go: it closes, and does not fail, if nobody else puts into it |
///
/// * **At once.** A close of `dst` is noticed while the link waits for a value that may never come, and
///   `src` closes then; Manifold notices it at the next put.
/// * **Nothing is lost.** Nothing is taken once `dst` is closed. A value that was taken before and could not
///   be put comes back in the [`LinkEnd`]; so do the two ends, as far as they stay of use: what is
///   buffered in `src` can still be taken, and what is left open stays so for as long as somebody keeps them.
/// * **Back pressure.** One value at a time is on its way.
/// * **Dropping the [`Link`]** lets it run on. Its ends are dropped when it has ended.
/// * **Several edges.** Receivers compete for what `src` gives; to have each value go along several edges,
///   connect subscriptions of a [`Hub`](crate::Hub). The value that waits when its edge is severed is lost to
///   that edge only.
///
/// One go block serves an edge. Lamina's `connect` and `bridge`, Manifold's `connect`.
///
/// ```
/// use csp::{Connect, LinkReason, prelude::*};
///
/// let (numbers, src) = chan(0);
/// let (dst, out) = chan(0);
/// let link = csp::connect(src, dst, Connect::default());
/// go!({ for n in 1..=3 { put!(numbers, n).ok(); } });
/// assert!(out.into_iter().eq([1, 2, 3]));
/// let end = link.wait()?;
/// assert!(matches!(end.reason, LinkReason::SourceClosed));
/// # Ok::<(), Failure>(())
/// ```
///
/// # Panics
/// If the timeout is zero: use [`Hub::subscribe_with`](crate::Hub::subscribe_with), or a
/// [`dropping`](csp_core::dropping) buffer, if values may be missed.
#[track_caller]
pub fn connect<T>(src: Receiver<T>, dst: Sender<T>, how: Connect) -> Link<T>
where
    T: Send + 'static,
{
    assert!(
        how.timeout.is_none_or(|limit| !limit.is_zero()),
        "a connection with a timeout of zero would be severed by any value that waits: give the longest \
         wait, or None"
    );
    let (stop, stops) = chan(0);
    let moved = Arc::new(AtomicU64::new(0));
    let edge = Edge {
        src,
        dst,
        stop: stop.clone(),
        moved: Arc::clone(&moved),
    };
    let name = how.name.clone();
    let go = go(async move {
        // Without a receiver the signal would be given.
        let _stops = stops;
        edge.run(how).await
    });
    Link::new(go, stop, moved, name)
}

/// Connects so that closing goes up only: `src` closes when `dst` does, and `dst` stays open when `src`
/// closes or fails. Lamina's `siphon`.
///
/// The [`Link`] keeps `dst` for you then: in [`LinkEnd::dst`].
///
/// ```
/// use csp::prelude::*;
///
/// let (tx, rx) = chan(8);
/// for part in [["a", "b"], ["c", "d"]] {
///     let end = csp::siphon(csp::to_chan(part), tx.clone()).wait()?;
///     assert!(!end.dst.unwrap().is_closed());
/// }
/// drop(tx);
/// assert!(rx.into_iter().eq(["a", "b", "c", "d"]));
/// # Ok::<(), Failure>(())
/// ```
#[track_caller]
pub fn siphon<T>(src: Receiver<T>, dst: Sender<T>) -> Link<T>
where
    T: Send + 'static,
{
    let how = Connect {
        downstream: false,
        ..Connect::default()
    };
    connect(src, dst, how)
}

/// Connects so that closing goes both ways, and failures go down: Lamina's `join`.
///
/// It is what [`pipe`](crate::ops::pipe) does, with a [`Link`] to it.
///
/// ```
/// use csp::prelude::*;
/// let (tx, src) = chan::<u32>(0);
/// let (dst, rx) = chan(0);
/// csp::join(src, dst);
/// tx.fail("no more paper");
/// assert_eq!(rx.take_blocking(), None);
/// assert_eq!(rx.failure().unwrap().to_string(), "no more paper");
/// ```
#[track_caller]
pub fn join<T>(src: Receiver<T>, dst: Sender<T>) -> Link<T>
where
    T: Send + 'static,
{
    connect(src, dst, Connect::default())
}

/// The same values, and a [`Link`] that ends when the channel is closed and the last of them was taken:
/// Lamina's `on-drained`, exactly once.
///
/// The [`LinkEnd`] says [`SourceClosed`](LinkReason::SourceClosed) or
/// [`SourceFailed`](LinkReason::SourceFailed) then, and [`TargetClosed`](LinkReason::TargetClosed) if the new
/// receiver was dropped or closed before; what it was about to take is in it. One value more than before
/// can be on its way.
///
/// ```
/// use csp::{LinkReason, prelude::*};
/// let (rx, drained) = csp::drained(csp::to_chan(1..=3));
/// assert_eq!((rx.take_blocking(), rx.take_blocking()), (Some(1), Some(2)));
/// assert!(!drained.is_finished());
/// assert_eq!(rx.take_blocking(), Some(3));
/// assert!(matches!(drained.wait()?.reason, LinkReason::SourceClosed));
/// # Ok::<(), Failure>(())
/// ```
#[track_caller]
pub fn drained<T>(rx: Receiver<T>) -> (Receiver<T>, Link<T>)
where
    T: Send + 'static,
{
    let (to, out) = chan(0);
    (out, join(rx, to))
}

/// A promise that is fulfilled when the channel closes, from either end: Lamina's `on-closed`, exactly once,
/// also if it is closed already.
///
/// It keeps the sender that it is given. So it tells of an explicit close, and of the last receiver's going;
/// not that the last other sender went. Who has a sender at hand can await
/// [`tx.closed()`](Sender::closed) as well.
///
/// ```
/// use csp::prelude::*;
/// let (tx, rx) = chan::<u32>(0);
/// let closed = csp::closed(tx.clone()).map(|()| "nobody listens");
/// drop(rx);
/// assert_eq!(closed.wait().unwrap(), "nobody listens");
/// ```
#[track_caller]
pub fn closed<T>(tx: Sender<T>) -> Promise<()>
where
    T: Send + 'static,
{
    go_try(async move {
        tx.closed().await;
        Ok(())
    })
}
