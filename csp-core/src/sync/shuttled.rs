//! What csp's crates use of shuttle, under `--cfg csp_shuttle`: its locks, a time, and threads that every
//! execution waits for.
//!
//! # Time
//! shuttle has none, so here is one clock for all. It stands still, but that a wait with a limit may end by its
//! limit at any moment, and then it is as late as that: whoever else runs was slow. A timed wait is a
//! loop that yields, and so never part of a deadlock; csp waits without a limit wherever it can.

use std::{
    ops::{Deref, DerefMut},
    sync::{
        LockResult, OnceLock, PoisonError, TryLockError, TryLockResult,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use shuttle::{rand::Rng, sync, thread};

/// A timed wait ends by its limit in one of so many rounds.
const ROUNDS: u32 = 8;

/// How far the clock has come, in nanoseconds. It goes on from one execution to the next: csp looks at
/// differences only.
static PASSED: AtomicU64 = AtomicU64::new(0);

/// The time by the clock of the executions.
pub fn now() -> Instant {
    static START: OnceLock<Instant> = OnceLock::new();
    let start = *START.get_or_init(Instant::now);
    // Ordering: all threads of an execution are one of the system's.
    start + Duration::from_nanos(PASSED.load(Ordering::Relaxed))
}

/// Lets the time come that is `limit` from now.
pub fn sleep(limit: Duration) {
    let until = now() + limit;
    while !is_over(until) {
        thread::yield_now();
    }
}

/// Whether the time has come: perhaps it comes by this.
fn is_over(until: Instant) -> bool {
    let left = until.saturating_duration_since(now());
    if left.is_zero() {
        return true;
    }
    let comes = below(ROUNDS) == 0;
    if comes {
        let left = u64::try_from(left.as_nanos()).unwrap_or(u64::MAX);
        // Ordering: as above.
        PASSED.fetch_add(left, Ordering::Relaxed);
    }
    comes
}

/// A number below `bound`: the scheduler's choice, which a replay repeats.
pub fn below(bound: u32) -> u32 {
    shuttle::rand::thread_rng().gen_range(0..bound)
}

/// Starts a thread. The execution is not over before it ends, and deadlocked if it cannot.
///
/// # Errors
/// None: std's has some.
pub fn spawn(name: String, f: impl FnOnce() + Send + 'static) -> std::io::Result<()> {
    let handle = thread::Builder::new().name(name).spawn(f)?;
    // A dropped handle would detach it.
    let _attached = std::mem::ManuallyDrop::new(handle);
    Ok(())
}

/// shuttle's mutex, with guards that know it.
#[derive(Debug)]
pub struct Mutex<T>(sync::Mutex<T>);

/// The lock, held.
#[derive(Debug)]
pub struct MutexGuard<'a, T> {
    held: sync::MutexGuard<'a, T>,
    mutex: &'a Mutex<T>,
}

impl<T> Mutex<T> {
    /// As std's.
    pub const fn new(value: T) -> Self {
        Self(sync::Mutex::new(value))
    }

    /// As std's.
    ///
    /// # Errors
    /// As std's.
    pub fn lock(&self) -> LockResult<MutexGuard<'_, T>> {
        match self.0.lock() {
            Ok(held) => Ok(self.guard(held)),
            Err(poisoned) => Err(PoisonError::new(self.guard(poisoned.into_inner()))),
        }
    }

    /// As std's.
    ///
    /// # Errors
    /// As std's.
    pub fn try_lock(&self) -> TryLockResult<MutexGuard<'_, T>> {
        match self.0.try_lock() {
            Ok(held) => Ok(self.guard(held)),
            Err(TryLockError::WouldBlock) => Err(TryLockError::WouldBlock),
            Err(TryLockError::Poisoned(poisoned)) => Err(TryLockError::Poisoned(PoisonError::new(
                self.guard(poisoned.into_inner()),
            ))),
        }
    }

    fn guard<'a>(&'a self, held: sync::MutexGuard<'a, T>) -> MutexGuard<'a, T> {
        MutexGuard { held, mutex: self }
    }
}

impl<T> Deref for MutexGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.held
    }
}

impl<T> DerefMut for MutexGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.held
    }
}

/// shuttle's condition variable, with time.
#[derive(Debug, Default)]
pub struct Condvar(sync::Condvar);

impl Condvar {
    /// As std's.
    pub const fn new() -> Self {
        Self(sync::Condvar::new())
    }

    /// As std's.
    pub fn notify_one(&self) {
        self.0.notify_one();
    }

    /// As std's.
    pub fn notify_all(&self) {
        self.0.notify_all();
    }

    /// As std's.
    ///
    /// # Errors
    /// As std's.
    pub fn wait<'a, T>(&self, guard: MutexGuard<'a, T>) -> LockResult<MutexGuard<'a, T>> {
        let MutexGuard { held, mutex } = guard;
        match self.0.wait(held) {
            Ok(held) => Ok(mutex.guard(held)),
            Err(poisoned) => Err(PoisonError::new(mutex.guard(poisoned.into_inner()))),
        }
    }

    /// As std's, but that it often wakes without need. True: by the limit.
    ///
    /// # Errors
    /// As std's.
    pub fn wait_timeout<'a, T>(
        &self,
        guard: MutexGuard<'a, T>,
        limit: Duration,
    ) -> LockResult<(MutexGuard<'a, T>, bool)> {
        let MutexGuard { held, mutex } = guard;
        drop(held);
        thread::yield_now();
        let over = is_over(now() + limit);
        match mutex.lock() {
            Ok(guard) => Ok((guard, over)),
            Err(poisoned) => Err(PoisonError::new((poisoned.into_inner(), over))),
        }
    }
}
