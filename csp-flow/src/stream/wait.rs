//! Operators that wait for each value, or may fail at it: one at a time, in order, in the block of the run
//! that they end.

use csp_core::{
    Cause, Receiver,
    xf::{Flow, Identity, Transducer},
};
use csp_sched::yield_now;

use super::Stream;
use crate::ops::{
    outlet::{Outlet, take, unless_closed},
    pump::Work,
};

impl<X> Stream<X>
where
    X: Transducer<In: Send + 'static, Out: Send + 'static> + Send + 'static,
{
    /// Gives what an async function makes of each value: one call at a time, in order.
    ///
    /// ```text
    /// in    1     2       3        |
    /// f      ─▸a   ───▸b   ─▸c
    /// out      a       b      c    |
    /// ```
    ///
    /// A function that uses what is around it gives it to each call: `move |n| { let tx = tx.clone(); async move
    /// { … } }`.
    ///
    /// The next value is taken when the result of the one before was accepted. For several calls at a time
    /// there is [`par_map`](Self::par_map). A result goes on as such: for a `Result` that is to fail the stream,
    /// [`realize`](Self::realize).
    ///
    /// It ends as [all operators](super#closing) do. When nobody takes any more, a call that is under way is
    /// dropped, and the source is let go at once. If `f` panics, the channel fails, after what came before.
    ///
    /// ```
    /// use csp::prelude::*;
    ///
    /// let out = csp::stream(csp::to_chan(1..=3))
    ///     .then(async |n: u32| {
    ///         yield_now().await; // ask some service
    ///         n * 2
    ///     })
    ///     .chan(0);
    /// assert!(out.into_iter().eq([2, 4, 6]));
    /// ```
    ///
    /// Lamina's `emit-in-order`.
    #[doc(alias("emit-in-order", "map-async"))]
    #[track_caller]
    pub fn then<B, F, Fut>(self, f: F) -> Stream<Identity<B>>
    where
        B: Send + 'static,
        F: FnMut(X::Out) -> Fut + Send + 'static,
        Fut: Future<Output = B> + Send,
    {
        self.work(Calls(f), 0.into())
    }

    /// Gives what is in the `Ok` of `f`. The first `Err` fails the stream.
    ///
    /// ```text
    /// in    "1"  "2"  "x"  "4"
    /// out    1    2    ✗            try_map(str::parse::<u32>)
    /// ```
    ///
    /// The derived channel fails with the error, after what came before; the source is let go at once, and what
    /// is in it stays for other receivers. The value that it failed at is gone: put it into the error if
    /// somebody needs it. Otherwise it ends as [all operators](super#closing) do.
    ///
    /// ```
    /// use csp::prelude::*;
    ///
    /// let out = csp::stream(csp::to_chan(["1", "x", "3"])).try_map(str::parse::<u32>).chan(0);
    /// assert_eq!((out.take_blocking(), out.take_blocking()), (Some(1), None));
    /// assert_eq!(out.failure().unwrap().to_string(), "invalid digit found in string");
    /// ```
    ///
    /// Lamina's and Manifold's `map*`, where an exception does this.
    #[track_caller]
    pub fn try_map<B, E, F>(self, f: F) -> Stream<Identity<B>>
    where
        B: Send + 'static,
        E: Into<crate::Error>,
        F: FnMut(X::Out) -> Result<B, E> + Send + 'static,
    {
        self.work(Tries(f), 0.into())
    }

    /// Gives the values of promises, in order. The first that fails fails the stream.
    ///
    /// ```text
    /// in      p1    p2    p3         |      pending promises
    /// p1      ───────▸1
    /// p2      ───▸2
    /// out             1 2      3     |
    /// ```
    ///
    /// The values may be promises, [`Shared`](crate::Shared) ones, go blocks, or any other futures of a
    /// `Result`. It waits for one at a time; those behind it run anyway, if they are promises. The error of one
    /// that fails becomes the cause that the derived channel fails with, and the source is let go.
    ///
    /// It ends as [all operators](super#closing) do. When nobody takes any more, the one that it waits for is
    /// dropped, as are all that are still in the source if nobody else takes from that: a promise learns by
    /// that that it is not wanted.
    ///
    /// ```
    /// use csp::{Promise, prelude::*};
    ///
    /// let prices: Vec<Promise<u32>> = vec![Promise::ready(2), Promise::failed("no paper here")];
    /// let out = csp::stream(csp::to_chan(prices)).realize().chan(0);
    /// assert_eq!((out.take_blocking(), out.take_blocking()), (Some(2), None));
    /// assert_eq!(out.failure().unwrap().to_string(), "no paper here");
    /// ```
    ///
    /// Manifold's `realize-each`.
    #[doc(alias = "realize-each")]
    #[track_caller]
    pub fn realize<B, E>(self) -> Stream<Identity<B>>
    where
        B: Send + 'static,
        E: Into<crate::Error> + Send,
        X::Out: Future<Output = Result<B, E>>,
    {
        self.work(Awaits, 0.into())
    }

    /// Gives all values of each receiver, one receiver after the other.
    ///
    /// ```text
    /// in    [1 2 |]      [3 |]
    /// out    1  2         3        |
    /// ```
    ///
    /// The next receiver is taken when the one before has ended. If one fails, the derived channel fails with
    /// its cause. When nobody takes any more, the receiver at hand is let go, as is the source, at once.
    /// Otherwise it ends as [all operators](super#closing) do.
    ///
    /// ```
    /// use csp::prelude::*;
    ///
    /// let files = csp::to_chan([1..3, 5..7]);
    /// let lines = csp::stream(files).map(csp::to_chan).concat().chan(0);
    /// assert!(lines.into_iter().eq([1, 2, 5, 6]));
    /// ```
    ///
    /// Manifold's `concat`. [`csp::stream::concat`](super::concat) is for receivers that are there already.
    #[track_caller]
    pub fn concat<T>(self) -> Stream<Identity<T>>
    where
        X: Transducer<Out = Receiver<T>>,
        T: Send + 'static,
    {
        self.work(Drains::default(), 0.into())
    }
}

