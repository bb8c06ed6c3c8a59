//! Ends that wait for each value: one at a time, in order.

use std::{convert::Infallible, error::Error, fmt, pin::pin, task::Context};

use csp_core::{
    Cause, Closed, Go, Sender,
    xf::{Flow, Transducer},
};
use csp_sched::go;

use super::{Folded, Stream};
use crate::ops::{
    SourceFailed, StopReason, Stopped,
    outlet::{Outlet, Target},
    pump::{End, Pump, Sink},
};

impl<X> Stream<X>
where
    X: Transducer<In: Send + 'static, Out: Send + 'static> + Send + 'static,
{
    /// Calls an async function on each value, and waits for it before it takes the next.
    ///
    /// ```text
    /// in    1      2      3      |
    /// f      ──▸    ─▸     ──▸
    /// Go                         ()
    /// ```
    ///
    /// The [`Go`] gives `()` when the source has ended and the last call with it. Dropped, it lets the block run
    /// on; cancelled, it ends it at the next park point, and drops the call that is under way. If `f` panics, the
    /// `Go` says so, and the source is let go.
    ///
    /// # Errors
    /// [`SourceFailed`] if the source failed.
    ///
    /// ```
    /// use csp::prelude::*;
    ///
    /// let (tx, log) = chan(8);
    /// let all = csp::stream(csp::to_chan(1..=3)).for_each_async(move |n| {
    ///     let tx = tx.clone();
    ///     async move { tx.put(n).await.unwrap() }
    /// });
    /// all.wait()??;
    /// assert!(log.into_iter().eq([1, 2, 3]));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// Lamina's `receive-in-order`, Manifold's `consume-async`.
    #[doc(alias("receive-in-order", "consume-async"))]
    #[track_caller]
    pub fn for_each_async<F, Fut>(self, mut f: F) -> Folded<()>
    where
        F: FnMut(X::Out) -> Fut + Send + 'static,
        Fut: Future<Output = ()> + Send,
    {
        let each = move |value| {
            let call = f(value);
            async move {
                call.await;
                Ok::<_, Infallible>(())
            }
        };
        let _here = self.enter();
        let (from, xf) = self.run();
        go(async move {
            let mut sink = Each {
                f: each,
                error: None,
            };
            match Pump::new(xf).run(from, &mut sink).await {
                End::Source(Some(cause)) => Err(SourceFailed { so_far: (), cause }),
                _ => Ok(()),
            }
        })
    }

    /// As [`for_each_async`](Self::for_each_async), for a function that may fail: with its first `Err` it ends, and
    /// lets the source go.
    ///
    /// Nothing more is taken then; the rest stays in the source, for its other receivers. What came of the same
    /// value, and what an operator holds back, is dropped.
    ///
    /// # Errors
    /// [`ForEachError`]: the function failed, or the source did.
    ///
    /// ```
    /// use csp::{prelude::*, stream::ForEachError};
    ///
    /// let numbers = csp::to_chan(1..);
    /// let some = csp::stream(numbers.clone()).try_for_each_async(async |n| match n {
    ///     3 => Err("three is too many"),
    ///     _ => Ok(()),
    /// });
    /// assert!(matches!(some.wait()?, Err(ForEachError::Stopped("three is too many"))));
    /// assert_eq!(numbers.take_blocking(), Some(4));
    /// # Ok::<(), csp::Failure>(())
    /// ```
    ///
    /// Lamina's `receive-in-order`, where a failing result errors the source; Manifold's `consume-async`, which
    /// stops at `false`.
    #[track_caller]
    pub fn try_for_each_async<E, F, Fut>(self, f: F) -> Go<Result<(), ForEachError<E>>>
    where
        E: Send + 'static,
        F: FnMut(X::Out) -> Fut + Send + 'static,
        Fut: Future<Output = Result<(), E>> + Send,
    {
        let _here = self.enter();
        let (from, xf) = self.run();
        go(async move {
            let mut sink = Each { f, error: None };
            match (Pump::new(xf).run(from, &mut sink).await, sink.error) {
                (_, Some(error)) => Err(ForEachError::Stopped(error)),
                (End::Source(Some(cause)), None) => Err(ForEachError::Source(cause)),
                _ => Ok(()),
            }
        })
    }

    /// Puts every value into a channel that is there, and leaves that open.
    ///
    /// ```text
    /// in    1  2  3  |
    /// to    1  2  3
    /// Go              ()
    /// ```
    ///
    /// * Source ended: the [`Go`] gives `()`. `to` stays open as long as there are other senders: clone it to
    ///   go on.
    /// * Source failed: so it says, and `to` is not touched.
    /// * `to` closed: it ends at once, also while it waits for a value, and lets the source go. What it had in
    ///   hand comes back in the [`Stopped`].
    /// * Back pressure: the next value is taken when all that came of the one before was accepted.
    /// * The `Go` dropped: it runs on. Cancelled: it ends at its next park point, and drops what it has in hand.
    ///
    /// # Errors
    /// [`Stopped`]: `to` closed, or the source failed. Its `outputs` are the values that came out of the operators,
    /// and were refused.
    ///
    /// ```
    /// use csp::prelude::*;
    ///
    /// let (tx, rx) = chan(8);
    /// csp::stream(csp::to_chan(1..=2)).drain_into(tx.clone()).wait()??;
    /// csp::stream(csp::to_chan(3..=4)).drain_into(tx).wait()??;
    /// assert!(rx.into_iter().eq([1, 2, 3, 4]));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// Manifold's `drain-into`.
    #[doc(alias = "drain-into")]
    #[expect(clippy::type_complexity, reason = "what was in hand has its type")]
    #[track_caller]
    pub fn drain_into(self, to: Sender<X::Out>) -> Go<Result<(), Stopped<X::In, X::Out>>> {
        let _here = self.enter();
        let (from, xf) = self.run();
        go(async move {
            let closed = pin!(to.closed());
            let mut sink = Drain {
                out: Outlet::new(&to, closed),
                refused: None,
            };
            let mut pump = Pump::new(xf);
            let reason = match pump.run(from, &mut sink).await {
                End::Source(Some(cause)) => StopReason::SourceFailed(cause),
                End::Source(None) | End::Enough => return Ok(()),
                End::Refused => StopReason::TargetClosed,
            };
            let rest = match reason {
                StopReason::TargetClosed => pump.into_rest(),
                _ => [].into(),
            };
            Err(Stopped {
                reason,
                inputs: Vec::new(),
                outputs: sink.refused.into_iter().chain(rest).collect(),
                unfinished: 0,
            })
        })
    }
}

