//! Seeing inside a program: what its blocks wait for, and since when.
//!
//! A program that hangs says why: [`dump()`] shows every live block, channel, pending promise, timer and blocked
//! thread, as [data](Dump), as text in the manner of Go's dump of goroutines, as a graph for Graphviz
//! ([`Dump::dot`]), and as JSON ([`Dump::json`]).
//!
//! # A program that hangs
//! This is `examples/hangs.rs`:
//!
//! ```
//! use csp::prelude::*;
//!
//! csp::inspect::enable(); // or CSP_INSPECT=1 in its environment
//! let (jobs_tx, jobs) = chan(0);
//! let (done_tx, done) = chan(0);
//! let (jobs, done) = (jobs.named("jobs"), done.named("done"));
//! go!({
//!     while let Some(n) = take!(jobs) {
//!         put!(done_tx, n * 2).ok();
//!     }
//! })
//! .named("worker");
//! let feeder = go!({
//!     put!(jobs_tx, 1).ok();
//!     put!(jobs_tx, 2).ok(); // nobody has taken what is done: the worker does not come back
//!     take!(done)
//! })
//! .named("feeder");
//!
//! # let secs = ms;
//! assert!(feeder.wait_for(secs(2)).is_err(), "it hangs");
//! println!("{}", csp::inspect::dump());
//! ```
//!
//! prints
//!
//! ```text
//! csp dump: 2 blocks, 2 channels, 0 pending promises, 0 timers, 0 blocked threads
//! runtime "csp": 2 workers, 2 asleep, 2 blocks
//!
//! block 1 "worker" [parked at put!(done_tx) for 2.0 s, state 1 of 2]
//!     examples/hangs.rs:16:13
//!     puts to channel 2 "done" (rendezvous, 1 putter, 0 takers, 1 sender, 1 receiver)
//!     started by thread "main" at examples/hangs.rs:14:5, 2.0 s ago
//! block 2 "feeder" [parked at put!(jobs_tx) for 2.0 s, state 1 of 3]
//!     examples/hangs.rs:22:9
//!     puts to channel 1 "jobs" (rendezvous, 1 putter, 0 takers, 1 sender, 1 receiver)
//!     started by thread "main" at examples/hangs.rs:20:18, 2.0 s ago
//!
//! channel 1 "jobs" (rendezvous, 1 putter, 0 takers, 1 sender, 1 receiver)
//!     made at examples/hangs.rs:11:27
//! channel 2 "done" (rendezvous, 1 putter, 0 takers, 1 sender, 1 receiver)
//!     made at examples/hangs.rs:12:27
//! ```
//!
//! The worker waits until somebody takes from `done`, the feeder until somebody takes from `jobs`; each is the
//! one that the other waits for. (`state 1 of 2` counts the park points of the block from 0.)
//!
//! # From outside
//! With `CSP_DUMP=path` in the environment, or after [`install_signal_handler`], SIGQUIT (`kill -QUIT pid`) has
//! the dump written to that file or to stderr, and the program goes on. `CSP_DUMP` also switches inspection on.
//!
//! # What has to be noted
//! The blocks are known in any case, with their park points and channels' numbers. While inspection is
//! [on](enable), it is also noted where channels and promises were made, who waits in their queues (so each arm of
//! an alts), who started a block, and when it parked. `CSP_INSPECT=1` switches it on before the program makes its
//! first channel. Times are those of the executor, so of a [`Local`](crate::Local) with virtual time they are
//! virtual; a channel that is made before the first executor has no age.
//!
//! Names help: [`Go::named`](csp_core::Go::named) and [`name_block`], `named` of both ends of a channel,
//! [`Builder::name`](crate::Builder::name).
//!
//! # What it costs
//! Off, a load and a branch where a channel is made, a block started, and a block parks or waits: some dozen
//! instructions an operation. On, making a channel, starting a block and their ends each take a short lock and an
//! entry in a table, parking reads the clock, and each put and take of a channel notes under its lock who did it. On
//! two cores, CPU time (the middle of five rounds of `cargo bench --bench figures -- inspect inspect_1m_off
//! inspect_1m_on`):
//!
//! | | off | on |
//! |---|---:|---:|
//! | a round trip between two blocks | 112 ns | 211 ns |
//! | a block started and joined | 171 ns | 551 ns |
//! | a channel made and dropped | 72 ns | 274 ns |
//! | a message through an alts of 8 arms | 408 ns | 397 ns |
//! | a parked block with its channel | 232 bytes | 1,130 bytes |
//! | a dump of a million blocks | 0.56 s | 1.67 s |
//! | its text | 0.11 s | 0.15 s |
//!
//! # What a dump does not see
//! * What a block awaits that is not ours: a socket, another runtime's timer. It is shown as parked, without a
//!   place, unless `park!` names it.
//! * Values. A dump calls no code of the user's: a custom buffer is not asked how full it is, the cause of a
//!   failed channel is not printed.
//! * One instant, while the program works on: see [`dump()`].

mod dot;
mod dump;
mod environment;
mod executors;
mod json;
#[cfg(unix)]
mod signal;
mod text;
mod words;

pub use csp_core::inspect::{
    Block, BlockState, Channel, Deadlock, LiveBlock, Member, On, PendingPromise, Starter, Stuck,
    StuckGroup, Wait, blocked, deadlock, disable, enable, is_enabled, leaked, name_block,
    set_deadlock_hook, stuck,
    threads::{self, BlockedThread},
};

pub(crate) use self::executors::{Known, enter, real_stamp, virtual_stamp};
#[cfg(unix)]
pub use self::signal::install_signal_handler;
pub use self::{
    dot::Dot,
    dump::{Dump, Executor, Timer, dump},
    json::Json,
};
