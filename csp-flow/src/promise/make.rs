//! Promises whose outcome is known from the start.

use std::panic::Location;

use csp_core::Failure;

use super::{Promise, cell::Cell, failure::Outcome};

impl<T, E> Promise<T, E>
where
    T: Send + 'static,
    E: Send + 'static,
{
    /// A promise that is fulfilled: Twisted's `succeed`, Task's `now`.
    ///
    /// ```
    /// let four = csp::Promise::<_, csp::Error>::ready(4);
    /// assert_eq!(four.map(|n| n + 1).wait().unwrap(), 5);
    /// ```
    #[track_caller]
    pub fn ready(value: T) -> Self {
        Self::settled(Ok(value))
    }

    /// A promise that failed with that error: Twisted's `fail`, Task's `failed`.
    ///
    /// ```
    /// let none = csp::Promise::<u32>::failed("out of paper");
    /// assert_eq!(none.or(7).wait().unwrap(), 7);
    /// ```
    #[track_caller]
    pub fn failed(error: impl Into<E>) -> Self {
        Self::settled(Err(Failure::Error(error.into())))
    }

    /// A promise with that outcome.
    #[track_caller]
    pub fn settled(outcome: Outcome<T, E>) -> Self {
        let created = Location::caller();
        Self::of_cell(Cell::settled(outcome, created, Some(created)))
    }

    /// A promise that never settles by itself, and can only be cancelled: Task's `void`.
    ///
    /// ```
    /// use csp::prelude::*;
    /// let never = csp::Promise::<u32>::pending().timeout(ms(1));
    /// assert_eq!(never.wait().unwrap_err().to_string(), "timed out");
    /// ```
    #[track_caller]
    pub fn pending() -> Self {
        Self::of_cell(Cell::new(Location::caller()))
    }
}
