//! What a [`Promise`](super::Promise) and its [`Resolver`](super::Resolver) share: one lock around a small
//! state.
//!
//! # Rules
//! 1. An outcome is stored once: by a settler that finds the cell open, or by a cancel.
//! 2. It leaves the cell once: to the reader, or to whoever drops the reader.
//! 3. What cannot be stored, since the cell is not open or its reader is gone, comes back to the settler.
//! 4. While it is claimed, only the holder of the claim settles; a cancel is refused.
//! 5. Nothing foreign runs under the lock: no waker, no canceller, no drop of one of these or of a value. A
//!    transition gives out what is to be woken or dropped after it.

use std::{
    panic::Location,
    task::{Context, Poll, Waker},
};

use csp_core::{
    Failure,
    context::{self, Object, forget, touch, visible},
    inspect::Tracked,
};

use super::{
    failure::Outcome,
    unhandled::{self, Describe},
    waiters::{Slot, Waiters},
    wake::{Canceller, drop_in_turn, wake},
};
use crate::sync::{Arc, Guard, Mutex};

pub(super) type At = &'static Location<'static>;

pub(super) struct Cell<T, E> {
    state: Mutex<State<T, E>>,
    pub(super) created: At,
    describe: Describe<E>,
}

struct State<T, E> {
    stage: Stage<T, E>,
    reader: Reader,
    /// The reader has cancelled it. It stays open as long as cancellers run.
    cancelled: bool,
    /// Most cells never need it.
    watch: Option<Box<Watch>>,
    /// While it is pending, and inspection on.
    tracked: Option<Tracked>,
}

enum Stage<T, E> {
    Open,
    Claimed,
    /// And where it was settled, if by a call.
    Settled(Outcome<T, E>, Option<At>),
    Taken,
}

enum Reader {
    Here(Option<Waker>),
    Gone,
}

/// What a settler wants to know of the reader.
#[derive(Default)]
struct Watch {
    cancellers: Vec<Canceller>,
    unwanted: Waiters,
}

/// Who settles.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    Anybody,
    ClaimHolder,
}

/// What an owner of the cell is told when the reader goes.
pub(super) type Left<T, E> = Option<(Outcome<T, E>, Option<At>)>;

impl<T, E> Cell<T, E> {
    pub(super) fn new(created: At) -> Arc<Self>
    where
        E: 'static,
    {
        Self::make(Stage::Open, created, Tracked::new("promise", created))
    }

    pub(super) fn settled(outcome: Outcome<T, E>, created: At, at: Option<At>) -> Arc<Self>
    where
        E: 'static,
    {
        Self::make(Stage::Settled(outcome, at), created, None)
    }

    fn make(stage: Stage<T, E>, created: At, tracked: Option<Tracked>) -> Arc<Self>
    where
        E: 'static,
    {
        let cell = Arc::new(Self {
            state: Mutex::new(State {
                stage,
                reader: Reader::Here(None),
                cancelled: false,
                watch: None,
                tracked,
            }),
            created,
            describe: unhandled::describe,
        });
        context::describe(cell.object(), &format_args!("the promise of {created}"));
        cell
    }

    fn object(&self) -> Object {
        Object::At(std::ptr::from_ref(self).addr())
    }

    /// Stores the outcome and wakes the reader, or gives the outcome back.
    pub(super) fn settle(
        &self,
        outcome: Outcome<T, E>,
        at: Option<At>,
        by: By,
    ) -> Result<(), Outcome<T, E>> {
        visible(self.object());
        let state = self.state.lock();
        if !state.is_open_to(by) || matches!(state.reader, Reader::Gone) {
            return Err(outcome);
        }
        store(state, outcome, at);
        Ok(())
    }

    /// The last that could settle it goes away.
    pub(super) fn abandon(&self) {
        visible(self.object());
        let state = self.state.lock();
        if state.is_open_to(By::Anybody) && !matches!(state.reader, Reader::Gone) {
            let failure = if state.cancelled {
                Failure::Cancelled
            } else {
                Failure::Abandoned
            };
            store(state, Err(failure), None);
        }
    }

    /// Reserves it, if its outcome is still wanted.
    pub(super) fn claim(&self) -> bool {
        visible(self.object());
        let mut state = self.state.lock();
        let wanted = state.is_wanted();
        if wanted {
            state.stage = Stage::Claimed;
            state.tell("claimed");
        }
        wanted
    }

