//! Failures of one error type as failures of another.

use std::convert::Infallible;

use csp_core::Failure;

/// What an eventual value comes to: the value, or why there is none.
pub type Outcome<T, E = super::Error> = Result<T, Failure<E>>;

/// A failure without an error, for any type of error.
pub(super) fn widen<E>(failure: Failure) -> Failure<E> {
    map(failure, |never: Infallible| match never {})
}

/// Changes the error, if that is what failed.
pub(super) fn map<E, F>(failure: Failure<E>, f: impl FnOnce(E) -> F) -> Failure<F> {
    match failure {
        Failure::Error(error) => Failure::Error(f(error)),
        Failure::Panicked(panic) => Failure::Panicked(panic),
        Failure::Cancelled => Failure::Cancelled,
        Failure::TimedOut => Failure::TimedOut,
        Failure::Closed => Failure::Closed,
        // The enum may grow with csp-core, which is of the same version.
        _ => Failure::Abandoned,
    }
}
