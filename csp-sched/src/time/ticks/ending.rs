//! Who has timeouts in hand: out of their tables, and not closed yet.

use crate::sync::atomic::{AtomicUsize, Ordering};

#[derive(Debug, Default)]
pub(super) struct Ending(AtomicUsize);

/// Timeouts are about to be closed, until it is dropped.
pub(super) struct InHand<'a>(&'a AtomicUsize);

impl Ending {
    /// To be called before the first is taken out of its table.
    pub(super) fn begin(&self) -> InHand<'_> {
        // Ordering: whoever finds a table empty that was emptied after this sees it, by the table's lock.
        self.0.fetch_add(1, Ordering::Relaxed);
        InHand(&self.0)
    }

    pub(super) fn is_some(&self) -> bool {
        // Ordering: Acquire pairs with the drop: what was in hand is closed.
        self.0.load(Ordering::Acquire) > 0
    }
}

impl Drop for InHand<'_> {
    fn drop(&mut self) {
        // Ordering: Release, see `is_some`.
        self.0.fetch_sub(1, Ordering::Release);
    }
}
