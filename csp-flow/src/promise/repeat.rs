//! Promises one after the other: loops.

use std::ops::ControlFlow;

use super::{
    IntoPromise, Promise,
    bridge::start,
    failure::Outcome,
    many::{Breath, Many},
    step::Next,
};

/// Calls `f` with each of `xs` and waits for what it gives, at most `limit` at a time; gives the values in
/// the order of `xs`.
///
/// ```text
/// xs                a       b       c
/// limit 1   f(a) ──▸ f(b) ──▸ f(c) ──▸ [a', b', c']
///
/// limit 2   f(a) ──▸ f(c) ──▸
///           f(b) ─────▸      ╰▸ [a', b', c']
/// ```
///
/// After the first failure, which is that of the whole, `f` is not called again, and what is still pending
/// is cancelled; so it is if this promise is cancelled. No `xs` gives `[]`.
///
/// ```
/// use csp::{Error, prelude::*, promise::traverse};
/// let doubled = traverse(1..=6, 2, |n| go!({ n * 2 }));
/// let doubled: csp::Promise<Vec<i32>, Error> = doubled;
/// assert_eq!(doubled.wait().unwrap(), [2, 4, 6, 8, 10, 12]);
/// ```
///
/// `f` runs in a block on the current executor; a panic in it fails the promise as
/// [`Panicked`](csp_core::Failure::Panicked). Task's `traverse`.
///
/// # Panics
/// If `limit` is zero: nothing would ever be done.
#[track_caller]
pub fn traverse<A, T, E, R, F>(
    xs: impl IntoIterator<Item = A, IntoIter: Send + 'static>,
    limit: usize,
    mut f: F,
) -> Promise<Vec<T>, E>
where
    A: Send + 'static,
    T: Send + 'static,
    E: Send + 'static,
    R: IntoPromise<T, E>,
    F: FnMut(A) -> R + Send + 'static,
{
    assert!(
        limit > 0,
        "traverse with a limit of 0 would never do anything: give it 1 or more"
    );
    let mut xs = xs.into_iter();
    start(async move {
        let mut many = Many::new();
        let mut values = Vec::new();
        loop {
            while many.left() < limit {
                let Some(x) = xs.next() else { break };
                many.push(f(x).into_promise());
                values.push(None);
            }
            match many.next().await {
                Some((index, outcome)) => values[index] = Some(outcome?),
                None => return Ok(values.into_iter().flatten().collect()),
            }
        }
    })
}

/// Calls `f` with a state and each of `xs` in turn, and waits for the state that it gives.
///
/// ```text
/// init ─▸ f(init, a) ──▸ s1 ─▸ f(s1, b) ──▸ s2 ─▸ … ──▸ the last
/// ```
///
/// The first failure ends it. One block does it all, in memory that does not grow.
///
/// ```
/// use csp::{Error, prelude::*, promise::fold};
/// let sum = fold(1..=4, 0, |sum, n| go!({ sum + n }));
/// let sum: csp::Promise<i32, Error> = sum;
/// assert_eq!(sum.wait().unwrap(), 10);
/// ```
///
/// What a cancel or a panic does: as for [`traverse`]. promesa's `reduce`.
#[track_caller]
pub fn fold<A, S, E, R, F>(
    xs: impl IntoIterator<Item = A, IntoIter: Send + 'static>,
    init: S,
    mut f: F,
) -> Promise<S, E>
where
    A: Send + 'static,
    S: Send + 'static,
    E: Send + 'static,
    R: IntoPromise<S, E>,
    F: FnMut(S, A) -> R + Send + 'static,
{
    let xs = xs.into_iter();
    start(async move {
        let mut state = init;
        let mut breath = Breath::default();
        for x in xs {
            let next = f(state, x).into_next();
            state = outcome(next).await?;
            breath.take().await;
        }
        Ok(state)
    })
}

/// Calls `f` with a state, and again with the state it gives, until it breaks with a value.
///
/// ```text
/// init ─▸ f(init) ──▸ Continue(s1) ─▸ f(s1) ──▸ … ──▸ Break(value)
/// ```
///
/// The first failure ends it. One block does it all, in memory that does not grow, however many turns:
/// where a step that goes on with itself would keep a block for each.
///
/// ```
/// use csp::{Error, Promise, promise::repeat};
/// use std::ops::ControlFlow::{Break, Continue};
/// let hops: Promise<_, Error> = repeat((27_u64, 0), |(n, hops)| match n {
///     1 => Ok(Break(hops)),
///     n if n % 2 == 0 => Ok(Continue((n / 2, hops + 1))),
///     n => Ok(Continue((3 * n + 1, hops + 1))),
/// });
/// assert_eq!(hops.wait().unwrap(), 111);
/// ```
///
/// What a cancel or a panic does: as for [`traverse`]. Manifold's and promesa's `loop`, Lamina's `restart`.
#[track_caller]
pub fn repeat<S, T, E, R, F>(init: S, mut f: F) -> Promise<T, E>
where
    S: Send + 'static,
    T: Send + 'static,
    E: Send + 'static,
    R: IntoPromise<ControlFlow<T, S>, E>,
    F: FnMut(S) -> R + Send + 'static,
{
    start(async move {
        let mut state = init;
        let mut breath = Breath::default();
        loop {
            let next = f(state).into_next();
            match outcome(next).await? {
                ControlFlow::Continue(next) => state = next,
                ControlFlow::Break(value) => return Ok(value),
            }
            breath.take().await;
        }
    })
}

async fn outcome<T, E>(next: Next<T, E>) -> Outcome<T, E>
where
    T: Send + 'static,
    E: Send + 'static,
{
    match next {
        Next::Done(outcome) => outcome,
        Next::Wait(promise) => promise.cancel_on_drop().await,
    }
}
