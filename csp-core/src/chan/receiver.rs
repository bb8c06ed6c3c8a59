//! [`Receiver`]: the taking end.

use std::{fmt, mem::MaybeUninit, panic::Location, pin::pin, ptr::NonNull, time::Duration};

use super::{
    Cause, Chan, Side, Take, awake,
    close::{clone_handle, drop_handle},
    core::{CLOSED, DIVIDED, ROOM, TAKE_READY},
    inner::Took,
};
use crate::{
    context,
    error::{Elapsed, TooManyPending, TryTakeError},
    linger,
    site::{Op, ParkSite, Place},
    sync::{MODELLED, plain::Arc},
};

/// The end of a channel that values are taken from. Clone it for more takers: they compete, each value
/// goes to one.
///
/// | channel | take |
/// |---------|------|
/// | a value is buffered, or a putter waits | done at once |
/// | neither | parks, first come first served |
/// | closed and drained | `None` |
///
/// Dropping the last `Receiver` closes the channel: parked puts fail with their values, and what is
/// buffered is dropped.
pub struct Receiver<T> {
    chan: NonNull<Chan<T>>,
}

// SAFETY: handles share the channel, which moves values from thread to thread: T: Send.
unsafe impl<T: Send> Send for Receiver<T> {}
// SAFETY: as above.
unsafe impl<T: Send> Sync for Receiver<T> {}

impl<T> Receiver<T> {
    /// # Safety
    /// The caller has a handle of the taking side.
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

