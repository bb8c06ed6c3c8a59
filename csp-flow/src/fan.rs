//! One value to many channels: which ones, [`taps`] has.
//!
//! # How a value goes out
//! 1. It is tried on every channel. Mostly that is all.
//! 2. The puts for which there is no room are queued, all of them, before any is waited for: their takers
//!    may come in any order.
//! 3. They are waited for one after the other, since all have to be done anyway. So a value costs no
//!    more than a poll for each of them and a wake-up for each taker that comes.

mod taps;

use std::{
    future::poll_fn,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::{Pin, pin},
    task::{Context, Poll},
};

pub(crate) use self::taps::Taps;
use csp_core::{Cause, Closed, Put, Sender, TryPutError, context};

use crate::{AtEnd, block::panicked, sync::Arc};

/// A channel that values go to, and what becomes of it at the end.
pub(crate) struct Tap<T> {
    pub(crate) tx: Sender<T>,
    pub(crate) at_end: AtEnd,
}

impl<T> Clone for Tap<T> {
    fn clone(&self) -> Self {
        Self {
            tx: self.tx.clone(),
            at_end: self.at_end,
        }
    }
}

impl<T> Tap<T> {
    /// No more values come, and perhaps there is a reason.
    pub(crate) fn end(&self, cause: Option<&Cause>) {
        match (self.at_end, cause) {
            (AtEnd::KeepOpen, _) => false,
            (AtEnd::Close, Some(cause)) => self.tx.fail(Arc::clone(cause)),
            (AtEnd::Close, None) => self.tx.close(),
        };
    }
}

/// What [`first`] gave.
pub(crate) enum First<A, B> {
    A(A),
    B(B),
}

/// The first of two to be ready; the other is dropped, which must lose nothing. Cheaper than an alts
/// of futures: what is parked stays so from poll to poll.
pub(crate) async fn first<A: Future, B: Future>(a: A, b: B) -> First<A::Output, B::Output> {
    let (mut a, mut b) = (pin!(a), pin!(b));
    poll_fn(|cx| {
        if let Poll::Ready(a) = a.as_mut().poll(cx) {
            return Poll::Ready(First::A(a));
        }
        b.as_mut().poll(cx).map(First::B)
    })
    .await
}

/// Puts into one of many channels. `None`: its own buffer policy panicked, so that it has failed; the other
/// channels are not to suffer for it.
fn guarded<T, R>(tx: &Sender<T>, put: impl FnOnce() -> R) -> Option<R> {
    catch_unwind(AssertUnwindSafe(put))
        .map_err(|payload| tx.fail(panicked("the buffer of this channel", &payload)))
        .ok()
}

/// Values on their way into many channels, one value after the other.
pub(crate) struct Fan<'a, T> {
    parked: Vec<Parked<'a, T>>,
    /// Boxes of puts that are done.
    spare: Vec<Slot<'a, T>>,
    refused: Vec<usize>,
    returned: Option<T>,
}

/// A put for which there was no room.
struct Parked<'a, T> {
    /// Its place among the channels that the value is offered to.
    place: usize,
    tx: &'a Sender<T>,
    slot: Slot<'a, T>,
}

type Slot<'a, T> = Pin<Box<Option<Put<'a, T>>>>;

impl<'a, T> Fan<'a, T> {
    pub(crate) fn new() -> Self {
        Self {
            parked: Vec::new(),
            spare: Vec::new(),
            refused: Vec::new(),
            returned: None,
        }
    }

    /// How many puts found their channel closed.
    pub(crate) fn refused(&self) -> usize {
        self.refused.len()
    }

    /// Which channels these were, by their place among those that the value was offered to.
    pub(crate) fn refused_at(&self) -> &[usize] {
        &self.refused
    }

    /// A value that was refused, for whom it is to go elsewhere.
    pub(crate) fn take_returned(&mut self) -> Option<T> {
        self.returned.take()
    }

