//! Calls at a later time.

use std::{
    any::Any,
    cell::{Cell, RefCell},
    collections::BTreeMap,
    fmt,
    ops::Deref,
    panic::Location,
    time::{Duration, Instant},
};

use super::{
    LoopHandle, TimerError,
    core::Core,
    job::{Internal, Job},
};
use crate::sync::{Arc, Mutex};

/// By time, then by the order in which they were set.
type Place = (Instant, u64);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Waiting,
    Called,
    Cancelled,
    Ended,
}

#[derive(Debug)]
struct State {
    phase: Phase,
    due: Instant,
    /// Where the loop has it. Only the loop changes that.
    place: Option<Place>,
}

/// What the loop knows of a timer.
pub(super) struct Entry {
    f: Option<Box<dyn FnOnce()>>,
    at: &'static Location<'static>,
    state: Kept,
}

/// A timer's state, as the loop has it: if it goes while the timer waits, that will never be called.
struct Kept(Arc<Mutex<State>>);

impl Deref for Kept {
    type Target = Mutex<State>;

    fn deref(&self) -> &Mutex<State> {
        &self.0
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        if state.phase == Phase::Waiting {
            state.phase = Phase::Ended;
        }
    }
}

#[derive(Default)]
pub(super) struct Timers {
    waiting: RefCell<BTreeMap<Place, Entry>>,
    next: Cell<u64>,
}

impl Timers {
    /// When the first is due.
    pub(super) fn next(&self) -> Option<Instant> {
        let waiting = self.waiting.borrow();
        waiting.first_key_value().map(|(&(due, _), _)| due)
    }

    /// Takes it in, unless it was cancelled.
    fn file(&self, core: &Core, entry: Entry) {
        let number = self.next.get();
        let place = {
            let mut state = entry.state.lock();
            state.place = (state.phase == Phase::Waiting).then_some((state.due, number));
            state.place
        };
        let Some(place) = place else {
            let at = entry.at;
            core.guarded(at, || drop(entry));
            return;
        };
        self.next.set(number + 1);
        self.waiting.borrow_mut().insert(place, entry);
    }

    /// The timer was changed.
    fn file_again(&self, core: &Core, state: &Mutex<State>) {
        let place = state.lock().place.take();
        let entry = place.and_then(|place| self.waiting.borrow_mut().remove(&place));
        if let Some(entry) = entry {
            self.file(core, entry);
        }
    }

    /// Calls what is due, in order. What the calls set waits for the next pass.
    pub(super) fn run_due(&self, core: &Core) {
        let now = csp_sched::now();
        while let Some(mut entry) = self.take_due(now) {
            let is_due = {
                let mut state = entry.state.lock();
                state.place = None;
                let is_due = state.phase == Phase::Waiting && state.due <= now;
                if is_due {
                    state.phase = Phase::Called;
                }
                is_due
            };
            match entry.f.take() {
                Some(f) if is_due => {
                    core.count();
                    core.guarded(entry.at, f);
                }
                f => {
                    entry.f = f;
                    self.file(core, entry);
                }
            }
        }
    }

    fn take_due(&self, now: Instant) -> Option<Entry> {
        let mut waiting = self.waiting.borrow_mut();
        let first = waiting.first_entry()?;
        (first.key().0 <= now).then(|| first.remove())
    }

    /// Drops all of them.
    pub(super) fn end(&self, core: &Core) {
        for entry in self.waiting.take().into_values() {
            let at = entry.at;
            core.guarded(at, || drop(entry));
        }
    }

    /// Those that wait, in order.
    pub(super) fn list(&self, on: &LoopHandle) -> Vec<Timer> {
        let waiting = self.waiting.borrow();
        let timers = waiting.values().map(|entry| Timer {
            state: Arc::clone(&entry.state.0),
            on: on.clone(),
        });
        timers.filter(Timer::is_active).collect()
    }
}

