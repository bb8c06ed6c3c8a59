//! A runtime of a simulated program: its blocks belong to the world.

use std::time::Duration;

use csp_core::inspect::LiveBlock;

use super::world::World;
use crate::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

/// What `Runtime::builder().build()` makes in a simulation; number 0 is the runtime that is there by itself.
pub(crate) struct Realm {
    pub(crate) world: Arc<World>,
    pub(crate) number: u32,
    pub(crate) name: String,
    pub(crate) workers: usize,
    live: AtomicUsize,
    shut: AtomicBool,
}

impl Realm {
    pub(super) fn new(world: Arc<World>, number: u32, name: String, workers: usize) -> Arc<Self> {
        Arc::new(Self {
            world,
            number,
            name,
            workers,
            live: AtomicUsize::new(0),
            shut: AtomicBool::new(false),
        })
    }

    /// How many of its blocks and threads are alive.
    pub(crate) fn live(&self) -> usize {
        // Ordering: one thread of the world runs at a time, and passes on what it wrote with the baton.
        self.live.load(Ordering::Relaxed)
    }

    pub(super) fn count(&self, begins: bool) {
        // Ordering: as above.
        if begins {
            self.live.fetch_add(1, Ordering::Relaxed);
        } else {
            self.live.fetch_sub(1, Ordering::Relaxed);
        }
    }

    pub(super) fn is_shut(&self) -> bool {
        // Ordering: as above.
        self.shut.load(Ordering::Relaxed)
    }

    /// Its live blocks and threads.
    pub(crate) fn blocks(&self) -> Vec<LiveBlock> {
        self.world.blocks(self.number)
    }

    /// Takes no more blocks in, and asks those that it has to end.
    pub(crate) fn cancel_all(&self) {
        // Ordering: as above.
        self.shut.store(true, Ordering::Relaxed);
        self.world.cancel(self.number);
    }

    /// Waits until no block is alive, at most for `limit` of virtual time. How many are left.
    pub(crate) fn wait_until_empty(&self, limit: Duration) -> usize {
        // (Outside the simulation there is nobody to wait for: all has ended.)
        csp_core::context::park(&|| self.live() == 0, Some(limit));
        self.live()
    }
}

impl std::fmt::Debug for Realm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Realm")
            .field("number", &self.number)
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
