//! An event loop: a reactor with typed events, timers and calls, on one thread.
//!
//! For programs that think in events, such as user interfaces, simulations and games, and for those who come
//! from Twisted or JavaScript. It is a facade over [`Local`](csp_sched::Local): go blocks, channels
//! and promises work on it as they do everywhere, and often say the same in fewer words.
//!
//! ```
//! use csp::{EventLoop, prelude::*};
//! struct Tick(u32);
//!
//! let events = EventLoop::virtual_time();
//! let handle = events.handle();
//! let (tx, seen) = chan(8);
//! handle.on(move |tick: &Tick, events| {
//!     tx.try_put(tick.0).unwrap();
//!     if tick.0 == 3 {
//!         events.stop();
//!     }
//! })?;
//! let mut n = 0;
//! let emit = handle.clone();
//! handle.every(ms(100), move |_missed| {
//!     n += 1;
//!     emit.emit(Tick(n)).ok();
//! })?;
//! events.run();
//! assert!(seen.into_iter().eq([1, 2, 3]));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What holds
//!
//! * **One at a time.** Everything runs on the loop's thread, and nothing inside anything else: what a
//!   handler emits or calls is queued behind what is there already.
//! * **Order.** Events and calls first come first served; handlers in the order of their registration;
//!   timers by time, then in the order in which they were set; steps of a promise in the order of the text.
//! * **Nobody starves.** A pass makes the calls that were queued when it began, then runs the timers that
//!   are due, then gives blocks a turn.
//! * **A panic** of a function of yours ends that call alone, and is [told](EventLoop::on_notice). What runs as a
//!   block (a ticker, a promise's step) ends, and its outcome says so.
//! * **No timer thread.** A handler that blocks holds up its own loop and no other.
//! * **Dynamic bindings** are those of a block where it was started, across all its park points. Handlers,
//!   calls and timers have those that held where the loop was made.
//!
//! # Don't block the loop
//!
//! It reacts only as fast as its handlers return. Work that takes long or blocks goes to a thread, and
//! its result comes back as a promise: [`LoopHandle::defer_to_thread`]. Work that is long but can be cut
//! into steps is a block that yields between them, and so takes its turn with everything else: what Twisted
//! has `cooperate` for.
//!
//! ```
//! use csp::{EventLoop, prelude::*};
//! let events = EventLoop::new();
//! let (tx, log) = chan(16);
//! for name in ["a", "b"] {
//!     let tx = tx.clone();
//!     events.go(async move {
//!         for step in 0..2 {
//!             tx.try_put(format!("{name}{step}")).unwrap(); // a step of the work
//!             yield_now().await; // the others' turn
//!         }
//!     });
//! }
//! drop(tx);
//! events.run_until_idle();
//! assert!(log.into_iter().eq(["a0", "b0", "a1", "b1"]));
//! ```
//!
//! The [`Go`](csp_core::Go) of such a block is Twisted's `CooperativeTask`: [`cancel`](csp_core::Go::cancel) stops
//! it, awaiting it is `whenDone` ([`Promise::from`](crate::Promise) it, then
//! [`shared`](crate::Promise::shared), for many who wait). A block that is to be paused takes a
//! [lock](crate::lock) before each step; whoever holds that lock pauses it.
//!
//! # Where the names come from
//!
//! | here | Twisted | JavaScript |
//! |---|---|---|
//! | [`EventLoop::run`], [`LoopHandle::stop`] | `reactor.run`, `stop` | |
//! | [`EventLoop::react`] | `task.react` | |
//! | [`EventLoop::run_until_idle`] | `reactor.iterate` | |
//! | [`EventLoop::virtual_time`], [`advance`](EventLoop::advance) | `task.Clock` | fake timers |
//! | [`LoopHandle::on`], [`emit`](LoopHandle::emit) | | `EventEmitter` |
//! | [`LoopHandle::call`] | `callFromThread` | `setImmediate` |
//! | [`LoopHandle::call_later`] | `callLater` | `setTimeout` |
//! | [`LoopHandle::every`] | `LoopingCall` | `setInterval` |
//! | [`LoopHandle::defer_to_thread`] | `deferToThread` | |
//! | [`LoopHandle::call_blocking`] | `blockingCallFromThread` | |
//! | [`LoopHandle::at_shutdown`] | `addSystemEventTrigger` | |

mod core;
mod effect;
mod emit;
mod error;
mod events;
mod handle;
mod job;
mod later;
mod main_loop;
mod notice;
mod shutdown;
mod ticker;
mod timers;

#[doc(hidden)]
pub use self::effect::After;
pub use self::{
    effect::Effect,
    error::{CallError, Ended, TimerError},
    events::Handler,
    handle::LoopHandle,
    main_loop::EventLoop,
    notice::Notice,
    shutdown::{AtShutdown, Phase},
    ticker::{Missed, Ticker},
    timers::Timer,
};
