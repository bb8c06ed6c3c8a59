//! A task's state word: who owns it, how it ended, how many refer to it.
//!
//! | bits    | name     | meaning |
//! |---------|----------|---------|
//! | 0..32   | count    | wake-ups since the last poll began. `count > 0` ⇔ exactly one party (a queue or a worker) owns the task: it holds the *run token* |
//! | 32      | COMPLETE | the frame is gone and the outcome is written. Set once, by the owner of the token; the count stays above 0 from then on |
//! | 33      | CANCEL   | the block is to end before its next poll. Set by `cancel`, never cleared |
//! | 34      | HANDLE   | a `Go` is alive that may still ask for the outcome |
//! | 35      | TAKEN    | the outcome was moved out. Set only through the `Go` |
//! | 36      | NOTED    | inspection has a note of the block, to be forgotten at its end |
//! | 40..64  | refs     | 1 until completion, 1 per `Go`, 1 per cloned `Waker`. 0 ⇒ the allocation is freed |
//!
//! # Transitions
//! * `notify`: count + 1. The one that found 0 now owns the token and must post the task.
//! * `end_turn(n)`: after a poll that parked, take away the `n` wake-ups that the turn had seen when
//!   it began. If more came meanwhile the turn keeps the token and posts the task again.
//! * `complete`: COMPLETE; tells whether the outcome is still wanted.
//!
//! # Memory ordering
//! `notify` and `end_turn` are acquire and release: what the waker wrote before `notify` is seen by the turn that
//! began with that wake-up counted (`begin_turn`, Acquire), and what a turn wrote is seen by the next
//! owner of the token.

#[cfg(all(test, not(csp_loom)))]
mod tests;

use crate::sync::atomic::{AtomicU64, Ordering};

const COUNT: u64 = 0xFFFF_FFFF;
const COMPLETE: u64 = 1 << 32;
const CANCEL: u64 = 1 << 33;
const HANDLE: u64 = 1 << 34;
const TAKEN: u64 = 1 << 35;
const NOTED: u64 = 1 << 36;
const REF: u64 = 1 << 40;
/// More references than this can only be a leak in a loop: stop before the field overflows.
const MAX_REFS: u64 = 1 << 23;
/// Foreign wakers may wake without limit before a turn comes; past this the wake-ups add nothing.
const MAX_COUNT: u64 = 1 << 31;

#[derive(Debug)]
pub(super) struct State(AtomicU64);

/// What a turn finds when it begins.
pub(super) struct Turn {
    pub(super) seen: u64,
    pub(super) cancelled: bool,
}

/// What the outcome's writer has to do with it.
pub(super) struct Completed {
    pub(super) is_wanted: bool,
    /// There is a note to be forgotten.
    pub(super) is_noted: bool,
}

impl State {
    /// A new task: the spawner holds the token; one reference for the task, one for its `Go`.
    pub(super) fn new() -> Self {
        Self(AtomicU64::new(1 | HANDLE | (2 * REF)))
    }

    /// Counts a wake-up. True: the caller now owns the run token.
    #[inline]
    pub(super) fn notify(&self) -> bool {
        // Ordering: see the module's head.
        let prev = self.0.fetch_add(1, Ordering::AcqRel);
        prev & COUNT == 0 && prev & COMPLETE == 0
    }

    /// As [`notify`](Self::notify), for wakers that may be called any number of times.
    pub(super) fn notify_foreign(&self) -> bool {
        // Ordering: a wake-up above the limit is already due, so nothing hangs on this load.
        let now = self.0.load(Ordering::Relaxed);
        if now & COMPLETE != 0 || now & COUNT > MAX_COUNT {
            return false;
        }
        self.notify()
    }

    /// The owner of the token is about to poll.
    #[inline]
    pub(super) fn begin_turn(&self) -> Turn {
        // Ordering: Acquire pairs with the release half of `notify`.
        let now = self.0.load(Ordering::Acquire);
        Turn {
            seen: now & COUNT,
            cancelled: now & CANCEL != 0,
        }
    }

