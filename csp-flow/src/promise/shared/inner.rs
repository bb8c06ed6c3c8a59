//! What the handles of a [`Shared`](super::Shared) have in common.
//!
//! No block drives it: whoever settles the source wakes us, and we move the outcome over, there and then.
//! Nothing of the user's runs at that, but wakers.
//!
//! # Lock order
//! Our lock, then that of the source's cell (or nothing, for a block). A cell wakes us without its lock.

use std::{
    collections::BTreeMap,
    task::{Context, Poll, Wake, Waker},
};

use csp_core::{
    Failure,
    context::{self, Object, forget, touch, visible},
    inspect::Tracked,
};

use super::super::{
    Promise,
    cell::At,
    failure::Outcome,
    handle::state_word,
    unhandled::{self, Describe},
    waiters::{Slot, Waiters},
    wake::wake,
};
use crate::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

pub(super) struct Inner<T, E> {
    state: Mutex<State<T, E>>,
    /// The wakers that we leave with the source hold the Arc too, hence a count of our own.
    handles: AtomicUsize,
    pub(super) created: At,
    describe: Describe<E>,
}

struct State<T, E> {
    /// Until it is settled. Taken out for the time of a cancel.
    source: Option<Promise<T, E>>,
    outcome: Option<Arc<Outcome<T, E>>>,
    /// Somebody was given the outcome, or does not want to hear of its failure.
    observed: bool,
    waiters: Waiters,
    turns: Turns,
    /// While it is pending, and inspection on.
    tracked: Option<Tracked>,
}

/// Marks the places of callbacks among those who wait, as inspection knows them.
const CALLBACK: u64 = 1 << 63;

/// Callbacks, in the order in which they were given. The first of them may run.
#[derive(Default)]
struct Turns {
    next: u64,
    due: BTreeMap<u64, Option<Waker>>,
}

impl<T, E> Inner<T, E>
where
    T: Send + Sync + 'static,
    E: Send + Sync + 'static,
{
    /// With one handle.
    pub(super) fn new(source: Promise<T, E>) -> Arc<Self> {
        let created = source.created();
        let inner = Arc::new(Self {
            state: Mutex::new(State {
                source: Some(source),
                outcome: None,
                observed: false,
                waiters: Waiters::default(),
                turns: Turns::default(),
                tracked: Tracked::new("shared promise", created),
            }),
            handles: AtomicUsize::new(1),
            created,
            describe: unhandled::describe,
        });
        let what = format_args!("the shared promise of {created}");
        context::describe(inner.object(), &what);
        inner.pump();
        inner
    }

    /// Asks the source, and passes on what it says.
    fn pump(self: &Arc<Self>) {
        touch(self.object());
        let waker = Waker::from(Arc::clone(self));
        let mut state = self.state.lock();
        let Some(source) = &mut state.source else {
            return;
        };
        if let Poll::Ready(outcome) = source.poll_outcome(&mut Context::from_waker(&waker)) {
            let source = state.source.take();
            let wakers = state.settle(outcome);
            drop(state);
            wakers.wake();
            drop(source);
        }
    }

    /// Sets the outcome, and gives the one before. (The source, if it is pending, is not wanted then.)
    pub(super) fn replace(&self, outcome: Outcome<T, E>) -> Option<Arc<Outcome<T, E>>> {
        visible(self.object());
        let mut state = self.state.lock();
        let source = state.source.take();
        let old = state.outcome.take();
        let wakers = state.settle(outcome);
        state.observed = false;
        drop(state);
        wakers.wake();
        drop(source);
        old
    }

    pub(super) fn cancel(self: &Arc<Self>) -> bool {
        visible(self.object());
        // Taken out: the source wakes us at its end, and that needs our lock.
        let Some(source) = self.state.lock().source.take() else {
            return false;
        };
        let cancelled = source.cancel();
        let mut state = self.state.lock();
        if state.outcome.is_none() {
            state.source = Some(source);
            drop(state);
            self.pump();
        }
        cancelled
    }
}

impl<T, E> Inner<T, E> {
    fn object(&self) -> Object {
        Object::At(std::ptr::from_ref(self).addr())
    }

    pub(super) fn add_handle(&self) {
        // Ordering: as for the counts of an Arc.
        self.handles.fetch_add(1, Ordering::Relaxed);
    }

    /// A handle goes. The last takes the source with it, and cancels that if `last` says so.
    pub(super) fn drop_handle(&self, last: impl FnOnce(Promise<T, E>)) {
        // Ordering: as for the counts of an Arc.
        if self.handles.fetch_sub(1, Ordering::AcqRel) > 1 {
            return;
        }
        visible(self.object());
        let mut state = self.state.lock();
        let source = state.source.take();
        let outcome = state.outcome.take();
        let observed = state.observed;
        drop(state);
        if let Some(source) = source {
            last(source);
        }
        if let Some(Err(failure)) = outcome.as_deref()
            && !observed
        {
            unhandled::report(failure, self.describe, self.created, None);
        }
    }

    /// The outcome, for somebody who looks at it.
    pub(super) fn outcome(&self) -> Option<Arc<Outcome<T, E>>> {
        visible(self.object());
        let mut state = self.state.lock();
        let outcome = state.outcome.clone();
        state.observed |= outcome.is_some();
        outcome
    }

