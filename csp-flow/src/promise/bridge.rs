//! Promises from futures, blocks, threads and callbacks, and to channels and callbacks.

use csp_core::{Failure, Of2, Receiver, alts, chan, park};

use super::{
    Promise, Resolver, Subscription,
    failure::Outcome,
    on, promise,
    step::{Link, Next, Settled},
    subscription::Claimed,
};
use crate::sync::Arc;

/// Starts a block that gives a `Result`, as a promise of what is in it.
///
/// ```
/// use csp::{Error, promise::go_try};
/// let port = go_try(async { Ok::<_, Error>("8080".parse::<u16>()?) });
/// assert_eq!(port.wait().unwrap(), 8080);
/// ```
///
/// The block runs on the current executor, and is cancelled with the promise. A panic in it is
/// [`Panicked`](Failure::Panicked). Twisted's `ensureDeferred`.
#[track_caller]
pub fn go_try<T, E, F>(future: F) -> Promise<T, E>
where
    T: Send + 'static,
    E: Send + 'static,
    F: Future<Output = Result<T, E>> + Send + 'static,
{
    start(async move { future.await.map_err(Failure::Error) })
}

/// Runs blocking work that gives a `Result` on a thread of the pool, as a promise of what is in it.
///
/// ```
/// use csp::{Error, promise::thread_try};
/// let text = thread_try(|| Ok::<_, Error>(std::fs::read_to_string("no/such/file")?));
/// assert!(text.wait().is_err());
/// ```
///
/// As [`thread`](csp_sched::thread()), which it is made of: cancelling the promise ends the work only before it
/// has begun, a panic in it is [`Panicked`](Failure::Panicked). Twisted's `deferToThread`.
#[track_caller]
pub fn thread_try<T, E, F>(work: F) -> Promise<T, E>
where
    T: Send + 'static,
    E: Send + 'static,
    F: FnOnce() -> Result<T, E> + Send + 'static,
{
    Promise::from(csp_sched::thread(work)).and_then(|result| result)
}

/// Starts a block that comes to an outcome, which is the promise's.
#[track_caller]
pub(super) fn start<T, E, F>(future: F) -> Promise<T, E>
where
    T: Send + 'static,
    E: Send + 'static,
    F: Future<Output = Outcome<T, E>> + Send + 'static,
{
    let link = Link::new(std::panic::Location::caller(), None);
    let mine = Arc::clone(&link);
    let block = async move { Settled::new(future.await, mine) };
    on::start(None, &link, block)
}

impl<T, E> Promise<T, E>
where
    T: Send + 'static,
    E: Send + 'static,
{
    /// Runs any future in a block, as a promise of its result: the same as [`go_try`].
    ///
    /// ```
    /// let answer = csp::Promise::from_future(async { Ok::<_, csp::Error>(42) });
    /// assert_eq!(answer.wait().unwrap(), 42);
    /// ```
    ///
    /// Cancelling the promise drops the future. In the other direction a promise is a future, which any
    /// executor can await; [`cancel_on_drop`](Self::cancel_on_drop) makes it one that cancels when it is
    /// dropped. Twisted's `fromFuture` and `asFuture`.
    #[track_caller]
    pub fn from_future<F>(future: F) -> Self
    where
        F: Future<Output = Result<T, E>> + Send + 'static,
    {
        go_try(future)
    }

    /// Makes a promise of what works with callbacks: `f` gets the [`Resolver`], and passes it on.
    ///
    /// ```
    /// use csp::Promise;
    /// fn fetch(on_finished: impl FnOnce(u32) + Send + 'static) {
    ///     std::thread::spawn(move || on_finished(5));
    /// }
    /// let value = Promise::<u32>::with_callback(|resolver| {
    ///     fetch(move |value| drop(resolver.fulfill(value)));
    /// });
    /// assert_eq!(value.wait().unwrap(), 5);
    /// ```
    ///
    /// # Panics
    /// If `f` does: it is called at once, by this call.
    #[track_caller]
    pub fn with_callback(f: impl FnOnce(Resolver<T, E>)) -> Self {
        let (resolver, promise) = promise();
        f(resolver);
        promise
    }

    /// Calls `ok` with the value or `err` with the failure, in a block of its own.
    ///
    /// The last of a chain: callbacks give nothing back. Dropping the [`Subscription`] changes nothing;
    /// [`cancel`](Subscription::cancel) takes the callbacks back, and cancels the promise, since that has
    /// no other reader.
    ///
    /// ```
    /// use csp::{Promise, prelude::*};
    /// let (tx, rx) = chan(1);
    /// Promise::<u32>::ready(5).subscribe(
    ///     move |n| tx.try_put(n).unwrap(),
    ///     |failure| panic!("{failure}"),
    /// );
    /// assert_eq!(rx.take_blocking(), Some(5));
    /// ```
    ///
    /// # Panics
    /// A panic in a callback ends it alone; the [panic hook](csp_core::set_panic_hook) sees it.
    #[track_caller]
    pub fn subscribe(
        self,
        ok: impl FnOnce(T) + Send + 'static,
        err: impl FnOnce(Failure<E>) + Send + 'static,
    ) -> Subscription {
        let claim = Arc::<Claimed>::default();
        let mine = Arc::clone(&claim);
        let block = self.step(move |outcome| {
            if mine.claim() {
                match outcome {
                    Ok(value) => ok(value),
                    Err(failure) => err(failure),
                }
            }
            Next::Done(Ok(()))
        });
        Subscription::new(claim, block)
    }

    /// A channel that gives the outcome once, then closes.
    ///
    /// ```text
    /// promise   ─────────▸ Ok(v)
    /// takes     ──▸ waits …   ╰▸ Some(Ok(v))   None   None …
    /// ```
    ///
    /// ```
    /// let rx = csp::Promise::<_, csp::Error>::ready(1).into_receiver();
    /// assert_eq!(rx.take_blocking().unwrap().unwrap(), 1);
    /// assert!(rx.take_blocking().is_none());
    /// ```
    ///
    /// When the last receiver is dropped, or the channel closed, before the outcome is there, the promise
    /// is dropped: it is not wanted any more. A [`Shared`](super::Shared) has the same, for any number
    /// of takes.
    #[track_caller]
    pub fn into_receiver(self) -> Receiver<Outcome<T, E>> {
        let (tx, rx) = chan(1);
        let link = Link::new(std::panic::Location::caller(), Some(self.created()));
        drop(csp_sched::go(async move {
            let chosen = alts!(park(self), park(tx.closed()), priority);
            if let Of2::A(outcome) = chosen
                && let Err(refused) = tx.try_put(outcome)
            {
                // Nobody looked at it, so a failure is to be told.
                drop(Settled::new(refused.into_inner(), link));
            }
        }));
        rx
    }
}
