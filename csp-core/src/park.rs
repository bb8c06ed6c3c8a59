//! Blocking an OS thread on a future: the blocking form of every operation.

#[cfg(all(test, csp_loom))]
mod loom;

use std::{
    future::Future,
    panic::Location,
    pin::{Pin, pin},
    task::{Context, Poll, RawWaker, RawWakerVTable, Waker},
    time::{Duration, Instant},
};

use crate::{
    context,
    inspect::{
        deadlock::Watch,
        threads::{BlockedThread, Spot},
    },
    linger,
    site::{Op, Place},
    sync::{
        Arc, Condvar, Guard, Mutex,
        atomic::{AtomicU32, Ordering},
        now,
    },
};

/// The thread is awake, for all that its wakers know.
const AWAKE: u32 = 0;
/// It has been unparked.
const TOKEN: u32 = 1;
/// It sleeps, or is about to: set by itself alone, under its lock.
const ASLEEP: u32 = 2;

/// A thread's parking place. One token: an unpark before the park is not lost.
///
/// # The protocol
/// * Whoever unparks sets the token. Only if the thread was asleep until then he takes the lock and signals: a
///   thread that is awake, or lingers, costs its waker one atomic operation.
/// * The thread says that it is asleep under the lock, unless the token is there, and gives the lock up in its
///   sleep only.
///
/// # Races, by name
/// * *token, then sleep*: both sides change one word. If the token is first the thread stays awake; if the sleep
///   is first, the waker comes to the lock after it has been given up, and the signal finds the sleeper.
/// * *signal without a sleeper*: a thread that sees the token for another reason is awake before its signal
///   comes, which may end its next sleep early: there it looks at the token.
struct Parker {
    word: AtomicU32,
    state: Mutex<State>,
    unparked: Condvar,
    spot: Spot,
}

/// What the parker's lock protects.
struct State {
    asleep: Option<Asleep>,
    /// The last sleep without a limit.
    last_nap: u64,
}

struct Asleep {
    since: Instant,
    /// Set if there is no limit: see [`deadlock`].
    nap: Option<u64>,
}

impl Parker {
    fn new() -> Self {
        Self {
            word: AtomicU32::new(AWAKE),
            state: Mutex::new(State {
                asleep: None,
                last_nap: 0,
            }),
            unparked: Condvar::new(),
            spot: Spot::here(),
        }
    }

    fn is_unparked(&self) -> bool {
        // Ordering: `use_token` acquires what the waker did before; who lists the sleepers only wants this word's order.
        self.word.load(Ordering::Relaxed) == TOKEN
    }

    /// Uses the token up, which is there: nobody else takes it away.
    fn use_token(&self) {
        // Ordering: Acquire, to see what every waker did that left the token to this swap; a swap, since a store
        // would not read from those that came after the first look.
        self.word.swap(AWAKE, Ordering::Acquire);
    }

    fn park(&self) {
        if context::park(&|| self.is_unparked(), None).is_some() || self.comes_soon() {
            self.use_token();
            return;
        }
        let mut state = self.state.lock();
        let mut watch = Watch::begin();
        state.last_nap = watch.nap();
        self.spot.note_turn();
        state.fall_asleep(Some(watch.nap()));
        if self.lies_down() {
            while !self.is_unparked() {
                state = self.sleep(state, &mut watch);
            }
        }
        state.asleep = None;
        self.use_token();
        linger::slept();
    }

    /// Lingers for the token.
    fn comes_soon(&self) -> bool {
        self.is_unparked() || linger::before_sleep(|| self.is_unparked())
    }

    /// To be called under the lock, which is given up in the sleep only. False: the token is there.
    fn lies_down(&self) -> bool {
        // Ordering: Relaxed for the sleep (race *token, then sleep*: one word's order, and the lock); whoever
        // fails takes the token by `use_token`.
        self.word
            .compare_exchange(AWAKE, ASLEEP, Ordering::Relaxed, Ordering::Relaxed)
            .is_ok()
    }

