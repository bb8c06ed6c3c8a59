//! Seeing inside a program that runs: which threads and blocks wait, and for what.
//!
//! * [`threads`]: the threads that sleep in our operations.
//! * [`deadlock`]: nothing can ever run again.

pub mod deadlock;
pub(crate) mod evidence;
mod graph;
mod live;
mod stuck;
pub mod threads;

use crate::sync::plain::atomic::{AtomicBool, Ordering};

pub use deadlock::{Deadlock, set_deadlock_hook};
#[doc(hidden)]
pub use evidence::nobodys;
pub use live::LiveBlock;
pub use stuck::{Member, Stuck, StuckGroup, leaked, stuck};
pub use threads::{BlockedThread, blocked};

static ENABLED: AtomicBool = AtomicBool::new(false);

/// Notes from now on who uses the channels that are made from now on: what [`stuck`] goes by. Call it first.
pub fn enable() {
    // Ordering: a switch; what was made before on another thread is just not noted.
    ENABLED.store(true, Ordering::Relaxed);
}

/// Notes nothing of channels that are made from now on.
pub fn disable() {
    // Ordering: as above.
    ENABLED.store(false, Ordering::Relaxed);
}

/// True while inspection is on.
#[inline]
pub fn is_enabled() -> bool {
    // Ordering: as above.
    ENABLED.load(Ordering::Relaxed)
}
