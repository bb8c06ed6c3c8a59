//! Promises that are pending.

use std::{collections::BTreeMap, panic::Location, task::Context};

use super::{PendingPromise, Stamp, is_enabled, registry::registry, stamp};
use crate::{
    sync::plain::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    task,
};

registry!(PROMISES: u64 => Arc<Entry>);

static NEXT_ID: AtomicU64 = AtomicU64::new(1);

struct Entry {
    id: u64,
    kind: &'static str,
    created: &'static Location<'static>,
    since: Stamp,
    state: Mutex<State>,
}

struct State {
    word: &'static str,
    /// Who waits, by place: a block's number, or none of ours.
    waiters: BTreeMap<u64, Option<u64>>,
}

/// Something pending that a dump is to show, as long as this is there.
///
/// It tells only what it is told, so a dump calls nobody, and the lock is a leaf.
#[doc(hidden)]
pub struct Tracked(Arc<Entry>);

impl Tracked {
    /// `None` while inspection is off.
    #[inline]
    pub fn new(kind: &'static str, created: &'static Location<'static>) -> Option<Self> {
        is_enabled().then(|| Self::enter(kind, created))
    }

    #[cold]
    #[inline(never)]
    fn enter(kind: &'static str, created: &'static Location<'static>) -> Self {
        let entry = Arc::new(Entry {
            // Ordering: a counter.
            id: NEXT_ID.fetch_add(1, Ordering::Relaxed),
            kind,
            created,
            since: stamp(),
            state: Mutex::new(State {
                word: "pending",
                waiters: BTreeMap::new(),
            }),
        });
        PROMISES.lock(entry.id).insert(entry.id, Arc::clone(&entry));
        Self(entry)
    }

    /// Whoever polls with `cx` waits, in this place.
    pub fn wait(&self, place: u64, cx: &Context<'_>) {
        let block = task::task_of(cx.waker()).map(|task| {
            // SAFETY: the waker that is polled with keeps the task alive.
            unsafe { task.as_ref() }.id()
        });
        self.0.lock().waiters.insert(place, block);
    }

    /// Nobody waits in this place any more.
    pub fn leave(&self, place: u64) {
        self.0.lock().waiters.remove(&place);
    }

    /// Says how it is, in a word.
    pub fn set_state(&self, word: &'static str) {
        self.0.lock().word = word;
    }
}

impl Drop for Tracked {
    fn drop(&mut self) {
        let id = self.0.id;
        let entry = PROMISES.lock(id).remove(&id);
        drop(entry);
    }
}

impl std::fmt::Debug for Tracked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tracked")
            .field("id", &self.0.id)
            .field("kind", &self.0.kind)
            .finish_non_exhaustive()
    }
}

impl Entry {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn look(&self, now: Stamp) -> PendingPromise {
        let state = self.lock();
        let waiters: Vec<u64> = state.waiters.values().flatten().copied().collect();
        PendingPromise {
            id: self.id,
            kind: self.kind,
            created: self.created,
            age: self.since.until(now),
            state: state.word,
            outsiders: state.waiters.len() - waiters.len(),
            waiters,
        }
    }
}

/// How many are looked up under one hold of a lock.
const BATCH: usize = 256;

/// The promises that are pending, in the order in which they were made.
pub(super) fn look(now: Stamp) -> Vec<PendingPromise> {
    let mut found = Vec::new();
    let mut batch = Vec::with_capacity(BATCH);
    for shard in PROMISES.shards() {
        let mut from = 0;
        loop {
            batch.extend(
                shard
                    .lock()
                    .range(from..)
                    .take(BATCH)
                    .map(|(_, e)| Arc::clone(e)),
            );
            let Some(last) = batch.last() else { break };
            from = last.id + 1;
            found.extend(batch.drain(..).map(|entry| entry.look(now)));
        }
    }
    found.sort_unstable_by_key(|promise| promise.id);
    found
}