    /// Sleeps until unparked, or until the next look at whether anybody is awake.
    fn sleep<'a>(&'a self, state: Guard<'a, State>, watch: &mut Watch) -> Guard<'a, State> {
        let Some(pause) = watch.pause() else {
            return self.unparked.wait(state);
        };
        let state = self.unparked.wait_for(state, pause);
        if self.is_unparked() {
            return state;
        }
        drop(state);
        watch.look();
        self.state.lock()
    }

    /// False: the time was over without an unpark.
    fn park_until(&self, deadline: Instant) -> bool {
        let left = deadline.saturating_duration_since(context::now());
        if let Some(in_time) = context::park(&|| self.is_unparked(), Some(left)) {
            self.use_token();
            return in_time;
        }
        if !self.comes_soon() {
            let mut state = self.state.lock();
            state.fall_asleep(None);
            if self.lies_down() {
                state = self.sleep_until(deadline, state);
            }
            state.asleep = None;
            linger::slept();
        }
        // Ordering: as in `use_token`. A token that came at the last moment counts.
        self.word.swap(AWAKE, Ordering::Acquire) == TOKEN
    }

    fn sleep_until<'a>(
        &'a self,
        deadline: Instant,
        mut state: Guard<'a, State>,
    ) -> Guard<'a, State> {
        while !self.is_unparked() {
            let left = deadline.saturating_duration_since(now());
            if left.is_zero() {
                break;
            }
            state = self.unparked.wait_for(state, left);
        }
        state
    }

    fn unpark(&self) {
        // Ordering: Release pairs with `use_token`: the thread sees what all its wakers did before (each swap goes on
        // with the release of the one before). (race *token, then sleep*)
        if self.word.swap(TOKEN, Ordering::Release) == ASLEEP {
            self.signal();
        }
    }

    #[cold]
    fn signal(&self) {
        // It has the lock until it sleeps.
        drop(self.state.lock());
        self.unparked.notify_one();
    }
}

impl State {
    fn fall_asleep(&mut self, nap: Option<u64>) {
        let since = Instant::now();
        self.asleep = Some(Asleep { since, nap });
    }
}

static PARKER: RawWakerVTable = RawWakerVTable::new(clone, wake, wake_by_ref, drop_waker);

// loom's Arc has no `Wake` of std's, hence the table by hand.
fn waker_of(parker: Arc<Parker>) -> Waker {
    let raw = RawWaker::new(Arc::into_raw(parker).cast(), &PARKER);
    // SAFETY: the table's functions treat the pointer as the Arc that it came from.
    unsafe { Waker::from_raw(raw) }
}

unsafe fn clone(data: *const ()) -> RawWaker {
    // SAFETY: the waker's own count keeps the Arc alive; ManuallyDrop leaves it untouched.
    let parker = std::mem::ManuallyDrop::new(unsafe { Arc::from_raw(data.cast::<Parker>()) });
    let copy = Arc::clone(&parker);
    RawWaker::new(Arc::into_raw(copy).cast(), &PARKER)
}

unsafe fn wake(data: *const ()) {
    // SAFETY: the waker is consumed, and its count with this Arc.
    unsafe { Arc::from_raw(data.cast::<Parker>()) }.unpark();
}

unsafe fn wake_by_ref(data: *const ()) {
    // SAFETY: as for `clone`.
    let parker = std::mem::ManuallyDrop::new(unsafe { Arc::from_raw(data.cast::<Parker>()) });
    parker.unpark();
}

unsafe fn drop_waker(data: *const ()) {
    // SAFETY: the waker is consumed, and its count with this Arc.
    drop(unsafe { Arc::from_raw(data.cast::<Parker>()) });
}

/// Notes where the thread whose waker this is, if it is one of ours, is about to sleep.
#[cold]
pub(crate) fn parks_at(waker: &Waker, place: Place, channel: u32) {
    if let Some(parker) = parker_of(waker) {
        parker.spot.note(place, channel);
    }
}

/// Notes that the thread whose waker this is, if it is one of ours, is about to wait for a block's end.
#[cold]
pub(crate) fn awaits(waker: &Waker, block: u64) {
    if let Some(parker) = parker_of(waker) {
        parker.spot.note_block(block);
    }
}

