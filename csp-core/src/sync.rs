//! Every synchronisation primitive this crate uses, so that a model checker can replace them.
//!
//! Nothing else in the crate names `std::sync` or `std::thread`. The cfgs are our own, `csp_loom` and
//! `csp_shuttle`: RUSTFLAGS reach every dependency, and plain `loom` switches code in crates that are not ours.

#[cfg(csp_loom)]
mod imp {
    pub(super) use loom::sync as raw;
    pub(crate) use loom::{
        cell::UnsafeCell,
        sync::{Arc, atomic},
        thread::yield_now,
    };
}

#[cfg(csp_loom)]
mod explore;
pub(crate) mod lock;
pub(crate) mod pause;
pub(crate) mod prefetch;
#[cfg(csp_loom)]
pub use explore::explore;
#[cfg(csp_shuttle)]
pub mod shuttled;

#[cfg(not(csp_loom))]
mod imp {
    #[cfg(csp_shuttle)]
    pub(super) use super::shuttled as raw;
    #[cfg(csp_shuttle)]
    pub(crate) use shuttle::{sync::atomic, thread::yield_now};
    #[cfg(not(csp_shuttle))]
    pub(super) use std::sync as raw;
    pub(crate) use std::sync::Arc;
    #[cfg(not(csp_shuttle))]
    pub(crate) use std::{sync::atomic, thread::yield_now};

    /// loom's closure API over the cell of std; compiles to nothing.
    #[derive(Debug)]
    #[repr(transparent)]
    pub(crate) struct UnsafeCell<T>(std::cell::UnsafeCell<T>);

    #[expect(
        clippy::inline_always,
        reason = "must compile to nothing, also in debug builds"
    )]
    impl<T> UnsafeCell<T> {
        pub(crate) const fn new(value: T) -> Self {
            Self(std::cell::UnsafeCell::new(value))
        }

        #[inline(always)]
        pub(crate) fn with<R>(&self, f: impl FnOnce(*const T) -> R) -> R {
            f(self.0.get())
        }

        #[inline(always)]
        pub(crate) fn with_mut<R>(&self, f: impl FnOnce(*mut T) -> R) -> R {
            f(self.0.get())
        }
    }
}

pub(crate) use imp::*;

/// The time.
#[inline]
pub(crate) fn now() -> std::time::Instant {
    #[cfg(csp_shuttle)]
    return shuttled::now();
    #[cfg(not(csp_shuttle))]
    std::time::Instant::now()
}

/// A thread's own, as `thread_local!`, for this crate and those on it: what it starts with is a constant.
#[cfg(not(any(csp_loom, csp_shuttle)))]
#[doc(hidden)]
#[macro_export]
macro_rules! __local {
    ($(#[$attr:meta])* static $name:ident: $type:ty = $init:expr;) => {
        std::thread_local! {
            $(#[$attr])*
            static $name: $type = const { $init };
        }
    };
}
#[cfg(not(any(csp_loom, csp_shuttle)))]
pub(crate) use __local as local;
#[cfg(csp_loom)]
pub use loom::thread_local as local;
#[cfg(csp_shuttle)]
pub use shuttle::thread_local as local;

/// Whether threads are a model's: then they do not spin, which only makes its executions longer.
pub(crate) const MODELLED: bool = cfg!(any(csp_loom, csp_shuttle));

/// The things that models do not look into: plain std, also under loom and shuttle.
pub(crate) mod plain {
    pub(crate) use std::cell::UnsafeCell;
    #[cfg(not(csp_loom))]
    pub(crate) use std::sync::LazyLock;
    pub(crate) use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak, atomic};
    pub(crate) use std::thread::current as current_thread;

    /// Runs `f` on a thread of its own. False: the system refuses one.
    pub(crate) fn spawn(name: &str, f: impl FnOnce() + Send + 'static) -> bool {
        let thread = std::thread::Builder::new().name(name.to_owned());
        thread.spawn(f).is_ok()
    }

    /// What this thread is called: its name, or its number.
    pub(crate) fn thread_label() -> Arc<str> {
        std::thread_local! {
            static LABEL: Arc<str> = {
                let this = std::thread::current();
                match this.name() {
                    Some(name) => name.into(),
                    None => format!("{:?}", this.id()).into(),
                }
            };
        }
        LABEL
            .try_with(Arc::clone)
            .unwrap_or_else(|_| "a thread that ends".into())
    }
}

/// A mutex without poisoning, for who has to be woken when it is free, or waits on a [`Condvar`] with it.
#[derive(Debug)]
pub(crate) struct Mutex<T>(raw::Mutex<T>);

pub(crate) type Guard<'a, T> = raw::MutexGuard<'a, T>;

impl<T> Mutex<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(raw::Mutex::new(value))
    }

    #[inline]
    pub(crate) fn lock(&self) -> Guard<'_, T> {
        self.0.lock().unwrap_or_else(plain::PoisonError::into_inner)
    }
}

/// Before a dump looks again at what was locked: the holder may have lost its core.
pub(crate) fn before_look(tries: usize) {
    if cfg!(csp_loom) || tries < 5 {
        yield_now();
    } else {
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
}

/// A condition variable over [`Mutex`].
#[derive(Debug)]
pub(crate) struct Condvar(raw::Condvar);

impl Condvar {
    pub(crate) fn new() -> Self {
        Self(raw::Condvar::new())
    }

    pub(crate) fn notify_one(&self) {
        self.0.notify_one();
    }

    pub(crate) fn wait<'a, T>(&self, guard: Guard<'a, T>) -> Guard<'a, T> {
        self.0
            .wait(guard)
            .unwrap_or_else(plain::PoisonError::into_inner)
    }

    /// Waits at most `limit`. loom has no time: there it waits without a limit.
    #[cfg(not(csp_loom))]
    pub(crate) fn wait_for<'a, T>(
        &self,
        guard: Guard<'a, T>,
        limit: std::time::Duration,
    ) -> Guard<'a, T> {
        match self.0.wait_timeout(guard, limit) {
            Ok((guard, _)) => guard,
            Err(poisoned) => poisoned.into_inner().0,
        }
    }

    #[cfg(csp_loom)]
    pub(crate) fn wait_for<'a, T>(
        &self,
        guard: Guard<'a, T>,
        _limit: std::time::Duration,
    ) -> Guard<'a, T> {
        self.wait(guard)
    }
}

/// A value that only the holder of a lock writes, read by the holder.
///
/// loom's own reading for this is no step of the model. (Its partial order reduction remembers one last
/// load of an atomic: a load by the thread that then stores would hide the loads of others, and the
/// interleavings of those with the store would not be explored.)
#[inline]
pub(crate) fn load_locked(value: &atomic::AtomicU32) -> u32 {
    #[cfg(not(csp_loom))]
    {
        // Ordering: the lock orders it after all stores.
        value.load(atomic::Ordering::Relaxed)
    }
    #[cfg(csp_loom)]
    {
        // SAFETY: loom itself checks that every store happens before.
        unsafe { value.unsync_load() }
    }
}

/// Spins until `done`: used only where the other side is inside a few instructions that wait for
/// nothing. It yields, since that other side may be descheduled (more threads than cores).
#[inline]
pub(crate) fn spin_until(mut done: impl FnMut() -> bool) {
    let mut rounds = 0_u32;
    while !done() {
        rounds += 1;
        if MODELLED || rounds > 16 {
            yield_now();
        } else {
            pause::pause(1);
        }
    }
}