    /// The holder of the claim does not settle after all.
    pub(super) fn release_claim(&self) {
        visible(self.object());
        let mut state = self.state.lock();
        if matches!(state.stage, Stage::Claimed) {
            state.stage = Stage::Open;
            state.tell("pending");
        }
    }

    /// True if a value would still be of use.
    pub(super) fn is_wanted(&self) -> bool {
        visible(self.object());
        self.state.lock().is_wanted()
    }

    /// The reader does not want it any more. True if it is not settled yet.
    ///
    /// If there are cancellers, `run` is given them, and is to call [`end_cancel`](Self::end_cancel) when
    /// they are through: one of them may settle it meanwhile.
    pub(super) fn cancel(&self, run: impl FnOnce(Vec<Canceller>)) -> bool {
        visible(self.object());
        let mut state = self.state.lock();
        match state.stage {
            Stage::Open if state.cancelled => return true,
            Stage::Open => {}
            _ => return false,
        }
        state.cancelled = true;
        let Some(watch) = state.watch.as_mut() else {
            store(state, Err(Failure::Cancelled), None);
            return true;
        };
        let cancellers = std::mem::take(&mut watch.cancellers);
        if cancellers.is_empty() {
            store(state, Err(Failure::Cancelled), None);
            return true;
        }
        let unwanted = watch.unwanted.take_all();
        state.tell("cancelling");
        drop(state);
        unwanted.for_each(wake);
        run(cancellers);
        true
    }

    /// The cancellers have run.
    pub(super) fn end_cancel(&self) {
        visible(self.object());
        let state = self.state.lock();
        if matches!(state.stage, Stage::Open) {
            store(state, Err(Failure::Cancelled), None);
        }
    }

    /// Keeps a canceller for the time when it is cancelled. Gives it back if that has happened already.
    pub(super) fn on_cancel(&self, canceller: Canceller) -> Option<Canceller> {
        visible(self.object());
        let mut state = self.state.lock();
        if state.cancelled {
            return Some(canceller);
        }
        if state.is_wanted() {
            state.watch().cancellers.push(canceller);
        } else {
            // It can never run: settled, or nobody is left to cancel.
            drop(state);
            drop_in_turn(vec![canceller]);
        }
        None
    }

    /// Ready when the outcome is not wanted any more.
    pub(super) fn poll_unwanted(&self, slot: &mut Slot, cx: &Context<'_>) -> Poll<()> {
        touch(self.object());
        let mut state = self.state.lock();
        if !state.is_wanted() {
            return Poll::Ready(());
        }
        if !state.watch().unwanted.has(*slot, cx.waker()) {
            drop(state);
            let waker = cx.waker().clone();
            let mut state = self.state.lock();
            if !state.is_wanted() {
                return Poll::Ready(());
            }
            let old = state.watch().unwanted.park(slot, waker);
            drop(state);
            drop(old);
        }
        Poll::Pending
    }

    /// One who waited with [`poll_unwanted`](Self::poll_unwanted) goes away.
    pub(super) fn leave_unwanted(&self, slot: &mut Slot) {
        touch(self.object());
        let mut state = self.state.lock();
        let old = state
            .watch
            .as_mut()
            .and_then(|watch| watch.unwanted.leave(slot));
        drop(state);
        drop(old);
    }

    /// Moves the outcome out, or leaves the reader's waker.
    pub(super) fn poll(&self, cx: &Context<'_>) -> Poll<Outcome<T, E>> {
        touch(self.object());
        let mut waker = None;
        loop {
            let mut state = self.state.lock();
            match state.stage {
                Stage::Open | Stage::Claimed => {}
                _ => return Poll::Ready(take(state)),
            }
            let Reader::Here(parked) = &mut state.reader else {
                unreachable!("the reader is here, it asks");
            };
            if parked
                .as_ref()
                .is_some_and(|parked| parked.will_wake(cx.waker()))
            {
                return Poll::Pending;
            }
            if let Some(waker) = waker {
                let old = parked.replace(waker);
                if let Some(tracked) = &state.tracked {
                    tracked.wait(0, cx);
                }
                drop(state);
                drop(old);
                return Poll::Pending;
            }
            drop(state);
            waker = Some(cx.waker().clone());
        }
    }

