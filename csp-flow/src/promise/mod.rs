//! Eventual values: promises, what settles them, and what becomes of them.
//!
//! | | Lamina | Twisted | Task | Manifold, promesa |
//! |---|---|---|---|---|
//! | [`promise`], [`Resolver`] | `result-channel` | `Deferred()` | | `deferred` |
//! | [`Completer`] | `success`, `error` | | `complete!` | `success!`, `error!` |
//! | [`Claim`] | `claim`, `success!` | | | claim token |
//! | [`Promise`] | | `Deferred` | | |
//! | [`Shared`] | result channel | | task | `deferred` |

mod all;
mod bridge;
mod cancel_on_drop;
mod cell;
mod chain;
mod claim;
mod completer;
mod error;
mod failure;
mod handle;
mod into;
#[cfg(all(test, csp_loom))]
mod loom;
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

pub use crate::all;
#[doc(hidden)]
pub use self::all::Tuple;
pub use self::{
    all::{all, settled},
    bridge::go_try,
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