    /// Takes a value, parking until one arrives. `None` once the channel is closed and drained. In a go
    /// block write `take!(rx)`.
    ///
    /// Parked takes are served strictly in order.
    ///
    /// # Cancellation
    /// Dropping the future at any moment loses nothing: a value that it had been handed already goes
    /// to the next taker, or back to the front of the channel. (On a closed channel somebody else's take
    /// may have said `None` just before; the value is there for the next.)
    ///
    /// ```
    /// # use csp::prelude::*;
    /// # csp::block_on(async {
    /// let (tx, rx) = chan(1);
    /// tx.put(5).await.unwrap();
    /// drop(tx);
    /// assert_eq!(rx.take().await, Some(5));
    /// assert_eq!(rx.take().await, None);
    /// # });
    /// ```
    #[inline]
    #[track_caller]
    pub fn take(&self) -> Take<'_, T> {
        Take::new(self.inner(), Place::caller(Op::Take, Location::caller()))
    }

    /// Takes on behalf of somebody's caller, who is the one to be shown as parked.
    #[doc(hidden)]
    pub fn take_for(&self, caller: &'static Location<'static>) -> Take<'_, T> {
        Take::new(self.inner(), Place::caller(Op::Take, caller))
    }

    /// Used by `take!`.
    #[doc(hidden)]
    #[inline]
    pub fn take_at(&self, site: &'static ParkSite) -> Take<'_, T> {
        Take::new(self.inner(), Place::site(site))
    }

    /// Takes a value, blocking the thread until one arrives. `None` once the channel is closed and
    /// drained.
    ///
    /// On a worker thread the worker's queue is handed to a spare thread meanwhile.
    #[track_caller]
    pub fn take_blocking(&self) -> Option<T> {
        let mut out = MaybeUninit::uninit();
        let chan = self.inner();
        // (What two threads on one channel do nearly always: a call less, of three.)
        if !MODELLED
            && chan.core.is(DIVIDED)
            && !context::is_any_simulated()
            // SAFETY: DIVIDED was seen, and `out` can be written.
            && unsafe { chan.take_divided_at_once(out.as_mut_ptr()) }
        {
            // SAFETY: the value was written there.
            return Some(unsafe { out.assume_init() });
        }
        match self.take_soon(&mut out) {
            // SAFETY: the value was written there.
            Took::Value => Some(unsafe { out.assume_init() }),
            Took::Closed => None,
            _ => awake::block_on(self.take()),
        }
    }

    /// As [`take_blocking`](Self::take_blocking), for at most `limit`.
    ///
    /// # Errors
    /// [`Elapsed`] if the time was over first; nothing was taken then.
    #[track_caller]
    pub fn take_blocking_for(&self, limit: Duration) -> Result<Option<T>, Elapsed> {
        let mut out = MaybeUninit::uninit();
        match self.take_soon(&mut out) {
            // SAFETY: the value was written there.
            Took::Value => return Ok(Some(unsafe { out.assume_init() })),
            Took::Closed => return Ok(None),
            _ => {}
        }
        // A value handed over at the last moment goes back when the future is dropped.
        awake::block_on_for(pin!(self.take()), limit).ok_or(Elapsed)
    }

    /// A try, and another if something comes in a short time.
    #[inline]
    fn take_soon(&self, out: &mut MaybeUninit<T>) -> Took {
        if MODELLED || context::is_any_simulated() {
            return Took::Empty;
        }
        let chan = self.inner();
        match chan.try_take(out) {
            // (Without a buffer it is queued while it looks.)
            Took::Empty
                if chan.core.is(ROOM) && linger::before_sleep(|| chan.core.is(TAKE_READY)) =>
            {
                chan.try_take(out)
            }
            done => done,
        }
    }

    /// Takes a value if one is there. On an empty channel it takes no lock.
    ///
    /// # Errors
    /// [`TryTakeError`]: empty, or closed and drained.
    pub fn try_take(&self) -> Result<T, TryTakeError> {
        let mut out = MaybeUninit::uninit();
        match self.visible().try_take(&mut out) {
            // SAFETY: the value was written there.
            Took::Value => Ok(unsafe { out.assume_init() }),
            Took::Closed => Err(TryTakeError::Closed),
            _ => Err(TryTakeError::Empty),
        }
    }

    /// Takes a value and runs `then` on it, or on `None` once the channel is closed and drained: on
    /// this thread if that is at once, else on the thread of whoever puts. Callbacks do not nest: one
    /// that completes another callback's operation runs that one after itself.
    ///
    /// A pending callback does not keep the channel open: when the last receiver is dropped, it gets `None`.
    ///
    /// A callback that panics harms neither side; [`set_panic_hook`](crate::set_panic_hook) sees it.
    ///
    /// # Errors
    /// [`TooManyPending`] if 1024 callbacks are pending on this side: they hold nobody back, so their
    /// number is limited, as in core.async.
    pub fn take_then<F>(&self, then: F) -> Result<(), TooManyPending<()>>
    where
        T: Send + 'static,
        F: FnOnce(Option<T>) + Send + 'static,
    {
        self.visible().take_then(then)
    }

    /// The consumer has had enough: parked puts, and later ones, fail with their values. What is
    /// buffered can still be taken. True if the channel was open; closing again is harmless.
    pub fn close(&self) -> bool {
        self.visible().close(Side::Take, None)
    }

    /// Why the channel [failed](crate::Sender::fail), if it did.
    pub fn failure(&self) -> Option<Cause> {
        self.visible().failure()
    }

    /// True once the channel is closed, from either end. Values may still be there.
    pub fn is_closed(&self) -> bool {
        self.visible().core.is(CLOSED)
    }

    /// The values as a blocking iterator, which ends when the channel is closed and drained.
    pub fn iter_blocking(&self) -> Iter<'_, T> {
        Iter { receiver: self }
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

    pub(crate) fn core(&self) -> &super::Core {
        &self.inner().core
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

    /// True if both take from the same channel.
    pub fn same_channel(&self, other: &Self) -> bool {
        self.chan == other.chan
    }

    /// How many receivers the channel has now.
    #[doc(hidden)]
    pub fn receiver_count(&self) -> usize {
        self.inner().core.handles(Side::Take) as usize
    }
}

impl<T> Clone for Receiver<T> {
    fn clone(&self) -> Self {
        Self {
            chan: clone_handle(self.chan, Side::Take),
        }
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        // SAFETY: this handle is given up.
        unsafe { drop_handle(self.chan, Side::Take) };
    }
}

impl<T> fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner().debug("Receiver", f)
    }
}

/// The values of a channel as a blocking iterator: see [`Receiver::iter_blocking`].
#[derive(Debug)]
pub struct Iter<'a, T> {
    receiver: &'a Receiver<T>,
}

impl<T> Iterator for Iter<'_, T> {
    type Item = T;

    #[track_caller]
    fn next(&mut self) -> Option<T> {
        self.receiver.take_blocking()
    }
}

/// The values of a channel as a blocking iterator that owns its receiver.
#[derive(Debug)]
pub struct IntoIter<T> {
    receiver: Receiver<T>,
}

impl<T> Iterator for IntoIter<T> {
    type Item = T;

    #[track_caller]
    fn next(&mut self) -> Option<T> {
        self.receiver.take_blocking()
    }
}

impl<T> IntoIterator for Receiver<T> {
    type Item = T;
    type IntoIter = IntoIter<T>;

    /// Blocks the thread for each value; ends when the channel is closed and drained.
    fn into_iter(self) -> IntoIter<T> {
        IntoIter { receiver: self }
    }
}

#[expect(
    clippy::into_iter_without_iter,
    reason = "it is called `iter_blocking`, since it blocks"
)]
impl<'a, T> IntoIterator for &'a Receiver<T> {
    type Item = T;
    type IntoIter = Iter<'a, T>;

    fn into_iter(self) -> Iter<'a, T> {
        self.iter_blocking()
    }
}
