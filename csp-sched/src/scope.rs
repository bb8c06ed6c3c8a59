//! Blocks that borrow from the stack.

#[cfg(all(test, csp_loom))]
mod loom;

use std::{
    fmt,
    marker::PhantomData,
    panic::{AssertUnwindSafe, Location, catch_unwind, resume_unwind},
    pin::Pin,
    task::{Context, Poll, Waker},
};

use csp_core::{__private::FromCaller, Failure, Go, NewTask, block_on};

use crate::{
    current,
    sync::{Arc, Mutex},
};

/// The blocks of a scope that have not ended.
struct Count {
    live: Mutex<usize>,
    /// The thread that waits for the end.
    waiter: Mutex<Option<Waker>>,
}

impl Count {
    fn poll_end(&self, cx: &Context<'_>) -> Poll<()> {
        // Before the look: the last ticket is given up first, and looks here then.
        *self.waiter.lock() = Some(cx.waker().clone());
        match *self.live.lock() {
            0 => Poll::Ready(()),
            _ => Poll::Pending,
        }
    }
}

/// Given out to each block, and dropped after everything else that the block holds.
struct Ticket(Arc<Count>);

impl Drop for Ticket {
    fn drop(&mut self) {
        let count = Arc::clone(&self.0);
        let mut live = count.live.lock();
        *live -= 1;
        if *live == 0 {
            drop(live);
            let waiter = count.waiter.lock().take();
            if let Some(waiter) = waiter {
                waiter.wake();
            }
        }
    }
}

/// Starts blocks that may borrow what lives longer than the scope. See [`scope`].
pub struct Scope<'scope, 'env: 'scope> {
    count: Arc<Count>,
    // Invariant in both, as std's scope.
    _blocks: PhantomData<&'scope mut &'scope ()>,
    _borrowed: PhantomData<&'env mut &'env ()>,
}

/// Runs `f`, and blocks the thread until every block started on the scope has ended. So the blocks may
/// borrow from the stack, as the threads of `std::thread::scope`.
///
/// ```
/// use csp::prelude::*;
/// let words = ["go", "blocks", "borrow"];
/// let (tx, rx) = chan(0);
/// let total = csp::scope(|s| {
///     for word in &words {
///         let tx = tx.clone();
///         s.go(async move { tx.put(word.len()).await });
///     }
///     let sum = s.go(async {
///         let mut sum = 0;
///         for _ in &words { sum += take!(rx).unwrap_or(0); }
///         sum
///     });
///     sum.wait()
/// });
/// assert_eq!(total, Ok(14));
/// ```
///
/// On a worker thread the worker's queue is handed to a spare thread while it waits.
///
/// # Panics
/// If `f` does, after all blocks have ended. A block's panic is in its handle.
#[track_caller]
pub fn scope<'env, F, R>(f: F) -> R
where
    F: for<'scope> FnOnce(&'scope Scope<'scope, 'env>) -> R,
{
    let count = Arc::new(Count {
        live: Mutex::new(0),
        waiter: Mutex::new(None),
    });
    let scope = Scope {
        count: Arc::clone(&count),
        _blocks: PhantomData,
        _borrowed: PhantomData,
    };
    let result = catch_unwind(AssertUnwindSafe(|| f(&scope)));
    // In a simulation: not to be unwound, since the blocks borrow from here.
    csp_core::context::park_through(&|| *count.live.lock() == 0);
    block_on(std::future::poll_fn(|cx| count.poll_end(cx)));
    result.unwrap_or_else(|payload| resume_unwind(payload))
}

type Place<T> = Arc<Mutex<Option<T>>>;

impl<'scope> Scope<'scope, '_> {
    /// Starts a block on the current runtime; the scope ends after it.
    #[track_caller]
    pub fn go<F>(&'scope self, future: F) -> ScopedGo<'scope, F::Output>
    where
        F: Future + Send + 'scope,
        F::Output: Send + 'scope,
    {
        *self.count.live.lock() += 1;
        let ticket = Ticket(Arc::clone(&self.count));
        let value: Place<F::Output> = Arc::new(Mutex::new(None));
        let place = Arc::clone(&value);
        // The value goes into a place that the block gives up before its ticket: with the ticket,
        // nothing of the scope is left in the task, whoever drops its handle and whenever.
        let block = Ordered {
            inner: Some(async move {
                let result = future.await;
                *place.lock() = Some(result);
            }),
            _ticket: ticket,
        };
        let block: Pin<Box<dyn Future<Output = ()> + Send + 'scope>> = Box::pin(block);
        let block = erase(block);
        let origin = FromCaller(Location::caller());
        let (task, go) = NewTask::new(origin, block);
        current::launch_beside(task);
        ScopedGo {
            task: go,
            value,
            _scope: PhantomData,
        }
    }
}

/// The block and its ticket: the block is dropped first.
struct Ordered<F> {
    inner: Option<F>,
    _ticket: Ticket,
}

impl<F: Future<Output = ()>> Future for Ordered<F> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        // SAFETY: structural pinning of `inner`: it is never moved, and dropped in place, before the
        // ticket by the order of the fields.
        let inner = unsafe { self.map_unchecked_mut(|this| &mut this.inner) };
        inner
            .as_pin_mut()
            .expect("the block is there until the drop")
            .poll(cx)
    }
}

type Block<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// Forgets how long a scope's block may live.
fn erase(block: Block<'_>) -> Block<'static> {
    // SAFETY: only the lifetime changes. `scope` does not return, nor unwind, before the block's
    // ticket is dropped, and the block holds nothing of the scope by then: it is polled and dropped
    // only while its borrows are valid.
    unsafe { std::mem::transmute::<Block<'_>, Block<'static>>(block) }
}

/// A scope's block: its value, when it has ended.
#[must_use = "the block runs without it; drop it if the value is not wanted"]
pub struct ScopedGo<'scope, T> {
    task: Go<()>,
    value: Place<T>,
    _scope: PhantomData<&'scope ()>,
}

impl<T> ScopedGo<'_, T> {
    /// Blocks the thread until the block has ended, and gives its value.
    ///
    /// # Errors
    /// [`Failure`]: it panicked or was cancelled.
    ///
    /// # Panics
    /// Never: the value is there when the block ended well.
    pub fn wait(self) -> Result<T, Failure> {
        block_on(self.join())
    }

    /// Parks until the block has ended, and gives its value.
    ///
    /// # Errors
    /// [`Failure`]: it panicked or was cancelled.
    pub async fn join(self) -> Result<T, Failure> {
        self.task.await?;
        let value = self.value.lock().take();
        value.ok_or(Failure::Cancelled)
    }

    /// See [`Go::cancel`].
    pub fn cancel(&self) -> bool {
        self.task.cancel()
    }

    /// True once the block has ended.
    pub fn is_finished(&self) -> bool {
        self.task.is_finished()
    }
}

impl<T> fmt::Debug for ScopedGo<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.task.fmt(f)
    }
}

impl fmt::Debug for Scope<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scope")
            .field("live", &*self.count.live.lock())
            .finish()
    }
}
