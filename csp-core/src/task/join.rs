//! Who waits for a block's outcome: at most one waker, in one word.

#[cfg(all(test, not(csp_loom)))]
mod tests;

use std::task::{RawWaker, Waker};

use super::waker;
use crate::sync::atomic::{AtomicPtr, Ordering};

/// Nobody waits, and the task runs.
const EMPTY: usize = 0;
/// The task has completed: there is nothing to wait for any more.
const DONE: usize = 1;
/// Tag of a boxed foreign waker; no tag is an own waker's task.
const BOXED: usize = 2;
const TAGS: usize = 3;

/// `EMPTY`, `DONE`, or a waker that the slot owns.
///
/// Every change is one atomic step on one word, so a waker is either taken by `finish` (and woken)
/// or gets `DONE` back from `register`: there is no time between in which it could be lost.
#[derive(Debug)]
pub(super) struct JoinSlot(AtomicPtr<()>);

impl JoinSlot {
    pub(super) fn new() -> Self {
        Self(AtomicPtr::new(std::ptr::without_provenance_mut(EMPTY)))
    }

    /// Leaves `waker` to be woken at completion, instead of the one before. False: completed.
    pub(super) fn register(&self, waker: &Waker) -> bool {
        // Ordering: Acquire on DONE pairs with `finish`, after which the outcome may be read.
        let mut old = self.0.load(Ordering::Acquire);
        if old.addr() == DONE {
            return false;
        }
        let new = pack(waker.clone());
        loop {
            // Ordering: Release publishes the boxed waker to `finish`; Acquire as above.
            match self
                .0
                .compare_exchange(old, new, Ordering::AcqRel, Ordering::Acquire)
            {
                Ok(_) => break,
                Err(now) if now.addr() == DONE => {
                    drop(unpack(new));
                    return false;
                }
                Err(now) => old = now,
            }
        }
        drop(unpack(old));
        true
    }

    /// The address of the task that waits, if it is one of ours: to be compared, not used.
    pub(super) fn waits(&self) -> Option<usize> {
        // Ordering: a snapshot.
        let word = self.0.load(Ordering::Relaxed).addr();
        (word != EMPTY && word != DONE && word & TAGS == 0).then_some(word)
    }

    /// The one who waited goes away.
    pub(super) fn clear(&self) {
        // Ordering: a look that decides only whether there is anything to clear.
        let mut old = self.0.load(Ordering::Relaxed);
        while old.addr() != EMPTY && old.addr() != DONE {
            let empty = std::ptr::without_provenance_mut(EMPTY);
            // Ordering: Acquire to own the boxed waker.
            match self
                .0
                .compare_exchange(old, empty, Ordering::Acquire, Ordering::Relaxed)
            {
                Ok(_) => drop(unpack(old)),
                Err(now) => old = now,
            }
        }
    }

    /// Who waits, for the dump: the address of the task if it is ours, and 0 if it is not.
    pub(super) fn waiter(&self) -> Option<usize> {
        // Ordering: a snapshot; the address is only compared.
        let word = self.0.load(Ordering::Relaxed).addr();
        match word & TAGS {
            _ if word == EMPTY || word == DONE => None,
            BOXED => Some(0),
            _ => Some(word),
        }
    }

    /// The task has completed: gives out the waker to wake.
    pub(super) fn finish(&self) -> Option<Waker> {
        // Ordering: Release publishes the outcome to `register`, Acquire to own the boxed waker.
        unpack(
            self.0
                .swap(std::ptr::without_provenance_mut(DONE), Ordering::AcqRel),
        )
    }
}

impl Drop for JoinSlot {
    fn drop(&mut self) {
        self.clear();
    }
}

fn pack(waker: Waker) -> *mut () {
    match waker::task_of(&waker) {
        Some(_) => {
            // Not a leak: the reference that the waker holds lives on in the word.
            std::mem::ManuallyDrop::new(waker).data().cast_mut()
        }
        None => Box::into_raw(Box::new(waker))
            .cast::<()>()
            .map_addr(|a| a | BOXED),
    }
}

fn unpack(word: *mut ()) -> Option<Waker> {
    match word.addr() & TAGS {
        _ if word.addr() == EMPTY || word.addr() == DONE => None,
        BOXED => {
            let boxed = word.map_addr(|a| a & !TAGS).cast::<Waker>();
            // SAFETY: (1) a word tagged BOXED comes from `Box::into_raw` in `pack`; (2) whoever
            // takes a word out of the slot, by swap or compare_exchange, owns what it holds.
            Some(*unsafe { Box::from_raw(boxed) })
        }
        _ => {
            let raw = RawWaker::new(word.cast_const(), waker::vtable());
            // SAFETY: an untagged word is the data pointer of an own waker, with its reference,
            // put there by `pack`; we took it out, so the reference is ours (2 above).
            Some(unsafe { Waker::from_raw(raw) })
        }
    }
}
