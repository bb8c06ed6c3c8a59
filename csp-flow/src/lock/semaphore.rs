//! [`Semaphore`]: a channel that holds permits.

use std::{fmt, panic::Location};

use csp_core::{Receiver, Sender, block_on};

/// A number of permits, which whoever wants one waits for.
///
/// ```text
/// n = 2   a   acquire ─▸ permit ─────╮ drop
///         b     acquire ─▸ permit ───│────────
///         c       acquire … parks …  ╰▸ permit
/// ```
///
/// The channel inside holds the permits that nobody has. Waiters are served in the order in which they
/// came. Share it in an `Arc`.
///
/// ```
/// use csp::{lock::Semaphore, prelude::*};
/// use std::sync::Arc;
/// let three_at_a_time = Arc::new(Semaphore::new(3));
/// let blocks: Vec<_> = (0..10)
///     .map(|n| {
///         let permits = Arc::clone(&three_at_a_time);
///         go!({
///             let _permit = permits.acquire().await;
///             n * n
///         })
///     })
///     .collect();
/// let squares: Result<Vec<_>, _> = blocks.into_iter().map(|block| block.wait()).collect();
/// assert_eq!(squares.unwrap()[9], 81);
/// assert_eq!(three_at_a_time.available(), 3);
/// ```
///
/// # Cancellation
/// An `acquire` that is dropped leaves the queue; a permit that it had been handed goes to the next.
///
/// # Panics
/// A panic of whoever has a permit gives it back, as any drop does. A leaked permit (`mem::forget`) is gone.
///
/// Twisted's `DeferredSemaphore`, tokio's `Semaphore`.
pub struct Semaphore {
    give: Sender<()>,
    take: Receiver<()>,
    permits: usize,
    /// Who wants several permits is the only one who does, or two could wait for each other's.
    many: super::Mutex<()>,
}

impl Semaphore {
    /// A semaphore with `permits` permits. `usize::MAX` is no limit.
    ///
    /// # Panics
    /// If `permits` is zero: nobody would ever get one.
    #[track_caller]
    pub fn new(permits: usize) -> Self {
        assert!(
            permits > 0,
            "a semaphore of 0 permits lets nobody in: give it 1 or more"
        );
        let (give, take) = crate::permits::permits(permits);
        let many = super::Mutex::new(());
        Self {
            give,
            take,
            permits,
            many,
        }
    }

    /// Waits for a permit. Await it, or make it an arm of `alt!`: `permit = park!(semaphore.acquire()) => …`.
    #[track_caller]
    pub fn acquire(&self) -> impl Future<Output = Permit> {
        let take = self.take.take_for(Location::caller());
        async move {
            take.await;
            self.permit(1)
        }
    }

    /// Waits for several permits, which come as one. Who waits for one meanwhile is served in turn.
    ///
    /// ```
    /// use csp::lock::Semaphore;
    /// let permits = Semaphore::new(5);
    /// let three = csp::block_on(permits.acquire_many(3));
    /// assert_eq!((three.count(), permits.available()), (3, 2));
    /// ```
    ///
    /// # Panics
    /// If it asks for none, or for more than there are.
    #[track_caller]
    pub fn acquire_many(&self, count: usize) -> impl Future<Output = Permit> {
        let all = self.permits();
        assert!(
            (1..=all).contains(&count),
            "{count} permits of a semaphore that has {all} can never be had: ask for 1 to {all}"
        );
        let caller = Location::caller();
        async move {
            let _only = self.many.lock().await;
            // What it has so far goes back if it is dropped.
            let mut permit = self.permit(0);
            while permit.count < count {
                self.take.take_for(caller).await;
                permit.count += 1;
            }
            permit
        }
    }

    /// As [`acquire`](Self::acquire), blocking the thread.
    #[track_caller]
    pub fn acquire_blocking(&self) -> Permit {
        block_on(self.acquire())
    }

    /// A permit, if one is there.
    pub fn try_acquire(&self) -> Option<Permit> {
        self.take.try_take().ok().map(|()| self.permit(1))
    }

    /// Runs `f` with a permit: Twisted's `run`.
    ///
    /// ```
    /// use csp::lock::Semaphore;
    /// let permits = Semaphore::new(1);
    /// assert_eq!(csp::block_on(permits.run(async || 42)), 42);
    /// ```
    pub async fn run<R>(&self, f: impl AsyncFnOnce() -> R) -> R {
        let _permit = self.acquire().await;
        f().await
    }

    /// How many permits nobody has now.
    pub fn available(&self) -> usize {
        self.take.len()
    }

    /// How many permits there are.
    pub fn permits(&self) -> usize {
        self.permits
    }

    fn permit(&self, count: usize) -> Permit {
        Permit {
            count,
            give: self.give.clone(),
        }
    }
}

fn put_back(give: &Sender<()>, permits: usize) {
    for _ in 0..permits {
        // It is never full. Refused, the semaphore is gone.
        give.try_put(()).ok();
    }
}

impl fmt::Debug for Semaphore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Semaphore")
            .field("permits", &self.permits())
            .field("available", &self.available())
            .finish()
    }
}

/// A permit of a [`Semaphore`], or several, given back when it is dropped.
///
/// It borrows nothing: move it into whatever it is a permit for.
#[must_use = "the permit is given back when it is dropped"]
pub struct Permit {
    count: usize,
    give: Sender<()>,
}

impl Permit {
    /// How many permits it stands for.
    pub fn count(&self) -> usize {
        self.count
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        put_back(&self.give, self.count);
    }
}

impl fmt::Debug for Permit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Permit")
            .field("count", &self.count)
            .finish_non_exhaustive()
    }
}
