//! Callbacks that run on an executor instead of on whoever completes the operation.

use std::panic::Location;

use csp_core::{__private::FromCaller, NewTask, TryPutError, chan};

use crate::current::{self, Current};

/// Wraps a callback so that it runs on the executor that is current now, instead of on whatever thread
/// calls it: core.async's `on-caller? = false`.
///
/// ```text
/// the thread that completes the operation    ──▸ put ─────────▸ goes on at once
///                                                 ╰ value ╮
/// the executor that was current at the wrap               ╰─▸ f(value)
/// ```
///
/// [`take_then`](csp_core::Receiver::take_then) and [`put_then`](csp_core::Sender::put_then) run their
/// callback on the thread that completes the operation, or on the caller's if it is ready at once. That is
/// the fastest, and right for a callback that only passes something on. A longer one holds that thread
/// up; wrapped, it is a block of its own, on another stack in any case, and, but where the executor has
/// only that one thread, on another thread:
///
/// ```
/// use csp::prelude::*;
/// let (tx, rx) = chan(0);
/// let (done, answer) = chan(1);
/// rx.take_then(csp::dispatch(move |n: Option<u32>| {
///     let here = std::thread::current().id();
///     done.try_put((n, here)).unwrap();
/// }))
/// .unwrap();
/// tx.put_blocking(5).unwrap(); // ready at once, and yet not run on this thread
/// let (n, there) = answer.take_blocking().unwrap();
/// assert_eq!(n, Some(5));
/// assert_ne!(there, std::thread::current().id());
/// ```
///
/// (A closure names the type of an argument that it uses: rustc does not look through `dispatch` for it.)
///
/// The dynamic bindings that hold at the wrap hold in the callback. Callbacks that become due one after
/// the other may run at the same time, and in any order. What is to block should be a
/// [`thread`](crate::thread) that the callback starts.
///
/// # Cancellation
/// From the wrap on the callback is a block of its executor, parked until it is called: it is counted
/// among the live ones, and a shutdown waits for it as for any other. Once the executor has been shut
/// down or dropped, the callback is dropped unrun, and so is the value it is then called with. A wrapped
/// callback that is dropped uncalled ends the block.
///
/// # Panics
/// A panic in the callback ends it alone; [`set_panic_hook`](csp_core::set_panic_hook) sees it, with the
/// place of this call. The call itself panics only where starting the default runtime does.
#[track_caller]
pub fn dispatch<A, F>(f: F) -> impl FnOnce(A) + Send + 'static
where
    A: Send + 'static,
    F: FnOnce(A) + Send + 'static,
{
    let at = Location::caller();
    current::with_current(|current| dispatch_on(current, at, f))
}

/// A block that waits for the callback's argument, and what hands it over.
pub(crate) fn dispatch_on<A, F>(
    executor: &Current,
    at: &'static Location<'static>,
    f: F,
) -> impl FnOnce(A) + Send + use<A, F>
where
    A: Send + 'static,
    F: FnOnce(A) + Send + 'static,
{
    let (tx, rx) = chan(0);
    let (task, go) = NewTask::new(FromCaller(at), async move {
        if let Some(argument) = rx.take_for(at).await {
            f(argument);
        }
    });
    current::launch_parked(executor, task);
    drop(go);
    move |argument| {
        // The block waits for it, unless it has not had its first turn (on a `Local`) or was cancelled.
        if let Err(TryPutError::Full(argument)) = tx.try_put(argument) {
            tx.put_then(argument, |_| ()).ok();
        }
    }
}
