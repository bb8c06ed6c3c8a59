//! [`Bulkhead`]: so many at a time, so many may wait, and the rest hears no.

use std::{error::Error, fmt};

use csp_core::block_on;

use super::{Permit, Semaphore};
use crate::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

/// Lets so many run at a time and so many wait; more are refused at once.
///
/// ```text
/// permits 1, queue 2
/// a   enter ─▸ runs ──────╮
/// b   enter … waits …     ╰▸ runs ──────╮
/// c   enter … waits … … … … … … … … …   ╰▸ runs
/// d   enter! Overloaded
/// ```
///
/// It keeps one slow service from taking everything with it: who is refused can do something else now, and
/// what is accepted waits for no more than `queue` others. Clone it to share it.
///
/// ```
/// use csp::{lock::Bulkhead, prelude::*};
/// let database = Bulkhead::new(1, 0);
/// let place = csp::block_on(database.enter()?);
/// assert_eq!(
///     database.enter().err().unwrap().to_string(),
///     "overloaded: 1 run and 0 wait, as many as may"
/// );
/// drop(place);
/// assert_eq!(csp::block_on(database.run(async || 42))?, 42);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Cancellation
/// A wait that is dropped gives up its place, and so does a [`Place`].
///
/// # Panics
/// A panic of what runs gives the place back.
///
/// promesa's bulkhead.
#[derive(Clone)]
pub struct Bulkhead(Arc<Inner>);

struct Inner {
    permits: Semaphore,
    queue: usize,
    /// How many run or wait.
    inside: AtomicUsize,
}

impl Bulkhead {
    /// Lets `permits` run at a time, and `queue` wait.
    ///
    /// # Panics
    /// If `permits` is zero: nobody would ever run.
    #[track_caller]
    pub fn new(permits: usize, queue: usize) -> Self {
        Self(Arc::new(Inner {
            permits: Semaphore::new(permits),
            queue,
            inside: AtomicUsize::new(0),
        }))
    }

    /// Asks to be let in: the future gives the place, and whoever holds that may run.
    ///
    /// The place in the queue is taken by this call, so that the error comes at once; it is given up when
    /// the future is dropped.
    ///
    /// # Errors
    /// [`Overloaded`]: as many run and wait as may.
    #[track_caller]
    pub fn enter(&self) -> Result<impl Future<Output = Place> + use<>, Overloaded> {
        let Inner { permits, queue, .. } = &*self.0;
        let limit = permits.permits().saturating_add(*queue);
        // Ordering: a count; the permits order the rest.
        let admitted = self
            .0
            .inside
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |inside| {
                (inside < limit).then_some(inside + 1)
            });
        if admitted.is_err() {
            return Err(Overloaded {
                permits: permits.permits(),
                queue: *queue,
            });
        }
        let inside = Inside(Arc::clone(&self.0));
        Ok(async move {
            let permit = inside.0.permits.acquire().await;
            Place { inside, permit }
        })
    }

    /// As [`enter`](Self::enter), blocking the thread while it waits.
    ///
    /// # Errors
    /// [`Overloaded`]: as many run and wait as may.
    pub fn enter_blocking(&self) -> Result<Place, Overloaded> {
        self.enter().map(block_on)
    }

    /// Runs `f` inside.
    ///
    /// # Errors
    /// [`Overloaded`]: as many run and wait as may; `f` was not called.
    pub async fn run<R>(&self, f: impl AsyncFnOnce() -> R) -> Result<R, Overloaded> {
        let _place = self.enter()?.await;
        Ok(f().await)
    }

    /// How many run now.
    pub fn running(&self) -> usize {
        self.0.permits.permits() - self.0.permits.available()
    }

    /// How many run or wait now.
    pub fn inside(&self) -> usize {
        // Ordering: a count.
        self.0.inside.load(Ordering::Relaxed)
    }
}

impl fmt::Debug for Bulkhead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bulkhead")
            .field("permits", &self.0.permits.permits())
            .field("queue", &self.0.queue)
            .field("inside", &self.inside())
            .finish()
    }
}

/// One of those who run or wait.
struct Inside(Arc<Inner>);

impl Drop for Inside {
    fn drop(&mut self) {
        // Ordering: a count.
        self.0.inside.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The right to run inside a [`Bulkhead`], given back when it is dropped.
#[must_use = "the place is given back when it is dropped"]
pub struct Place {
    // In this order: whoever sees the permit free finds room in the queue as well.
    inside: Inside,
    permit: Permit,
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Place")
            .field("permit", &self.permit)
            .field("queue", &self.inside.0.queue)
            .finish()
    }
}

/// A [`Bulkhead`] let nobody else in: as many run and wait as may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Overloaded {
    /// How many run at a time.
    pub permits: usize,
    /// How many may wait.
    pub queue: usize,
}

impl fmt::Display for Overloaded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { permits, queue } = self;
        write!(
            f,
            "overloaded: {permits} run and {queue} wait, as many as may"
        )
    }
}

impl Error for Overloaded {}
