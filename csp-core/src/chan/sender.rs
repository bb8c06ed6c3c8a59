//! [`Sender`]: the putting end.

use std::{fmt, mem::ManuallyDrop, panic::Location, pin::pin, ptr::NonNull, time::Duration};

use super::{
    Cause, Chan, Put, Side, awake,
    close::{clone_handle, drop_handle},
    closed::WaitClosed,
    core::{CLOSED, DIVIDED, ITEMS, PUT_READY, WIDE},
    inner::Gave,
};
use crate::{
    context,
    error::{Closed, PutTimeoutError, TooManyPending, TryPutError},
    linger,
    site::{Op, ParkSite, Place},
    sync::{MODELLED, plain::Arc},
};

/// The end of a channel that values are put into. Clone it for more putters.
///
/// Every operation comes in four forms: parking ([`put`](Self::put), `put!`), blocking a thread
/// ([`put_blocking`](Self::put_blocking)), trying ([`try_put`](Self::try_put)) and with a callback
/// ([`put_then`](Self::put_then)).
///
/// | channel | put |
/// |---------|-----|
/// | a taker waits | done at once: the value is handed to it |
/// | room in the buffer | done at once |
/// | neither | parks, first come first served |
/// | closed | `Err(Closed(value))` |
///
/// Dropping the last `Sender` closes the channel: what is buffered is still delivered.
pub struct Sender<T> {
    chan: NonNull<Chan<T>>,
}

// SAFETY: handles share the channel, which moves values from thread to thread: T: Send.
unsafe impl<T: Send> Send for Sender<T> {}
// SAFETY: as above.
unsafe impl<T: Send> Sync for Sender<T> {}

impl<T> Sender<T> {
    /// # Safety
    /// The caller has a handle of the putting side.
    pub(super) unsafe fn from_raw(chan: NonNull<Chan<T>>) -> Self {
        Self { chan }
    }

    /// The channel, for an operation that cannot yield.
    #[inline]
    fn visible(&self) -> &Chan<T> {
        let chan = self.inner();
        chan.core.visible();
        chan
    }

    #[inline]
    pub(crate) fn inner(&self) -> &Chan<T> {
        // SAFETY: this handle keeps the channel alive.
        unsafe { self.chan.as_ref() }
    }