/// Calls a function with each value, until it fails.
struct Each<F, E> {
    f: F,
    error: Option<E>,
}

/// There is nobody who might want no more.
impl<F, E> Target for Each<F, E> {
    fn is_closed(&self) -> bool {
        false
    }

    fn watch(&mut self, _: &mut Context<'_>) {}
}

impl<T, F, Fut, E> Sink<T> for Each<F, E>
where
    T: Send,
    E: Send,
    F: FnMut(T) -> Fut + Send,
    Fut: Future<Output = Result<(), E>> + Send,
{
    async fn give(&mut self, value: T) -> Flow {
        match (self.f)(value).await {
            Ok(()) => Flow::Continue(()),
            Err(error) => {
                self.error = Some(error);
                Flow::Break(())
            }
        }
    }
}

/// Puts each value, and keeps the one that is refused.
struct Drain<'a, 'w, T> {
    out: Outlet<'a, 'w, T>,
    refused: Option<T>,
}

impl<T> Target for Drain<'_, '_, T> {
    fn is_closed(&self) -> bool {
        self.out.is_closed()
    }

    fn watch(&mut self, cx: &mut Context<'_>) {
        self.out.watch(cx);
    }
}

impl<T: Send> Sink<T> for Drain<'_, '_, T> {
    async fn give(&mut self, value: T) -> Flow {
        match self.out.put(value).await {
            Ok(()) => Flow::Continue(()),
            Err(Closed(value)) => {
                self.refused = Some(value);
                Flow::Break(())
            }
        }
    }
}

/// Why [`try_for_each_async`](Stream::try_for_each_async) did not come to the end of its source.
///
/// ```
/// use csp::{prelude::*, stream::ForEachError};
///
/// let (tx, rx) = chan::<u32>(1);
/// tx.fail("no disk");
/// let error = csp::stream(rx).try_for_each_async(async |_| Err::<(), _>("unused")).wait()?.unwrap_err();
/// assert!(matches!(error, ForEachError::Source(_)));
/// assert_eq!(error.to_string(), "the source channel failed: no disk");
/// # Ok::<(), csp::Failure>(())
/// ```
#[derive(Debug)]
pub enum ForEachError<E> {
    /// The function failed, with this.
    Stopped(E),
    /// The source [failed](csp_core::Sender::fail), for this reason. The function was called on all that it gave.
    Source(Cause),
}

impl<E: fmt::Display> fmt::Display for ForEachError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stopped(error) => error.fmt(f),
            Self::Source(cause) => write!(f, "the source channel failed: {cause}"),
        }
    }
}

impl<E: Error> Error for ForEachError<E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Stopped(error) => error.source(),
            Self::Source(cause) => Some(&**cause),
        }
    }
}
