//! What a pipeline is, without the types of its values.

use std::{borrow::Cow, panic::Location, time::Duration};

use csp_core::Failure;

use super::{
    Backoff, Stage,
    slot::{Keep, Slot},
    target::{Jump, Target},
    waiting::Waiting,
};
use crate::{
    promise::engine::{Place, drop_in_turn},
    sync::Arc,
};

/// What a stage or an error handler said is to happen. A value goes with it in the slot.
pub(super) enum Turn<E: 'static> {
    /// On to the next stage.
    Next,
    /// Begin the top.
    Restart(Begin),
    /// Begin the top, after an error and the pause that follows it: this one was counted.
    Retry(Begin),
    /// On to another pipeline.
    Redirect(Jump<E>),
    /// The pipeline's output is in the slot.
    Complete,
    Failed(Failure<E>),
    /// The handler has nothing to say.
    Propagate,
    Wait(Box<dyn Waiting<E>>),
}

/// What a restart begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Begin {
    /// The initial value, as it was kept.
    Initial,
    /// What is in the slot, which is the initial value from then on.
    Slot,
}

pub(super) type Call<E> = Box<dyn Fn(&mut Slot) -> Turn<E> + Send + Sync>;
pub(super) type Handler<E> =
    Box<dyn Fn(&Failure<E>, Stage<'_>, &mut Slot) -> Turn<E> + Send + Sync>;

pub(super) enum Work<E: 'static> {
    Call(Call<E>),
    Nest(Target<E>),
}

pub(super) struct Cell<E: 'static> {
    pub(super) work: Work<E>,
    pub(super) name: Option<Cow<'static, str>>,
    pub(super) added: &'static Location<'static>,
}

pub(super) struct Core<E: 'static> {
    pub(super) stages: Vec<Cell<E>>,
    pub(super) on_error: Option<Handler<E>>,
    pub(super) finally: Option<Box<dyn Fn() + Send + Sync>>,
    /// Only if a stage or the handler may ask for the initial value again.
    pub(super) keep: Option<Keep>,
    pub(super) timeout: Option<Duration>,
    pub(super) place: Option<Place>,
    pub(super) max_restarts: Option<(usize, Backoff)>,
    pub(super) created: &'static Location<'static>,
}

impl<E: 'static> Core<E> {
    pub(super) fn new(created: &'static Location<'static>) -> Self {
        Self {
            stages: Vec::new(),
            on_error: None,
            finally: None,
            keep: None,
            timeout: None,
            place: None,
            max_restarts: None,
            created,
        }
    }

    /// The stage before the one that is due next.
    pub(super) fn stage_before(&self, next: usize) -> Stage<'_> {
        let index = next.saturating_sub(1);
        match self.stages.get(index) {
            Some(stage) => Stage::new(index, stage.name.as_deref(), stage.added),
            None => Stage::new(index, None, self.created),
        }
    }
}

impl<E: 'static> Drop for Core<E> {
    fn drop(&mut self) {
        let stages = std::mem::take(&mut self.stages);
        let on_error = self.on_error.take();
        let finally = self.finally.take();
        // Pipelines may be nested in one another, or held by closures, to any depth.
        if !stages.is_empty() || on_error.is_some() || finally.is_some() {
            drop_in_turn((stages, on_error, finally));
        }
    }
}

pub(super) type Strong<E> = Arc<Core<E>>;