/// Awaits what a function makes of each value.
struct Calls<F>(F);

impl<T, B, F, Fut> Work<T> for Calls<F>
where
    T: Send,
    B: Send + 'static,
    F: FnMut(T) -> Fut + Send,
    Fut: Future<Output = B> + Send,
{
    type Out = B;

    async fn work(&mut self, value: T, out: &mut Outlet<'_, '_, B>) -> Result<Flow, Cause> {
        // Nobody wants the result of a call that is under way when the target closes.
        Ok(match unless_closed(out, (self.0)(value)).await {
            Some(result) => out.give(result).await,
            None => Flow::Break(()),
        })
    }
}

/// Puts what a function has in its `Ok`, and fails with its `Err`.
struct Tries<F>(F);

impl<T, B, E, F> Work<T> for Tries<F>
where
    T: Send,
    B: Send + 'static,
    E: Into<crate::Error>,
    F: FnMut(T) -> Result<B, E> + Send,
{
    type Out = B;

    async fn work(&mut self, value: T, out: &mut Outlet<'_, '_, B>) -> Result<Flow, Cause> {
        let tried = (self.0)(value).map_err(cause)?;
        Ok(out.give(tried).await)
    }
}

/// Awaits each value.
struct Awaits;

impl<T, B, E> Work<T> for Awaits
where
    T: Future<Output = Result<B, E>> + Send,
    B: Send + 'static,
    E: Into<crate::Error> + Send,
{
    type Out = B;

    async fn work(&mut self, value: T, out: &mut Outlet<'_, '_, B>) -> Result<Flow, Cause> {
        let realized = match unless_closed(out, value).await {
            Some(outcome) => outcome.map_err(cause)?,
            None => return Ok(Flow::Break(())),
        };
        Ok(out.give(realized).await)
    }
}

/// How many receivers may end before others run.
const ENDS_A_TURN: usize = 128;

/// Gives all that comes from each receiver.
#[derive(Default)]
pub(super) struct Drains {
    ended: usize,
}

impl<T: Send + 'static> Work<Receiver<T>> for Drains {
    type Out = T;

    async fn work(
        &mut self,
        from: Receiver<T>,
        out: &mut Outlet<'_, '_, T>,
    ) -> Result<Flow, Cause> {
        loop {
            match take(out, &from).await {
                Some(Some(value)) => {
                    if out.give(value).await.is_break() {
                        return Ok(Flow::Break(()));
                    }
                }
                Some(None) => break,
                None => return Ok(Flow::Break(())),
            }
        }
        // To find that a receiver has ended does not count against the turn's own budget.
        self.ended += 1;
        if self.ended.is_multiple_of(ENDS_A_TURN) {
            yield_now().await;
        }
        match from.failure() {
            None => Ok(Flow::Continue(())),
            Some(cause) => Err(cause),
        }
    }
}

fn cause<E: Into<crate::Error>>(error: E) -> Cause {
    error.into().into_cause()
}