    /// The places of the channels that have no room for the value yet.
    pub(crate) fn waiting(&self) -> impl Iterator<Item = usize> + '_ {
        self.parked.iter().map(|parked| parked.place)
    }

    /// True if a channel has no room for the value yet: wait until it is [`settled`](Self::settled).
    pub(crate) fn is_waiting(&self) -> bool {
        !self.parked.is_empty()
    }

    /// Step 1.
    pub(crate) fn offer(&mut self, to: impl IntoIterator<Item = &'a Sender<T>>, value: T)
    where
        T: Clone,
    {
        let mut to = to.into_iter().enumerate();
        let Some((mut place, mut tx)) = to.next() else {
            return;
        };
        for (next, next_tx) in to {
            self.give(place, tx, value.clone());
            (place, tx) = (next, next_tx);
        }
        self.give(place, tx, value);
    }

    fn give(&mut self, place: usize, tx: &'a Sender<T>, value: T) {
        match guarded(tx, || tx.try_put(value)) {
            Some(Ok(())) => {}
            Some(Err(TryPutError::Closed(value))) => self.refuse(place, Some(value)),
            None => self.refuse(place, None),
            Some(Err(TryPutError::Full(value))) => {
                let mut slot = self.spare.pop().unwrap_or_else(|| Box::pin(None));
                slot.set(Some(tx.put(value)));
                self.parked.push(Parked { place, tx, slot });
            }
        }
    }

    fn refuse(&mut self, place: usize, value: Option<T>) {
        self.refused.push(place);
        self.returned = value.or(self.returned.take());
    }

    /// Steps 2 and 3: ready once every channel has the value, or is closed. A channel that closes gets
    /// no more values, also not one that waits in it.
    ///
    /// Dropping the future takes nothing back: it can be asked for again.
    pub(crate) async fn settled(&mut self) {
        poll_fn(|cx| {
            self.queue(cx);
            Poll::Ready(())
        })
        .await;
        while let Some(parked) = self.parked.last_mut() {
            let (place, tx) = (parked.place, parked.tx);
            let refused = match first(parked.put(), tx.closed()).await {
                First::A(put) => put.err().map(Closed::into_inner),
                First::B(()) => parked.put().withdraw(),
            };
            if refused.is_some() {
                self.refuse(place, refused);
            }
            self.release(self.parked.len() - 1);
        }
    }

    /// Takes the value back from channels that are not to have it any more.
    pub(crate) fn keep(&mut self, keep: impl Fn(&Sender<T>) -> bool) {
        for index in (0..self.parked.len()).rev() {
            let parked = &mut self.parked[index];
            if !keep(parked.tx) {
                drop(parked.put().withdraw());
                self.release(index);
            }
        }
    }

    /// Takes the value back from the channels for which `late` says so, by their place: they count as
    /// closed, unless they have accepted it by now. Tells which they are.
    pub(crate) fn withdraw(&mut self, late: impl Fn(usize) -> bool, mut cut: impl FnMut(usize)) {
        for index in (0..self.parked.len()).rev() {
            let parked = &mut self.parked[index];
            let place = parked.place;
            if late(place) {
                let value = parked.put().withdraw();
                self.release(index);
                if value.is_some() {
                    self.refuse(place, value);
                    cut(place);
                }
            }
        }
    }

    fn queue(&mut self, cx: &mut Context<'_>) {
        for index in (0..self.parked.len()).rev() {
            let parked = &mut self.parked[index];
            // A put that the turn's budget has stopped would not be queued. The block parks after this.
            let polled = guarded(parked.tx, || context::unlimited(|| parked.put().poll(cx)));
            let place = parked.place;
            match polled {
                Some(Poll::Pending) => continue,
                Some(Poll::Ready(Ok(()))) => {}
                Some(Poll::Ready(Err(Closed(value)))) => self.refuse(place, Some(value)),
                None => self.refuse(place, None),
            }
            self.release(index);
        }
    }

    fn release(&mut self, index: usize) {
        let mut slot = self.parked.swap_remove(index).slot;
        slot.set(None);
        self.spare.push(slot);
    }
}

impl<'a, T> Parked<'a, T> {
    fn put(&mut self) -> Pin<&mut Put<'a, T>> {
        self.slot
            .as_mut()
            .as_pin_mut()
            .expect("a parked put stays until it is released")
    }
}
