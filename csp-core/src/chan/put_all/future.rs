//! The transaction as a future.

use std::{
    fmt,
    future::Future,
    marker::PhantomPinned,
    panic::{Location, resume_unwind},
    pin::{Pin, pin},
    task::{Context, Poll},
};

use super::{
    super::core::{CLOSED, PUT_READY},
    Look, attempt,
    entry::Entry,
    none_put::{NonePut, Refused},
    puts::Puts,
    watch,
};
use crate::{
    context::{self, Object},
    park,
    site::{Op, Place},
    task,
    waiter::{Owner, Status},
};

/// Puts into several channels at one instant: all values are put, or none is.
///
/// Give it puts that are not awaited, of one type or of many: a tuple, an array or a `Vec`, or these in one
/// another. It is a future of `Result<(), NonePut<_>>` that parks until all the channels have room at one instant;
/// [`now`](PutAllOrNone::now) and [`blocking`](PutAllOrNone::blocking) are its other forms.
///
/// ```text
/// orders  ──────────●────────     no instant shows one of the two
/// audit   ──────────●────────     and not the other
/// ```
///
/// ```
/// use csp::prelude::*;
/// let (orders_tx, orders) = chan::<u32>(1);
/// let (audit_tx, audit) = chan::<String>(1);
///
/// csp::block_on(csp::put_all_or_none((orders_tx.put(7), audit_tx.put("order 7".to_owned())))).unwrap();
/// assert_eq!((orders.try_take(), audit.take_blocking().as_deref()), (Ok(7), Some("order 7")));
///
/// // One has no room, so none is put, and the values come back.
/// orders_tx.try_put(8).unwrap();
/// let none = csp::put_all_or_none((orders_tx.put(9), audit_tx.put("order 9".to_owned()))).now().unwrap_err();
/// assert!(none.is_full());
/// assert_eq!(none.index(), 0);
/// assert_eq!(none.into_inner(), (9, "order 9".to_owned()));
/// assert!(audit.is_empty());
/// ```
///
/// # All at one instant
/// Whoever looks at several of the channels, by takes, by an alts, by [`len`](crate::Receiver::len), sees all
/// of the values or none. Takers who wait are served at one instant, but for those of a custom buffer, a
/// transducer or a promise, which come right after. A channel may be named more than once: it must have room for
/// all its values, and they keep their order.
///
/// | channel | has room |
/// |---------|----------|
/// | rendezvous | for as many values as takers wait |
/// | `fixed` buffer | for the takers who wait, and the places that are free |
/// | `sliding`, `dropping`, `promise_buffer` | always; what these let go of goes, as with a plain put |
/// | custom buffer, transducer | for one value, if a plain put would not park |
///
/// An alts that waits to take from several of the channels takes from one. If it is the only taker of two
/// rendezvous channels, then these two have no room together.
///
/// # Parking, and whose turn it is
/// Nothing is reserved while it waits, and nobody is held up by it: puts that wait on one of the channels are
/// served strictly in order, as if it were not there, and room that it cannot use since another channel has none
/// is used by others. Those who wait with `put_all_or_none` for room on the same channel are woken in order, one for
/// each room that a take leaves; who cannot use it passes it on and goes to the end of that line. So it may wait
/// for ever behind puts that never pause.
///
/// Do not take from one of the channels in another arm of the alts that it is an arm of: an alts never meets
/// itself, but each round that queues this arm wakes it.
///
/// # Closing
/// If one of the channels is closed, before or while it waits, from either side, none is put, and the values
/// come back at once in the [`NonePut`], which says which channel it was. (That differs from a single parked
/// put, which is still delivered if the *sending* side closes.)
///
/// # Cancellation
/// Dropping the future before it is ready puts none and drops the values; [`PutAllOrNone::withdraw`] gives them
/// back instead. There is no time in between: either all were put, or none.
///
/// # Code of the user's
/// A custom buffer's policy and the steps of a transducer run under the locks of all the channels: keep them short,
/// and use no channels in them. If they use one of these, that panics instead of hanging. A policy that panics when it is asked whether it is full fails the
/// transaction, and none is put; when it panics over its value, that value is gone, the others are put, and the
/// panic goes on. A step that panics is the channel's failure, as with a plain put.
///
/// Such a channel can be named once: nobody knows whether there is room for a second value. Naming it twice
/// panics when it is polled.
///
/// From Lamina's transactional queues (`:transactional? true`), where an `enqueue` is part of a software transaction,
/// and all of a queue's code runs in it, again and again until it fits. Here the locks of all the channels are
/// held for the moves; a channel that is never used like this pays nothing.
#[track_caller]
pub fn put_all_or_none<P: Puts>(puts: P) -> PutAllOrNone<P> {
    PutAllOrNone {
        puts,
        state: State::New,
        place: Place::caller(Op::Put, Location::caller()),
        _pinned: PhantomPinned,
    }
}