    /// The reader goes away. Gives the outcome that it did not take.
    pub(super) fn leave(&self) -> Left<T, E> {
        visible(self.object());
        let mut state = self.state.lock();
        let reader = std::mem::replace(&mut state.reader, Reader::Gone);
        let watch = state.watch.take();
        // What nobody is to read is not pending for anybody.
        let tracked = state.tracked.take();
        let left = match std::mem::replace(&mut state.stage, Stage::Taken) {
            Stage::Settled(outcome, at) => Some((outcome, at)),
            other => {
                state.stage = other;
                None
            }
        };
        drop(state);
        drop(reader);
        drop(tracked);
        end(watch);
        left
    }

    /// Tells of a failure that nobody looked at.
    pub(super) fn report(&self, failure: &Failure<E>, settled: Option<At>) {
        unhandled::report(failure, self.describe, self.created, settled);
    }

    pub(super) fn is_settled(&self) -> bool {
        visible(self.object());
        !matches!(self.state.lock().stage, Stage::Open | Stage::Claimed)
    }

    /// Asks something of the outcome, if it is here. `f` is not the user's.
    pub(super) fn peek<R>(&self, f: impl FnOnce(&Outcome<T, E>) -> R) -> Option<R> {
        match &self.state.lock().stage {
            Stage::Settled(outcome, _) => Some(f(outcome)),
            _ => None,
        }
    }

    /// The state in a word.
    pub(super) fn word(&self) -> &'static str {
        let state = self.state.lock();
        match &state.stage {
            Stage::Open if state.cancelled => "cancelling",
            Stage::Open => "pending",
            Stage::Claimed => "claimed",
            Stage::Settled(Ok(_), _) => "fulfilled",
            Stage::Settled(Err(failure), _) => word(failure),
            Stage::Taken => "taken",
        }
    }
}

/// A failure in a word.
pub(super) fn word<E>(failure: &Failure<E>) -> &'static str {
    match failure {
        Failure::Error(_) => "failed",
        Failure::Panicked(_) => "panicked",
        Failure::Cancelled => "cancelled",
        Failure::TimedOut => "timed out",
        Failure::Closed => "closed",
        _ => "abandoned",
    }
}

impl<T, E> Drop for Cell<T, E> {
    fn drop(&mut self) {
        forget(self.object());
    }
}

impl<T, E> State<T, E> {
    fn is_open_to(&self, by: By) -> bool {
        match self.stage {
            Stage::Open => by == By::Anybody,
            Stage::Claimed => by == By::ClaimHolder,
            _ => false,
        }
    }

    fn is_wanted(&self) -> bool {
        matches!(self.stage, Stage::Open)
            && !self.cancelled
            && matches!(self.reader, Reader::Here(_))
    }

    /// Tells inspection how it is.
    fn tell(&self, word: &'static str) {
        if let Some(tracked) = &self.tracked {
            tracked.set_state(word);
        }
    }

    fn watch(&mut self) -> &mut Watch {
        self.watch.get_or_insert_default()
    }
}

/// Stores the outcome, then tells who waits, without the lock.
fn store<T, E>(mut state: Guard<'_, State<T, E>>, outcome: Outcome<T, E>, at: Option<At>) {
    state.stage = Stage::Settled(outcome, at);
    let reader = match &mut state.reader {
        Reader::Here(waker) => waker.take(),
        Reader::Gone => None,
    };
    let watch = state.watch.take();
    let tracked = state.tracked.take();
    drop(state);
    drop(tracked);
    if let Some(reader) = reader {
        wake(reader);
    }
    end(watch);
}

/// Nobody will cancel any more, and nothing is wanted.
fn end(watch: Option<Box<Watch>>) {
    if let Some(mut watch) = watch {
        watch.unwanted.take_all().for_each(wake);
        // A canceller often holds what would settle the promise: the circle ends here.
        drop_in_turn(watch.cancellers);
    }
}

#[track_caller]
fn take<T, E>(mut state: Guard<'_, State<T, E>>) -> Outcome<T, E> {
    match std::mem::replace(&mut state.stage, Stage::Taken) {
        Stage::Settled(outcome, _) => outcome,
        _ => panic!("the outcome of this promise was taken before"),
    }
}
