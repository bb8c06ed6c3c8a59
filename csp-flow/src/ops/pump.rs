//! The loop that most operators are: take, step, give.
//!
//! [`Pump`] takes from a channel, runs a transducer, and gives what comes of it to a [`Sink`]. [`feed`] is a
//! pump into a channel, with some [`Work`] on the way; it also brings the channel to its end.

use std::{
    collections::VecDeque,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    pin::pin,
};

use csp_core::{
    Cause, Receiver, Sender, TryTakeError,
    xf::{Flow, Transducer},
};

use super::outlet::{Outlet, Target, end, unless_closed};
use crate::{
    AtEnd,
    block::{Payload, cancelled, caught, said},
};

/// One take in so many counts against what a block may do in a turn: a step need not put anything, and
/// what is only tried does not count.
const FREE_TAKES: u32 = 8;

/// Where the values of a pump go.
pub(crate) trait Sink<T>: Target + Send {
    /// Deals with the value at once, if that needs no waiting. If not, [`give`](Self::give) gets it in its
    /// turn.
    fn offer(&mut self, value: T) -> Result<Flow, T> {
        Err(value)
    }

    /// Deals with the value. `Break`: no more is wanted.
    fn give(&mut self, value: T) -> impl Future<Output = Flow> + Send;
}

/// How a pump came to its end.
pub(crate) enum End {
    /// The source has ended, or failed.
    Source(Option<Cause>),
    /// The transducer wanted no more.
    Enough,
    /// The sink wanted no more, or its target closed. What is held back is still in the pump.
    Refused,
}

/// A transducer, and what came out of it and waits for its turn.
pub(crate) struct Pump<X: Transducer> {
    xf: X,
    waiting: VecDeque<X::Out>,
    takes: u32,
}

impl<X: Transducer> Pump<X> {
    pub(crate) fn new(xf: X) -> Self {
        Self {
            xf,
            waiting: VecDeque::new(),
            takes: 0,
        }
    }

    /// Runs until the source, the transducer or the sink is at its end; then the transducer is completed.
    /// Without a source there is only what it gives at its end.
    ///
    /// A panic comes out when all that was given before it has been delivered.
    pub(crate) async fn run<S>(&mut self, from: Option<Receiver<X::In>>, sink: &mut S) -> End
    where
        S: Sink<X::Out>,
    {
        let (mut source, mut end) = (from, End::Enough);
        while let Some(from) = &source {
            let taken = match self.try_next(from, sink) {
                Ok(value) => Some(Some(value)),
                Err(TryTakeError::Closed) => Some(None),
                Err(TryTakeError::Empty) => unless_closed(sink, from.take()).await,
            };
            match taken {
                Some(Some(value)) => {
                    let stepped = self.step(Some(value), sink);
                    if matches!(stepped, Stepped::On) && self.waiting.is_empty() {
                        continue;
                    }
                    if !matches!(stepped, Stepped::On) {
                        // Before anything waits.
                        source = None;
                    }
                    if self.flush(stepped, sink).await.is_break() {
                        return self.refused();
                    }
                }
                Some(None) => {
                    end = End::Source(from.failure());
                    source = None;
                }
                None => return self.refused(),
            }
        }
        let stepped = self.step(None, sink);
        match self.flush(stepped, sink).await {
            Flow::Continue(()) => end,
            Flow::Break(()) => End::Refused,
        }
    }

    /// What the sink did not get, in order.
    pub(crate) fn into_rest(self) -> VecDeque<X::Out> {
        self.waiting
    }

    /// The sink wants no more: the transducer is completed in vain.
    #[cold]
    fn refused(&mut self) -> End {
        let waiting = &mut self.waiting;
        let _ = self.xf.complete(&mut |value| {
            waiting.push_back(value);
            Flow::Continue(())
        });
        End::Refused
    }

    /// Takes what is there. `Empty` also if it is time for a take that counts.
    #[inline]
    fn try_next(
        &mut self,
        from: &Receiver<X::In>,
        sink: &impl Target,
    ) -> Result<X::In, TryTakeError> {
        self.takes = self.takes.wrapping_add(1);
        if self.takes.is_multiple_of(FREE_TAKES) || sink.is_closed() {
            return Err(TryTakeError::Empty);
        }
        from.try_take()
    }

