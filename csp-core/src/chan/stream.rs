//! A receiver as a `Stream`, a sender as a `Sink` (feature `futures`).

use std::{
    fmt,
    pin::Pin,
    ptr::NonNull,
    task::{Context, Poll},
};

use futures_core::Stream;
use futures_sink::Sink;

use super::{PutOp, Receiver, Sender, TakeOp};
use crate::{error::Closed, site::Place};

/// A receiver as a stream, which ends when the channel is closed and drained.
///
/// Dropping it while it waits loses nothing, as for a take.
pub struct TakeStream<T> {
    // Before the handle that keeps its channel alive. Boxed, so that the stream is Unpin.
    op: Pin<Box<TakeOp<T>>>,
    receiver: Receiver<T>,
    ended: bool,
}

impl<T> Receiver<T> {
    /// The values as a [`Stream`].
    ///
    /// ```
    /// use csp::prelude::*;
    /// use futures_lite::StreamExt;
    /// let (tx, rx) = chan(3);
    /// for n in 1..=3 { tx.try_put(n).unwrap(); }
    /// drop(tx);
    /// let sum = csp::block_on(rx.stream().fold(0, |sum, n| sum + n));
    /// assert_eq!(sum, 6);
    /// ```
    pub fn stream(self) -> TakeStream<T> {
        // SAFETY: the handle in the stream keeps the channel alive.
        let op = unsafe { TakeOp::new(NonNull::from(self.inner()), Place::nowhere()) };
        TakeStream {
            op: Box::pin(op),
            receiver: self,
            ended: false,
        }
    }
}

impl<T> TakeStream<T> {
    /// The receiver again.
    pub fn into_inner(self) -> Receiver<T> {
        self.receiver
    }
}

impl<T> Stream for TakeStream<T> {
    type Item = T;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        if self.ended {
            return Poll::Ready(None);
        }
        let Poll::Ready(value) = self.op.as_mut().poll(cx) else {
            return Poll::Pending;
        };
        self.op.rearm(Place::nowhere());
        self.ended = value.is_none();
        Poll::Ready(value)
    }
}

impl<T> fmt::Debug for TakeStream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TakeStream").field(&self.receiver).finish()
    }
}

/// A sender as a sink. It holds one value on its way; `poll_flush` waits until that was accepted.
pub struct PutSink<T> {
    // Before the handle that keeps its channel alive. Boxed, so that the sink is Unpin.
    op: Option<Pin<Box<PutOp<T>>>>,
    sender: Sender<T>,
}

impl<T> Sender<T> {
    /// The sender as a [`Sink`]. Closing the sink flushes it and drops nothing else; the channel closes
    /// with its last sender.
    pub fn sink(self) -> PutSink<T> {
        PutSink {
            op: None,
            sender: self,
        }
    }
}

impl<T> PutSink<T> {
    fn poll_sent(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Closed<T>>> {
        match &mut self.op {
            Some(op) if !op.is_spent() => op.as_mut().poll(cx),
            _ => Poll::Ready(Ok(())),
        }
    }
}

impl<T> Sink<T> for PutSink<T> {
    type Error = Closed<T>;

    fn poll_ready(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Closed<T>>> {
        self.poll_sent(cx)
    }

    fn start_send(self: Pin<&mut Self>, value: T) -> Result<(), Closed<T>> {
        let this = self.get_mut();
        if let Some(op) = &mut this.op {
            assert!(
                op.is_spent(),
                "start_send without poll_ready: a value is still on its way"
            );
            op.rearm(value, Place::nowhere());
        } else {
            // SAFETY: the handle in the sink keeps the channel alive.
            let op =
                unsafe { PutOp::new(NonNull::from(this.sender.inner()), value, Place::nowhere()) };
            this.op = Some(Box::pin(op));
        }
        Ok(())
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Closed<T>>> {
        self.poll_sent(cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Closed<T>>> {
        self.poll_sent(cx)
    }
}

impl<T> fmt::Debug for PutSink<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PutSink").field(&self.sender).finish()
    }
}
