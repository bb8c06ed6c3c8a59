//! Locks that park: a mutex, a semaphore, a queue with limits, a bulkhead.
//!
//! All of them are channels. A [`Semaphore`] is a channel that holds its permits, and to acquire one is to
//! take it; a [`Mutex`] is a channel that holds the value itself. So they keep the channels' rules:
//!
//! * **First come, first served**, and nobody overtakes: what is given back goes to the first who waits.
//! * **Cancel-safe.** A wait may be given up at any moment, by an `alt!` that chose another arm, a timeout,
//!   a cancelled block. It leaves the queue at once; what it had been handed already goes to the next.
//! * **The hand-over is a loop.** A million who wait need no stack, and the time of a million takes.
//!   (Twisted's `DeferredLock` recurses, and stays locked for ever at two thousand.)
//! * **From everywhere.** `.await` them in go blocks and async code, block a thread
//!   ([`lock_blocking`](Mutex::lock_blocking)), try, or make them an arm: `guard = park!(mutex.lock()) => …`.
//! * **No poisoning.** A guard or permit that is dropped by a panic is given back like any other.
//!
//! ```
//! use csp::{lock::Mutex, prelude::*};
//! use std::sync::Arc;
//! let total = Arc::new(Mutex::new(0));
//! let blocks: Vec<_> = (1..=4)
//!     .map(|n| {
//!         let total = Arc::clone(&total);
//!         go!({
//!             let mut total = total.lock().await;
//!             let before = *total;
//!             sleep(ms(1)).await; // parks with the lock
//!             *total = before + n;
//!         })
//!     })
//!     .collect();
//! for block in blocks {
//!     block.wait()?;
//! }
//! assert_eq!(*total.lock_blocking(), 10);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Often a channel alone says it better: a block that owns the value and takes requests needs no lock.

mod bulkhead;
mod mutex;
mod queue;
mod semaphore;

pub use self::{
    bulkhead::{Bulkhead, Overloaded, Place},
    mutex::{Guard, Mutex, lock_all},
    queue::{Queue, QueueOverflow, QueueUnderflow},
    semaphore::{Permit, Semaphore},
};
