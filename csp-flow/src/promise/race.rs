//! Several promises as one: the first of them.

use csp_core::Failure;

use super::{AllFailed, IntoPromise, Promise, all::places, bridge::start, many::Many};

/// The first that settles, whether with a value or not, and which one it was.
///
/// ```text
/// a       ─────────╴ cancelled
/// b       ──────▸ 2
/// race          ╰▸ (1, 2)
/// ```
///
/// Of those that are settled already the first in order wins. The others are cancelled (one that is
/// [`Shared`](super::Shared) only if nobody else has it), and what they come to is not told of; so are all
/// if the promise of the race is cancelled. A race of none is [`Abandoned`](Failure::Abandoned): nobody is
/// there who could settle it.
///
/// ```
/// use csp::{Promise, promise::race};
/// let first = race([Promise::<u32>::pending(), Promise::ready(2)]);
/// assert_eq!(first.wait().unwrap(), (1, 2));
/// ```
///
/// promesa's `race`, Manifold's `alt`. To wait for promises, channels and time together, and lose none, is
/// what `alt!` is for.
#[track_caller]
pub fn race<T, E, P>(promises: impl IntoIterator<Item = P>) -> Promise<(usize, T), E>
where
    T: Send + 'static,
    E: Send + 'static,
    P: IntoPromise<T, E>,
{
    let mut many = Many::of(promises.into_iter().map(P::into_promise));
    start(async move {
        match many.next().await {
            Some((index, outcome)) => outcome.map(|value| (index, value)),
            None => Err(Failure::Abandoned),
        }
    })
}

/// The first that has a value, and which one it was; if none has, all their failures.
///
/// ```text
/// a      ───▸ failure           ───▸ failure 0
/// b      ───────▸ 2             ───────▸ failure 1
/// any           ╰▸ (1, 2)              ╰▸ AllFailed([failure 0, failure 1])
/// ```
///
/// The others are cancelled as by [`race`], and their failures count as looked at. Any of none is
/// [`Abandoned`](Failure::Abandoned): nobody is there who could settle it.
///
/// ```
/// use csp::{Error, Failure, Promise, promise::any};
/// let first = any([Promise::<_, Error>::failed("no"), Promise::ready(2)]);
/// assert_eq!(first.wait().unwrap(), (1, 2));
///
/// let none = any([Promise::<u32>::failed("no"), Promise::failed("nor that")]);
/// assert_eq!(none.wait().unwrap_err().to_string(), "all 2 promises failed: no, nor that");
/// ```
///
/// promesa's `any`, Twisted's `race`, its `DeferredList` with `fireOnOneCallback`.
#[track_caller]
pub fn any<T, E, P>(promises: impl IntoIterator<Item = P>) -> Promise<(usize, T), AllFailed<E>>
where
    T: Send + 'static,
    E: Send + 'static,
    P: IntoPromise<T, E>,
{
    let mut many = Many::of(promises.into_iter().map(P::into_promise));
    start(async move {
        if many.count() == 0 {
            return Err(Failure::Abandoned);
        }
        let mut failures = places(many.count());
        while let Some((index, outcome)) = many.next().await {
            match outcome {
                Ok(value) => return Ok((index, value)),
                Err(failure) => failures[index] = Some(failure),
            }
        }
        let failures = failures.into_iter().flatten().collect();
        Err(Failure::Error(AllFailed(failures)))
    })
}
