//! The values of a fixed buffer, first in, first out.
//!
//! As std's `VecDeque`; but whether that one's two operations are compiled in line is chance, and if they are not a buffered
//! message takes 40 instructions more, of 220 (a change in a module beside it made that so).
//!
//! # Invariant
//! The `len` slots from `head` on, which go on at the first after the last, hold values; the others hold none.

#[cfg(all(test, not(any(csp_loom, csp_shuttle))))]
mod tests;

use std::mem::{self, MaybeUninit};

use crate::sync::prefetch::{before_read, before_write};

pub(crate) struct Ring<T> {
    slots: Box<[MaybeUninit<T>]>,
    head: usize,
    len: usize,
}

impl<T> Ring<T> {
    /// So many values ahead it asks for slots: four cache lines.
    const AHEAD: usize = match size_of::<T>() {
        0 => usize::MAX / 4,
        size => 256 / size,
    };

    /// One of so many slots in a row is asked for: no more than a cache line has.
    const LINE: usize = match size_of::<T>() {
        0 => usize::MAX.div_ceil(2),
        size @ 1..=64 => (64 / size + 1).next_power_of_two() / 2,
        _ => 1,
    };

    /// An empty ring with room for so many values, at first.
    pub(crate) fn with_capacity(slots: usize) -> Self {
        Self {
            slots: Box::new_uninit_slice(slots),
            head: 0,
            len: 0,
        }
    }

    #[inline]
    pub(crate) const fn len(&self) -> usize {
        self.len
    }

    #[inline]
    pub(crate) const fn is_empty(&self) -> bool {
        self.len == 0
    }

    #[inline]
    pub(crate) fn push_back(&mut self, value: T) {
        if self.len == self.slots.len() {
            self.grow();
        }
        let at = self.slot(self.len);
        self.slots[at].write(value);
        self.len += 1;
    }

    /// Asks for a slot that is to be written a while from now.
    #[inline]
    pub(crate) fn prepare_puts(&self) {
        let next = self.len + Self::AHEAD;
        if (self.head + self.len).is_multiple_of(Self::LINE) && next < self.slots.len() {
            before_write(&raw const self.slots[self.slot(next)]);
        }
    }

    /// Asks for a value that is to be read a while from now.
    #[inline]
    pub(crate) fn prepare_takes(&self) {
        if self.head.is_multiple_of(Self::LINE) && Self::AHEAD < self.len {
            before_read(&raw const self.slots[self.slot(Self::AHEAD)]);
        }
    }

    #[inline]
    pub(crate) fn pop_front(&mut self) -> Option<T> {
        if self.len == 0 {
            return None;
        }
        // SAFETY: the invariant; it is no longer among those that hold values right after.
        let value = unsafe { self.slots[self.head].assume_init_read() };
        self.head = self.slot(1);
        self.len -= 1;
        Some(value)
    }

    /// Which slot is that of value `nth`, or would be.
    #[inline]
    fn slot(&self, nth: usize) -> usize {
        let at = self.head + nth;
        if at < self.slots.len() {
            at
        } else {
            at - self.slots.len()
        }
    }

    #[cold]
    #[inline(never)]
    fn grow(&mut self) {
        let mut more = Self::with_capacity(grown(self.slots.len(), size_of::<T>()));
        for nth in 0..self.len {
            let at = self.slot(nth);
            mem::swap(&mut more.slots[nth], &mut self.slots[at]);
        }
        more.len = mem::take(&mut self.len);
        *self = more;
    }
}

/// How many slots follow on so many, of values of this size.
///
/// A ring is made for no more values than there can be; twice of it may be more than that where addresses are short.
fn grown(slots: usize, size: usize) -> usize {
    let most = isize::MAX as usize / size.max(1);
    (slots * 2).max(4).min(most)
}

impl<T> Default for Ring<T> {
    fn default() -> Self {
        Self::with_capacity(0)
    }
}

impl<T> Drop for Ring<T> {
    fn drop(&mut self) {
        // As std's: a value whose drop panics does not stop the drop of the others.
        struct Rest<'a, T>(&'a mut Ring<T>);
        impl<T> Drop for Rest<'_, T> {
            fn drop(&mut self) {
                while let Some(value) = self.0.pop_front() {
                    drop(value);
                }
            }
        }
        let rest = Rest(self);
        while let Some(value) = rest.0.pop_front() {
            drop(value);
        }
    }
}