/// Puts into several channels under way: future of `Result<(), NonePut<P::Values>>`. Made by [`put_all_or_none`].
#[must_use = "puts do nothing until they are awaited"]
pub struct PutAllOrNone<P: Puts> {
    puts: P,
    state: State,
    place: Place,
    // A `Vec` of puts stays where it is.
    _pinned: PhantomPinned,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    New,
    /// Looked at least once: watchers may be queued.
    Begun,
    /// All are put, or the values have been given back.
    Over,
}

impl<P: Puts> PutAllOrNone<P> {
    /// Puts all if that needs no waiting.
    ///
    /// # Errors
    /// [`NonePut`], with the values: one of the channels has no room, or is closed.
    ///
    /// # Panics
    /// If a channel with a custom buffer or a transducer is named twice, or a custom buffer panics.
    pub fn now(self) -> Result<(), NonePut<P::Values>> {
        let mut this = pin!(self);
        context::visible_all(|all| this.as_ref().tell(all));
        let result = this.as_mut().look(None);
        this.finish(result.expect("without a context it does not park"))
    }

    /// Puts all, blocking the thread until all channels have room at one instant.
    ///
    /// # Errors
    /// [`NonePut`], with the values: one of the channels is closed.
    pub fn blocking(self) -> Result<(), NonePut<P::Values>> {
        park::block_on(self)
    }

    /// Takes the puts back: the values, unless all were put, or came back, already.
    ///
    /// ```
    /// use csp::prelude::*;
    /// use std::{future::Future, pin::pin, task::{Context, Waker}};
    /// let ((a, _a), (b, _b)) = (chan(1), chan(0));
    /// let mut all = pin!(csp::put_all_or_none([a.put("late"), b.put("too")]));
    /// assert!(all.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    /// assert_eq!(all.as_mut().withdraw(), Some(["late", "too"]));
    /// assert!(a.is_empty());
    /// ```
    pub fn withdraw(mut self: Pin<&mut Self>) -> Option<P::Values> {
        if self.state == State::Over {
            return None;
        }
        self.as_mut().give_up();
        // (If it unwound, with the panic of a policy say, then perhaps after the puts.)
        if self.as_ref().with_entries(any_spent) {
            return None;
        }
        Some(self.puts().values())
    }

    /// Puts all, or queues watchers if there is a context. None: it has to park.
    fn look(mut self: Pin<&mut Self>, cx: Option<&Context<'_>>) -> Option<Result<(), Refused>> {
        let place = self.place;
        if self.state == State::New {
            // SAFETY: no waiter is queued. Each forgets where its put stands in the source.
            let forget = |entry: &&dyn Entry| unsafe { entry.waiter().set_owner(Owner::none(), 0) };
            self.as_ref()
                .with_entries(|all| all.iter().for_each(forget));
            self.as_mut().set_state(State::Begun);
        }
        self.as_ref().with_entries(|entries| {
            // (What unwound out of it came after the puts.)
            assert!(!any_spent(entries), "{ENDED}");
            for entry in entries {
                // (A look after a wake-up is one more, and was not asked for.)
                context::touch(entry.core().object());
                watch::withdraw(*entry);
            }
            look(entries, cx, place)
        })
    }

    fn finish(
        mut self: Pin<&mut Self>,
        result: Result<(), Refused>,
    ) -> Result<(), NonePut<P::Values>> {
        self.as_mut().set_state(State::Over);
        result.map_err(|refused| NonePut::new(self.puts().values(), refused))
    }

    /// Leaves all lines, and passes on what it was told.
    fn give_up(mut self: Pin<&mut Self>) {
        if self.state == State::Begun {
            let each = |entries: &[&dyn Entry]| entries.iter().for_each(|e| watch::give_up(*e));
            self.as_ref().with_entries(each);
        }
        self.as_mut().set_state(State::Over);
    }

    fn set_state(self: Pin<&mut Self>, state: State) {
        // SAFETY: nothing is moved, and the state is not pinned.
        unsafe { self.get_unchecked_mut() }.state = state;
    }