/// The number of the thread whose waker this is, if it is one of ours.
pub(crate) fn thread_of(waker: &Waker) -> Option<u64> {
    parker_of(waker).map(|parker| parker.spot.number)
}

fn parker_of(waker: &Waker) -> Option<&Parker> {
    // SAFETY: the table says that the pointer comes from an Arc, which the waker keeps alive.
    std::ptr::eq(waker.vtable(), &raw const PARKER)
        .then(|| unsafe { &*waker.data().cast::<Parker>() })
}

/// The parkers of all threads that have ever slept, and some that are gone.
#[cfg(not(csp_loom))]
mod known {
    use std::task::Waker;

    use super::{Arc, Parker};
    use crate::{
        inspect::deadlock,
        sync::plain::{Mutex, PoisonError, Weak},
    };

    static PARKERS: Mutex<Vec<Weak<Parker>>> = Mutex::new(Vec::new());

    pub(super) fn add(parker: &Arc<Parker>) {
        let mut parkers = PARKERS.lock().unwrap_or_else(PoisonError::into_inner);
        if parkers.len() == parkers.capacity() {
            parkers.retain(|parker| parker.strong_count() > 0);
        }
        parkers.push(Arc::downgrade(parker));
    }

    pub(super) fn all() -> Vec<Arc<Parker>> {
        let parkers = PARKERS.lock().unwrap_or_else(PoisonError::into_inner);
        parkers.iter().filter_map(Weak::upgrade).collect()
    }

    /// A thread's own parker, with its waker.
    pub(super) struct Mine(pub(super) Arc<Parker>, pub(super) Waker);

    impl Drop for Mine {
        fn drop(&mut self) {
            // As a rule the thread ends.
            let last_nap = self.0.state.lock().last_nap;
            deadlock::leaves(last_nap);
        }
    }
}

#[cfg(csp_loom)]
mod known {
    use super::{Arc, Parker};

    pub(super) fn add(_: &Arc<Parker>) {}

    pub(super) fn all() -> Vec<Arc<Parker>> {
        Vec::new()
    }
}

/// The parkers of one group of threads, or of all.
fn parkers(group: Option<usize>) -> impl Iterator<Item = Arc<Parker>> {
    let all = known::all().into_iter();
    all.filter(move |parker| group.is_none_or(|group| parker.spot.group == group))
}

/// The threads that sleep here, those of one group or all.
pub(crate) fn blocked(group: Option<usize>) -> Vec<BlockedThread> {
    let now = Instant::now();
    let thread = |parker: Arc<Parker>| {
        let state = parker.state.lock();
        let asleep = state.asleep.as_ref().filter(|_| !parker.is_unparked())?;
        let since = now.saturating_duration_since(asleep.since);
        Some(parker.spot.thread(since))
    };
    parkers(group).filter_map(thread).collect()
}

/// Adds the number of each sleep without a limit that nobody has ended.
pub(crate) fn naps(group: Option<usize>, naps: &mut Vec<u64>) {
    naps.extend(parkers(group).filter_map(|parker| parker.nap()));
}

/// A thread that sleeps here without a limit, and that nobody has woken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ThreadLook {
    pub(crate) nap: u64,
    pub(crate) number: u64,
    pub(crate) block: Option<u64>,
    pub(crate) awaits: Option<u64>,
    /// How many others can wake it.
    pub(crate) wakers: usize,
}

pub(crate) fn look() -> Vec<(ThreadLook, BlockedThread)> {
    let now = Instant::now();
    let look = |parker: Arc<Parker>| {
        let state = parker.state.lock();
        let asleep = state.asleep.as_ref().filter(|_| !parker.is_unparked())?;
        let spot = &parker.spot;
        let look = ThreadLook {
            nap: asleep.nap?,
            number: spot.number,
            block: spot.block(),
            awaits: spot.awaits(),
            // Its own, its own waker's, and ours.
            wakers: Arc::strong_count(&parker).saturating_sub(3),
        };
        Some((
            look,
            spot.thread(now.saturating_duration_since(asleep.since)),
        ))
    };
    parkers(None).filter_map(look).collect()
}

