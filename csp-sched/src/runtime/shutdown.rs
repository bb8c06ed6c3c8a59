//! What an ended runtime says of its end.

use std::fmt;

use csp_core::inspect::LiveBlock;

/// A runtime has [ended](crate::Runtime::shutdown): which blocks it had to end itself.
///
/// ```
/// use csp::{Runtime, prelude::*};
/// let rt = Runtime::builder().workers(1).build();
/// let (_tx, rx) = chan::<u32>(0);
/// let block = rt.go(async move { take!(rx) });
/// let end = rt.shutdown(ms(20)).unwrap();
/// assert_eq!(end.cancelled()[0].id, block.id());
/// assert!(end.to_string().starts_with("1 block had to be cancelled:\n  block "));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shutdown {
    pub(super) cancelled: Vec<LiveBlock>,
}

impl Shutdown {
    /// After those were cancelled; `blocks` tells who they are, if some are left.
    pub(super) fn of(
        cancelled: Vec<LiveBlock>,
        left: usize,
        blocks: impl FnOnce() -> Vec<LiveBlock>,
    ) -> Result<Self, ShutdownError> {
        let shutdown = Self { cancelled };
        if left == 0 {
            return Ok(shutdown);
        }
        Err(ShutdownError {
            left,
            blocks: blocks(),
            shutdown,
        })
    }

    /// The blocks that had not ended by themselves in time: where each stands, and where it was parked. (A
    /// block that was in a turn may have ended by itself in that very moment.)
    pub fn cancelled(&self) -> &[LiveBlock] {
        &self.cancelled
    }

    /// True if every block had ended by itself.
    pub fn is_clean(&self) -> bool {
        self.cancelled.is_empty()
    }
}

impl fmt::Display for Shutdown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.cancelled.len() {
            0 => return f.write_str("every block ended by itself"),
            1 => f.write_str("1 block had to be cancelled:")?,
            many => write!(f, "{many} blocks had to be cancelled:")?,
        }
        lines(f, &self.cancelled)
    }
}

/// A line for each.
pub(crate) fn lines<T: fmt::Display>(f: &mut fmt::Formatter<'_>, all: &[T]) -> fmt::Result {
    all.iter().try_for_each(|one| write!(f, "\n  {one}"))
}

/// Blocks that a [shutdown](crate::Runtime::shutdown) could not end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShutdownError {
    /// How many blocks and threads are still in a turn, or wait in an executor of yours.
    pub left: usize,
    pub(super) blocks: Vec<LiveBlock>,
    pub(super) shutdown: Shutdown,
}

impl ShutdownError {
    /// The blocks and threads that are left.
    pub fn blocks(&self) -> &[LiveBlock] {
        &self.blocks
    }

    /// What was cancelled, those that are left among it.
    pub fn shutdown(&self) -> &Shutdown {
        &self.shutdown
    }
}

impl fmt::Display for ShutdownError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.left {
            1 => f.write_str("1 block or thread did not come to an end of its turn:")?,
            many => write!(
                f,
                "{many} blocks or threads did not come to an end of their turn:"
            )?,
        }
        lines(f, &self.blocks)
    }
}

impl std::error::Error for ShutdownError {}
