//! [`Stage`]: which stage it was.

use std::{fmt, panic::Location};

/// Which stage of its pipeline failed: what an [error handler](super::Stages::on_error) is told.
///
/// If the failed stage is itself a [pipeline](super::Stages::nest), it is the stage that this is in the outer
/// one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stage<'a> {
    index: usize,
    name: Option<&'a str>,
    added: &'static Location<'static>,
}

impl<'a> Stage<'a> {
    pub(super) fn new(
        index: usize,
        name: Option<&'a str>,
        added: &'static Location<'static>,
    ) -> Self {
        Self { index, name, added }
    }

    /// Its number in the order of the text, from 0.
    pub fn index(&self) -> usize {
        self.index
    }

    /// Its [name](super::Stages::named), if it was given one.
    pub fn name(&self) -> Option<&'a str> {
        self.name
    }

    /// Where it was added to the pipeline.
    pub fn added(&self) -> &'static Location<'static> {
        self.added
    }
}

impl fmt::Display for Stage<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { index, name, added } = self;
        match name {
            Some(name) => write!(f, "stage {index} ({name}) at {added}"),
            None => write!(f, "stage {index} at {added}"),
        }
    }
}
