//! The steps of a [`Shared`]: each is one more reader, and then as for a [`Promise`].

use std::time::Duration;

use csp_core::Failure;
use csp_sched::Handle;

use super::{
    super::{Error, IntoOutcome, IntoPromise, Promise, failure::Outcome},
    Shared,
};

impl<T, E> Shared<T, E>
where
    T: Clone + Send + Sync + 'static,
    E: Clone + Send + Sync + 'static,
{
    /// Changes the value, for this reader: see [`Promise::map`].
    ///
    /// ```
    /// let n = csp::Promise::<_, csp::Error>::ready(20).shared();
    /// let (a, b) = (n.map(|n| n + 1), n.map(|n| n + 2));
    /// assert_eq!((a.wait().unwrap(), b.wait().unwrap()), (21, 22));
    /// ```
    #[track_caller]
    pub fn map<U>(&self, f: impl FnOnce(T) -> U + Send + 'static) -> Promise<U, E>
    where
        U: Send + 'static,
    {
        self.promise().map(f)
    }

    /// Goes on with another eventual value, or with a result: see [`Promise::and_then`].
    #[track_caller]
    pub fn and_then<U, R>(&self, f: impl FnOnce(T) -> R + Send + 'static) -> Promise<U, E>
    where
        U: Send + 'static,
        R: IntoPromise<U, E>,
    {
        self.promise().and_then(f)
    }

    /// Changes the error: see [`Promise::map_err`].
    #[track_caller]
    pub fn map_err<F>(&self, f: impl FnOnce(E) -> F + Send + 'static) -> Promise<T, F>
    where
        F: Send + 'static,
    {
        self.promise().map_err(f)
    }

    /// Recovers from a failure: see [`Promise::or_else`].
    #[track_caller]
    pub fn or_else<R>(&self, f: impl FnOnce(Failure<E>) -> R + Send + 'static) -> Promise<T, E>
    where
        R: IntoOutcome<T, E>,
    {
        self.promise().or_else(f)
    }

    /// Recovers from a failure with a value: see [`Promise::or`].
    #[track_caller]
    pub fn or(&self, value: T) -> Promise<T, E> {
        self.promise().or(value)
    }

    /// Goes on with the outcome, whatever it is: see [`Promise::then`].
    #[track_caller]
    pub fn then<U, F, R>(
        &self,
        f: impl FnOnce(Outcome<T, E>) -> R + Send + 'static,
    ) -> Promise<U, F>
    where
        U: Send + 'static,
        F: Send + 'static,
        R: IntoOutcome<U, F>,
    {
        self.promise().then(f)
    }

    /// Runs `f` at the end, however that comes: see [`Promise::finally`].
    #[track_caller]
    pub fn finally(&self, f: impl FnOnce() + Send + 'static) -> Promise<T, E> {
        self.promise().finally(f)
    }

    /// Shows the value to `f`: see [`Promise::inspect`].
    #[track_caller]
    pub fn inspect(&self, f: impl FnOnce(&T) + Send + 'static) -> Promise<T, E> {
        self.promise().inspect(f)
    }

    /// Has later steps of this reader run on that executor: see [`Promise::on`].
    #[track_caller]
    pub fn on(&self, executor: impl Into<Handle>) -> Promise<T, E> {
        self.promise().on(executor)
    }

    /// Gives the value `duration` later: see [`Promise::delay`].
    #[track_caller]
    pub fn delay(&self, duration: Duration) -> Promise<T, E> {
        self.promise().delay(duration)
    }

    /// Waits for at most `limit`: see [`Promise::timeout`]. The source goes on as long as others have it.
    #[track_caller]
    pub fn timeout(&self, limit: Duration) -> Promise<T, E> {
        self.promise().timeout(limit)
    }

    /// Waits for at most `limit`, then gives `value`: see [`Promise::timeout_or`].
    #[track_caller]
    pub fn timeout_or(&self, limit: Duration, value: T) -> Promise<T, E> {
        self.promise().timeout_or(limit, value)
    }
}

impl<T> Shared<T, Error>
where
    T: Clone + Send + Sync + 'static,
{
    /// Recovers from errors of one type with a value: see [`Promise::catch`].
    #[track_caller]
    pub fn catch<X>(&self, f: impl FnOnce(&X) -> T + Send + 'static) -> Promise<T, Error>
    where
        X: std::error::Error + 'static,
    {
        self.promise().catch(f)
    }
}
