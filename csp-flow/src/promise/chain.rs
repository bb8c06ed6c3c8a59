//! What is to become of an outcome: the steps.

use csp_core::Failure;

use super::{
    Error, IntoOutcome, IntoPromise, Promise,
    failure::{self, Outcome},
    on,
    step::{Link, Next, Step},
};

impl<T, E> Promise<T, E>
where
    T: Send + 'static,
    E: Send + 'static,
{
    /// Adds a step: a block that runs `f` on the outcome.
    #[track_caller]
    pub(super) fn step<U, F, G>(self, f: G) -> Promise<U, F>
    where
        U: Send + 'static,
        F: Send + 'static,
        G: FnOnce(Outcome<T, E>) -> Next<U, F> + Send + 'static,
    {
        let on = self.handle().cloned();
        let link = Link::new(std::panic::Location::caller(), Some(self.created()));
        on::start(on, &link, Step::new(self, f, link.clone()))
    }

    /// Changes the value.
    ///
    /// ```text
    /// source   ───▸ Ok(v)             ───▸ Err(failure)
    /// map(f)            ╰▸ Ok(f(v))              ╰▸ Err(failure)
    /// ```
    ///
    /// What `f` gives is the value, also if it is a promise: for one that is to be waited for, see
    /// [`and_then`](Self::and_then).
    ///
    /// ```
    /// let length = csp::Promise::<_, csp::Error>::ready("four").map(str::len);
    /// assert_eq!(length.wait().unwrap(), 4);
    /// ```
    ///
    /// Where it runs, and what a panic or a cancel does: see [`Promise`]. Task's `then`, promesa's `map`,
    /// Twisted's `addCallback`.
    #[track_caller]
    pub fn map<U>(self, f: impl FnOnce(T) -> U + Send + 'static) -> Promise<U, E>
    where
        U: Send + 'static,
    {
        self.step(|outcome| Next::Done(outcome.map(f)))
    }

    /// Goes on with another eventual value, or with a result: see [`IntoPromise`].
    ///
    /// ```text
    /// source        ───▸ Ok(v)
    /// f(v)                  ╰──────────▸ its outcome
    /// and_then(f)                           ╰▸ that outcome
    /// ```
    ///
    /// A failure of the source passes `f` by.
    ///
    /// ```
    /// use csp::{Error, Promise, prelude::*};
    /// let port = Promise::<_, Error>::ready("8080")
    ///     .and_then(|text| Ok(text.parse::<u16>()?)) // a result
    ///     .and_then(|port| go!({ port + 1 })); // an eventual value
    /// assert_eq!(port.wait().unwrap(), 8081);
    /// ```
    ///
    /// A step that returns a promise whose last step returns one again, and so on, keeps a block for each
    /// turn: loops are for [`repeat`](super::repeat()), which needs one for all.
    ///
    /// Where it runs, and what a panic or a cancel does: see [`Promise`]; while the inner promise is waited
    /// for, a cancel goes to that. Task's `compose`, promesa's `mcat`, a Twisted callback that returns a
    /// `Deferred`.
    #[track_caller]
    pub fn and_then<U, R>(self, f: impl FnOnce(T) -> R + Send + 'static) -> Promise<U, E>
    where
        U: Send + 'static,
        R: IntoPromise<U, E>,
    {
        self.step(|outcome| match outcome {
            Ok(value) => f(value).into_next(),
            Err(failure) => Next::Done(Err(failure)),
        })
    }

    /// Changes the error. Failures without an error (a panic, a cancel, …) stay as they are.
    ///
    /// ```
    /// use csp::{Failure, Promise};
    /// let failed = Promise::<u32, _>::failed(404_u32).map_err(|code: u32| format!("status {code}"));
    /// assert_eq!(failed.wait(), Err(Failure::Error("status 404".to_owned())));
    /// ```
    ///
    /// promesa's `merr`.
    #[track_caller]
    pub fn map_err<F>(self, f: impl FnOnce(E) -> F + Send + 'static) -> Promise<T, F>
    where
        F: Send + 'static,
    {
        self.step(|outcome| Next::Done(outcome.map_err(|failure| failure::map(failure, f))))
    }

    /// Recovers from a failure of any kind, or hands it on, with another eventual value or with an outcome:
    /// see [`IntoOutcome`].
    ///
    /// ```text
    /// source       ───▸ Ok(v)      ───▸ Err(failure)
    /// or_else(f)           ╰▸ Ok(v)         ╰▸ f(failure)
    /// ```
    ///
    /// `f` gets the failure that happened, however many steps before: nothing wraps it on the way.
    ///
    /// ```
    /// use csp::{Failure, Promise, prelude::*};
    /// let answer = Promise::<u32>::pending().timeout(ms(1)).or_else(|failure| match failure {
    ///     Failure::TimedOut => Ok(0),
    ///     other => Err(other),
    /// });
    /// assert_eq!(answer.wait().unwrap(), 0);
    /// ```
    ///
    /// Task's `recover`, Twisted's `addErrback`, Manifold's `catch`.
    #[track_caller]
    pub fn or_else<R>(self, f: impl FnOnce(Failure<E>) -> R + Send + 'static) -> Self
    where
        R: IntoOutcome<T, E>,
    {
        self.step(|outcome| match outcome {
            Ok(value) => Next::Done(Ok(value)),
            Err(failure) => f(failure).into_next(),
        })
    }

    /// Recovers from a failure of any kind with a value.
    ///
    /// ```
    /// let port = csp::Promise::<u16>::failed("no port configured").or(8080);
    /// assert_eq!(port.wait().unwrap(), 8080);
    /// ```
    #[track_caller]
    pub fn or(self, value: T) -> Self {
        self.step(|outcome| Next::Done(Ok(outcome.unwrap_or(value))))
    }

    /// Goes on with the outcome, whatever it is: what [`and_then`](Self::and_then) and
    /// [`or_else`](Self::or_else) are in one.
    ///
    /// ```
    /// use csp::{Error, Failure, Promise};
    /// let text = Promise::<u32>::failed("out of paper").then(|outcome| match outcome {
    ///     Ok(n) => Ok::<_, Failure<Error>>(format!("{n} pages")),
    ///     Err(failure) => Ok(failure.to_string()),
    /// });
    /// assert_eq!(text.wait().unwrap(), "out of paper");
    /// ```
    ///
    /// Twisted's `addBoth` and `addCallbacks`, promesa's `handle`.
    #[track_caller]
    pub fn then<U, F, R>(self, f: impl FnOnce(Outcome<T, E>) -> R + Send + 'static) -> Promise<U, F>
    where
        U: Send + 'static,
        F: Send + 'static,
        R: IntoOutcome<U, F>,
    {
        self.step(|outcome| f(outcome).into_next())
    }

    /// Runs `f` at the end, however that comes, and keeps the outcome. If `f` panics, that is the outcome.
    ///
    /// It also runs if this very step is cancelled, then without waiting for the source to end.
    ///
    /// ```
    /// use csp::{Promise, prelude::*};
    /// let (tx, rx) = chan(1);
    /// let failed = Promise::<u32>::failed("no").finally(move || tx.try_put("closed").unwrap());
    /// assert_eq!(failed.wait().unwrap_err().to_string(), "no");
    /// assert_eq!(rx.take_blocking(), Some("closed"));
    /// ```
    ///
    /// Manifold's and promesa's `finally`, Lamina's `:finally`.
    #[track_caller]
    pub fn finally<F>(self, f: F) -> Self
    where
        F: FnOnce() + Send + 'static,
    {
        let mut finally = Finally(Some(f));
        self.step(move |outcome| {
            if let Some(f) = finally.0.take() {
                f();
            }
            Next::Done(outcome)
        })
    }

    /// Shows the value to `f`, and keeps it.
    ///
    /// ```
    /// use csp::{Promise, prelude::*};
    /// let (tx, rx) = chan(1);
    /// let seen = Promise::<_, csp::Error>::ready(5).inspect(move |n| tx.try_put(*n).unwrap());
    /// assert_eq!(seen.wait().unwrap(), 5);
    /// assert_eq!(rx.take_blocking(), Some(5));
    /// ```
    ///
    /// Lamina's `do-stage`.
    #[track_caller]
    pub fn inspect(self, f: impl FnOnce(&T) + Send + 'static) -> Self {
        self.step(|outcome| {
            if let Ok(value) = &outcome {
                f(value);
            }
            Next::Done(outcome)
        })
    }
}

impl<T> Promise<T, Error>
where
    T: Send + 'static,
{
    /// Recovers from errors of one type with a value; others stay.
    ///
    /// ```
    /// use csp::{Error, Promise};
    /// use std::num::ParseIntError;
    /// let port = Promise::<_, Error>::ready("eighty")
    ///     .and_then(|text| Ok(text.parse::<u16>()?))
    ///     .catch(|_: &ParseIntError| 8080);
    /// assert_eq!(port.wait().unwrap(), 8080);
    /// ```
    ///
    /// Manifold's `catch` with a class, Twisted's `Failure.trap`.
    #[track_caller]
    pub fn catch<X>(self, f: impl FnOnce(&X) -> T + Send + 'static) -> Self
    where
        X: std::error::Error + 'static,
    {
        self.step(|outcome| {
            Next::Done(match outcome {
                Err(Failure::Error(error)) => match error.downcast_ref() {
                    Some(cause) => Ok(f(cause)),
                    None => Err(Failure::Error(error)),
                },
                other => other,
            })
        })
    }
}

/// What is left undone when its step is cancelled runs in a block of its own.
struct Finally<F: FnOnce() + Send + 'static>(Option<F>);

impl<F: FnOnce() + Send + 'static> Drop for Finally<F> {
    fn drop(&mut self) {
        if let Some(f) = self.0.take() {
            drop(csp_sched::go(async move { f() }));
        }
    }
}
