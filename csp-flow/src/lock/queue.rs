//! [`Queue`]: a channel that refuses instead of making anybody wait too long.
//!
//! The channel inside has no limit of its own. What limits is one number, the *balance*: the puts that were
//! accepted less the takes that were admitted and not given up. Above zero so many values wait for takers,
//! below zero so many takers wait for values. So a put or a take is decided by one atomic change, also while
//! a value is still on its way to a taker, and the channel does the rest.

#[cfg(all(test, csp_loom))]
mod loom;

use std::{error::Error, fmt, mem::ManuallyDrop, panic::Location};

use csp_core::{Receiver, Sender, block_on};

use crate::{
    block::changes,
    sync::atomic::{AtomicIsize, Ordering},
};

/// A queue that holds so many values, and lets so many takers wait: one more of either is refused at once.
///
/// ```text
/// size 2, backlog 1
/// put    1  2  3!                      3! QueueOverflow(3)
/// take            1  2  …  …!          the first waits, the second is QueueUnderflow
/// put                      4
/// take                     ╰▸ 4
/// ```
///
/// A channel makes a putter wait when it is full; this is for those who must know instead: to answer
/// "busy", to count, to drop. A size of 0 accepts a value only if a taker waits for it.
///
/// ```
/// use csp::{lock::{Queue, QueueOverflow}, prelude::*};
/// let queue = Queue::new(1, 1);
/// queue.try_put("first")?;
/// assert_eq!(queue.try_put("second"), Err(QueueOverflow("second")));
/// assert_eq!(csp::block_on(queue.take()?), "first");
/// let waits = queue.take()?;
/// assert!(queue.take().is_err()); // one taker waits already
/// queue.try_put("third")?;
/// assert_eq!(csp::block_on(waits), "third");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Values come in the order in which they were put, takers are served in the order in which they began to
/// wait: in which their futures were first polled. It never closes: put an end of its own into it, or share it in an `Arc` and drop it.
///
/// # Cancellation
/// A take that is dropped gives up its place; a value that it had been handed goes to the next, or back
/// to the front. (So there may be more than `size` for a while: values are never dropped.)
///
/// Twisted's `DeferredQueue`.
pub struct Queue<T> {
    puts: Sender<T>,
    takes: Receiver<T>,
    balance: AtomicIsize,
    size: isize,
    backlog: isize,
}

impl<T: Send + 'static> Queue<T> {
    /// A queue of at most `size` values, for which at most `backlog` takers wait. `usize::MAX` is no limit.
    pub fn new(size: usize, backlog: usize) -> Self {
        let (puts, takes) = changes();
        Self {
            puts,
            takes,
            balance: AtomicIsize::new(0),
            size: isize::try_from(size).unwrap_or(isize::MAX),
            backlog: isize::try_from(backlog).unwrap_or(isize::MAX),
        }
    }
}

impl<T> Queue<T> {
    /// Changes the balance by `by`, if it is such that that is allowed.
    fn admit(&self, by: isize, allowed: impl Fn(isize) -> bool) -> bool {
        // Ordering: a count. Values pass through the channel, whose lock orders them.
        self.balance
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |balance| {
                allowed(balance).then_some(balance + by)
            })
            .is_ok()
    }

    /// Puts a value, for a taker who waits or for later.
    ///
    /// # Errors
    /// [`QueueOverflow`], with the value: the queue is full.
    pub fn try_put(&self, value: T) -> Result<(), QueueOverflow<T>> {
        if !self.admit(1, |balance| balance < self.size) {
            return Err(QueueOverflow(value));
        }
        self.puts
            .try_put(value)
            .map_err(|refused| QueueOverflow(refused.into_inner()))
    }

    /// Asks for the next value: the future gives it. Await that, or make it an arm: `v = park!(take) => …`.
    ///
    /// The place among the takers is taken by this call, so that the error comes at once; it is given up
    /// when the future is dropped.
    ///
    /// # Errors
    /// [`QueueUnderflow`]: nothing is there, and as many takers wait as may.
    #[track_caller]
    pub fn take(&self) -> Result<impl Future<Output = T>, QueueUnderflow> {
        if !self.admit(-1, |balance| balance > -self.backlog) {
            return Err(QueueUnderflow);
        }
        let place = Admitted(self);
        let take = self.takes.take_for(Location::caller());
        Ok(async move {
            let Some(value) = take.await else {
                unreachable!("both ends of the channel are here, so it is open")
            };
            place.keep();
            value
        })
    }

    /// As [`take`](Self::take), blocking the thread until a value comes.
    ///
    /// # Errors
    /// As for `take`.
    #[track_caller]
    pub fn take_blocking(&self) -> Result<T, QueueUnderflow> {
        self.take().map(block_on)
    }

    /// The next value, if one is there that nobody waits for.
    pub fn try_take(&self) -> Option<T> {
        if !self.admit(-1, |balance| balance > 0) {
            return None;
        }
        let place = Admitted(self);
        // Empty: it was admitted, and is yet to come, or in the hands of a taker who will give it back.
        let value = self.takes.try_take().ok()?;
        place.keep();
        Some(value)
    }

    /// How many values wait for takers.
    pub fn len(&self) -> usize {
        // Ordering: a count.
        usize::try_from(self.balance.load(Ordering::Relaxed)).unwrap_or(0)
    }

    /// True if no value waits for a taker.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many takers wait for values.
    pub fn waiting(&self) -> usize {
        // Ordering: a count.
        usize::try_from(-self.balance.load(Ordering::Relaxed)).unwrap_or(0)
    }
}

impl<T> fmt::Debug for Queue<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Queue")
            .field("len", &self.len())
            .field("waiting", &self.waiting())
            .finish_non_exhaustive()
    }
}

/// A taker's part of the balance, given up when it is dropped.
struct Admitted<'a, T>(&'a Queue<T>);

impl<T> Admitted<'_, T> {
    /// It got its value.
    fn keep(self) {
        let _kept = ManuallyDrop::new(self);
    }
}

impl<T> Drop for Admitted<'_, T> {
    fn drop(&mut self) {
        // Ordering: a count.
        self.0.balance.fetch_add(1, Ordering::Relaxed);
    }
}

/// The [`Queue`] is full; the value is inside.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct QueueOverflow<T>(pub T);

impl<T> QueueOverflow<T> {
    /// Gives the value back.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> fmt::Debug for QueueOverflow<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("QueueOverflow(..)")
    }
}

impl<T> fmt::Display for QueueOverflow<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the queue is full")
    }
}

impl<T> Error for QueueOverflow<T> {}

/// The [`Queue`] is empty, and as many takers wait for a value as may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct QueueUnderflow;

impl fmt::Display for QueueUnderflow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the queue is empty, and no more takers may wait for it")
    }
}

impl Error for QueueUnderflow {}
