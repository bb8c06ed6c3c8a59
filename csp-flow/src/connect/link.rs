//! The handle of an edge.

use std::{
    convert::Infallible,
    fmt,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use csp_core::{Cause, Failure, Go, Receiver, Sender};

use crate::sync::{
    Arc,
    plain::atomic::{AtomicU64, Ordering},
};

/// An edge between two channels, made by [`connect`](super::connect()): a promise of how it ended.
///
/// Await it, [`wait`](Self::wait) for it on a thread, or use it as an arm of `alt!`
/// (`end = park!(link) => …`). Dropping it lets the edge be.
///
/// ```
/// use csp::{LinkReason, prelude::*};
/// let (tx, src) = chan(0);
/// let (dst, rx) = chan(0);
/// let link = csp::join(src, dst);
/// tx.put_blocking(1)?;
/// assert_eq!(rx.take_blocking(), Some(1));
/// link.disconnect();
/// let end = link.wait().unwrap();
/// assert!(matches!(end.reason, LinkReason::Disconnected));
/// assert!(!tx.is_closed() && !rx.is_closed());
/// # Ok::<(), Closed<i32>>(())
/// ```
///
/// # Errors
/// [`Failure`]: its runtime was shut down, or a custom buffer of the target panicked.
pub struct Link<T> {
    go: Go<LinkEnd<T>>,
    /// Closed to ask for the end.
    stop: Sender<Infallible>,
    moved: Arc<AtomicU64>,
    name: Option<Arc<str>>,
}

/// How an edge ended, and what is left of it.
pub struct LinkEnd<T> {
    /// Why.
    pub reason: LinkReason,
    /// The value that had been taken and was not put, if there was one.
    pub value: Option<T>,
    /// The source. `None` if the edge let go of it, since others take from it.
    pub src: Option<Receiver<T>>,
    /// The target, unless it closed.
    pub dst: Option<Sender<T>>,
}

/// Why an edge ended.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum LinkReason {
    /// The source had ended, and all that it gave was moved.
    SourceClosed,
    /// The source [failed](csp_core::Sender::fail), and all that it gave was moved.
    SourceFailed(Cause),
    /// Nobody takes from the target any more.
    TargetClosed,
    /// A value waited so long for room in the target.
    Severed(Duration),
    /// [`Link::disconnect`] was called.
    Disconnected,
}

impl<T> Link<T> {
    pub(super) fn new(
        go: Go<LinkEnd<T>>,
        stop: Sender<Infallible>,
        moved: Arc<AtomicU64>,
        name: Option<Arc<str>>,
    ) -> Self {
        Self {
            go,
            stop,
            moved,
            name,
        }
    }

    /// Asks the edge to end, and to leave both channels open. True if nobody had asked before.
    ///
    /// The [`LinkEnd`] has both ends, and the value that was on its way: a put that has not been accepted by
    /// then is taken back.
    pub fn disconnect(&self) -> bool {
        self.stop.close()
    }

    /// Blocks the thread until the edge has ended.
    ///
    /// # Errors
    /// See [`Link`].
    pub fn wait(self) -> Result<LinkEnd<T>, Failure> {
        self.go.wait()
    }

    /// True once the edge has ended.
    pub fn is_finished(&self) -> bool {
        self.go.is_finished()
    }

    /// How many values it has moved.
    pub fn moved(&self) -> u64 {
        // Ordering: Relaxed, a count to be looked at.
        self.moved.load(Ordering::Relaxed)
    }

    /// The name that it was given.
    pub fn name(&self) -> Option<Arc<str>> {
        self.name.clone()
    }
}

impl<T> Future for Link<T> {
    type Output = Result<LinkEnd<T>, Failure>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.go).poll(cx)
    }
}

impl<T> fmt::Debug for Link<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("Link");
        if let Some(name) = &self.name {
            out.field("name", name);
        }
        out.field("moved", &self.moved())
            .field("finished", &self.is_finished())
            .finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for LinkEnd<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LinkEnd")
            .field("reason", &self.reason)
            .field("value", &self.value.as_ref().map(|_| format_args!("..")))
            .field("src", &self.src)
            .field("dst", &self.dst)
            .finish()
    }
}

impl fmt::Display for LinkReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SourceClosed => f.write_str("the source channel has ended"),
            Self::SourceFailed(cause) => write!(f, "the source channel failed: {cause}"),
            Self::TargetClosed => f.write_str("the target channel closed"),
            Self::Severed(after) => {
                write!(f, "severed: a value waited for the target for {after:?}")
            }
            Self::Disconnected => f.write_str("disconnected"),
        }
    }
}
