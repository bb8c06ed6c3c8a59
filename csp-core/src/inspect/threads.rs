//! The threads that sleep in our operations: `take_blocking`, `Go::wait`, `block_on` and their kin.
//!
//! A thread notes where it sleeps only when it really has to sleep, which costs far more: the list is
//! always there. (Workers and the pool's threads that have nothing to do are not in it.)

use std::{fmt, time::Duration};

use super::live::waits_at;
use crate::{
    site::{ParkSite, Place},
    sync::plain::{
        atomic::{AtomicPtr, AtomicU32, AtomicU64, Ordering},
        current_thread,
    },
};

/// A thread that sleeps in one of our operations.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct BlockedThread {
    /// Its name, if it has one.
    pub name: Option<String>,
    /// Its [`ThreadId`](std::thread::ThreadId), as text.
    pub id: String,
    /// Where the operation stands, as far as it is known.
    pub site: Option<ParkSite>,
    /// The number of the channel that it waits on, if it is one.
    pub channel: Option<u32>,
    /// For how long.
    pub since: Option<Duration>,
}

impl BlockedThread {
    pub(super) fn title(&self) -> String {
        let name = self.name.as_ref();
        name.map_or_else(|| self.id.clone(), |name| format!("thread {name:?}"))
    }
}

impl fmt::Display for BlockedThread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.title())?;
        waits_at(f, self.site.as_ref(), self.channel)
    }
}

/// The threads that sleep in our operations now: a snapshot, in no order.
///
/// ```
/// use csp::prelude::*;
/// let (tx, rx) = chan::<u32>(0);
/// let taker = std::thread::Builder::new().name("taker".to_owned());
/// let taker = taker.spawn(move || rx.take_blocking()).unwrap();
/// let waiting = loop {
///     let blocked = csp::inspect::threads::blocked();
///     match blocked.into_iter().find(|thread| thread.name.as_deref() == Some("taker")) {
///         Some(thread) => break thread,
///         None => std::thread::yield_now(),
///     }
/// };
/// assert_eq!(waiting.site.unwrap().op(), csp::Op::Take);
/// tx.put_blocking(1).unwrap();
/// assert_eq!(taker.join().unwrap(), Some(1));
/// ```
pub fn blocked() -> Vec<BlockedThread> {
    crate::park::blocked(None)
}

/// As [`blocked`], of the threads that [belong](belongs_to) to `group` alone.
#[doc(hidden)]
pub fn blocked_in(group: usize) -> Vec<BlockedThread> {
    crate::park::blocked(Some(group))
}

/// Adds the number of each nap of those threads that nobody has ended: see [`deadlock`](super::deadlock).
#[doc(hidden)]
pub fn naps_in(group: usize, naps: &mut Vec<u64>) {
    crate::park::naps(Some(group), naps);
}

std::thread_local! {
    static GROUP: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// This thread is one of `group`'s from now on, for as long as it lives: an executor's own.
#[doc(hidden)]
pub fn belongs_to(group: usize) {
    GROUP.set(group);
}

/// This thread's number in this list: it never comes again.
pub(crate) fn number() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    std::thread_local! {
        static NUMBER: u64 = NEXT.fetch_add(1, Ordering::Relaxed);
    }
    // (A thread whose locals are gone is a new one each time: nobody known.)
    // Ordering: numbers need only differ.
    NUMBER
        .try_with(|number| *number)
        .unwrap_or_else(|_| NEXT.fetch_add(1, Ordering::Relaxed))
}

/// A thread and what it waits for, beside its parker.
#[derive(Debug)]
pub(crate) struct Spot {
    pub(crate) number: u64,
    /// The block in whose turn it sleeps, and the one whose end it waits for; 0 for none.
    block: AtomicU64,
    awaits: AtomicU64,
    name: Option<String>,
    id: String,
    pub(crate) group: usize,
    place: AtomicPtr<()>,
    channel: AtomicU32,
}

impl Spot {
    /// Of the calling thread.
    pub(crate) fn here() -> Self {
        let thread = current_thread();
        Self {
            number: number(),
            block: AtomicU64::new(0),
            awaits: AtomicU64::new(0),
            name: thread.name().map(str::to_owned),
            id: format!("{:?}", thread.id()),
            // (Locals that are gone belonged to nobody who asks for them now.)
            group: GROUP.try_with(std::cell::Cell::get).unwrap_or(0),
            place: AtomicPtr::default(),
            channel: AtomicU32::new(0),
        }
    }

    /// Notes what the thread is about to wait for.
    pub(crate) fn note(&self, place: Place, channel: u32) {
        // Ordering: read under the parker's lock by who finds the thread asleep, which comes later.
        self.place.store(place.0.cast_mut(), Ordering::Relaxed);
        self.channel.store(channel, Ordering::Relaxed);
        self.awaits.store(0, Ordering::Relaxed);
    }

    /// Notes that the thread is about to wait for the end of a block.
    pub(crate) fn note_block(&self, awaits: u64) {
        // Ordering: as above.
        self.awaits.store(awaits, Ordering::Relaxed);
    }

    /// Notes in whose turn it falls asleep.
    pub(crate) fn note_turn(&self) {
        let block = crate::context::current_block().unwrap_or(0);
        // Ordering: as above.
        self.block.store(block, Ordering::Relaxed);
    }

    pub(crate) fn block(&self) -> Option<u64> {
        // Ordering: as above.
        Some(self.block.load(Ordering::Relaxed)).filter(|&block| block != 0)
    }

    pub(crate) fn awaits(&self) -> Option<u64> {
        // Ordering: as above.
        Some(self.awaits.load(Ordering::Relaxed)).filter(|&block| block != 0)
    }

    pub(crate) fn thread(&self, since: Duration) -> BlockedThread {
        // Ordering: as above.
        let place = Place(self.place.load(Ordering::Relaxed).cast_const());
        BlockedThread {
            name: self.name.clone(),
            id: self.id.clone(),
            site: place.park_site(),
            channel: Some(self.channel.load(Ordering::Relaxed)).filter(|&channel| channel != 0),
            since: Some(since),
        }
    }
}
