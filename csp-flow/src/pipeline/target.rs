//! Where a redirect or a nested stage goes: to a pipeline, or to one that is defined later.

use std::panic::Location;

use super::{core::Strong, slot::Slot};
use crate::sync::{
    Arc,
    plain::{OnceLock, Weak},
};

pub(super) enum Target<E: 'static> {
    Built(Strong<E>),
    Late(Arc<Late<E>>),
}

/// A pipeline that was declared.
pub(super) struct Late<E: 'static> {
    pub(super) declared: &'static Location<'static>,
    /// Weak: it is reached from itself, as a rule.
    pub(super) defined: OnceLock<Weak<super::core::Core<E>>>,
}

/// A pipeline, and what it is to begin with.
pub(super) struct Jump<E: 'static> {
    pub(super) target: Target<E>,
    pub(super) value: Slot,
}

impl<E: 'static> Clone for Target<E> {
    fn clone(&self) -> Self {
        match self {
            Self::Built(core) => Self::Built(Arc::clone(core)),
            Self::Late(late) => Self::Late(Arc::clone(late)),
        }
    }
}

impl<E: 'static> Target<E> {
    /// The pipeline, or in words why there is none.
    pub(super) fn get(&self) -> Result<Strong<E>, String> {
        match self {
            Self::Built(core) => Ok(Arc::clone(core)),
            Self::Late(late) => late.get(),
        }
    }
}

impl<E: 'static> Late<E> {
    fn get(&self) -> Result<Strong<E>, String> {
        let at = self.declared;
        let Some(defined) = self.defined.get() else {
            return Err(format!(
                "the pipeline declared at {at} was run before it was defined"
            ));
        };
        defined.upgrade().ok_or_else(|| {
            format!(
                "the pipeline declared at {at} is gone: a declared pipeline does not keep itself; keep the \
                 `Pipeline` that `define` was given"
            )
        })
    }
}