    /// The poll parked. True: more wake-ups came, and the caller keeps the token.
    #[inline]
    pub(super) fn end_turn(&self, seen: u64) -> bool {
        // Ordering: Release gives the frame to the next owner, Acquire for when we keep it.
        let prev = self.0.fetch_sub(seen, Ordering::AcqRel);
        prev & COUNT != seen
    }

    pub(super) fn complete(&self) -> Completed {
        // Ordering: Release publishes the outcome to `is_complete` and `drop_handle`; Acquire sees
        // what the handle did before it was dropped.
        let prev = self.0.fetch_or(COMPLETE, Ordering::AcqRel);
        debug_assert!(
            prev & COMPLETE == 0 && prev & COUNT != 0,
            "completed without the token"
        );
        Completed {
            is_wanted: prev & HANDLE != 0,
            is_noted: prev & NOTED != 0,
        }
    }

    /// There is a note of the block now. False: it has completed, and will not have it forgotten.
    pub(super) fn note(&self) -> bool {
        // Ordering: AcqRel, so that who forgets the note finds it, be it `complete`'s caller or ours.
        self.0.fetch_or(NOTED, Ordering::AcqRel) & COMPLETE == 0
    }

    /// True if the block is to end at its next turn.
    pub(super) fn is_cancelled(&self) -> bool {
        // Ordering: a snapshot for the dump.
        self.0.load(Ordering::Relaxed) & CANCEL != 0
    }

    /// Asks for the block's end. True if it had not completed.
    pub(super) fn cancel(&self) -> bool {
        // Ordering: Relaxed is enough, the `notify` that follows publishes it.
        let prev = self.0.fetch_or(CANCEL, Ordering::Relaxed);
        prev & COMPLETE == 0
    }

    pub(super) fn is_complete(&self) -> bool {
        // Ordering: Acquire pairs with `complete`, so that the outcome can be read.
        self.0.load(Ordering::Acquire) & COMPLETE != 0
    }

    /// True if the task is parked: nobody owns the token.
    pub(super) fn is_parked(&self) -> bool {
        // Ordering: a snapshot for the dump, nothing is read on its strength.
        self.0.load(Ordering::Relaxed) & (COUNT | COMPLETE) == 0
    }

    /// How many references there are beside the task's own and its handle's: others who can wake it.
    pub(super) fn wakers(&self) -> u64 {
        // Ordering: a snapshot.
        let now = self.0.load(Ordering::Relaxed);
        let own = 1 + u64::from(now & HANDLE != 0);
        (now / REF).saturating_sub(own)
    }

    /// Marks the outcome as moved out. False if it was before.
    pub(super) fn take_outcome(&self) -> bool {
        // Ordering: only the one `Go` calls this, and after `is_complete`.
        self.0.fetch_or(TAKEN, Ordering::Relaxed) & TAKEN == 0
    }

    /// The `Go` is gone. True if it leaves an outcome behind that the caller must drop.
    pub(super) fn drop_handle(&self) -> bool {
        // Ordering: Acquire pairs with `complete`; Release with the completer's Acquire.
        let prev = self.0.fetch_and(!HANDLE, Ordering::AcqRel);
        prev & COMPLETE != 0 && prev & TAKEN == 0
    }

    pub(super) fn add_ref(&self) {
        // Ordering: the caller has a reference, so the task cannot go away meanwhile.
        let prev = self.0.fetch_add(REF, Ordering::Relaxed);
        if prev / REF > MAX_REFS {
            // Nothing sensible can be done: a wrapped count would free a task in use.
            std::process::abort();
        }
    }

    /// True: it was the last, and the caller must free the allocation.
    pub(super) fn drop_ref(&self) -> bool {
        // Ordering: Release orders our uses before the freeing, Acquire sees those of the others.
        self.0.fetch_sub(REF, Ordering::AcqRel) / REF == 1
    }
}
