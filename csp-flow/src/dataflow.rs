//! `flow!`, and what its expansion runs on.

use std::{
    fmt,
    future::{Pending, pending, poll_fn},
    ops::ControlFlow,
    pin::Pin,
    sync::{
        OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
};

/// The arms of a flow, while they run.
///
/// An arm's output is what it leaves the whole flow with; that it is done instead, its values being
/// where others find them, it says here.
pub struct Arms {
    /// Whether the arm that is being polled is done. Arms are polled one at a time, by one task.
    done: AtomicBool,
}

impl Arms {
    /// No arm has run yet.
    #[expect(clippy::new_without_default, reason = "an internal type")]
    pub const fn new() -> Self {
        Self {
            done: AtomicBool::new(false),
        }
    }

    /// The end of an arm: the rest of it never comes.
    pub fn finish<R>(&self) -> Pending<R> {
        // Ordering: Relaxed; `poll`, which reads it, is further up this very stack.
        self.done.store(true, Ordering::Relaxed);
        pending()
    }

    /// Polls an arm if what it needs is there, and drops it once it is done. Continues with whether it
    /// is; breaks with what it leaves the flow with.
    #[inline]
    pub fn poll<F: Future>(
        &self,
        cx: &mut Context<'_>,
        mut arm: Pin<&mut Option<F>>,
        ready: bool,
    ) -> ControlFlow<F::Output, bool> {
        if !ready {
            return ControlFlow::Continue(false);
        }
        let Some(running) = arm.as_mut().as_pin_mut() else {
            return ControlFlow::Continue(true);
        };
        if let Poll::Ready(left) = running.poll(cx) {
            return ControlFlow::Break(left);
        }
        // Ordering: Relaxed; see `finish`.
        let done = self.done.swap(false, Ordering::Relaxed);
        if done {
            arm.set(None);
        }
        ControlFlow::Continue(done)
    }

    /// The same for an arm that can only end itself.
    #[inline]
    pub fn poll_detached<F: Future>(
        &self,
        cx: &mut Context<'_>,
        mut arm: Pin<&mut Option<F>>,
        ready: bool,
    ) -> ControlFlow<F::Output, bool> {
        match self.poll(cx, arm.as_mut(), ready) {
            ControlFlow::Break(_ignored) => {
                arm.set(None);
                ControlFlow::Continue(true)
            }
            done @ ControlFlow::Continue(_) => done,
        }
    }
}

impl fmt::Debug for Arms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Arms").finish_non_exhaustive()
    }
}

/// Calls `turn` until all arms are done (`None`), or one leaves the flow.
pub fn drive<R>(
    mut turn: impl FnMut(&mut Context<'_>) -> ControlFlow<R, bool>,
) -> impl Future<Output = Option<R>> {
    poll_fn(move |cx| match turn(cx) {
        ControlFlow::Break(left) => Poll::Ready(Some(left)),
        ControlFlow::Continue(true) => Poll::Ready(None),
        ControlFlow::Continue(false) => Poll::Pending,
    })
}

/// A value that other arms see, once its own has run.
pub struct Value<T>(OnceLock<T>);

impl<T> Value<T> {
    /// Not there yet.
    #[expect(clippy::new_without_default, reason = "an internal type")]
    pub const fn new() -> Self {
        Self(OnceLock::new())
    }

    /// Leaves the value, once.
    pub fn set(&self, value: T) {
        let twice = self.0.set(value).is_err();
        debug_assert!(!twice, "an arm runs once");
    }

    /// The value.
    ///
    /// # Panics
    /// If its arm is not done: the order of the polls is wrong.
    pub fn get(&self) -> &T {
        self.0.get().expect(DONE)
    }

    /// The value, for the body.
    ///
    /// # Panics
    /// As [`get`](Self::get).
    pub fn into_inner(self) -> T {
        taken(self.0.into_inner())
    }
}

impl<T> fmt::Debug for Value<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Value").finish_non_exhaustive()
    }
}

const DONE: &str = "the arm that binds it is done";

/// A value for the body.
///
/// # Panics
/// If its arm is not done: the order of the polls is wrong.
pub fn taken<T>(value: Option<T>) -> T {
    value.expect(DONE)
}

/// Drops what a detached statement gave.
pub fn ignored<T>(_: T) {}

