//! [`Frame`]: one run of one pipeline, of those that are nested at the moment.

use std::time::Duration;

use csp_core::Failure;
use csp_sched::Timeout;

use super::{
    caught::caught,
    core::{Begin, Strong},
    slot::{Keep, Slot},
};
use crate::{promise::engine::Place, sync::Arc};

pub(super) struct Frame<E: 'static> {
    pub(super) core: Strong<E>,
    /// The stage that is due next.
    pub(super) next: usize,
    /// For restarts; empty if nobody can ask for it.
    initial: Slot,
    /// How many restarts after errors there were, one after the other.
    pub(super) retries: usize,
    pub(super) limits: Limits,
    pub(super) place: Option<Place>,
    left: bool,
}

/// The limits of time that a frame is under.
#[derive(Clone, Default)]
pub(super) struct Limits {
    /// Its own, and those of the pipelines that redirected to it.
    own: Option<Arc<Timeout>>,
    /// The one that is over first, of its own and of those around it, and the index of the frame whose it is.
    pub(super) first: Option<(Arc<Timeout>, usize)>,
}

impl Limits {
    /// Of a frame at `index`, if `outer` are those of the one around it, and `left` those of the one that it
    /// takes the place of.
    pub(super) fn new(
        outer: Option<&Self>,
        left: Option<&Self>,
        limit: Option<Duration>,
        index: usize,
    ) -> Self {
        let left = left.and_then(|left| left.own.clone());
        let own = match (left, limit.map(|limit| Arc::new(csp_sched::timeout(limit)))) {
            (Some(left), Some(new)) if is_before(&new, &left) => Some(new),
            (Some(left), _) => Some(left),
            (None, new) => new,
        };
        let outer = outer.and_then(|outer| outer.first.clone());
        let first = match (outer, &own) {
            (Some((outer, whose)), Some(own)) if is_before(own, &outer) => {
                drop((outer, whose));
                Some((Arc::clone(own), index))
            }
            (Some(outer), _) => Some(outer),
            (None, own) => own.as_ref().map(|own| (Arc::clone(own), index)),
        };
        Self { own, first }
    }

    /// The index of the frame whose time is over.
    pub(super) fn over(&self) -> Option<usize> {
        match &self.first {
            Some((timeout, whose)) if timeout.is_over() => Some(*whose),
            _ => None,
        }
    }
}

/// One without a deadline is beyond the clock's range.
fn is_before(a: &Timeout, b: &Timeout) -> bool {
    match (a.deadline(), b.deadline()) {
        (Some(a), Some(b)) => a < b,
        (a, _) => a.is_some(),
    }
}

impl<E: 'static> Frame<E> {
    pub(super) fn new(core: Strong<E>, limits: Limits, place: Option<Place>) -> Self {
        Self {
            core,
            next: 0,
            initial: Slot::empty(),
            retries: 0,
            limits,
            place,
            left: false,
        }
    }

    /// Begins with its first stage. That may fail, since values are cloned.
    pub(super) fn begin(&mut self, begin: Begin, slot: &mut Slot) -> Result<(), Failure<E>> {
        self.next = 0;
        let Some(keep) = self.core.keep else {
            return Ok(());
        };
        let initial = &mut self.initial;
        caught(|| copy(keep, begin, initial, slot)).map_err(Failure::Panicked)
    }

    /// Runs what is to be run at its end. If that panics, it is the outcome.
    pub(super) fn leave(mut self, outcome: Result<(), Failure<E>>) -> Result<(), Failure<E>> {
        self.left = true;
        match &self.core.finally {
            None => outcome,
            Some(finally) => match caught(finally) {
                Ok(()) => outcome,
                Err(panicked) => Err(Failure::Panicked(panicked)),
            },
        }
    }
}

fn copy(keep: Keep, begin: Begin, initial: &mut Slot, slot: &mut Slot) {
    match begin {
        Begin::Initial => keep(initial, slot),
        Begin::Slot => keep(slot, initial),
    }
}

/// What is left undone when the run is cancelled is done in a block of its own.
impl<E: 'static> Drop for Frame<E> {
    fn drop(&mut self) {
        if !self.left && self.core.finally.is_some() {
            let finally = Finally(Some(Arc::clone(&self.core)));
            drop(csp_sched::go(async move { finally.run() }));
        }
    }
}

/// Runs it, or is dropped, with its block, by an executor that ends: then it is run there.
struct Finally<E: 'static>(Option<Strong<E>>);

impl<E: 'static> Finally<E> {
    fn run(mut self) {
        if let Some(core) = self.0.take() {
            Self::call(&core);
        }
    }

    fn call(core: &Strong<E>) {
        if let Some(finally) = &core.finally {
            finally();
        }
    }
}

impl<E: 'static> Drop for Finally<E> {
    fn drop(&mut self) {
        if let Some(core) = self.0.take() {
            // A panic is told by std's hook.
            caught(|| Self::call(&core)).ok();
        }
    }
}
