//! Blocking an OS thread on a future: the blocking form of every operation.

use std::{
    future::Future,
    pin::{Pin, pin},
    task::{Context, Poll, RawWaker, RawWakerVTable, Waker},
    time::{Duration, Instant},
};

use crate::{
    context,
    sync::{Arc, Condvar, Mutex},
};

/// A thread's parking place. One token: an unpark before the park is not lost.
struct Parker {
    token: Mutex<bool>,
    unparked: Condvar,
}

impl Parker {
    fn new() -> Self {
        Self {
            token: Mutex::new(false),
            unparked: Condvar::new(),
        }
    }

    fn park(&self) {
        if context::park(&|| *self.token.lock(), None).is_some() {
            *self.token.lock() = false;
            return;
        }
        let mut token = self.token.lock();
        while !*token {
            token = self.unparked.wait(token);
        }
        *token = false;
    }

    /// False: the time was over without an unpark.
    fn park_for(&self, limit: Duration, deadline: Instant) -> bool {
        if let Some(in_time) = context::park(&|| *self.token.lock(), Some(limit)) {
            *self.token.lock() = false;
            return in_time;
        }
        let mut token = self.token.lock();
        while !*token {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            token = self.unparked.wait_for(token, left);
        }
        *token = false;
        true
    }

    fn unpark(&self) {
        *self.token.lock() = true;
        self.unparked.notify_one();
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

#[cfg(not(csp_loom))]
fn with_parker<R>(f: impl FnOnce(&Arc<Parker>, &Waker) -> R) -> R {
    use std::cell::RefCell;
    std::thread_local! {
        static MINE: RefCell<Option<(Arc<Parker>, Waker)>> = const { RefCell::new(None) };
    }
    // Taken out for the time: a future that blocks inside its poll gets a parker of its own. A
    // thread whose locals are being destroyed gets a new one too.
    let mine = MINE
        .try_with(RefCell::take)
        .ok()
        .flatten()
        .unwrap_or_else(new_parker);
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
pub fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let _budget = context::lift_budget();
    with_parker(|parker, waker| {
        let mut cx = Context::from_waker(waker);
        if let Poll::Ready(value) = future.as_mut().poll(&mut cx) {
            return value;
        }
        context::begin_blocking();
        loop {
            parker.park();
            if let Poll::Ready(value) = future.as_mut().poll(&mut cx) {
                return value;
            }
        }
    })
}

/// As [`block_on`], for at most `limit`. `None`: the time was over; the future is as it was.
pub(crate) fn block_on_for<F: Future>(
    mut future: Pin<&mut F>,
    limit: Duration,
) -> Option<F::Output> {
    // A limit past the end of time is no limit: a year is as good.
    let deadline = Instant::now()
        .checked_add(limit)
        .unwrap_or_else(|| Instant::now() + Duration::from_hours(365 * 24));
    let _budget = context::lift_budget();
    with_parker(|parker, waker| {
        let mut cx = Context::from_waker(waker);
        if let Poll::Ready(value) = future.as_mut().poll(&mut cx) {
            return Some(value);
        }
        context::begin_blocking();
        loop {
            let in_time = parker.park_for(limit, deadline);
            if let Poll::Ready(value) = future.as_mut().poll(&mut cx) {
                return Some(value);
            }
            if !in_time {
                return None;
            }
        }
    })
}
