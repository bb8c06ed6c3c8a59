//! When a change is in effect.

use std::{fmt, future::IntoFuture, pin::Pin};

use csp_core::{Receiver, Sender, chan};

/// A change of a [`Mix`](super::Mix) that was asked for: await it to know that it is in effect, and what
/// it gave.
///
/// It is asked for already; dropping this does not take it back. Every value that the mix reads after
/// this was ready is treated by the new state. One that it had read before may still be on its way into
/// the output.
///
/// If the mix has ended, or ends before it comes to it, it gives `false`, `None` or nothing.
///
/// ```
/// use csp::{MixState, prelude::*};
/// let (out, heard) = chan(0);
/// let mix = csp::mix(out);
/// let (noise, input) = chan(0);
/// assert!(mix.toggle([(input, MixState::MUTED)]).wait());
/// noise.put_blocking("dropped")?;
/// # drop(heard);
/// # Ok::<(), Closed<&str>>(())
/// ```
pub struct Applied<R> {
    done: Receiver<R>,
}

impl<R: Default> Applied<R> {
    pub(super) fn new() -> (Sender<R>, Self) {
        let (tx, done) = chan(1);
        (tx, Self { done })
    }

    /// Blocks the thread until the change is in effect, and tells what it gave.
    #[track_caller]
    pub fn wait(self) -> R {
        self.done.take_blocking().unwrap_or_default()
    }
}

impl<R: Default + Send + 'static> IntoFuture for Applied<R> {
    type Output = R;
    type IntoFuture = Pin<Box<dyn Future<Output = R> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { self.done.take().await.unwrap_or_default() })
    }
}

impl<R> fmt::Debug for Applied<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Applied")
            .field("done", &(!self.done.is_empty() || self.done.is_closed()))
            .finish()
    }
}
