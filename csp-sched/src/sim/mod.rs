//! The simulator: the same program on one thread at a time, under virtual time, with every choice of the scheduler and
//! of `alt!` made by a strategy.
//!
//! [`explore`] runs a program again and again, each time under another schedule, until one fails: by a panic (a failed
//! `assert!`), by a deadlock, or since blocks are left parked for ever. It then tells the schedule as a list of places in
//! the source, and a string that runs it again: `CSP_SIM_REPLAY=… cargo test name_of_the_test`.
//!
//! ```
//! use csp::{prelude::*, sim};
//! sim::explore(|| {
//!     let (tx, rx) = chan(0);
//!     for n in [1, 2] {
//!         let tx = tx.clone();
//!         go!({ put!(tx, n).ok(); });
//!     }
//!     drop(tx);
//!     assert_eq!(rx.into_iter().sum::<u32>(), 3);
//! });
//! ```
//!
//! A bug that ordinary tests hardly ever meet:
//!
//! ```
//! use csp::{prelude::*, sim::{FailureKind, Sim}};
//! let report = Sim::random(1).run(|| {
//!     // A counter in a channel, which two blocks add to: take, add, put.
//!     let (tx, rx) = chan(1);
//!     tx.try_put(0).unwrap();
//!     let add = |tx: Sender<u32>, rx: Receiver<u32>| go!({
//!         let n = rx.try_take().unwrap_or(0); // should have been `take!(rx)`
//!         tx.try_put(n + 1).ok();
//!     });
//!     let both = [add(tx.clone(), rx.clone()), add(tx.clone(), rx.clone())];
//!     for block in both { block.wait().unwrap(); }
//!     assert_eq!(rx.try_take(), Ok(2));
//! });
//! assert_eq!(report.failure.unwrap().kind(), FailureKind::Panic);
//! ```
//!
//! # What is explored
//! The program runs unchanged: `go!`, `thread` and its kin, channels, `alt!`, timeouts, promises, connectors, streams,
//! pipelines, locks, and runtimes and `Local`s that it makes. Others can go on at each *operation of csp*: a put or take
//! of any form, a close, the drop of the last end of a side, a look at a channel, an `alt!`, a wait for a block or a
//! promise; and where a block yields. Between two operations of a block or thread nobody else runs. Which of several
//! ready arms an `alt!` takes is chosen too.
//!
//! # What is not
//! * What blocks and threads do to each other by other means (`std::sync::Mutex`, atomics, files) is done, but not in
//!   every order: put [`point()`] between. A std lock that is held across an operation of csp can hang the simulation,
//!   since the thread that waits for it is the only one that runs.
//! * A buffer policy or a transducer of your own runs under its channel's lock: nobody else goes on meanwhile, whatever
//!   it does.
//! * The order in which memory becomes visible to other processors, and what is inside csp: that is what its models
//!   are for. Here an operation of csp is one step.
//! * A `Local` runs its blocks in its own order. Others go on between their operations.
//!
//! # Time
//! passes only when nothing else can go on, and then at once ([`Sim::racing_time`]: at any moment). [`now`](crate::now())
//! tells it; the system's clocks go on as ever, so the program must not look at them.
//!
//! # What must not be
//! * Threads that `std::thread::spawn` makes, and other runtimes (tokio's): they are not simulated. Sockets neither. One
//!   that uses a channel of the program, or wakes one of its blocks, is [named](FailureKind::NotDeterministic).
//! * A [`Runtime`](crate::Runtime) or a [`Local`](crate::Local) that was made outside: who uses one is told so.
//! * Anything else that differs from run to run: random numbers, the order of a `HashMap`. A schedule that cannot be run
//!   again is reported as [not deterministic](FailureKind::NotDeterministic).
//! * State that is kept from run to run, in statics: the program is run many times.
//!
//! # The end
//! When the main closure has ended the blocks run on, as long as they can (time passes for a thousand deadlines more). What
//! is then parked, and does not wait for a time, is a [leak](FailureKind::Leak). After a failure, threads of the program that
//! wait are unwound, and blocks cancelled, so that nothing is left behind for the next run.
//!
//! Custom executors of a runtime (`Builder::executor`) and `on_worker` hooks are not called: all work is simulated.
//!
//! The ideas come from CHESS, from Jepsen's and `FoundationDB`'s simulations, from tokio's loom and AWS's shuttle.

mod answers;
mod baton;
mod ending;
mod entity;
mod explore;
mod mix;
mod options;
mod outside;
mod parked;
mod progress;
mod quiet;
mod realm;
mod report;
mod seat;
mod shrink;
mod state;
mod strategy;
mod trace;
mod world;

pub use options::Sim;
pub(crate) use outside::refuses;
pub(crate) use realm::Realm;
pub use report::{Failure, FailureKind, Report};
pub(crate) use world::World;

/// Runs a program under 1000 random schedules, and panics with a report if one fails.
///
/// [`Sim`] has other strategies, limits and options; see the [module](self) for what is explored.
///
/// ```
/// use csp::{prelude::*, sim};
/// sim::explore(|| {
///     let answer = go!({ sleep(secs(3600)).await; 42 });
///     assert_eq!(answer.wait(), Ok(42));
/// });
/// ```
///
/// # Panics
/// If a schedule fails; and in a simulation.
#[track_caller]
pub fn explore(program: impl Fn()) {
    Sim::random(SEED).explore(program);
}

/// Where the seeds of [`explore`](explore()) begin: a test that passes today passes tomorrow.
const SEED: u64 = 1;

/// Lets others go on here, in a simulation: between two uses of what is no operation of csp, such as an atomic.
///
/// Outside a simulation it does nothing.
///
/// ```
/// use csp::{prelude::*, sim::Sim};
/// use std::sync::{Arc, atomic::{AtomicU32, Ordering::SeqCst}};
/// let report = Sim::random(1).run(|| {
///     let count = Arc::new(AtomicU32::new(0));
///     let add = |count: Arc<AtomicU32>| go!({
///         let n = count.load(SeqCst);
///         csp::sim::point();
///         count.store(n + 1, SeqCst);
///     });
///     let both = [add(count.clone()), add(count.clone())];
///     for block in both { block.wait().unwrap(); }
///     assert_eq!(count.load(SeqCst), 2, "lost update");
/// });
/// assert!(report.failure.unwrap().message().contains("lost update"));
/// ```
pub fn point() {
    // One object for all points: none can be exchanged with another.
    csp_core::context::visible(csp_core::context::Object::At(0));
}

/// The world that this thread belongs to.
pub(crate) fn world_here() -> Option<crate::sync::Arc<World>> {
    seat::world_here()
}
