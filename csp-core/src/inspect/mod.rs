//! What a program is about: the live blocks, channels and promises, for a dump; and whether it can go on.
//!
//! Here is what csp-core knows; csp-sched makes a dump of it (`csp::inspect`). Blocks are known to their
//! [`Home`](crate::Home) in any case. Channels, promises, and who started a block are known only if
//! that happened while inspection was [on](enable).
//!
//! * `switch`: on or off, and the clock. `survey`: how a dump is put together.
//! * `channels`, `blocks`, `promises`: the registries. [`threads`]: who blocks a thread.
//! * `data`: what a dump consists of. `live`: a block at a glance.
//! * [`deadlock`]: nothing can ever run again. `stuck`, over `graph`: who waits for whom alone. `evidence`: what is
//!   noted for that.
//!
//! # Locks
//! A registry's lock is taken under any other. Whoever has a shard of the channels' registry *tries* the locks
//! of the channels in it, and sleeps for none; so a channel can be made and freed under another's lock.
//! Nothing foreign runs under a lock: a dump asks no custom buffer how full it is.

pub(crate) mod blocks;
pub(crate) mod channels;
mod data;
pub mod deadlock;
pub(crate) mod evidence;
mod graph;
mod live;
#[cfg(all(test, csp_loom))]
mod loom;
mod promises;
mod registry;
mod stuck;
mod survey;
mod switch;
pub mod threads;

#[doc(hidden)]
pub use self::evidence::nobodys;
pub use self::{
    blocks::name_block,
    channels::mark_timer,
    data::{Block, BlockState, Channel, On, PendingPromise, Starter, Wait},
    deadlock::{Deadlock, set_deadlock_hook},
    live::LiveBlock,
    promises::Tracked,
    stuck::{Member, Stuck, StuckGroup, leaked, stuck},
    survey::{Found, Survey},
    switch::{Stamp, disable, enable, is_enabled, set_clock},
    threads::{BlockedThread, blocked},
};
pub(crate) use switch::stamp;