    /// Puts a value, parking until a taker or the buffer has it. In a go block write `put!(tx, v)`.
    ///
    /// Parked puts are served strictly in order.
    ///
    /// # Errors
    /// [`Closed`], with the value, if the channel is closed, or if its receiving side closes while the
    /// put is parked. (A put that is parked when the *sending* side closes is still delivered.)
    ///
    /// # Cancellation
    /// Dropping the future before the value was accepted withdraws it, and drops the value;
    /// [`Put::withdraw`] gives it back instead. There is no time in between: either it was put, or not.
    ///
    /// ```
    /// # use csp::prelude::*;
    /// # csp::block_on(async {
    /// let (tx, rx) = chan(1);
    /// tx.put(5).await?;
    /// drop(rx);
    /// assert_eq!(tx.put(6).await, Err(Closed(6)));
    /// # Ok::<(), Closed<i32>>(())
    /// # }).unwrap();
    /// ```
    #[inline]
    #[track_caller]
    pub fn put(&self, value: T) -> Put<'_, T> {
        Put::new(
            self.inner(),
            value,
            Place::caller(Op::Put, Location::caller()),
        )
    }

    /// Used by `put!`.
    #[doc(hidden)]
    #[inline]
    pub fn put_at(&self, value: T, site: &'static ParkSite) -> Put<'_, T> {
        Put::new(self.inner(), value, Place::site(site))
    }

    /// Puts a value, blocking the thread until a taker or the buffer has it.
    ///
    /// On a worker thread the worker's queue is handed to a spare thread meanwhile.
    ///
    /// # Errors
    /// As for [`put`](Self::put).
    #[track_caller]
    pub fn put_blocking(&self, value: T) -> Result<(), Closed<T>> {
        let value = ManuallyDrop::new(value);
        let chan = self.inner();
        let src = std::ptr::from_ref(&value).cast();
        // (As in `take_blocking`.)
        if !MODELLED
            && chan.core.is(DIVIDED)
            && !context::is_any_simulated()
            // SAFETY: DIVIDED was seen, and `src` holds a value, which is taken for gone if the answer is true.
            && unsafe { chan.put_divided_at_once(src) }
        {
            return Ok(());
        }
        match self.put_soon(&value) {
            Gave::Accepted => Ok(()),
            Gave::Closed => Err(Closed(ManuallyDrop::into_inner(value))),
            _ => awake::block_on(self.put(ManuallyDrop::into_inner(value))),
        }
    }

    /// As [`put_blocking`](Self::put_blocking), for at most `limit`.
    ///
    /// # Errors
    /// [`PutTimeoutError`], with the value: the time was over, or the channel is closed.
    ///
    /// ```
    /// # use csp::prelude::*;
    /// # use std::time::Duration;
    /// let (tx, rx) = chan(0);
    /// let error = tx.put_blocking_for("nobody takes", Duration::from_millis(1)).unwrap_err();
    /// assert!(error.is_elapsed());
    /// assert_eq!(error.into_inner(), "nobody takes");
    /// # drop(rx);
    /// ```
    #[track_caller]
    pub fn put_blocking_for(&self, value: T, limit: Duration) -> Result<(), PutTimeoutError<T>> {
        let value = ManuallyDrop::new(value);
        let soon = self.put_soon(&value);
        if soon == Gave::Accepted {
            return Ok(());
        }
        let value = ManuallyDrop::into_inner(value);
        if soon == Gave::Closed {
            return Err(PutTimeoutError::Closed(value));
        }
        let mut put = pin!(self.put(value));
        match awake::block_on_for(put.as_mut(), limit) {
            Some(Ok(())) => Ok(()),
            Some(Err(Closed(value))) => Err(PutTimeoutError::Closed(value)),
            None => match put.withdraw() {
                Some(value) => Err(PutTimeoutError::Elapsed(value)),
                // A taker came at the last moment.
                None => Ok(()),
            },
        }
    }

    /// A try, and another if there is room in a short time. The value has gone if it was accepted, and then only.
    #[inline]
    fn put_soon(&self, value: &ManuallyDrop<T>) -> Gave {
        if MODELLED || context::is_any_simulated() {
            return Gave::Full;
        }
        let chan = self.inner();
        let waits = || {
            let is_ready = || chan.core.is(PUT_READY);
            chan.core.is(ITEMS) && linger::for_room(chan.core.is(WIDE), is_ready)
        };
        let src = std::ptr::from_ref(value).cast();
        // SAFETY: `src` holds a value, which callers take for gone if the answer is Accepted.
        if unsafe { chan.put_at_once(src) } {
            return Gave::Accepted;
        }
        // SAFETY: as above; DIVIDED is seen.
        if chan.core.is(DIVIDED) && unsafe { chan.put_divided_soon(src) } {
            return Gave::Accepted;
        }
        match chan.put_unless_full(value) {
            // (Without a buffer the putter is the one to be found in the queue, by a taker who lingers.)
            Gave::Full if waits() => chan.try_put(value),
            done => done,
        }
    }

    /// Puts a value if that needs no waiting. On a full channel it takes no lock.
    ///
    /// # Errors
    /// [`TryPutError`], with the value: full, or closed.
    pub fn try_put(&self, value: T) -> Result<(), TryPutError<T>> {
        let value = ManuallyDrop::new(value);
        let gave = self.visible().try_put(&value);
        if gave == Gave::Accepted {
            return Ok(());
        }
        let value = ManuallyDrop::into_inner(value);
        Err(if gave == Gave::Closed {
            TryPutError::Closed(value)
        } else {
            TryPutError::Full(value)
        })
    }

    /// Puts a value and runs `then` once it was accepted or refused: on this thread if that is at once,
    /// else on the thread of whoever takes it. Callbacks do not nest: one that completes another
    /// callback's operation runs that one after itself.
    ///
    /// A callback that panics harms neither side; [`set_panic_hook`](crate::set_panic_hook) sees it.
    ///
    /// # Errors
    /// [`TooManyPending`], with the value, if 1024 callbacks are pending on this side: they hold nobody
    /// back, so their number is limited, as in core.async.
    ///
    /// ```
    /// # use csp::prelude::*;
    /// # use std::sync::mpsc;
    /// let (tx, rx) = chan(0);
    /// let (done, seen) = mpsc::channel();
    /// tx.put_then("value", move |result| done.send(result).unwrap()).unwrap();
    /// assert!(seen.try_recv().is_err());
    /// assert_eq!(rx.try_take(), Ok("value"));
    /// assert_eq!(seen.try_recv(), Ok(Ok(())));
    /// ```
    pub fn put_then<F>(&self, value: T, then: F) -> Result<(), TooManyPending<T>>
    where
        T: Send + 'static,
        F: FnOnce(Result<(), Closed<T>>) + Send + 'static,
    {
        self.visible().put_then(value, then)
    }

    /// Closes the channel for puts. What is buffered, and what is parked already, is still
    /// delivered; then takes give `None`. True if it was open; closing again is harmless.
    pub fn close(&self) -> bool {
        self.visible().close(Side::Put, None)
    }

    /// As [`close`](Self::close), and tells why: see
    /// [`Receiver::failure`](crate::Receiver::failure). False, and nothing happens, if it was closed.
    ///
    /// ```
    /// # use csp::prelude::*;
    /// let (tx, rx) = chan::<u32>(1);
    /// tx.try_put(1).unwrap();
    /// tx.fail("the disk is full");
    /// assert_eq!((rx.take_blocking(), rx.take_blocking()), (Some(1), None));
    /// assert_eq!(rx.failure().unwrap().to_string(), "the disk is full");
    /// ```
    pub fn fail(&self, cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> bool {
        // A cause that another channel gave stays the same one, so that it can still be downcast.
        let cause = match cause.into().downcast::<Cause>() {
            Ok(cause) => *cause,
            Err(cause) => Cause::from(cause),
        };
        self.visible().close(Side::Put, Some(cause))
    }

    /// True once the channel is closed, from either end.
    pub fn is_closed(&self) -> bool {
        self.visible().core.is(CLOSED)
    }

    /// Waits until the channel is closed: a producer learns that nobody wants its values.
    pub fn closed(&self) -> WaitClosed<'_, T> {
        WaitClosed::new(self.inner())
    }

    /// How many values are buffered now.
    pub fn len(&self) -> usize {
        self.visible().len()
    }

    /// True if no value is buffered now.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many values the buffer holds at most; 0 for a rendezvous. `usize::MAX` if a custom buffer
    /// does not say.
    pub fn capacity(&self) -> usize {
        self.inner().capacity()
    }

    /// The channel's number, by which dumps name it. Both ends have the same.
    pub fn id(&self) -> u32 {
        self.inner().core.id
    }

    /// Where the channel is: no other is there while this handle lives.
    #[doc(hidden)]
    #[must_use]
    pub fn address(&self) -> usize {
        self.chan.addr().get()
    }

    /// Gives the channel a name, for dumps and messages. Both ends show it.
    #[must_use = "it gives the handle back"]
    pub fn named(self, name: impl Into<Arc<str>>) -> Self {
        self.inner().set_name(name.into());
        self
    }

    /// The channel's name, if it was given one.
    pub fn name(&self) -> Option<Arc<str>> {
        self.inner().name()
    }

    /// True if both put into the same channel.
    pub fn same_channel(&self, other: &Self) -> bool {
        self.chan == other.chan
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        Self {
            chan: clone_handle(self.chan, Side::Put),
        }
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        // SAFETY: this handle is given up.
        unsafe { drop_handle(self.chan, Side::Put) };
    }
}

impl<T> fmt::Debug for Sender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner().debug("Sender", f)
    }
}
