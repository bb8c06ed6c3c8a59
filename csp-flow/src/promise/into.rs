//! What a step's closure may give.

use csp_core::{Failure, Go};

use super::{Promise, Shared, failure::Outcome, source::Block, step::Next};

/// What [`and_then`](Promise::and_then) and its kin take from their closure: another promise, or a result.
///
/// | the closure gives | the next promise is |
/// |---|---|
/// | `Result<T, E>` | settled with it |
/// | [`Promise<T, E>`](Promise), [`Shared<T, E>`](Shared) | settled as that is, when it is |
/// | [`Go<T>`](Go) | settled with the block's value |
///
/// There is no hidden flattening: a closure given to [`map`](Promise::map) may give a promise as well, and
/// then the value is a promise.
///
/// Implement it for what is an eventual value in your program.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an eventual `{T}` that may fail with `{E}`",
    label = "give a `Result<_, {E}>`, a promise, a `Shared` or a `Go`",
    note = "for a step that gives a plain value there is `map`; for one that gives a `Failure`, `then`"
)]
pub trait IntoPromise<T, E> {
    /// The eventual value as a promise.
    fn into_promise(self) -> Promise<T, E>;

    #[doc(hidden)]
    fn into_next(self) -> Next<T, E>
    where
        Self: Sized,
    {
        Next::Wait(self.into_promise())
    }
}

/// What [`or_else`](Promise::or_else) and [`then`](Promise::then) take from their closure: another promise,
/// or an [`Outcome`].
///
/// They were given a [`Failure`], and can hand it on as it is: `Err(failure)`. What they can give is listed
/// at [`IntoPromise`], with `Result<T, Failure<E>>` in the place of `Result<T, E>`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an outcome of `{T}` or `{E}`",
    label = "give a `Result<_, Failure<{E}>>`, a promise, a `Shared` or a `Go`",
    note = "an error of one's own is wrapped: `Err(Failure::Error(error))`"
)]
pub trait IntoOutcome<T, E> {
    #[doc(hidden)]
    fn into_next(self) -> Next<T, E>;
}

impl<T, E> IntoPromise<T, E> for Promise<T, E> {
    fn into_promise(self) -> Promise<T, E> {
        self
    }
}

impl<T, E> IntoOutcome<T, E> for Promise<T, E> {
    fn into_next(self) -> Next<T, E> {
        Next::Wait(self)
    }
}

impl<T, E> IntoPromise<T, E> for Result<T, E>
where
    T: Send + 'static,
    E: Send + 'static,
{
    #[track_caller]
    fn into_promise(self) -> Promise<T, E> {
        Promise::settled(self.map_err(Failure::Error))
    }

    fn into_next(self) -> Next<T, E> {
        Next::Done(self.map_err(Failure::Error))
    }
}

impl<T, E> IntoOutcome<T, E> for Outcome<T, E> {
    fn into_next(self) -> Next<T, E> {
        Next::Done(self)
    }
}

impl<T, E> IntoPromise<T, E> for Shared<T, E>
where
    T: Clone + Send + Sync + 'static,
    E: Clone + Send + Sync + 'static,
{
    fn into_promise(self) -> Promise<T, E> {
        self.promise()
    }
}

impl<T, E> IntoOutcome<T, E> for Shared<T, E>
where
    T: Clone + Send + Sync + 'static,
    E: Clone + Send + Sync + 'static,
{
    fn into_next(self) -> Next<T, E> {
        Next::Wait(self.promise())
    }
}

impl<T, E> IntoPromise<T, E> for Go<T>
where
    T: Send + 'static,
{
    #[track_caller]
    fn into_promise(self) -> Promise<T, E> {
        Promise::from(self)
    }
}

impl<T, E> IntoOutcome<T, E> for Go<T>
where
    T: Send + 'static,
{
    #[track_caller]
    fn into_next(self) -> Next<T, E> {
        Next::Wait(Promise::from(self))
    }
}

impl<T, E> From<Go<T>> for Promise<T, E>
where
    T: Send + 'static,
{
    /// A go block, or a [`thread`](csp_sched::thread()), is an eventual value: this adds no block to it.
    ///
    /// What fails is that the block panics or is cancelled; see [`go_try`](super::go_try) for blocks that
    /// give a `Result`.
    #[track_caller]
    fn from(go: Go<T>) -> Self {
        Self::of_source(Box::new(Block(go)), std::panic::Location::caller())
    }
}
