//! The lock around a channel's queues and around a home's list of tasks: it is held for a few moves only.
//!
//! A byte, set by one compare-and-swap and cleared by a plain store. A lock that wakes its sleepers clears by a swap, which
//! is a tenth of what a message through a buffer costs; so here nobody is told when it is free. Who finds it taken
//! spins, yields, and then sleeps a little before each further look: a holder that keeps it for longer has lost its
//! core, and comes back when the system says so.
//!
//! No poisoning: no user code runs under it but buffer policies and transducers, and a panic there is caught
//! before it reaches the guard (but in a policy's `len` and `capacity`, which change nothing).

#[cfg(all(test, csp_loom))]
mod loom;
#[cfg(all(test, not(any(csp_loom, csp_shuttle))))]
mod tests;

use std::cell::RefCell;
#[cfg(not(any(csp_loom, csp_shuttle)))]
use std::time::Duration;

use self::imp::Raw;
use super::{MODELLED, local, pause::pause, yield_now};
use crate::contention;

/// Models take a mutex that their checker knows: threads that wait for it are not run, which keeps executions short.
#[cfg(any(csp_loom, csp_shuttle))]
mod imp {
    use crate::sync::{plain::PoisonError, raw};

    #[derive(Debug)]
    pub(super) struct Raw<T>(raw::Mutex<T>);
    pub(crate) type Guard<'a, T> = raw::MutexGuard<'a, T>;

    impl<T> Raw<T> {
        pub(super) fn new(value: T) -> Self {
            Self(raw::Mutex::new(value))
        }

        pub(super) fn try_lock(&self) -> Option<Guard<'_, T>> {
            self.0.try_lock().ok()
        }

        pub(super) fn is_taken(&self) -> bool {
            self.try_lock().is_none()
        }

        pub(super) fn lock(&self) -> Guard<'_, T> {
            self.0.lock().unwrap_or_else(PoisonError::into_inner)
        }
    }
}

#[cfg(not(any(csp_loom, csp_shuttle)))]
mod imp {
    use std::{
        marker::PhantomData,
        ops::{Deref, DerefMut},
    };

    use super::Taken;
    use crate::sync::UnsafeCell;

    /// # Invariant
    /// Whoever has set `taken` and not cleared it has the value to itself: there is one [`Guard`] for each time
    /// that it was set, which clears it when it goes.
    #[derive(Debug)]
    pub(super) struct Raw<T> {
        taken: Taken,
        value: UnsafeCell<T>,
    }

    // SAFETY: the value is used by one thread at a time (the invariant), so that it is sent, not shared.
    unsafe impl<T: Send> Sync for Raw<T> {}

    /// The lock, held.
    #[derive(Debug)]
    pub(crate) struct Guard<'a, T> {
        lock: &'a Raw<T>,
        /// It stays on its thread, whose locks [`stepping`](super::Lock::stepping) lists.
        _here: PhantomData<*const ()>,
    }

    impl<T> Raw<T> {
        pub(super) fn new(value: T) -> Self {
            Self {
                taken: Taken::default(),
                value: UnsafeCell::new(value),
            }
        }

        #[inline]
        pub(super) fn is_taken(&self) -> bool {
            self.taken.is_set()
        }

        #[inline]
        pub(super) fn try_lock(&self) -> Option<Guard<'_, T>> {
            self.taken.set().then(|| Guard {
                lock: self,
                _here: PhantomData,
            })
        }
    }

    impl<T> Deref for Guard<'_, T> {
        type Target = T;

        #[inline]
        fn deref(&self) -> &T {
            // SAFETY: the lock is ours, and `&self` keeps `deref_mut` away.
            self.lock.value.with(|value| unsafe { &*value })
        }
    }

    impl<T> DerefMut for Guard<'_, T> {
        #[inline]
        fn deref_mut(&mut self) -> &mut T {
            // SAFETY: the lock is ours, and `&mut self` keeps all others away.
            self.lock.value.with_mut(|value| unsafe { &mut *value })
        }
    }

    impl<T> Drop for Guard<'_, T> {
        #[inline]
        fn drop(&mut self) {
            self.lock.taken.clear();
        }
    }
}

pub(crate) use imp::Guard;

/// Whether a lock is taken.
#[cfg(any(not(any(csp_loom, csp_shuttle)), all(test, csp_loom)))]
#[derive(Debug, Default)]
struct Taken(super::atomic::AtomicBool);

#[cfg(any(not(any(csp_loom, csp_shuttle)), all(test, csp_loom)))]
impl Taken {
    /// True if it was free: then it is the caller's.
    #[inline]
    fn set(&self) -> bool {
        use super::atomic::Ordering;
        // Ordering: Acquire pairs with `clear`: what the holder before did is seen; of a lock that is taken nothing is
        // to be seen.
        self.0
            .compare_exchange(false, true, Ordering::Acquire, Ordering::Relaxed)
            .is_ok()
    }

    #[cfg(not(any(csp_loom, csp_shuttle)))]
    #[inline]
    fn is_set(&self) -> bool {
        // Ordering: nothing follows from it.
        self.0.load(super::atomic::Ordering::Relaxed)
    }

