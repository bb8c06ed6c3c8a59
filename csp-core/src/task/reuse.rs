//! The memory of tasks, used again: each thread keeps some of the cells that it frees, for the tasks that it
//! starts.
//!
//! A cell goes to the list of the thread that frees it, wherever it was allocated. So nothing here is shared, and
//! nothing needs an atomic. What a thread keeps is limited ([`LIMIT`]); the rest, and all of it at the thread's
//! end, goes back to the allocator.
//!
//! # Invariant
//! What `lists[class]` leads to is allocated memory of `class * GRAIN` bytes, aligned to `GRAIN`, which nobody else
//! knows of. Each begins with the pointer to the next.

#[cfg(all(test, not(any(csp_loom, csp_shuttle))))]
mod tests;

use std::{
    alloc::{Layout, alloc, dealloc, handle_alloc_error},
    cell::Cell,
    ptr::NonNull,
};

/// Sizes are multiples of this, and each has a list of its own: a cell is never larger than was asked for.
const GRAIN: usize = 8;
/// Larger tasks are rare.
const LARGEST: usize = 512;
/// How many bytes a thread keeps at most: some two thousand small tasks.
const LIMIT: usize = 256 << 10;
/// Sanitizers are to see each task's end; models have an allocator of their own.
const REUSES: bool = !cfg!(any(csp_loom, csp_shuttle, csp_no_reuse, miri));

struct Kept {
    lists: [Cell<Option<NonNull<Free>>>; LARGEST / GRAIN + 1],
    bytes: Cell<usize>,
}

/// What stands at the beginning of a cell that waits to be used again.
struct Free {
    next: Option<NonNull<Self>>,
}

std::thread_local! {
    static KEPT: Kept = const { Kept::new() };
}

/// Memory of this layout.
#[inline]
pub(super) fn allocate(layout: Layout) -> NonNull<u8> {
    match class_of(layout) {
        Some(class) => KEPT.try_with(|kept| kept.take(class)).ok().flatten(),
        None => None,
    }
    .unwrap_or_else(|| fresh(layout))
}

/// Gives memory back.
///
/// # Safety
/// `allocate` gave it, for this layout, and nobody uses it any more.
#[inline]
pub(super) unsafe fn free(at: NonNull<u8>, layout: Layout) {
    let is_kept = class_of(layout).is_some_and(|class| {
        // SAFETY: promised by the caller; the class is that of the layout.
        let keep = |kept: &Kept| unsafe { kept.keep(at.cast(), class) };
        // (At the thread's very end nothing is kept any more.)
        KEPT.try_with(keep).unwrap_or(false)
    });
    if !is_kept {
        // SAFETY: promised by the caller: the memory came from `fresh`, for this layout or one that is the same.
        unsafe { dealloc(at.as_ptr(), layout) };
    }
}

#[inline]
const fn class_of(layout: Layout) -> Option<usize> {
    let size = layout.size();
    let fits = layout.align() == GRAIN && size <= LARGEST;
    if REUSES && fits && size >= size_of::<Free>() {
        Some(size / GRAIN)
    } else {
        None
    }
}

#[cold]
#[inline(never)]
fn fresh(layout: Layout) -> NonNull<u8> {
    // SAFETY: a task is larger than nothing.
    let at = unsafe { alloc(layout) };
    NonNull::new(at).unwrap_or_else(|| handle_alloc_error(layout))
}

impl Kept {
    const fn new() -> Self {
        Self {
            lists: [const { Cell::new(None) }; LARGEST / GRAIN + 1],
            bytes: Cell::new(0),
        }
    }

    #[inline]
    fn take(&self, class: usize) -> Option<NonNull<u8>> {
        let first = self.lists[class].get()?;
        // SAFETY: the invariant.
        let next = unsafe { first.as_ref() }.next;
        self.lists[class].set(next);
        self.bytes.set(self.bytes.get() - class * GRAIN);
        Some(first.cast())
    }

    /// False: there is enough.
    ///
    /// # Safety
    /// `at` leads to memory of this class, as the invariant has it.
    #[inline]
    unsafe fn keep(&self, at: NonNull<Free>, class: usize) -> bool {
        let bytes = self.bytes.get() + class * GRAIN;
        if bytes > LIMIT {
            return false;
        }
        let list = &self.lists[class];
        // SAFETY: promised by the caller: it is ours, and has room for this.
        unsafe { at.write(Free { next: list.get() }) };
        list.set(Some(at));
        self.bytes.set(bytes);
        true
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        for class in 0..self.lists.len() {
            while let Some(at) = self.take(class) {
                let layout =
                    Layout::from_size_align(class * GRAIN, GRAIN).expect("it was a task's layout");
                // SAFETY: the invariant; `take` took it out of the list.
                unsafe { dealloc(at.as_ptr(), layout) };
            }
        }
    }
}
