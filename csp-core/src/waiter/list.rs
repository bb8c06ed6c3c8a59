//! A queue of waiters: a ring through the nodes, known by its first. 8 bytes.

use std::ptr::NonNull;

use super::{Links, Status, Waiter};

/// Waiters in the order they came. Belongs to a channel's lock.
#[derive(Default)]
pub(crate) struct List {
    first: *const Waiter,
}

// SAFETY: the waiters are shared between threads under the lock that the list belongs to.
unsafe impl Send for List {}

impl List {
    pub(crate) const fn new() -> Self {
        Self {
            first: std::ptr::null(),
        }
    }

    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.first.is_null()
    }

    #[inline]
    pub(crate) fn first(&self) -> Option<NonNull<Waiter>> {
        NonNull::new(self.first.cast_mut())
    }

    /// The waiter behind `waiter`, if it is not the last.
    ///
    /// # Safety
    /// `waiter` is in this list, whose lock is held.
    pub(crate) unsafe fn after(&self, waiter: NonNull<Waiter>) -> Option<NonNull<Waiter>> {
        // SAFETY: what is in a list is live, and its links are ours under the lock.
        let next = unsafe { waiter.as_ref() }.with_links(|l| unsafe { (*l).next });
        if std::ptr::eq(next, self.first) {
            None
        } else {
            NonNull::new(next.cast_mut())
        }
    }

    /// Puts a waiter at the end and makes it QUEUED.
    ///
    /// # Safety
    /// The lock is held; the waiter is live, in no list, and will leave this one before it moves or
    /// dies. The pointer is good for all of what the waiter is the head of: its partners use it.
    #[inline]
    pub(crate) unsafe fn push_back(&mut self, waiter: NonNull<Waiter>) {
        let new: *const Waiter = waiter.as_ptr();
        // SAFETY: promised by the caller.
        let waiter = unsafe { waiter.as_ref() };
        waiter.set_status(Status::Queued);
        let first = self.first;
        if first.is_null() {
            self.first = new;
            // SAFETY: links are ours under the lock.
            waiter.with_links(|l| unsafe {
                *l = Links {
                    prev: new,
                    next: new,
                }
            });
            return;
        }
        // SAFETY: what is in the list is live; links are ours under the lock.
        let last =
            unsafe { &*first }.with_links(|l| unsafe { std::mem::replace(&mut (*l).prev, new) });
        // SAFETY: as above.
        unsafe { &*last }.with_links(|l| unsafe { (*l).next = new });
        // SAFETY: as above.
        waiter.with_links(|l| unsafe {
            *l = Links {
                prev: last,
                next: first,
            }
        });
    }

    /// Takes a waiter out, and no more: it still says that it is Queued.
    ///
    /// # Safety
    /// * The lock is held that this list belongs to.
    /// * The waiter is in this list. (That it is Queued does not say in which: a channel has several, and the ring is known
    ///   by its first.)
    /// * Before the lock is free the caller sets another status (invariant 2), with a [`commit`](super::commit), or
    ///   [`leave`](Waiter::leave) if no value moves. Until then the waiter stays (invariant 3), and its operation waits for
    ///   that lock or status; afterwards it may be gone.
    #[inline]
    pub(crate) unsafe fn unlink(&mut self, waiter: NonNull<Waiter>) {
        // SAFETY: what is in the list is live.
        let waiter = unsafe { waiter.as_ref() };
        // SAFETY: links are ours under the lock.
        let Links { prev, next } = waiter.with_links(|l| unsafe { *l });
        if std::ptr::eq(next, waiter) {
            self.first = std::ptr::null();
        } else {
            // SAFETY: neighbours are in the list too, hence live; links are ours.
            unsafe { &*prev }.with_links(|l| unsafe { (*l).next = next });
            // SAFETY: as above.
            unsafe { &*next }.with_links(|l| unsafe { (*l).prev = prev });
            if std::ptr::eq(self.first, waiter) {
                self.first = next;
            }
        }
    }

    /// How many there are that can be committed; a walk, for inspection and tests.
    pub(crate) fn count(&self) -> usize {
        let mut count = 0;
        let mut at = self.first();
        while let Some(waiter) = at {
            // SAFETY: what is in a list is live.
            let node = unsafe { waiter.as_ref() };
            // SAFETY: it is in this list, and whoever has `&self` has the lock.
            count += usize::from(unsafe { node.is_alive() });
            // SAFETY: it is in this list, and whoever has `&self` has the lock.
            at = unsafe { self.after(waiter) };
        }
        count
    }
}
