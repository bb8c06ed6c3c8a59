//! What the loop's queue holds.

use std::{any::Any, panic::Location};

use super::core::Core;

/// Something to be done on the loop's thread, in its turn.
pub(super) trait Job: Send {
    fn run(self: Box<Self>, core: &Core);

    /// For what was refused, and has to be given back.
    fn into_any(self: Box<Self>) -> Box<dyn Any>;
}

/// A call from any thread.
pub(super) struct Call<F> {
    pub(super) f: F,
    pub(super) at: &'static Location<'static>,
}

impl<F: FnOnce() + Send + 'static> Job for Call<F> {
    fn run(self: Box<Self>, core: &Core) {
        let Self { f, at } = *self;
        core.count();
        core.guarded(at, f);
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}

/// Something of our own, which does not panic.
pub(super) struct Internal<F>(pub(super) F);

impl<F: FnOnce(&Core) + Send + 'static> Job for Internal<F> {
    fn run(self: Box<Self>, core: &Core) {
        (self.0)(core);
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}
