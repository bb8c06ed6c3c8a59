//! Blocking a thread.

use std::{
    pin::Pin,
    task::{Context, Poll, Wake, Waker},
    time::Duration,
};

use csp_core::{Receiver, Sender, chan, context::now};

use super::{Promise, failure::Outcome};
use crate::sync::Arc;

impl<T, E> Promise<T, E>
where
    T: Send + 'static,
    E: Send + 'static,
{
    /// Blocks the thread until it is settled, and gives the outcome.
    ///
    /// On a worker thread the worker's queue is handed to a spare thread meanwhile. On the thread of a
    /// [`Local`](csp_sched::Local) whose blocks are to settle it, it waits for ever.
    ///
    /// # Errors
    /// The [`Failure`](csp_core::Failure), if it failed.
    ///
    /// ```
    /// let answer = csp::Promise::<_, csp::Error>::ready(6).map(|n| n * 7);
    /// assert_eq!(answer.wait().unwrap(), 42);
    /// ```
    ///
    /// Lamina's `wait-for-result`, Task's and Manifold's `deref`, Twisted's `blockingCallFromThread`.
    #[track_caller]
    pub fn wait(self) -> Outcome<T, E> {
        csp_core::block_on(self)
    }

    /// Blocks the thread for at most `limit`; gives the promise back if it is not settled by then.
    ///
    /// # Errors
    /// The promise itself, when the time was over first.
    ///
    /// ```
    /// use csp::{prelude::*, promise::promise};
    /// let (resolver, answer) = promise::<u32, csp::Error>();
    /// let answer = answer.wait_for(ms(1)).unwrap_err(); // not yet
    /// resolver.fulfill(1).unwrap();
    /// assert_eq!(answer.wait_for(secs(60)).unwrap().unwrap(), 1);
    /// ```
    #[track_caller]
    pub fn wait_for(mut self, limit: Duration) -> Result<Outcome<T, E>, Self> {
        for_at_most(&mut self, limit).ok_or(self)
    }
}

/// Wakes a thread that blocks on a take: that knows already how to hand on a worker's queue.
struct Unpark(Sender<()>);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        // Full: the thread is about to look in any case.
        self.0.try_put(()).ok();
    }
}

/// `None`: the time was over first, and the future is as it was, but for the waker in it.
#[track_caller]
pub(super) fn for_at_most<F>(future: &mut F, limit: Duration) -> Option<F::Output>
where
    F: Future + Unpin,
{
    // A limit past the end of time is no limit.
    let deadline = now().checked_add(limit);
    let (tx, woken): (_, Receiver<()>) = chan(1);
    let waker = Waker::from(Arc::new(Unpark(tx)));
    let mut cx = Context::from_waker(&waker);
    loop {
        if let Poll::Ready(output) = Pin::new(&mut *future).poll(&mut cx) {
            return Some(output);
        }
        let Some(deadline) = deadline else {
            woken.take_blocking();
            continue;
        };
        let left = deadline.saturating_duration_since(now());
        if left.is_zero() {
            return None;
        }
        // Whether woken or not, the promise is what is asked.
        woken.take_blocking_for(left).ok();
    }
}
