//! Starting blocks and threads.

use std::{
    cell::Cell,
    future::{Ready, poll_fn, ready},
    marker::PhantomData,
    panic::Location,
    task::Poll,
};

use csp_core::{
    __private::{FromCaller, FromMacro, GoSite},
    Failure, Go, NewTask, Of2, Order, Receiver, Sender, chan, park, promise_buffer,
};

use crate::{
    current,
    sync::local,
    workload::{Workload, thread_on},
};

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

/// What the call in `go!(f())` gave.
#[doc(hidden)]
#[derive(Debug)]
pub struct Called<T>(pub T);

impl<F: Future> Called<F> {
    /// What an `async fn` gives is run.
    pub fn run(self) -> F {
        self.0
    }
}

/// For what is no future, and so has no `run` of its own.
#[doc(hidden)]
pub trait CalledValue {
    /// What it is.
    type Value;
    /// The value of the block.
    fn run(self) -> Ready<Self::Value>;
}

impl<T> CalledValue for Called<T> {
    type Value = T;

    fn run(self) -> Ready<T> {
        ready(self.0)
    }
}

/// Runs blocking work on a thread of the runtime's pool: core.async's `thread`.
///
/// The pool makes threads as they are needed and keeps them for a while. Dynamic bindings and the current
/// runtime are conveyed. [`Go::cancel`] ends it only before it has begun. [`thread_on`] also says
/// what kind of work it is; this is [`Workload::Mixed`].
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
    thread_on(Workload::Mixed, work)
}

/// A channel of a future's value, which every take gives, for ever: ClojureScript's `p->c`.
///
/// ```text
/// future   ─────────────✓ v
/// takes    ───▸ waits ──▸ v   ▸ v   ▸ v   …
///
/// future   ─────────────✗ error
/// takes    ───▸ waits ──▸ None   ▸ None   …   failure(): error
/// ```
///
/// Closes when the value has come, which can still be taken. An error fails the channel:
/// [`Receiver::failure`] tells it. For a [`Go`] that is its [`Failure`].
///
/// ```
/// use csp::prelude::*;
/// let rx = csp::to_promise_chan(go!({ 6 * 7 }));
/// let other = rx.clone();
/// assert_eq!(go!({ take!(other) }).wait(), Ok(Some(42)));
/// assert_eq!((rx.take_blocking(), rx.take_blocking()), (Some(42), Some(42)));
///
/// let rx = csp::to_promise_chan(async { Err::<u32, _>("no such file") });
/// assert_eq!(rx.take_blocking(), None);
/// assert_eq!(rx.failure().unwrap().to_string(), "no such file");
/// ```
///
/// The future runs in a go block. It is dropped, unfinished, when the channel is closed or its last receiver
/// dropped (a `Go` that is dropped runs on, detached).
///
/// # Panics
/// A panic of the future reaches the panic hook, and the channel fails with [`Failure::Abandoned`]; so it
/// does when the block is cancelled.
#[track_caller]
pub fn to_promise_chan<F, T, E>(future: F) -> Receiver<T>
where
    F: Future<Output = Result<T, E>> + Send + 'static,
    T: Clone + Send + Sync + 'static,
    E: Into<Box<dyn std::error::Error + Send + Sync>> + Send + 'static,
{
    let caller = Location::caller();
    let (tx, rx) = chan(promise_buffer());
    let promise = Promise(tx);
    drop(go(async move {
        let Promise(tx) = &promise;
        let arms = (park(future), park(tx.closed()));
        match csp_core::__private::alt_for(arms, Order::Priority, caller).await {
            Of2::A(Ok(value)) => {
                tx.try_put(value).ok();
                tx.close();
            }
            Of2::A(Err(error)) => drop(tx.fail(error)),
            Of2::B(()) => {}
        }
    }));
    rx
}

/// Fails its channel if nobody has closed it by the end.
struct Promise<T>(Sender<T>);

impl<T> Drop for Promise<T> {
    fn drop(&mut self) {
        let abandoned: Failure = Failure::Abandoned;
        self.0.fail(abandoned);
    }
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

local! {
    static ALLOWED: Cell<u32> = Cell::new(0);
}

/// Blocking is on purpose, on this thread, as long as this is there: [`allow_blocking!`](crate::allow_blocking).
#[doc(hidden)]
#[derive(Debug)]
// A raw pointer is not Send, so it cannot be held across a park point.
pub struct Allowed(PhantomData<*const ()>);

impl Allowed {
    /// On the caller's thread.
    pub fn here() -> Self {
        ALLOWED.with(|count| count.set(count.get() + 1));
        Self(PhantomData)
    }

    pub(crate) fn is_here() -> bool {
        ALLOWED.with(Cell::get) > 0
    }
}

impl Drop for Allowed {
    fn drop(&mut self) {
        ALLOWED.with(|count| count.set(count.get() - 1));
    }
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
/// `go!(f(x))`, of a function or a method and nothing else, runs what it calls, if that is an `async fn`,
/// as Go's `go f(x)`, but that its arguments are evaluated in the block, into which all that they name is
/// moved:
///
/// ```
/// use csp::prelude::*;
/// async fn count(rx: Receiver<u32>) -> usize {
///     let mut n = 0;
///     while take!(rx).is_some() { n += 1; }
///     n
/// }
/// assert_eq!(go!(count(csp::to_chan(5..8))).wait(), Ok(3));
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

/// Switches off what is said against blocking operations in go blocks, for one expression: the check of
/// `go!`, and the line that a debug build writes when it happens.
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
        match $crate::__private::Allowed::here() {
            __csp_allowed => $blocking,
        }
    };
}
