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
//! | 37      | WAITED   | whoever completes the task has to look into its join slot. Set only through the `Go`, never cleared |
//! | 40..64  | refs     | 1 until completion, 1 per `Go`, 1 per cloned `Waker`. 0 ⇒ the allocation is freed |
//!
//! # Transitions
//! * `notify`: count + 1. The one that found 0 now owns the token and must post the task. `cancel`: CANCEL, and the same.
//! * `end_turn(n)`: after a poll that parked, take away the `n` wake-ups that the turn had seen when
//!   it began. If more came meanwhile the turn keeps the token and posts the task again.
//! * `complete`: COMPLETE; tells whether the outcome is still wanted. If there is nothing to be done after it, the task's
//!   reference is given up in the same step: the handle has its own, and the right to the outcome.
//!
//! Who has the only reference, and it is not that of a task that has yet to complete, has the task to itself: nobody can
//! add one. So that is found by a load, and what would follow needs no atomic step. (Who refers to a task without a
//! reference, a waiter in its frame or the list of its home, is gone when it completes.)
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
const WAITED: u64 = 1 << 37;
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

/// What completing a task came to.
pub(super) struct Completed {
    /// There is a note to be forgotten.
    pub(super) is_noted: bool,
    pub(super) left: Left,
}

/// What the outcome's writer still has to do. But for `Nothing` it has the task's reference to give back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Left {
    /// The task's reference was given up: it is not to be touched any more.
    Nothing,
    /// To drop the outcome: there is no handle.
    Outcome,
    /// To look into the join slot.
    Waiter,
}

/// What a `Go` that goes away has to do.
pub(super) struct Dropped {
    /// Its reference was given up: the task is not to be touched any more.
    pub(super) is_released: bool,
    /// The outcome is to be dropped.
    pub(super) leaves_outcome: bool,
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
        // Ordering: Acquire sees what the handle did before it was dropped, and the last uses of others.
        let mut now = self.0.load(Ordering::Acquire);
        loop {
            debug_assert!(
                now & COMPLETE == 0 && now & COUNT != 0,
                "completed without the token"
            );
            let left = match (now & HANDLE != 0, now & WAITED != 0) {
                (true, false) => Left::Nothing,
                (true, true) => Left::Waiter,
                (false, _) => Left::Outcome,
            };
            let completed = Completed {
                is_noted: now & NOTED != 0,
                left,
            };
            if left == Left::Outcome && is_alone(now) {
                return completed;
            }
            let given_up = if left == Left::Nothing { REF } else { 0 };
            let done = (now | COMPLETE) - given_up;
            // Ordering: Release publishes the outcome to `is_complete`, `wait` and `drop_handle`; Acquire as above,
            // and for the waker in the join slot.
            match self
                .0
                .compare_exchange_weak(now, done, Ordering::AcqRel, Ordering::Acquire)
            {
                Ok(_) => return completed,
                Err(other) => now = other,
            }
        }
    }

    /// There is a waker in the join slot. False: the task has completed, and perhaps without a look there.
    pub(super) fn wait(&self) -> bool {
        // Ordering: Release publishes the waker to `complete`, Acquire pairs with it.
        self.0.fetch_or(WAITED, Ordering::AcqRel) & COMPLETE == 0
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

    /// Asks for the block's end, and wakes it, in one step. `None`: it has completed. `Some(true)`: the caller now owns
    /// the run token.
    pub(super) fn cancel(&self) -> Option<bool> {
        // Ordering: a first look; the exchange decides.
        let mut now = self.0.load(Ordering::Relaxed);
        while now & COMPLETE == 0 {
            let counts = now & COUNT <= MAX_COUNT;
            let asked = (now | CANCEL) + u64::from(counts);
            // Ordering: as `notify`.
            match self
                .0
                .compare_exchange_weak(now, asked, Ordering::AcqRel, Ordering::Relaxed)
            {
                Ok(_) => return Some(now & COUNT == 0),
                Err(other) => now = other,
            }
        }
        None
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

    /// Marks the outcome of a complete task as moved out. False if it was before.
    pub(super) fn take_outcome(&self) -> bool {
        // Ordering: Acquire, as `is_alone` asks for.
        let now = self.0.load(Ordering::Acquire);
        if is_alone(now) {
            // Ordering: nobody else looks.
            self.0.store(now | TAKEN, Ordering::Relaxed);
            return now & TAKEN == 0;
        }
        // Ordering: only the one `Go` calls this, and after `is_complete`.
        self.0.fetch_or(TAKEN, Ordering::Relaxed) & TAKEN == 0
    }

    /// The `Go` goes. If the task has not completed, the handle's reference goes with it.
    pub(super) fn drop_handle(&self) -> Dropped {
        // Ordering: Acquire pairs with `complete`.
        let mut now = self.0.load(Ordering::Acquire);
        while now & COMPLETE == 0 {
            // Ordering: Release gives the right to the outcome to `complete`; Acquire as above.
            match self.0.compare_exchange_weak(
                now,
                (now & !HANDLE) - REF,
                Ordering::AcqRel,
                Ordering::Acquire,
            ) {
                Ok(_) => {
                    return Dropped {
                        is_released: true,
                        leaves_outcome: false,
                    };
                }
                Err(other) => now = other,
            }
        }
        Dropped {
            is_released: false,
            leaves_outcome: now & TAKEN == 0,
        }
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
        // Ordering: Acquire sees the uses of those who gave up theirs.
        if is_alone(self.0.load(Ordering::Acquire)) {
            return true;
        }
        // Ordering: Release orders our uses before the freeing, Acquire sees those of the others.
        self.0.fetch_sub(REF, Ordering::AcqRel) / REF == 1
    }
}

/// True if the caller, who has a reference to a complete task, has the only one. To be asked of an Acquire load: it sees
/// the last uses of the others.
fn is_alone(now: u64) -> bool {
    now / REF == 1
}
