//! The end of a loop, in three phases.

use std::{collections::BTreeMap, fmt, panic::Location};

use super::{
    Ended, LoopHandle,
    core::Core,
    effect::After,
    notice::{Notice, contained},
};
use crate::sync::{
    Mutex,
    atomic::{AtomicU64, Ordering},
};

/// When a function runs that was given to [`at_shutdown`](LoopHandle::at_shutdown).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// First: whoever still needs the loop. Take no new work in, let the old come to its end.
    Before,
    /// Then: let go of things.
    During,
    /// Last.
    After,
}

/// Where a function waits: its phase, and its number.
pub(super) type Place = (Phase, u64);

type Function = Box<dyn FnOnce() -> After + Send>;

struct Entry {
    at: &'static Location<'static>,
    f: Function,
}

#[derive(Default)]
struct State {
    /// Of each phase, by their ids.
    waiting: [BTreeMap<u64, Entry>; 3],
    /// The last phase that has begun.
    begun: Option<Phase>,
}

#[derive(Default)]
pub(super) struct Shutdown {
    state: Mutex<State>,
    next: AtomicU64,
}

impl Shutdown {
    pub(super) fn add<F, R>(
        &self,
        phase: Phase,
        at: &'static Location<'static>,
        f: F,
    ) -> Result<Place, Ended<F>>
    where
        F: FnOnce() -> R + Send + 'static,
        R: super::Effect,
    {
        // Ordering: a counter; ids need only differ.
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let mut state = self.state.lock();
        if state.begun >= Some(phase) {
            return Err(Ended(f));
        }
        let f: Function = Box::new(move || f().into_after());
        state.waiting[phase as usize].insert(id, Entry { at, f });
        Ok((phase, id))
    }

    fn remove(&self, (phase, id): Place) -> bool {
        let removed = self.state.lock().waiting[phase as usize].remove(&id);
        // Dropped without the lock.
        removed.is_some()
    }

    fn begin(&self, phase: Phase) -> BTreeMap<u64, Entry> {
        let mut state = self.state.lock();
        state.begun = Some(phase);
        std::mem::take(&mut state.waiting[phase as usize])
    }

    /// The loop goes: nothing will be run any more.
    pub(super) fn end(&self) {
        for phase in [Phase::Before, Phase::During, Phase::After] {
            for entry in self.begin(phase).into_values() {
                contained(|| drop(entry)).ok();
            }
        }
    }
}

/// Runs the phases, each to its end.
pub(super) async fn run(core: &Core, shutdown: &Shutdown) {
    for phase in [Phase::Before, Phase::During, Phase::After] {
        let mut waits = Vec::new();
        for Entry { at, f } in shutdown.begin(phase).into_values() {
            match core.guarded(at, f) {
                Some(After::Wait(promise)) => waits.push((at, promise)),
                Some(After::Failed(error)) => core.tell(&Notice::Failed {
                    at,
                    failure: csp_core::Failure::Error(error),
                }),
                _ => {}
            }
        }
        for (at, promise) in waits {
            if let Err(failure) = promise.await {
                core.tell(&Notice::Failed { at, failure });
            }
        }
    }
}

/// A function that is to run at the shutdown: [`remove`](Self::remove) takes it back.
///
/// Dropping it changes nothing.
pub struct AtShutdown {
    pub(super) place: Place,
    pub(super) on: LoopHandle,
}

impl AtShutdown {
    /// Takes the function back, and drops it. False if its phase has begun, or it was removed before.
    pub fn remove(&self) -> bool {
        self.on.shutdown().remove(self.place)
    }
}

impl fmt::Debug for AtShutdown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AtShutdown")
            .field("phase", &self.place.0)
            .finish_non_exhaustive()
    }
}