    /// Its failure is nobody's concern.
    pub(super) fn ignore(&self) {
        self.state.lock().observed = true;
    }

    /// Asks something of the outcome, without looking at it. `f` is not the user's.
    pub(super) fn ask<R>(&self, f: impl FnOnce(&Outcome<T, E>) -> R) -> Option<R> {
        self.state.lock().outcome.as_deref().map(f)
    }

    pub(super) fn is_settled(&self) -> bool {
        visible(self.object());
        self.state.lock().outcome.is_some()
    }

    pub(super) fn word(&self) -> &'static str {
        self.ask(state_word).unwrap_or("pending")
    }

    /// How many wait for it.
    pub(super) fn waiting(&self) -> usize {
        let state = self.state.lock();
        state.waiters.len() + state.turns.due.len()
    }

    pub(super) fn poll(&self, slot: &mut Slot, cx: &Context<'_>) -> Poll<Arc<Outcome<T, E>>> {
        touch(self.object());
        let mut state = self.state.lock();
        if state.outcome.is_none() && !state.waiters.has(*slot, cx.waker()) {
            drop(state);
            let waker = cx.waker().clone();
            state = self.state.lock();
            if state.outcome.is_none() {
                let old = state.waiters.park(slot, waker);
                if let (Some(tracked), Some(place)) = (&state.tracked, *slot) {
                    tracked.wait(place, cx);
                }
                drop(state);
                drop(old);
                return Poll::Pending;
            }
        }
        state.given()
    }

    /// One who waited with [`poll`](Self::poll) goes away.
    pub(super) fn leave(&self, slot: &mut Slot) {
        if slot.is_some() {
            let mut state = self.state.lock();
            if let (Some(tracked), Some(place)) = (&state.tracked, *slot) {
                tracked.leave(place);
            }
            let old = state.waiters.leave(slot);
            drop(state);
            drop(old);
        }
    }

    /// Takes a place in the order of callbacks.
    pub(super) fn begin_turn(&self) -> u64 {
        let mut state = self.state.lock();
        let turns = &mut state.turns;
        turns.next += 1;
        let number = turns.next;
        turns.due.insert(number, None);
        number
    }

    /// Gives the outcome when all that stand before have ended their turns.
    pub(super) fn poll_turn(&self, number: u64, cx: &Context<'_>) -> Poll<Arc<Outcome<T, E>>> {
        touch(self.object());
        let waker = cx.waker().clone();
        let mut state = self.state.lock();
        let first = state.turns.due.first_key_value().map(|(first, _)| *first);
        if state.outcome.is_some() && first == Some(number) {
            return state.given();
        }
        let old = state.turns.due.insert(number, Some(waker));
        if let Some(tracked) = &state.tracked {
            tracked.wait(CALLBACK | number, cx);
        }
        drop(state);
        drop(old);
        Poll::Pending
    }

    /// Lets the next run.
    pub(super) fn end_turn(&self, number: u64) {
        touch(self.object());
        let mut state = self.state.lock();
        let own = state.turns.due.remove(&number);
        if let Some(tracked) = &state.tracked {
            tracked.leave(CALLBACK | number);
        }
        let next = if state.outcome.is_some() {
            state.turns.first()
        } else {
            None
        };
        drop(state);
        drop(own);
        if let Some(next) = next {
            wake(next);
        }
    }
}

impl<T, E> Drop for Inner<T, E> {
    fn drop(&mut self) {
        forget(self.object());
    }
}

impl<T, E> Wake for Inner<T, E>
where
    T: Send + Sync + 'static,
    E: Send + Sync + 'static,
{
    fn wake(self: Arc<Self>) {
        self.pump();
    }
}

/// Wakers that are due, for the time after the lock.
#[must_use = "to be woken without the lock"]
struct Due<W> {
    waiters: W,
    turn: Option<Waker>,
}

impl<W: Iterator<Item = Waker>> Due<W> {
    fn wake(self) {
        self.waiters.chain(self.turn).for_each(wake);
    }
}

impl<T, E> State<T, E> {
    fn settle(&mut self, outcome: Outcome<T, E>) -> Due<impl Iterator<Item = Waker> + use<T, E>> {
        self.outcome = Some(Arc::new(outcome));
        self.tracked = None;
        Due {
            waiters: self.waiters.take_all(),
            turn: self.turns.first(),
        }
    }

    /// The outcome, if it is there, for somebody who looks at it.
    fn given(&mut self) -> Poll<Arc<Outcome<T, E>>> {
        match &self.outcome {
            Some(outcome) => {
                self.observed = true;
                Poll::Ready(Arc::clone(outcome))
            }
            None => Poll::Pending,
        }
    }
}

impl Turns {
    /// The waker of the callback whose turn it is.
    fn first(&mut self) -> Option<Waker> {
        self.due
            .first_entry()
            .and_then(|mut first| first.get_mut().take())
    }
}

/// True if the outcome is a failure of being cancelled.
pub(super) fn is_cancelled<T, E>(outcome: &Outcome<T, E>) -> bool {
    matches!(outcome, Err(Failure::Cancelled))
}
