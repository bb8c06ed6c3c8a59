//! Why nothing was put.

use std::fmt;

use super::{entry::Entry, watch};

/// Why [`put_all_or_none`](crate::put_all_or_none) put nothing; the values are inside.
pub struct NonePut<V> {
    values: V,
    refused: Refused,
}

/// Which put was refused.
pub(super) struct Refused {
    index: usize,
    of: usize,
    full: bool,
    chan: String,
}

impl Refused {
    pub(super) fn new(entries: &[&dyn Entry], index: usize, full: bool) -> Self {
        let core = entries[index].core();
        Self {
            index,
            of: entries.len(),
            full,
            chan: watch::describe(core, core.lock().existing_ext()),
        }
    }
}

impl<V> NonePut<V> {
    pub(super) fn new(values: V, refused: Refused) -> Self {
        Self { values, refused }
    }

    /// Gives the values back.
    pub fn into_inner(self) -> V {
        self.values
    }

    /// Which put was refused, counted in the order they were given.
    pub fn index(&self) -> usize {
        self.refused.index
    }

    /// True if its channel had no room.
    pub fn is_full(&self) -> bool {
        self.refused.full
    }

    /// True if its channel is closed.
    pub fn is_closed(&self) -> bool {
        !self.refused.full
    }
}

impl<V> fmt::Debug for NonePut<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NonePut")
            .field("index", &self.refused.index)
            .field("chan", &self.refused.chan)
            .field("full", &self.refused.full)
            .finish_non_exhaustive()
    }
}

impl<V> fmt::Display for NonePut<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Refused {
            index,
            of,
            full,
            chan,
        } = &self.refused;
        let why = if *full { "has no room" } else { "is closed" };
        write!(f, "{chan} of put {} of {of} {why}: none was put", index + 1)
    }
}

impl<V> std::error::Error for NonePut<V> {}
