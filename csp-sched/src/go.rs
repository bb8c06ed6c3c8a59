//! Starting blocks and threads.

use std::{future::poll_fn, panic::Location, task::Poll};

use csp_core::{
    __private::{FromCaller, FromMacro, GoSite},
    Go, NewTask, Receiver, chan,
};

use crate::current;

/// Starts a block of async code on the current runtime: the function behind [`go!`](crate::go!), for code
/// that wants no macro.
///
/// ```
/// use csp::prelude::*;
/// let (tx, rx) = chan(0);
/// csp::go(async move { tx.put(1).await });
/// assert_eq!(rx.take_blocking(), Some(1));
/// ```
#[track_caller]
pub fn go<F>(future: F) -> Go<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    let (task, go) = NewTask::new(FromCaller(Location::caller()), future);
    current::launch(task);
    go
}

/// Used by `go!`. The names of the bounds are what users see in messages.
#[doc(hidden)]
pub fn go_at<S, F>(_site: S, future: F) -> Go<F::Output>
where
    S: GoSite,
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    let (task, go) = NewTask::new(FromMacro::<S>::new(), future);
    current::launch(task);
    go
}

/// Runs blocking work on a thread of the runtime's pool: core.async's `thread`.
///
/// The pool makes threads as they are needed and keeps them for a while. Dynamic bindings and the current
/// runtime are conveyed. [`Go::cancel`] ends it only before it has begun.
///
/// ```
/// use csp::prelude::*;
/// let (tx, rx) = chan(0);
/// let lines = csp::thread(move || rx.into_iter().count());
/// go!({ for n in 0..3 { put!(tx, n).ok(); } });
/// assert_eq!(lines.wait(), Ok(3));
/// ```
#[track_caller]
pub fn thread<F, T>(work: F) -> Go<T>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    // The limit on operations is for turns of workers.
    let turn = async move { csp_core::context::unlimited(work) };
    let (task, go) = NewTask::new(FromCaller(Location::caller()), turn);
    current::launch_blocking(task);
    go
}

/// A channel of the values of an iterator, put by a go block; it closes after the last: core.async's
/// `to-chan!`. The block ends early when the receiver is dropped.
///
/// ```
/// let rx = csp::to_chan(1..=3);
/// assert_eq!(rx.into_iter().sum::<u32>(), 6);
/// ```
///
/// The iterator runs in a go block, so it should not block.
#[track_caller]
pub fn to_chan<I>(values: I) -> Receiver<I::Item>
where
    I: IntoIterator,
    I::Item: Send + 'static,
    I::IntoIter: Send + 'static,
{
    let (tx, rx) = chan(0);
    let values = values.into_iter();
    drop(go(async move {
        for value in values {
            if tx.put(value).await.is_err() {
                return;
            }
        }
    }));
    rx
}

/// Lets the other blocks of the worker run first.
pub async fn yield_now() {
    let mut yielded = false;
    poll_fn(|cx| {
        if yielded {
            return Poll::Ready(());
        }
        yielded = true;
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// Starts a go block: the braces' code runs as a process of its own, which parks at channel operations
/// and holds no thread meanwhile.
///
/// The block becomes a resumable state machine: rustc lays out its states, the macro numbers its park
/// points and gives each a static site, which a dump shows. Its value is a [`Go`], a promise of the
/// block's value; dropped, the block runs on detached.
///
/// ```
/// use csp::prelude::*;
/// let (tx, rx) = chan(0);
/// let sum = go!({
///     let mut sum = 0;
///     while let Some(n) = take!(rx) { sum += n; }
///     sum
/// });
/// go!({
///     for n in 1..=4 { put!(tx, n).ok(); }
/// });
/// assert_eq!(sum.wait(), Ok(10));
/// ```
///
/// Borrows, loops, labels, `?`, `match`, `let else` and closures work as in plain Rust. Code that parks
/// and is to be shared is an `async fn`, called with `.await`. `go! { … }` and `go!(async move { … })` are
/// the same; `go!({ … })` is what rustfmt formats.
///
/// core.async's `go`, Go's `go func() { … }()`.
///
/// # Panics
/// A block that panics ends alone: its [`Go`] says [`Panicked`](csp_core::Failure::Panicked), and its
/// ends of channels drop. The macro itself panics only where starting the default runtime does, for
/// a `CSP_WORKERS` that makes no sense.
#[macro_export]
macro_rules! go {
    ($($block:tt)*) => { $crate::__private::go_impl! { [$crate] $($block)* } };
}

/// Switches off the check of `go!` against blocking operations for one expression.
///
/// ```
/// use csp::prelude::*;
/// let (tx, rx) = chan(1);
/// tx.try_put(1).unwrap();
/// // It will not block: a value is there.
/// let got = go!({ csp::allow_blocking!(rx.take_blocking()) });
/// assert_eq!(got.wait(), Ok(Some(1)));
/// ```
#[macro_export]
macro_rules! allow_blocking {
    ($blocking:expr $(,)?) => {
        $blocking
    };
}