    /// One step, or the completion.
    #[inline]
    fn step<S>(&mut self, value: Option<X::In>, sink: &mut S) -> Stepped
    where
        S: Sink<X::Out>,
    {
        let (xf, waiting) = (&mut self.xf, &mut self.waiting);
        let mut refused = false;
        let mut emit = |value| {
            let flow = offer(value, waiting, sink);
            refused |= flow.is_break();
            flow
        };
        let ran = catch_unwind(AssertUnwindSafe(|| match value {
            Some(value) => xf.step(value, &mut emit),
            None => xf.complete(&mut emit),
        }));
        match ran {
            Err(payload) => Stepped::Panicked(payload),
            Ok(_) if refused => Stepped::Refused,
            Ok(Flow::Continue(())) => Stepped::On,
            Ok(Flow::Break(())) => Stepped::Enough,
        }
    }

    /// Gives what waits, in order. `Break`: the sink wants no more.
    async fn flush<S>(&mut self, stepped: Stepped, sink: &mut S) -> Flow
    where
        S: Sink<X::Out>,
    {
        let mut refused = matches!(stepped, Stepped::Refused);
        while !refused && let Some(value) = self.waiting.pop_front() {
            refused = sink.give(value).await.is_break();
        }
        match stepped {
            Stepped::Panicked(payload) => resume_unwind(payload),
            _ if refused => Flow::Break(()),
            _ => Flow::Continue(()),
        }
    }
}

/// What came of a step. What it gave waits, as far as the sink did not take it at once.
enum Stepped {
    /// More is wanted.
    On,
    /// The transducer wants no more.
    Enough,
    /// The sink wants no more.
    Refused,
    Panicked(Payload),
}

/// Gives the value at once, if that can be done in order.
fn offer<T>(value: T, waiting: &mut VecDeque<T>, sink: &mut impl Sink<T>) -> Flow {
    let refused = if waiting.is_empty() {
        sink.offer(value)
    } else {
        Err(value)
    };
    refused.unwrap_or_else(|value| {
        waiting.push_back(value);
        Flow::Continue(())
    })
}

/// What is done with each value on its way into a channel.
pub(crate) trait Work<T>: Send {
    /// What it makes of them.
    type Out: Send + 'static;

    /// As [`Sink::offer`].
    fn offer(&mut self, value: T, to: &Sender<Self::Out>) -> Result<Flow, T> {
        let _ = to;
        Err(value)
    }

    /// Works on the value and puts what comes of it. `Break`: the target is closed. An error fails it.
    fn work(
        &mut self,
        value: T,
        out: &mut Outlet<'_, '_, Self::Out>,
    ) -> impl Future<Output = Result<Flow, Cause>> + Send;
}

struct ToChan<'a, 'w, W, Out> {
    out: Outlet<'a, 'w, Out>,
    work: W,
    failure: Option<Cause>,
}

impl<W: Send, Out: Send> Target for ToChan<'_, '_, W, Out> {
    #[inline]
    fn is_closed(&self) -> bool {
        self.out.is_closed()
    }

    fn watch(&mut self, cx: &mut std::task::Context<'_>) {
        self.out.watch(cx);
    }
}

impl<T: Send, W: Work<T>> Sink<T> for ToChan<'_, '_, W, W::Out> {
    #[inline]
    fn offer(&mut self, value: T) -> Result<Flow, T> {
        self.work.offer(value, self.out.to())
    }

    async fn give(&mut self, value: T) -> Flow {
        match self.work.work(value, &mut self.out).await {
            Ok(flow) => flow,
            Err(cause) => {
                self.failure = Some(cause);
                Flow::Break(())
            }
        }
    }
}

/// Pumps into `to`, and brings it to its end: it closes, or fails as the source, the work or a function
/// of the user's did; `what` that is.
pub(crate) async fn feed<X, W>(
    what: &str,
    from: Option<Receiver<X::In>>,
    xf: X,
    work: W,
    to: &Sender<W::Out>,
) where
    X: Transducer<In: Send, Out: Send> + Send,
    W: Work<X::Out>,
{
    let fed = caught(async {
        let closed = pin!(to.closed());
        let mut sink = ToChan {
            out: Outlet::new(to, closed),
            work,
            failure: None,
        };
        match Pump::new(xf).run(from, &mut sink).await {
            End::Source(failure) => failure,
            End::Enough => None,
            End::Refused => sink.failure,
        }
    });
    match fed.await {
        Ok(failure) => end(to, AtEnd::Close, failure),
        Err(payload) => {
            to.fail(said(what, &*payload));
            resume_unwind(payload)
        }
    }
}

/// The only sender of a channel that somebody relies on: if its block goes before its work is done, as
/// with its runtime, the channel does not just close.
pub(crate) struct Sure<T>(pub(crate) Sender<T>);

impl<T> Drop for Sure<T> {
    fn drop(&mut self) {
        if !self.0.is_closed() {
            self.0.fail(cancelled("an operator"));
        }
    }
}