    #[inline]
    fn clear(&self) {
        use super::atomic::Ordering;
        // Ordering: Release pairs with `set`.
        self.0.store(false, Ordering::Release);
    }
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Lock<T>(Raw<T>);

impl<T> Lock<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(Raw::new(value))
    }

    /// # Panics
    /// If this thread [steps](Self::stepping) under this lock: it would wait for itself.
    #[inline]
    pub(crate) fn lock(&self) -> Guard<'_, T> {
        self.lock_or(used_by_its_step)
    }

    /// As [`lock`](Self::lock), for what has to leave a queue since its memory may be about to go: aborts
    /// where `lock` panics, for to unwind would leave it in the queue.
    #[inline]
    pub(crate) fn lock_or_abort(&self) -> Guard<'_, T> {
        self.lock_or(|| {
            let _shown = std::panic::catch_unwind(|| used_by_its_step());
            std::process::abort()
        })
    }

    #[inline]
    pub(crate) fn try_lock(&self) -> Option<Guard<'_, T>> {
        if MODELLED { None } else { self.0.try_lock() }
    }

    /// The lock, unless its holder keeps it for more than a moment: for who holds others meanwhile, and must
    /// not sleep.
    #[inline]
    pub(crate) fn lock_soon(&self) -> Option<Guard<'_, T>> {
        for round in 0..=TRIES {
            if let Some(guard) = self.0.try_lock() {
                return Some(guard);
            }
            before_try(round);
        }
        None
    }

    /// Whether somebody has it: a hint. (Models would look into both answers, which come to the same in the end.)
    #[inline]
    pub(crate) fn is_taken(&self) -> bool {
        !MODELLED && self.0.is_taken()
    }

    #[inline]
    fn lock_or(&self, refuse: fn() -> !) -> Guard<'_, T> {
        // (The one try that mostly does, in line.)
        if !MODELLED && let Some(guard) = self.0.try_lock() {
            return guard;
        }
        self.lock_slowly(refuse)
    }

    #[cold]
    #[inline(never)]
    fn lock_slowly(&self, refuse: fn() -> !) -> Guard<'_, T> {
        if !MODELLED && let Some(guard) = self.lock_soon() {
            return guard;
        }
        if !cfg!(csp_loom) && self.is_stepping() {
            refuse();
        }
        self.lock_asleep()
    }

    #[cfg(any(csp_loom, csp_shuttle))]
    fn lock_asleep(&self) -> Guard<'_, T> {
        self.0.lock()
    }

    /// Sleeps before each try.
    #[cfg(not(any(csp_loom, csp_shuttle)))]
    fn lock_asleep(&self) -> Guard<'_, T> {
        let mut time = SHORT;
        loop {
            contention::sleeps(time);
            std::thread::sleep(time);
            if let Some(guard) = self.lock_soon() {
                return guard;
            }
            time = LONG.min(time * 2);
        }
    }

    fn address(&self) -> usize {
        std::ptr::from_ref(self).addr()
    }

    /// Says that this thread, which holds the lock, runs code of the user's, until the guard is dropped.
    pub(crate) fn stepping(&self) -> Stepping {
        // (Locals that are gone cannot be asked later either.)
        let _ = STEPPING.try_with(|locks| locks.borrow_mut().push(self.address()));
        Stepping(())
    }

    /// True if this thread holds the lock and runs code of the user's.
    fn is_stepping(&self) -> bool {
        STEPPING
            .try_with(|locks| locks.borrow().contains(&self.address()))
            .unwrap_or(false)
    }
}

/// True if this thread runs code of the user's under any lock.
pub(crate) fn in_step() -> bool {
    STEPPING
        .try_with(|locks| !locks.borrow().is_empty())
        .unwrap_or(false)
}

#[cold]
fn used_by_its_step() -> ! {
    panic!(
        "a transducer's step used its own channel, whose lock it runs under: it would wait for itself"
    )
}

/// See [`Lock::stepping`].
pub(crate) struct Stepping(());

impl Drop for Stepping {
    fn drop(&mut self) {
        let _ = STEPPING.try_with(|locks| locks.borrow_mut().pop());
    }
}

local! {
    /// The locks under which this thread runs code of the user's: more than one if a step uses another
    /// channel with a transducer.
    static STEPPING: RefCell<Vec<usize>> = RefCell::new(Vec::new());
}

/// How often a taken lock is tried again before the thread sleeps on it.
///
/// A sleep costs far more than what a holder does. With two cores on one
/// channel this about halves the cost of a message (spsc, mpsc, mpmc of 1024: 143, 246, 239 ns of CPU
/// time with a mutex that sleeps at once, 71, 117, 93 ns with this; the least of three noisy rounds each).
const TRIES: u32 = if MODELLED { 0 } else { 12 };

/// So many tries come after pauses, the first after this many, each later one after twice as many; the rest after
/// the core was given to others.
const SPINS: u32 = 6;
const PAUSES: u32 = 16;

/// The first sleep of who waits for a holder that has lost its core, and the longest.
#[cfg(not(any(csp_loom, csp_shuttle)))]
const SHORT: Duration = Duration::from_micros(50);
#[cfg(not(any(csp_loom, csp_shuttle)))]
const LONG: Duration = Duration::from_millis(1);

/// A holder on another core is through in a moment, but comes back in the next: who looks at every step takes the lock's line
/// from it each time, where it could do twenty operations of 20 ns alone. (Four threads that put into a buffer
/// of 1024, one that takes: 83 ns of CPU time a message with one pause before each look, 49 with this; four
/// that take: 84 and 52.) One that lost its core has to be let run.
#[cold]
fn before_try(round: u32) {
    if MODELLED {
        // The one try was enough.
    } else if round < SPINS {
        let pauses = PAUSES << round;
        contention::spins(pauses);
        pause(pauses);
    } else {
        contention::yields();
        yield_now();
    }
}
