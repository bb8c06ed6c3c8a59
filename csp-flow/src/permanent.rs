//! Channels that stay, and channels that keep nothing.

use std::{error::Error, fmt, pin::pin};

use csp_core::{Buffer, Go, Put, Receiver, Sender, Take, TryPutError, TryTakeError, chan};
use csp_sched::go;

use crate::ops::{
    outlet::{Outlet, unless_closed},
    pump::Sure,
};

/// A channel that its users cannot close: Lamina's `permanent-channel`.
///
/// * **Closing.** [`close`](Self::close) and [`fail`](Self::fail) are refused;
///   [`force_close`](Self::force_close) and [`force_fail`](Self::force_fail) are not. When the last one who
///   took from it leaves, it goes back to holding values: in its buffer, and then by back pressure.
/// * **Connectors** get handles of it from [`sender`](Self::sender) and [`receiver`](Self::receiver).
///   What only drops them leaves it open: a [`siphon`](crate::siphon()) into it, a stream or a
///   [`pipe`](crate::ops::pipe) from it. An explicit `close` of such a handle counts as forced, and what
///   closes its ends does that: a `pipe` or [`join`](crate::join()) *into* it, when their source ends.
/// * It lives as long as one of its own handles, which are clones of each other.
///
/// ```
/// use csp::{Permanent, prelude::*};
///
/// let log = Permanent::new(8);
/// let reader = log.receiver();
/// assert!(!log.close());
/// drop(reader);
/// log.try_put("kept").unwrap();
/// assert_eq!(log.receiver().take_blocking(), Some("kept"));
/// log.force_close();
/// assert!(log.try_put("late").is_err());
/// ```
pub struct Permanent<T> {
    tx: Sender<T>,
    rx: Receiver<T>,
}

impl<T> Permanent<T> {
    /// A channel with this buffer.
    #[track_caller]
    pub fn new(buffer: impl Into<Buffer<T>>) -> Self {
        let (tx, rx) = chan(buffer);
        Self { tx, rx }
    }

    /// Puts a value: see [`Sender::put`].
    ///
    /// # Errors
    /// [`Closed`](csp_core::Closed), with the value, if the channel was closed by force.
    #[track_caller]
    pub fn put(&self, value: T) -> Put<'_, T> {
        self.tx.put(value)
    }

    /// Puts a value if that needs no waiting.
    ///
    /// # Errors
    /// [`TryPutError`], with the value: full, or closed by force.
    pub fn try_put(&self, value: T) -> Result<(), TryPutError<T>> {
        self.tx.try_put(value)
    }

    /// Takes a value: see [`Receiver::take`].
    #[track_caller]
    pub fn take(&self) -> Take<'_, T> {
        self.rx.take()
    }

    /// Takes a value if one is there.
    ///
    /// # Errors
    /// [`TryTakeError`]: empty, or closed by force and drained.
    pub fn try_take(&self) -> Result<T, TryTakeError> {
        self.rx.try_take()
    }

    /// A sender, for what wants one.
    pub fn sender(&self) -> Sender<T> {
        self.tx.clone()
    }

    /// A receiver, for what wants one.
    pub fn receiver(&self) -> Receiver<T> {
        self.rx.clone()
    }

    /// Refused: false, always.
    pub fn close(&self) -> bool {
        false
    }

    /// Refused: false, always.
    pub fn fail(&self, _cause: impl Into<Box<dyn Error + Send + Sync>>) -> bool {
        false
    }

    /// Closes it for puts; what was put can still be taken. True if it was open.
    pub fn force_close(&self) -> bool {
        self.tx.close()
    }

    /// As [`force_close`](Self::force_close), and tells why.
    pub fn force_fail(&self, cause: impl Into<Box<dyn Error + Send + Sync>>) -> bool {
        self.tx.fail(cause)
    }

    /// True once it was closed by force.
    pub fn is_closed(&self) -> bool {
        self.tx.is_closed()
    }
}

impl<T> Clone for Permanent<T> {
    fn clone(&self) -> Self {
        Self {
            tx: self.tx.clone(),
            rx: self.rx.clone(),
        }
    }
}

impl<T> fmt::Debug for Permanent<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Permanent").field(&self.tx).finish()
    }
}

/// A channel that drops what is put while nobody waits for it: Lamina's `grounded-channel`.
///
/// ```text
/// put    1     2     3
/// take      .  2           came after 1, and not again for 3
/// ```
///
/// * A put waits for no taker, and says `Ok` also if the value is dropped: a plain sender has no other
///   answer. (It goes through the block, so a `try_put` may find that busy, or not begun yet, and say
///   `Full`.) To be told, [`try_put`](Sender::try_put) into a rendezvous (`chan(0)`): if nobody waits, it gives
///   the value back as [`Full`](csp_core::TryPutError::Full).
/// * Closing goes both ways, at once; a failure goes down. If its runtime shuts down, the receiver's channel
///   fails.
///
/// One go block stands between putters and takers. With room for some values, it is
/// `chan(`[`dropping(n)`](csp_core::dropping)`)`.
///
/// ```
/// use csp::prelude::*;
/// let (tx, rx) = csp::grounded();
/// tx.put_blocking(1)?; // nobody waits
/// assert!(rx.try_take().is_err());
/// # Ok::<(), Closed<i32>>(())
/// ```
#[track_caller]
pub fn grounded<T: Send + 'static>() -> (Sender<T>, Receiver<T>) {
    let (tx, from) = chan(0);
    let (to, rx) = chan(0);
    let to = Sure(to);
    drop(go(async move {
        let to = &to.0;
        let closed = pin!(to.closed());
        let mut out = Outlet::new(to, closed);
        // (A take counts against the turn's budget. What is only tried does not.)
        while let Some(taken) = unless_closed(&mut out, from.take()).await {
            match taken {
                Some(value) => drop(to.try_put(value)),
                None => return out.end(from.failure()),
            }
        }
    }));
    (tx, rx)
}

/// Drops what is in a channel, and all that comes, so that nobody who puts has to wait: Lamina's `ground`.
/// Tells at the end how many values that were.
///
/// Cancel the [`Go`] to stop: no value is on its way then.
///
/// ```
/// use csp::prelude::*;
/// let dropped = csp::ground(csp::to_chan(1..=100));
/// assert_eq!(dropped.wait(), Ok(100));
/// ```
#[track_caller]
pub fn ground<T: Send + 'static>(rx: Receiver<T>) -> Go<u64> {
    go(async move {
        let mut dropped = 0;
        while rx.take().await.is_some() {
            dropped += 1;
        }
        dropped
    })
}
