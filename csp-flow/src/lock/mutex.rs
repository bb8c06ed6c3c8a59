//! [`Mutex`]: a channel that holds one value.

use std::{
    fmt,
    ops::{Deref, DerefMut},
    panic::Location,
};

use csp_core::{Receiver, Sender, block_on, chan};

/// A lock around a value, whose waiters park.
///
/// ```text
/// a   lock ─▸ guard ─────────╮ drop
/// b        lock … parks …    ╰▸ guard ───╮
/// c            lock … parks …            ╰▸ guard
/// ```
///
/// The channel inside holds the value while nobody has it: to lock is to take the value, and the
/// [`Guard`] puts it back. Waiters are served in the order in which they came. Share it in an `Arc`.
///
/// ```
/// use csp::{lock::Mutex, prelude::*};
/// let names = Mutex::new(Vec::new());
/// names.lock_blocking().push("ann");
/// let held = names.try_lock().unwrap();
/// assert!(names.try_lock().is_none());
/// drop(held);
/// assert_eq!(names.into_inner().unwrap(), ["ann"]);
/// ```
///
/// # Cancellation
/// A `lock` that is dropped leaves the queue; if it had the value already, that goes to the next.
///
/// # Panics
/// A panic while the guard is held gives the value back as it is then: there is no poisoning. Whoever must
/// not leave it half changed changes a copy, and assigns that.
///
/// A guard that is leaked (`mem::forget`) leaks the value with it, and the mutex stays locked for ever:
/// [`lock`](Self::lock) waits for ever then, and [`try_lock`](Self::try_lock) gives `None`.
///
/// Twisted's `DeferredLock`, Lamina's locks.
pub struct Mutex<T> {
    give: Sender<T>,
    take: Receiver<T>,
}

impl<T> Mutex<T> {
    /// A mutex around `value`, unlocked.
    pub fn new(value: T) -> Self {
        let (give, take) = chan(1);
        if give.try_put(value).is_err() {
            unreachable!("a new channel has room");
        }
        Self { give, take }
    }

    /// Waits for the value. Await it, or make it an arm of `alt!`: `guard = park!(mutex.lock()) => …`.
    #[track_caller]
    pub fn lock(&self) -> impl Future<Output = Guard<T>> {
        let take = self.take.take_for(Location::caller());
        async move {
            let Some(value) = take.await else {
                unreachable!("both ends of the channel are here, so it is open")
            };
            self.guard(value)
        }
    }

    /// As [`lock`](Self::lock), blocking the thread.
    ///
    /// On the thread that runs the one who has it, a [`Local`](csp_sched::Local)'s say, that is for ever.
    #[track_caller]
    pub fn lock_blocking(&self) -> Guard<T> {
        block_on(self.lock())
    }

    /// Locks it if nobody has it.
    pub fn try_lock(&self) -> Option<Guard<T>> {
        self.take.try_take().ok().map(|value| self.guard(value))
    }

    /// Locks it while `f` works on the value: Twisted's `run`.
    ///
    /// ```
    /// use csp::{lock::Mutex, prelude::*};
    /// let count = Mutex::new(0);
    /// let after = csp::block_on(count.run(async |count| {
    ///     *count += 1;
    ///     sleep(ms(1)).await;
    ///     *count
    /// }));
    /// assert_eq!(after, 1);
    /// ```
    pub async fn run<R>(&self, f: impl AsyncFnOnce(&mut T) -> R) -> R {
        let mut guard = self.lock().await;
        f(&mut guard).await
    }

    /// True while somebody has the value.
    pub fn is_locked(&self) -> bool {
        self.take.is_empty()
    }

    /// The value.
    ///
    /// # Errors
    /// The mutex itself: a [`Guard`] has the value.
    pub fn into_inner(self) -> Result<T, Self> {
        match self.take.try_take() {
            Ok(value) => Ok(value),
            Err(_) => Err(self),
        }
    }

    fn guard(&self, value: T) -> Guard<T> {
        Guard {
            value: Some(value),
            give: self.give.clone(),
        }
    }
}

impl<T: Default> Default for Mutex<T> {
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T> From<T> for Mutex<T> {
    fn from(value: T) -> Self {
        Self::new(value)
    }
}

impl<T> fmt::Debug for Mutex<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mutex")
            .field("locked", &self.is_locked())
            .finish_non_exhaustive()
    }
}

/// The value of a [`Mutex`], which is locked until the guard is dropped.
///
/// It borrows nothing: move it into a block, a thread, or a promise's last step to hold the lock as long as
/// that lasts.
///
/// ```
/// use csp::{Promise, lock::Mutex};
/// use std::sync::Arc;
/// let file = Arc::new(Mutex::new("log"));
/// let guard = file.try_lock().unwrap();
/// let written = Promise::<_, csp::Error>::ready(3).finally(move || drop(guard));
/// written.wait().unwrap();
/// assert!(!file.is_locked());
/// ```
///
/// If the mutex is gone, the value is dropped with the guard.
#[must_use = "the mutex is unlocked when the guard is dropped"]
pub struct Guard<T> {
    /// `None` only in `drop`.
    value: Option<T>,
    give: Sender<T>,
}

impl<T> Deref for Guard<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.value.as_ref().expect("the guard has its value")
    }
}

impl<T> DerefMut for Guard<T> {
    fn deref_mut(&mut self) -> &mut T {
        self.value.as_mut().expect("the guard has its value")
    }
}

impl<T> Drop for Guard<T> {
    fn drop(&mut self) {
        if let Some(value) = self.value.take() {
            // There is room: the value that was in it is this one. Refused, the mutex is gone.
            drop(self.give.try_put(value));
        }
    }
}

impl<T: fmt::Debug> fmt::Debug for Guard<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

/// Locks several mutexes, so that those who do it with overlapping ones never wait for each other in a
/// circle. The guards come in the order that was asked for.
///
/// It takes them one after the other, everybody in the same order, whatever order they are given in.
/// Somebody who holds a guard already and then asks for others has no part in that.
///
/// ```
/// use csp::lock::{Mutex, lock_all};
/// let (from, to) = (Mutex::new(10), Mutex::new(0));
/// csp::block_on(async {
///     let mut both = lock_all(&[&from, &to]).await;
///     *both[0] -= 4;
///     *both[1] += 4;
/// });
/// assert_eq!((from.into_inner().unwrap(), to.into_inner().unwrap()), (6, 4));
/// ```
///
/// # Panics
/// If a mutex is given twice: it would wait for itself.
///
/// Lamina's `acquire-all`.
pub async fn lock_all<T>(mutexes: &[&Mutex<T>]) -> Vec<Guard<T>> {
    let mut order: Vec<_> = (0..mutexes.len()).collect();
    // While two callers are at it, neither of the mutexes that both ask for can move.
    let address = |index: usize| std::ptr::from_ref(mutexes[index]).addr();
    order.sort_unstable_by_key(|&index| address(index));
    let twice = order
        .windows(2)
        .any(|two| address(two[0]) == address(two[1]));
    assert!(
        !twice,
        "`lock_all` was given a mutex twice: it would wait for itself"
    );
    let mut guards: Vec<_> = mutexes.iter().map(|_| None).collect();
    for index in order {
        guards[index] = Some(mutexes[index].lock().await);
    }
    guards.into_iter().flatten().collect()
}