/// Runs the bindings of a block at once, each as soon as those that it names are there.
///
/// It is an `async` block of the same statements, but for the order: nobody waits for what they do not
/// name.
///
/// ```text
/// flow! {
///     let session  = get_session(&req).await?;         //  session ──┬─▸ history ──┐
///     let history  = get_history(&session).await?;     //            └─▸ location ─┤
///     let location = get_location(&session).await?;    //                          ├─▸ respond
///     audit(&req).await?;                              //  audit ─────────▸ quota ─┘
///     let quota    = get_quota(&req).await?;
///     respond(session, history, location, quota)
/// }
/// ```
///
/// Its value is a future: it does nothing before it is awaited, and all of it stops when it is dropped.
/// Everything lies in that one future, without an allocation or a task: the arms take turns on one thread
/// as far as they wait. Nothing has to be `Clone`, `'static` or, outside of `go!`, `Send`. For work on
/// several cores, let arms await a [`go!`](csp_sched::go!) or a [`thread`](csp_sched::thread()).
///
/// ```
/// use csp::prelude::*;
/// let (tx, rx) = chan(0);
/// let sum = csp::block_on(flow! {
///     let sent = tx.put(20).await.is_ok();     // these two meet
///     let got = take!(rx).unwrap();
///     let twice = got * 2;                     // `got` is a `&u32` here
///     if sent { got + twice } else { 0 }       // and a `u32` here
/// });
/// assert_eq!(sum, 60);
/// ```
///
/// # Rules
/// * `let name = expr;` runs when every binding that it names is there, and it sees those as `&T`. The
///   final expression, the *body*, waits for all, and owns the values; only it can change a `let mut`.
/// * A statement (`audit(&req).await?;`, an `if`, a loop) runs by the same rule, and is a prerequisite:
///   all that follows waits for it. That goes for the last one too: what has to come last is the body,
///   without a semicolon.
/// * `detach expr;` is a statement whose outcome nobody asks for: nothing waits for it but the body, and
///   its `?` ends nothing but itself.
/// * `flow! { seq; … }` runs one after the other, with the same types. Only then may several
///   statements change, or one move what another borrows: otherwise all hold what they name from the
///   start.
/// * A name means the last binding above, or a variable outside: bindings cannot name each other in a
///   circle, and a later one of the same name hides the earlier from what follows.
/// * What counts is that the word is there. A variable of its own or a macro's argument of that name
///   makes an arm wait for what it does not need, never the reverse. Words in format strings count
///   (`"{name}"`), fields and methods do not.
/// * Patterns, types, `let … else`, items, and forms as for [`go!`](csp_sched::go!) are allowed;
///   `flow!(async move { … })` owns what it names, `flow!({ … })` is what rustfmt formats.
/// * Values that others name must be `Sync` for the flow to be `Send`.
///
/// Arms start, and go on, in the order of the source: takes from one channel get its values in that order.
/// Each wake-up polls all arms that have begun. An arm that is done is dropped at once, and with it what
/// it owned, such as the end of a channel.
///
/// # Errors
/// The first `?` that fails in an arm, or `return`, drops the other arms, the last first, and is the value
/// of the flow, as if it were an `async` block. So the body's type is a `Result` (or an `Option`) if there
/// is a `?`; write `Ok::<_, Error>(…)` if nothing else tells the type of the error. `break` and `continue`
/// do not leave the flow.
///
/// To catch is to `match`, and to try several things takes an `async` block:
///
/// ```
/// use csp::prelude::*;
/// # #[derive(Debug, PartialEq)] struct Error;
/// # async fn history() -> Result<Vec<u32>, Error> { Err(Error) }
/// # async fn number() -> Result<u32, Error> { Ok(1) }
/// let answer = csp::block_on(flow! {
///     let history = match history().await { Ok(history) => history, Err(_) => vec![] };
///     let sum = match async { Ok::<_, Error>(number().await? + number().await?) }.await {
///         Ok(sum) => sum,
///         Err(Error) => 0,
///     };
///     let last = number().await?;              // this would end the flow
///     Ok::<_, Error>((history, sum + last))
/// });
/// assert_eq!(answer, Ok((vec![], 3)));
/// ```
///
/// # Cancellation
/// Dropping the flow drops every arm where it stands. A promise or a go block that an arm waits for goes
/// on; a promise's [`cancel_on_drop`](crate::Promise::cancel_on_drop) ends it with the arm, and then its
/// failure, come too late, is not [told](crate::promise::set_unhandled_hook) as unhandled.
///
/// # Panics
/// A panic in an arm leaves the flow, and drops the others.
///
/// Lamina's `async` (and its `force`, the statement), Manifold's `let-flow`, promesa's `plet`.
#[macro_export]
macro_rules! flow {
    ($($statements:tt)*) => { $crate::__private::flow_impl! { [$crate] $($statements)* } };
}