/// Wakes one thread, which finds nothing to do and sleeps again. False: none sleeps.
pub(crate) fn rouse() -> bool {
    let parkers = known::all();
    let sleeper = parkers.iter().find(|parker| parker.nap().is_some());
    sleeper.map(|parker| parker.unpark()).is_some()
}

impl Parker {
    fn nap(&self) -> Option<u64> {
        let state = self.state.lock();
        state
            .asleep
            .as_ref()
            .filter(|_| !self.is_unparked())
            .and_then(|asleep| asleep.nap)
    }
}

#[cfg(not(csp_loom))]
fn with_parker<R>(f: impl FnOnce(&Arc<Parker>, &Waker) -> R) -> R {
    use known::Mine;
    use std::cell::RefCell;
    crate::sync::local! {
        static MINE: RefCell<Option<Mine>> = RefCell::new(None);
    }
    // Taken out for the time: a future that blocks inside its poll gets a parker of its own. A
    // thread whose locals are being destroyed gets a new one too.
    let mine = MINE
        .try_with(RefCell::take)
        .ok()
        .flatten()
        .unwrap_or_else(|| {
            let (parker, waker) = new_parker();
            Mine(parker, waker)
        });
    let result = f(&mine.0, &mine.1);
    // (If the thread's locals are gone, the parker goes too.)
    drop(MINE.try_with(|cell| cell.replace(Some(mine))));
    result
}

#[cfg(csp_loom)]
fn with_parker<R>(f: impl FnOnce(&Arc<Parker>, &Waker) -> R) -> R {
    let (parker, waker) = new_parker();
    f(&parker, &waker)
}

fn new_parker() -> (Arc<Parker>, Waker) {
    let parker = Arc::new(Parker::new());
    known::add(&parker);
    let waker = waker_of(Arc::clone(&parker));
    (parker, waker)
}

/// Runs a future to its end on this thread, which sleeps while the future is pending.
///
/// On a worker thread the worker's queue is handed to a spare thread first, if it has to sleep.
///
/// ```
/// assert_eq!(csp::block_on(async { 1 + 1 }), 2);
/// ```
#[track_caller]
pub fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let place = Place::caller(Op::Park, Location::caller());
    context::blocks_at(Location::caller());
    let _budget = context::lift_budget();
    with_parker(|parker, waker| {
        parker.spot.note(place, 0);
        let mut cx = Context::from_waker(waker);
        if let Poll::Ready(value) = future.as_mut().poll(&mut cx) {
            return value;
        }
        context::begin_blocking();
        loop {
            parker.park();
            // It says anew whose end it waits for, if it does.
            parker.spot.note_block(0);
            if let Poll::Ready(value) = future.as_mut().poll(&mut cx) {
                return value;
            }
        }
    })
}

/// As [`block_on`], for at most `limit`. `None`: the time was over; the future is as it was.
#[track_caller]
pub(crate) fn block_on_for<F: Future>(
    mut future: Pin<&mut F>,
    limit: Duration,
) -> Option<F::Output> {
    // A limit past the end of time is no limit: a year is as good.
    let now = context::now();
    let deadline = now
        .checked_add(limit)
        .unwrap_or_else(|| now + Duration::from_hours(365 * 24));
    let place = Place::caller(Op::Park, Location::caller());
    context::blocks_at(Location::caller());
    let _budget = context::lift_budget();
    with_parker(|parker, waker| {
        parker.spot.note(place, 0);
        let mut cx = Context::from_waker(waker);
        if let Poll::Ready(value) = future.as_mut().poll(&mut cx) {
            return Some(value);
        }
        context::begin_blocking();
        loop {
            let in_time = parker.park_until(deadline);
            if let Poll::Ready(value) = future.as_mut().poll(&mut cx) {
                return Some(value);
            }
            if !in_time {
                return None;
            }
        }
    })
}
