//! Eventual values: promises, what settles them, and what becomes of them.
//!
//! A promise is a value that is not there yet. A [`Promise`] has one reader and moves its value, so that
//! this needs to be no more than `Send`; a [`Shared`] has any number of readers. A [`Resolver`] settles it
//! once, by type; of many [`Completer`]s the first does.
//!
//! ```
//! use csp::{Error, Promise, prelude::*, promise::all};
//!
//! fn price(of: &'static str) -> Promise<u32> {
//!     csp::promise::go_try(async move {
//!         sleep(ms(1)).await; // asks a server, say
//!         match of {
//!             "pen" => Ok(2),
//!             "paper" => Ok(5),
//!             other => Err(format!("no {other} here").into()),
//!         }
//!     })
//! }
//!
//! let total = all!(price("pen"), price("paper")).map(|(pen, paper)| pen + paper);
//! assert_eq!(total.wait().unwrap(), 7);
//!
//! let ink = price("ink").timeout(secs(60)).or_else(|failure| {
//!     assert_eq!(failure.to_string(), "no ink here");
//!     Ok(0)
//! });
//! assert_eq!(ink.wait().unwrap(), 0);
//! ```
//!
//! # What holds for all of them
//!
//! * **Closures run in blocks.** A step, a callback, a canceller is a go block on the executor that is
//!   current where it was added, or on the one that [`on`](Promise::on) named: never on the stack of
//!   whoever settles, under a lock, or on the thread that keeps the time. A chain of a million steps is
//!   settled, cancelled and dropped link by link, in turns of the executor.
//! * **No hidden flattening.** [`map`](Promise::map) changes the value, whatever it is changed to;
//!   [`and_then`](Promise::and_then) waits for what its closure gives.
//! * **Failures do not vanish.** One that nobody looked at is [told](set_unhandled_hook) when its last handle
//!   goes. [`Failure`](csp_core::Failure) says what it was, the same at any depth of a chain.
//! * **Nothing is lost by a cancel.** What cannot be delivered comes back to the settler. A dropped promise is
//!   not wanted any more, but what is under way goes on; a [cancelled](Promise::cancel) one is ended, with
//!   all that works for it alone.
//! * **Order.** The steps of one promise run in the order of the text, callbacks of one [`Shared`] in the
//!   order in which they were given, one after the other. Across promises there is the order of settling,
//!   and on several workers not even that.
//!
//! # Waiting
//!
//! | | | of a [`Shared`] |
//! |---|---|---|
//! | parks | `promise.await`, `park!(promise)` as an arm of `alt!` | `shared.await`, `(&shared).await` |
//! | blocks the thread | [`wait`](Promise::wait), [`wait_for`](Promise::wait_for) | the same |
//! | calls back | [`subscribe`](Promise::subscribe) | [`subscribe`](Shared::subscribe), by reference |
//! | looks | [`now`](Promise::now), [`now_or`](Promise::now_or), `is_settled`, `is_failed`, `is_cancelled` | [`peek`](Shared::peek), the same |
//! | a channel | [`into_receiver`](Promise::into_receiver) | [`into_receiver`](Shared::into_receiver), for ever |
//!
//! # Where the names come from
//!
//! | here | Lamina | Twisted | Task | Manifold (promesa) |
//! |---|---|---|---|---|
//! | [`promise()`], [`Promise`] | | `Deferred()` | | |
//! | [`Shared`] | `result-channel` | | a task | `deferred` |
//! | [`Promise::ready`], [`failed`](Promise::failed), [`pending`](Promise::pending) | `success-result`, `error-result` | `succeed`, `fail` | `now`, `failed`, `void` | `success-deferred`, `error-deferred` |
//! | [`Resolver`] | `success`, `error` | `callback`, `errback` | | `success!`, `error!` |
//! | [`Completer`] | the same | | `complete!` | the same |
//! | [`Claim`] | `claim`, `success!`, `error!` | | | claim token |
//! | [`map`](Promise::map) | a stage | `addCallback` | `then` | (`map`) |
//! | [`and_then`](Promise::and_then) | a stage | `addCallback` | `compose` | `chain` (`mcat`) |
//! | [`or_else`](Promise::or_else), [`or`](Promise::or), [`catch`](Promise::catch) | `:error-handler` | `addErrback` | `recover` | `catch` |
//! | [`then`](Promise::then) | | `addBoth`, `addCallbacks` | | (`handle`, `hcat`) |
//! | [`map_err`](Promise::map_err) | | `addErrback` | | (`merr`) |
//! | [`finally`](Promise::finally), [`inspect`](Promise::inspect) | `:finally`, `do-stage` | `addBoth` | | `finally` |
//! | [`on`](Promise::on) | `:executor` | | `run-in`, `then-in` | `onto` |
//! | [`delay`](Promise::delay) | `wait-stage`, `timed-result` | `deferLater` | | `in` (`delay`) |
//! | [`timeout`](Promise::timeout), [`timeout_or`](Promise::timeout_or) | `with-timeout` | `addTimeout` | | `timeout!` |
//! | [`subscribe`](Shared::subscribe), [`Subscription::cancel`] | `subscribe`, `cancel-callback` | `addCallbacks` | | `on-realized` |
//! | [`wait`](Promise::wait), [`wait_for`](Promise::wait_for) | `wait-for-result` | `blockingCallFromThread` | `deref` | `deref` |
//! | [`now_or`](Promise::now_or), [`Shared::replace`] | | | `else`, `force!`, `fail!` | |
//! | [`cancel`](Promise::cancel), [`on_cancel`](Resolver::on_cancel) | | `cancel`, the canceller | `cancel` | |
//! | [`all()`], [`all!`](crate::all!), [`settled`] | `merge-results` | `gatherResults`, `DeferredList` | `sequence`, `for` | `zip` |
//! | [`race`], [`any`] | | `race` | | `alt` (`race`, `any`) |
//! | [`traverse`], [`fold`], [`repeat`] | `restart` | | `traverse` | `loop` (`reduce`, `loop`) |
//! | [`go_try`], `From<Go<T>>` | `task` | `ensureDeferred` | `run` | `future` |
//! | [`with_callback`](Promise::with_callback), [`from_future`](Promise::from_future), [`cancel_on_drop`](Promise::cancel_on_drop) | | `fromFuture`, `asFuture` | | |
//! | [`set_unhandled_hook`], [`ignore`](Promise::ignore) | | "Unhandled error in Deferred", `consumeErrors` | | leak detection |
//!
//! # Circles
//! A resolver that the promise's own step holds is never dropped, nor does it settle: nothing can find out.
//! A canceller that holds a completer of its promise is harmless; it is dropped when the promise settles.

mod all;
mod bridge;
mod cancel_on_drop;
mod cell;
mod chain;
mod claim;
mod completer;
pub(crate) mod engine;
mod error;
mod failure;
mod handle;
mod into;
mod look;
#[cfg(all(test, csp_loom))]
mod loom;
mod make;
mod many;
mod many_errors;
mod on;
mod race;
mod repeat;
mod resolver;
mod run;
mod shared;
mod source;
mod step;
mod subscription;
mod time;
mod unhandled;
mod unwanted;
mod wait;
mod waiters;
mod wake;

#[doc(hidden)]
pub use self::all::Tuple;
pub use self::{
    all::{all, settled},
    bridge::{go_try, thread_try},
    cancel_on_drop::CancelOnDrop,
    claim::Claim,
    completer::Completer,
    error::Error,
    failure::Outcome,
    handle::Promise,
    into::{IntoOutcome, IntoPromise},
    many_errors::{AllFailed, Indexed},
    race::{any, race},
    repeat::{fold, repeat, traverse},
    resolver::{Resolver, promise},
    shared::Shared,
    subscription::Subscription,
    unhandled::{Unhandled, set_unhandled_hook},
    unwanted::Unwanted,
};
pub use crate::all;
