//! Pipelines: functions that wait, put together from stages, with restarts, redirects and error handlers.
//!
//! A [`Pipeline`] takes a value through its stages and gives a [promise](crate::Promise) of what the last one
//! gives. A stage may give its value later, fail, begin anew, leave early, go on with another pipeline, or be a
//! pipeline itself. If one fails, the pipeline's error handler says what is to happen.
//!
//! (Not to be mixed up with [`ops::pipeline`](crate::ops::pipeline()), core.async's: that works on the many values of
//! a channel, several at a time. Here it is one value for each run, and what happens next depends on it.)
//!
//! ```text
//!                                  ╭───── restart(v), again() ─────╮
//!                                  ▼                               │
//! run(v) ──▸ map ──▸ stage ──▸ step ──▸ nest(&p) ──▸ inspect ──▸ step ──▸ the promise's value
//!                                                                  ├──▸ complete(out): the same, at once
//!                                                                  ╰──▸ redirect(q.redirect(v)): that of q
//!  any of them ──✗ failure ──▸ on_error: Propagate, Restart, Redirect, Complete, Later
//! ```
//!
//! ```
//! use csp::{pipeline::{Backoff, Pipeline, Recover, next, restart}, prelude::*};
//!
//! fn fetch(page: u32) -> csp::Promise<Vec<u32>> {
//!     csp::promise::go_try(async move {
//!         sleep(ms(1)).await; // asks a server, say
//!         Ok(if page < 3 { vec![page; 2] } else { vec![] })
//!     })
//! }
//!
//! let all_pages = Pipeline::<(u32, Vec<u32>), Vec<u32>>::builder()
//!     .stage(|(page, all)| fetch(page).map(move |new| (page, all, new)))
//!     .named("fetch")
//!     .step(|(page, mut all, new)| {
//!         if new.is_empty() {
//!             return next(all);
//!         }
//!         all.extend(new);
//!         restart((page + 1, all))
//!     })
//!     .on_error(|_, stage| match stage.name() {
//!         Some("fetch") => Recover::Restart(None), // the page that it began with
//!         _ => Recover::Propagate,
//!     })
//!     .max_restarts(5, Backoff::exponential(ms(100), secs(5)))
//!     .timeout(secs(60))
//!     .build();
//! assert_eq!(all_pages.run((0, vec![])).wait().unwrap(), [0, 0, 1, 1, 2, 2]);
//! ```
//!
//! # What holds for all of them
//!
//! * **A run is a loop in one go block.** (One more is there while a pipeline that has an executor of its own is
//!   inside of one that has another.) A million restarts, redirects, retries after errors, or levels of
//!   nesting need no stack, and time in proportion. For memory, only nesting counts.
//! * **What is ready does not park.** The run parks when a stage's value is not there yet; and yields now and
//!   then, so that a loop which never parks holds up nobody, and can be cancelled.
//! * **The types say what flattens.** [`map`](Stages::map) changes the value, [`stage`](Stages::stage) waits for
//!   what it gives, [`step`](Stages::step) steers. ([`run_pipeline!`] looks at what its closures give.)
//! * **Values are moved.** They need be no more than `Send`. Only for a [`step`](Stages::step) or an
//!   [error handler](Stages::on_error), which may restart with it, is the *input* to be `Clone`: it is cloned when
//!   a run begins.
//! * **Panics are failures.** Of a stage, of the handler, of `finally`: nobody is unwound. A failure of a run
//!   that nobody looks at is [told](crate::promise::set_unhandled_hook).
//! * **A pipeline that is left is ended**: its [`finally`](Stages::finally) runs once for each time that it was
//!   entered, also if the run is cancelled.
//!
//! # Where the names come from
//!
//! | here | Lamina |
//! |---|---|
//! | [`Pipeline::builder`], [`run`](Pipeline::run) | `pipeline`, calling it |
//! | [`run_pipeline!`] | `run-pipeline` |
//! | [`next`], [`later`] | what a stage returns: a value, a result channel |
//! | [`restart`], [`again`], [`complete`] | `restart` with a value, without one, `complete` |
//! | [`redirect`], [`Pipeline::redirect`] | `redirect` |
//! | [`declare`](Pipeline::declare), [`define`](Declared::define) | `declare`, `def` |
//! | [`read_merge`](Stages::read_merge), [`take_merge`](Stages::take_merge) | `read-merge`, `read-channel` |
//! | [`wait`](Stages::wait), [`inspect`](Stages::inspect) | `wait-stage`, `do-stage` |
//! | [`on_error`](Stages::on_error), [`finally`](Stages::finally), [`timeout`](Stages::timeout), [`on`](Stages::on) | `:error-handler`, `:finally`, `:timeout`, `:executor` |
//! | [`max_restarts`](Stages::max_restarts) | 0.4's limit of 100 errors |
//!
//! A run always gives a promise, also if nothing parked (Lamina's `:unwrap?` gives the plain value then), and
//! always conveys dynamic bindings, as all blocks do (`:with-bindings?`).

mod backoff;
mod caught;
mod core;
mod declared;
mod driver;
mod frame;
mod handle;
mod options;
mod recover;
mod run_macro;
mod slot;
mod stage;
mod stages;
mod step;
mod target;
mod waiting;

pub use self::{
    backoff::Backoff,
    declared::{Declared, Nested},
    handle::{Pipeline, Redirect},
    recover::Recover,
    stage::Stage,
    stages::Stages,
    step::{IntoStep, Step, again, complete, later, next, redirect, restart},
};
pub use crate::run_pipeline;

/// What the expansion of `run_pipeline!` names. Not part of the public API.
#[doc(hidden)]
pub mod __private {
    pub use super::run_macro::{IsPlain, IsStage, IsStep, Tag, begin};
}