/// A call that the loop makes at its time: [`call_later`](LoopHandle::call_later) gives it.
///
/// Every change holds at once, from whatever thread it is made. Dropping the `Timer` changes nothing.
/// Twisted's `IDelayedCall`.
#[derive(Clone)]
pub struct Timer {
    state: Arc<Mutex<State>>,
    on: LoopHandle,
}

/// A timer on its way to the loop.
pub(super) struct Later<F> {
    pub(super) f: F,
    at: &'static Location<'static>,
    state: Kept,
}

impl<F: FnOnce() + Send + 'static> Job for Later<F> {
    fn run(self: Box<Self>, core: &Core) {
        let Self { f, at, state } = *self;
        let f: Option<Box<dyn FnOnce()>> = Some(Box::new(f));
        core.timers.file(core, Entry { f, at, state });
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}

impl Timer {
    pub(super) fn new<F>(
        on: &LoopHandle,
        after: Duration,
        at: &'static Location<'static>,
        f: F,
    ) -> (Self, Later<F>) {
        let state = Arc::new(Mutex::new(State {
            phase: Phase::Waiting,
            due: later(on.now(), after),
            place: None,
        }));
        let timer = Self {
            state: Arc::clone(&state),
            on: on.clone(),
        };
        let state = Kept(state);
        (timer, Later { f, at, state })
    }

    /// Takes the call back: the function is not called, and dropped on the loop's thread.
    ///
    /// # Errors
    /// [`TimerError`]: it was cancelled before, has been called (also: is being called now), or the loop has
    /// ended.
    pub fn cancel(&self) -> Result<(), TimerError> {
        self.change(|state| state.phase = Phase::Cancelled)?;
        // A loop that is about to go drops the function with all that it has.
        self.tell_loop().ok();
        Ok(())
    }

    /// Has the call made `after` from now, whatever was said before.
    ///
    /// # Errors
    /// As for [`cancel`](Self::cancel).
    pub fn reset(&self, after: Duration) -> Result<(), TimerError> {
        let due = later(self.on.now(), after);
        self.change(|state| state.due = due)?;
        self.tell_loop()
    }

    /// Has the call made by so much later than was said before.
    ///
    /// # Errors
    /// As for [`cancel`](Self::cancel).
    pub fn delay(&self, by: Duration) -> Result<(), TimerError> {
        self.change(|state| state.due = later(state.due, by))?;
        self.tell_loop()
    }

    fn change(&self, change: impl FnOnce(&mut State)) -> Result<(), TimerError> {
        let mut state = self.state.lock();
        match state.phase {
            Phase::Waiting => {
                change(&mut state);
                Ok(())
            }
            Phase::Called => Err(TimerError::Called),
            Phase::Cancelled => Err(TimerError::Cancelled),
            Phase::Ended => Err(TimerError::Ended),
        }
    }

    fn tell_loop(&self) -> Result<(), TimerError> {
        let state = Arc::clone(&self.state);
        let again = Internal(move |core: &Core| core.timers.file_again(core, &state));
        self.on.post(again).map_err(|_| TimerError::Ended)
    }

    /// True while the call is still to be made.
    pub fn is_active(&self) -> bool {
        self.due().is_some()
    }

    /// When the call is to be made, by the loop's clock; `None` if it is not to be made any more.
    pub fn due(&self) -> Option<Instant> {
        let state = self.state.lock();
        (state.phase == Phase::Waiting).then_some(state.due)
    }
}

/// A time past the end of the clock is as good as in a lifetime.
fn later(from: Instant, by: Duration) -> Instant {
    let lifetime = || from.checked_add(Duration::from_hours(100 * 365 * 24));
    from.checked_add(by).or_else(lifetime).unwrap_or(from)
}

impl fmt::Debug for Timer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state.lock();
        f.debug_struct("Timer")
            .field("phase", &state.phase)
            .field("due", &state.due)
            .finish_non_exhaustive()
    }
}