    fn puts(self: Pin<&mut Self>) -> Pin<&mut P> {
        // SAFETY: structural pinning of `puts`: never Unpin, and `drop` moves nothing.
        unsafe { self.map_unchecked_mut(|this| &mut this.puts) }
    }

    /// Which channels it is about.
    fn tell(self: Pin<&Self>, all: &mut Vec<Object>) {
        self.with_entries(|entries| all.extend(entries.iter().map(|entry| entry.core().object())));
    }

    fn with_entries<R>(self: Pin<&Self>, call: impl FnOnce(&[&dyn Entry]) -> R) -> R {
        // SAFETY: as for `puts`.
        let puts = unsafe { self.map_unchecked(|this| &this.puts) };
        let mut raws = Vec::new();
        puts.raws(&mut raws);
        let entries: Vec<&dyn Entry> = raws.iter().map(|raw| raw.0).collect();
        call(&entries)
    }
}

const ENDED: &str = "a `put_all_or_none` was polled after it had ended";

/// True if all have been put.
fn any_spent(entries: &[&dyn Entry]) -> bool {
    let spent = |entry: &&dyn Entry| entry.waiter().status() == Status::Spent;
    entries.iter().any(spent)
}

fn look(
    entries: &[&dyn Entry],
    cx: Option<&Context<'_>>,
    place: Place,
) -> Option<Result<(), Refused>> {
    let glance = if cx.is_none() {
        full_at_a_glance(entries)
    } else {
        None
    };
    let mut look = glance.map_or_else(|| attempt(entries, false), Look::Full);
    if let (Look::Full(_), Some(cx)) = (&look, cx) {
        for waiter in entries.iter().map(|entry| entry.waiter()) {
            // SAFETY: it is in no list, and has no owner.
            unsafe { waiter.set_owner(Owner::of(cx, waiter), 0) };
        }
        look = attempt(entries, true);
        if let Look::Full(full) = look {
            task::parks_at(cx, place, entries[full].core().id);
        }
    }
    let result = match look {
        Look::Done(after) => {
            after.run();
            Some(Ok(()))
        }
        Look::Closed(index) => Some(Err(Refused::new(entries, index, false))),
        Look::Full(_) if cx.is_some() => None,
        Look::Full(index) => Some(Err(Refused::new(entries, index, true))),
        Look::Panicked(payload) => resume_unwind(payload),
    };
    for waiter in entries.iter().map(|entry| entry.waiter()) {
        if matches!(waiter.status(), Status::Idle | Status::Spent) {
            // SAFETY: it was not queued, so nobody else knows the owner.
            unsafe { waiter.drop_owner() };
        }
    }
    result
}

/// The first that has no room, as its hint says; none if one is closed. As with `try_put`, that may be enough.
fn full_at_a_glance(entries: &[&dyn Entry]) -> Option<usize> {
    if entries.iter().any(|entry| entry.core().is(CLOSED)) {
        return None;
    }
    (entries.iter()).position(|entry| !entry.core().is(PUT_READY))
}

/// True if nothing has come since the watchers were queued; whoever polls is woken from now on.
fn still_parked(entries: &[&dyn Entry], cx: &Context<'_>) -> bool {
    let mut parked = false;
    for entry in entries {
        match entry.waiter().status() {
            Status::Idle => {}
            // SAFETY: the transaction itself calls.
            Status::Queued if unsafe { entry.core().change_owner(entry.waiter(), cx) } => {
                parked = true;
            }
            _ => return false,
        }
    }
    parked
}

impl<P: Puts> Future for PutAllOrNone<P> {
    type Output = Result<(), NonePut<P::Values>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.state {
            State::New => {
                if !context::spend(Place::nowhere, |all| self.as_ref().tell(all)) {
                    cx.waker().wake_by_ref();
                    return Poll::Pending;
                }
            }
            State::Begun => {
                if self.as_ref().with_entries(|all| still_parked(all, cx)) {
                    return Poll::Pending;
                }
            }
            State::Over => panic!("{ENDED}"),
        }
        match self.as_mut().look(Some(cx)) {
            Some(result) => Poll::Ready(self.finish(result)),
            None => Poll::Pending,
        }
    }
}

impl<P: Puts> Drop for PutAllOrNone<P> {
    fn drop(&mut self) {
        // SAFETY: what was polled was pinned, and is dropped where it is.
        unsafe { Pin::new_unchecked(self) }.give_up();
    }
}

impl<P: Puts> fmt::Debug for PutAllOrNone<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PutAllOrNone")
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}
