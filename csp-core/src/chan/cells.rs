//! Where channels stand: in cells of one cache line, used again.
//!
//! From the allocator most channels came to lie over two lines, and to share both with their neighbours: a round trip of two
//! threads over two channels was 2,000 ns, and is 1,000. (To ask it for cache lines costs half as much again as
//! the channel and the block that parks on it, in memory and in time.)
//!
//! A thread keeps some free cells, in two batches. Another full one goes to those that all threads share, from where one comes
//! when there is none left, or from a new slab. So threads meet once in a batch. Slabs are kept: the next
//! channels use them.
//!
//! # Invariant
//! A batch leads to as many cells as it says, of some slab, which nobody else knows of. Each begins with the pointer to the next.

#[cfg(all(test, not(any(csp_loom, csp_shuttle, csp_no_reuse, miri))))]
mod tests;

use std::{
    alloc::{Layout, alloc, handle_alloc_error},
    cell::Cell,
    ptr::NonNull,
};

use super::inner::Chan;
use crate::sync::plain::{Mutex, PoisonError};

/// A cache line; and how many make a batch, and a slab.
const CELL: usize = 64;
const BATCH: usize = 64;
const SLAB: Layout = match Layout::from_size_align(CELL * BATCH, CELL) {
    Ok(layout) => layout,
    Err(_) => unreachable!(),
};
/// Sanitizers are to see each channel's end; models have an allocator of their own, and larger channels.
const REUSES: bool = !cfg!(any(csp_loom, csp_shuttle, csp_no_reuse, miri));

/// The batches that no thread keeps.
static SPARE: Mutex<Vec<Batch>> = Mutex::new(Vec::new());

std::thread_local! {
    static KEPT: Kept = const { Kept::new() };
}

/// What stands at the beginning of a free cell.
struct Free {
    next: Option<NonNull<Self>>,
}

struct Batch {
    first: Option<NonNull<Free>>,
    count: usize,
}

// SAFETY: the invariant: whoever has the batch has its cells.
unsafe impl Send for Batch {}

/// What a thread keeps: one batch in use, and one that is full or empty.
struct Kept {
    used: Cell<Batch>,
    other: Cell<Batch>,
}

/// Puts a channel in a cell.
pub(super) fn place<T>(chan: Chan<T>) -> NonNull<Chan<T>> {
    if !REUSES {
        return NonNull::from(Box::leak(Box::new(chan)));
    }
    assert!(
        size_of::<Chan<T>>() <= CELL && align_of::<Chan<T>>() <= CELL,
        "a channel fits in a cell"
    );
    let cell = KEPT.try_with(Kept::take).unwrap_or_else(|_| {
        // (At the thread's very end.)
        let mut batch = Batch::spare();
        let cell = batch.pop();
        batch.give();
        cell.unwrap_or_else(|| unreachable!("no spare batch is empty"))
    });
    let cell = cell.cast::<Chan<T>>();
    // SAFETY: the cell is ours, large enough, and aligned.
    unsafe { cell.write(chan) };
    cell
}

/// Drops a channel, and gives its cell back.
///
/// # Safety
/// [`place`] gave it, and nobody uses it any more.
pub(super) unsafe fn free<T>(chan: NonNull<Chan<T>>) {
    struct Back(NonNull<Free>);
    impl Drop for Back {
        fn drop(&mut self) {
            // SAFETY: the channel has been dropped (or its drop has panicked, which is as good): the cell is ours.
            if KEPT.try_with(|kept| unsafe { kept.keep(self.0) }).is_err() {
                let mut batch = Batch::EMPTY;
                // SAFETY: as above.
                unsafe { batch.push(self.0) };
                batch.give();
            }
        }
    }
    if !REUSES {
        // SAFETY: promised by the caller: `place` made the box.
        return drop(unsafe { Box::from_raw(chan.as_ptr()) });
    }
    let _back = Back(chan.cast());
    // SAFETY: promised by the caller.
    unsafe { chan.drop_in_place() };
}

impl Batch {
    const EMPTY: Self = Self {
        first: None,
        count: 0,
    };

    fn pop(&mut self) -> Option<NonNull<Free>> {
        let first = self.first?;
        // SAFETY: the invariant.
        self.first = unsafe { first.as_ref() }.next;
        self.count -= 1;
        Some(first)
    }

    /// # Safety
    /// It is a cell of a slab that nobody else knows of.
    unsafe fn push(&mut self, cell: NonNull<Free>) {
        // SAFETY: promised by the caller; a cell has room for a pointer.
        unsafe { cell.write(Free { next: self.first }) };
        self.first = Some(cell);
        self.count += 1;
    }

    /// To all threads, if there is anything in it.
    fn give(self) {
        if self.count > 0 {
            let mut spare = SPARE.lock().unwrap_or_else(PoisonError::into_inner);
            spare.push(self);
        }
    }

    /// One that is not empty.
    #[cold]
    fn spare() -> Self {
        let spare = SPARE.lock().unwrap_or_else(PoisonError::into_inner).pop();
        spare.unwrap_or_else(Self::new_slab)
    }

    fn new_slab() -> Self {
        // SAFETY: it has a size.
        let slab = unsafe { alloc(SLAB) };
        let slab = NonNull::new(slab).unwrap_or_else(|| handle_alloc_error(SLAB));
        let mut batch = Self::EMPTY;
        for nth in (0..BATCH).rev() {
            // SAFETY: the slab is as large.
            let cell = unsafe { slab.byte_add(nth * CELL) };
            // SAFETY: the slab is ours.
            unsafe { batch.push(cell.cast()) };
        }
        batch
    }
}

impl Kept {
    const fn new() -> Self {
        Self {
            used: Cell::new(Batch::EMPTY),
            other: Cell::new(Batch::EMPTY),
        }
    }

    #[inline]
    fn take(&self) -> NonNull<Free> {
        let mut used = self.used.replace(Batch::EMPTY);
        let cell = used.pop().unwrap_or_else(|| {
            used = self.other.replace(Batch::EMPTY);
            if used.count == 0 {
                used = Batch::spare();
            }
            used.pop()
                .unwrap_or_else(|| unreachable!("it is not empty"))
        });
        self.used.set(used);
        cell
    }

    /// # Safety
    /// As for [`Batch::push`].
    #[inline]
    unsafe fn keep(&self, cell: NonNull<Free>) {
        let mut used = self.used.replace(Batch::EMPTY);
        if used.count == BATCH {
            self.other.replace(used).give();
            used = Batch::EMPTY;
        }
        // SAFETY: promised by the caller.
        unsafe { used.push(cell) };
        self.used.set(used);
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        self.used.replace(Batch::EMPTY).give();
        self.other.replace(Batch::EMPTY).give();
    }
}
