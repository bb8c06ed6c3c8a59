//! Blocking a thread for a limited time.

use std::{
    pin::Pin,
    task::{Context, Poll, Wake, Waker},
    time::{Duration, Instant},
};

use csp_core::{Receiver, Sender, chan};

use crate::sync::Arc;

/// Wakes a thread that blocks on a take: that knows already how to hand on a worker's queue.
struct Unpark(Sender<()>);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        // Full: the thread is about to look in any case.
        self.0.try_put(()).ok();
    }
}

/// `None`: the time was over first, and the future is as it was, but for the waker in it.
pub(super) fn for_at_most<F>(future: &mut F, limit: Duration) -> Option<F::Output>
where
    F: Future + Unpin,
{
    // A limit past the end of time is no limit.
    let deadline = Instant::now().checked_add(limit);
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
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return None;
        }
        // Whether woken or not, the promise is what is asked.
        woken.take_blocking_for(left).ok();
    }
}
