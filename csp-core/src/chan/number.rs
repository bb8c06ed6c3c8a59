//! The numbers of channels.
//!
//! A thread takes some at a time, so that threads that make channels do not meet. The numbers of one thread grow, and
//! say nothing of those of another. Those of a simulation grow with each channel, whichever of its threads makes it:
//! [`put_all`](super::put_all) goes through channels by their numbers, and has to do so in the same order in each run.

#[cfg(all(test, not(any(csp_loom, csp_shuttle))))]
mod tests;

use std::cell::Cell;

use crate::{
    context::is_simulated,
    outsider,
    sync::plain::atomic::{AtomicU32, Ordering},
};

/// How many a thread takes at a time.
const AT_A_TIME: u32 = 64;

/// The last number that a thread has taken, and the last that was given in a simulation.
static TAKEN: AtomicU32 = AtomicU32::new(0);
static SIMULATED: AtomicU32 = AtomicU32::new(0);

std::thread_local! {
    /// The last number that was given on this thread; a multiple of `AT_A_TIME` if none is left.
    static GIVEN: Cell<u32> = const { Cell::new(0) };
}

/// The number of a new channel. (One that comes again after 2^31 channels only confuses a dump.)
pub(super) fn next() -> u32 {
    if is_simulated() {
        // Ordering: a counter, as below.
        outsider::mark(SIMULATED.fetch_add(1, Ordering::Relaxed).wrapping_add(1))
    } else {
        outsider::unmark(GIVEN.with(|given| {
            let mut last = given.get();
            if last.is_multiple_of(AT_A_TIME) {
                // Ordering: numbers need only differ.
                last = TAKEN.fetch_add(AT_A_TIME, Ordering::Relaxed);
            }
            given.set(last.wrapping_add(1));
            given.get()
        }))
    }
}
