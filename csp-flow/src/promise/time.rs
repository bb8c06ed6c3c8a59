//! Time: steps that wait, and waits that end.

use std::time::Duration;

use csp_core::{Failure, Of2, alts, park};
use csp_sched::Timeout;

use super::{
    CancelOnDrop, Promise,
    failure::Outcome,
    on,
    step::{Link, Settled},
};
use crate::sync::Arc;

impl<T, E> Promise<T, E>
where
    T: Send + 'static,
    E: Send + 'static,
{
    /// Gives the value `duration` after it came. Failures are not held up.
    ///
    /// ```text
    /// source     ───▸ Ok(v)            ───▸ Err(failure)
    /// delay(d)           ╰── d ──▸ Ok(v)         ╰▸ Err(failure)
    /// ```
    ///
    /// ```
    /// use csp::{Promise, prelude::*};
    /// let slow = Promise::<_, csp::Error>::ready(1).delay(ms(1));
    /// assert_eq!(slow.wait().unwrap(), 1);
    /// ```
    ///
    /// Cancelled meanwhile, it leaves no timer behind. Lamina's `wait-stage`.
    #[track_caller]
    pub fn delay(self, duration: Duration) -> Self {
        self.waiting_block(move |source| async move {
            let value = source.await?;
            csp_sched::sleep(duration).await;
            Ok(value)
        })
    }

    /// Waits for at most `limit` from now on: then it is [`TimedOut`](Failure::TimedOut), and the source is
    /// cancelled.
    ///
    /// ```text
    /// source        ───────────────▸ v       cancelled
    /// timeout(a)    ─ a ─▸ TimedOut
    /// timeout(b)    ─────── b ─────╰▸ v      no timer is left
    /// ```
    ///
    /// ```
    /// use csp::{Failure, Promise, prelude::*};
    /// let never = Promise::<u32>::pending().timeout(ms(1));
    /// assert!(matches!(never.wait(), Err(Failure::TimedOut)));
    /// ```
    ///
    /// This is a new promise: what was done with the source before is not touched. A promise that is settled
    /// already costs no timer, and the timer of one that settles in time is gone with that. No code of
    /// yours runs on the thread that keeps the time.
    ///
    /// Twisted's `addTimeout`, Lamina's `with-timeout`; Manifold's `timeout!` (which settles its argument).
    #[track_caller]
    pub fn timeout(self, limit: Duration) -> Self {
        self.limited(limit, || Err(Failure::TimedOut))
    }

    /// Waits for at most `limit` from now on, then gives `value`, and the source is cancelled.
    ///
    /// ```
    /// use csp::{Promise, prelude::*};
    /// let late = Promise::<_, csp::Error>::pending().timeout_or(ms(1), 7);
    /// assert_eq!(late.wait().unwrap(), 7);
    /// ```
    ///
    /// A failure that comes in time stays one. Manifold's `timeout!` with a value.
    #[track_caller]
    pub fn timeout_or(self, limit: Duration, value: T) -> Self {
        self.limited(limit, || Ok(value))
    }

    #[track_caller]
    fn limited(
        self,
        limit: Duration,
        over: impl FnOnce() -> Outcome<T, E> + Send + 'static,
    ) -> Self {
        if self.is_settled() {
            return self;
        }
        let timeout: Timeout = csp_sched::timeout(limit);
        self.waiting_block(move |source| async move {
            match alts!(park(source), timeout.take(), priority) {
                Of2::A(outcome) => outcome,
                Of2::B(_) => over(),
            }
        })
    }

    /// A block of ours, without a closure of the user's, that comes to the outcome.
    #[track_caller]
    fn waiting_block<F>(self, block: impl FnOnce(CancelOnDrop<T, E>) -> F) -> Self
    where
        F: Future<Output = Outcome<T, E>> + Send + 'static,
    {
        let on = self.handle().cloned();
        let link = Link::new(std::panic::Location::caller(), Some(self.created()));
        let mine = Arc::clone(&link);
        let block = block(self.cancel_on_drop());
        on::start(on, &link, async move { Settled::new(block.await, mine) })
    }
}
