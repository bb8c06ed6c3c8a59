//! Looks at a promise, without waiting.

use std::task::{Context, Poll, Waker};

use csp_core::Failure;

use super::{Promise, failure::Outcome};

impl<T, E> Promise<T, E>
where
    T: Send + 'static,
    E: Send + 'static,
{
    /// The outcome, if it is settled.
    ///
    /// # Errors
    /// The promise itself, if it is not.
    ///
    /// ```
    /// use csp::promise::promise;
    /// let (resolver, answer) = promise::<u32, csp::Error>();
    /// let answer = answer.now().unwrap_err();
    /// resolver.fulfill(1).unwrap();
    /// assert_eq!(answer.now().unwrap().unwrap(), 1);
    /// ```
    pub fn now(mut self) -> Result<Outcome<T, E>, Self> {
        if self.is_settled()
            && let Poll::Ready(outcome) = self.poll_outcome(&mut Context::from_waker(Waker::noop()))
        {
            return Ok(outcome);
        }
        Err(self)
    }

    /// The value, if it is there; `fallback` if the promise is pending or has failed: Task's `else`.
    ///
    /// ```
    /// use csp::Promise;
    /// assert_eq!(Promise::<_, csp::Error>::ready(1).now_or(2), 1);
    /// assert_eq!(Promise::<_, csp::Error>::pending().now_or(2), 2);
    /// assert_eq!(Promise::<_, csp::Error>::failed("no").now_or(2), 2);
    /// ```
    pub fn now_or(self, fallback: T) -> T {
        match self.now() {
            Ok(Ok(value)) => value,
            _ => fallback,
        }
    }

    /// True if it is settled, and not with a value.
    ///
    /// To ask is not to look at the failure: if that is all that is done, it is
    /// [told](super::set_unhandled_hook) as unhandled.
    pub fn is_failed(&self) -> bool {
        self.look(Result::is_err) == Some(true)
    }

    /// True if it was cancelled. A step whose source was cancelled is so too, if it does not recover.
    pub fn is_cancelled(&self) -> bool {
        self.look(|outcome| matches!(outcome, Err(Failure::Cancelled))) == Some(true)
    }
}
