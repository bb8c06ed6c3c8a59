//! What a run waits for when a stage is not ready.

use std::{
    panic::Location,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use csp_core::Receiver;

use super::{
    core::{Begin, Turn},
    slot::Slot,
};
use crate::{
    promise::{CancelOnDrop, Promise, engine},
    sync::Arc,
};

/// An unfinished stage or handler. Dropped, it cancels what it waits for.
pub(super) trait Waiting<E: 'static>: Send {
    fn poll(&mut self, slot: &mut Slot, cx: &mut Context<'_>) -> Poll<Turn<E>>;

    /// Where the promise was made that it waits for.
    fn made_at(&self) -> Option<&'static Location<'static>> {
        None
    }
}

/// A promise, and what becomes of its value.
struct Later<T, E, F>
where
    T: Send + 'static,
    E: Send + 'static,
{
    promise: CancelOnDrop<T, E>,
    made_at: &'static Location<'static>,
    then: F,
}

/// Waits for a promise; `then` gets the value.
pub(super) fn wait_for<T, E, F>(promise: Promise<T, E>, then: F) -> Turn<E>
where
    T: Send + 'static,
    E: Send + 'static,
    F: FnMut(T, &mut Slot) -> Turn<E> + Send + 'static,
{
    Turn::Wait(Box::new(Later {
        made_at: engine::made_at(&promise),
        promise: promise.cancel_on_drop(),
        then,
    }))
}

impl<T, E, F> Waiting<E> for Later<T, E, F>
where
    T: Send + 'static,
    E: Send + 'static,
    F: FnMut(T, &mut Slot) -> Turn<E> + Send,
{
    fn poll(&mut self, slot: &mut Slot, cx: &mut Context<'_>) -> Poll<Turn<E>> {
        let outcome = ready!(Pin::new(&mut self.promise).poll(cx));
        Poll::Ready(match outcome {
            Ok(value) => (self.then)(value, slot),
            Err(failure) => Turn::Failed(failure),
        })
    }

    fn made_at(&self) -> Option<&'static Location<'static>> {
        Some(self.made_at)
    }
}

type Boxed<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// Time, and what then.
struct Pause(Boxed<()>, Option<Begin>);

/// Waits, with the value where it is.
pub(super) fn pause<E: 'static>(duration: Duration) -> Turn<E> {
    Turn::Wait(Box::new(Pause(Box::pin(csp_sched::sleep(duration)), None)))
}

/// Waits before a retry.
pub(super) fn pause_then_retry<E: 'static>(duration: Duration, from: Begin) -> Box<dyn Waiting<E>> {
    Box::new(Pause(Box::pin(csp_sched::sleep(duration)), Some(from)))
}

impl<E: 'static> Waiting<E> for Pause {
    fn poll(&mut self, _: &mut Slot, cx: &mut Context<'_>) -> Poll<Turn<E>> {
        ready!(self.0.as_mut().poll(cx));
        Poll::Ready(self.1.map_or(Turn::Next, Turn::Retry))
    }
}

/// A take from a channel, and what becomes of its value.
struct Taking<M, F> {
    take: Boxed<Option<M>>,
    then: Arc<F>,
}

/// Takes; `then` gets what came, `None` if the channel has ended.
pub(super) fn taking<M, E: 'static, F>(rx: Receiver<M>, then: Arc<F>) -> Turn<E>
where
    M: Send + 'static,
    F: Fn(Option<M>, &mut Slot) -> Turn<E> + Send + Sync + 'static,
{
    let take = Box::pin(async move { rx.take().await });
    Turn::Wait(Box::new(Taking { take, then }))
}

impl<M, E: 'static, F> Waiting<E> for Taking<M, F>
where
    F: Fn(Option<M>, &mut Slot) -> Turn<E> + Send + Sync,
{
    fn poll(&mut self, slot: &mut Slot, cx: &mut Context<'_>) -> Poll<Turn<E>> {
        let taken = ready!(self.take.as_mut().poll(cx));
        Poll::Ready((self.then)(taken, slot))
    }
}
