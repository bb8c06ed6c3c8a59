//! The word that decides an alts: exactly one arm commits.
//!
//! `WAIT → WON(i)`, `WAIT → LOCK → WON(i) | WAIT`, or `WAIT → AWAY`. WON and AWAY are final: nobody can commit an
//! arm any more. The word of a set's rounds goes on from there: `WON(i) → AWAY → WAIT`.
//!
//! # Rules
//! 1. Only an alts with queued arms has a word that others look at; each looks under the lock of the
//!    channel that the arm is queued on.
//! 2. A plain operation that meets an arm wins the word in one step.
//! 3. An alts that meets an alts must win two words at one instant. It makes the one at the lower
//!    address LOCK, then decides the other, then the first (WON, or WAIT again). Who finds LOCK waits:
//!    its holder waits for nothing but a word at a higher address, so no circle can form. A put into
//!    several channels at one instant, which meets many alts, makes all their words LOCK in that order
//!    first; it has the locks of all its channels by then.
//! 4. For what needs no partner (a buffered value, room, close) an alts wins its own word first, in
//!    one step, and acts afterwards: holding LOCK while it served waiting putters would let two
//!    alts that cross full buffers wait for each other.
//! 5. Inspection makes the word LOCK for the moment in which it looks at the owner, under the lock of a channel that
//!    an arm is queued on, and then WAIT again.
//!
//! # Marks
//! A set keeps its arms queued while nobody waits for it ([`keep`](super::keep)). Whoever meets one finds a word that
//! is final, takes the arm out, and *marks* it: it becomes the top of a stack that begins in the word, and whose links
//! are the indices of the waiters, which nobody needs until they are queued again. The set takes all marks at once. As
//! the stack stands in the word, the set cannot begin to wait while there is a mark, and whoever comes to mark an arm
//! while it waits finds that, and commits the arm instead. Below the marks of a word that was won stands the winner.

use std::{marker::PhantomPinned, ptr::NonNull, task::Context};

use crate::{
    sync::{
        UnsafeCell,
        atomic::{AtomicU32, Ordering},
        plain::atomic::AtomicBool,
        spin_until,
    },
    waiter::{Claim, Kind, Owner, Waiter, Who},
};

const WAIT: u32 = 0;
const LOCK: u32 = 1;
/// Nobody waits. With the top of the marks, if there are any.
const AWAY: u32 = 1 << 20;
/// With the arm.
const WON: u32 = 1 << 21;
/// With the top of the marks; the winner is below them.
const WON_MARKED: u32 = 1 << 22;
/// An arm: its index and 1.
const ARM: u32 = (1 << 17) - 1;
/// In a mark: what is below it is the winner.
const WINNER: u32 = 1 << 17;

/// One alts, as its arms' committers see it. Lives in the alts' future.
#[repr(align(8))]
pub(crate) struct AltCell {
    word: AtomicU32,
    /// Inspection knows all channels that the arms are queued on.
    known: AtomicBool,
    /// It is the cell of a set, whose arms are marked.
    keeps: bool,
    owner: UnsafeCell<Owner>,
    // As in `Waiter`: others have pointers to the cell while `&mut Round` is around.
    _pinned: PhantomPinned,
}

// SAFETY: the word is atomic. `owner` is read by the one who won the word, and written by the alts
// itself before it queues an arm or while it holds LOCK.
unsafe impl Send for AltCell {}
// SAFETY: as above.
unsafe impl Sync for AltCell {}

/// What an alts finds in its own word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Decision {
    Open,
    Won(u32),
}

/// What a set was told since it looked last: a list through the waiters of its arms.
#[must_use = "an arm that was marked is in no queue"]
pub(super) struct Marks(u32);

/// An arm that is in no queue any more.
#[derive(Clone, Copy)]
pub(super) enum Mark {
    Ready(u32),
    /// It won: the last of all.
    Won(u32),
}

impl Marks {
    /// The next, whose waiter `waiter` finds.
    pub(super) fn next<'a>(&mut self, waiter: impl FnOnce(u32) -> &'a Waiter) -> Option<Mark> {
        let index = (self.0 & ARM).checked_sub(1)?;
        if self.0 & WINNER != 0 {
            self.0 = 0;
            return Some(Mark::Won(index));
        }
        // SAFETY: it was marked, so it is out of its queue, and the set's, which calls.
        self.0 = unsafe { waiter(index).index() };
        Some(Mark::Ready(index))
    }
}

fn won(index: u32) -> u32 {
    WON | (index + 1)
}

impl AltCell {
    pub(crate) fn new() -> Self {
        Self::starting(WAIT, false)
    }

    /// The cell of a set, for which nobody waits.
    pub(super) fn keeping() -> Self {
        Self::starting(AWAY, true)
    }

    fn starting(word: u32, keeps: bool) -> Self {
        Self {
            word: AtomicU32::new(word),
            known: AtomicBool::new(false),
            keeps,
            owner: UnsafeCell::new(Owner::none()),
            _pinned: PhantomPinned,
        }
    }

    /// Makes the cell ready for a round of `owner`.
    ///
    /// # Safety
    /// No arm is queued, so nobody else looks at the cell.
    pub(crate) unsafe fn reset(&self, owner: Owner) {
        // SAFETY: promised by the caller.
        self.owner.with_mut(|at| unsafe { *at = owner });
        // Ordering: the locks under which the arms are queued publish it.
        self.word.store(WAIT, Ordering::Relaxed);
    }

    /// Says whether inspection knows all channels of the arms: before any can be committed.
    #[inline]
    pub(crate) fn set_known(&self, known: bool) {
        // Ordering: the locks under which the arms are queued publish it, or `begin_to_wait`.
        self.known.store(known, Ordering::Relaxed);
    }

    /// To be called while the word is LOCK, by its holder: see [`peek`](Self::peek).
    pub(crate) fn is_known(&self) -> bool {
        // Ordering: as above.
        self.known.load(Ordering::Relaxed)
    }

    /// # Safety
    /// The caller won the word, or is the alts itself.
    pub(crate) unsafe fn owner(&self) -> Owner {
        // SAFETY: promised by the caller.
        self.owner.with(|at| unsafe { *at })
    }

    /// Wins the word for arm `index`, waiting out a LOCK. False: it was decided before.
    #[inline]
    pub(crate) fn win(&self, index: u32) -> bool {
        self.change(won(index))
    }

    /// WAIT → AWAY. False: an arm was committed. To be called by the alts itself.
    pub(super) fn go_away(&self) -> bool {
        self.change(AWAY)
    }

    /// The alts gives up: no arm can be committed any more. Or tells which was.
    pub(crate) fn withdraw(&self) -> Decision {
        if self.go_away() {
            Decision::Open
        } else {
            self.decision()
        }
    }

    /// What has been decided. To be called by the alts itself.
    pub(crate) fn decision(&self) -> Decision {
        // Ordering: Acquire; the value itself is published by the waiter's status.
        match self.word.load(Ordering::Acquire) {
            word if word & WON != 0 => Decision::Won((word & ARM) - 1),
            _ => Decision::Open,
        }
    }

    /// True once no arm can be committed any more.
    pub(crate) fn is_final(&self) -> bool {
        // Ordering: Acquire, as in `decision`.
        !matches!(self.word.load(Ordering::Acquire), WAIT | LOCK)
    }

    /// Marks an arm whose alts cannot be committed: a set is to look at it. False: it can be, by now.
    ///
    /// # Safety
    /// The waiter is an arm of this cell in a list whose lock is held. If the answer is true, the caller takes it out,
    /// and has it leave after that.
    pub(crate) unsafe fn mark(&self, waiter: &Waiter) -> bool {
        if !self.keeps {
            return true;
        }
        // SAFETY: the lock is held.
        let index = unsafe { waiter.index() };
        // Ordering: a look; the exchange decides.
        let mut word = self.word.load(Ordering::Relaxed);
        loop {
            let (kind, below) = match word & !ARM {
                WON => (WON_MARKED, (word & ARM) | WINNER),
                kind @ (AWAY | WON_MARKED) => (kind, word & ARM),
                _ => {
                    // SAFETY: the lock is held, under which others read it; the set reads only what was marked.
                    unsafe { waiter.set_index(index) };
                    return false;
                }
            };
            // SAFETY: as above.
            unsafe { waiter.set_index(below) };
            // Ordering: Release publishes the link, and the marks below it with those who made them.
            match self.word.compare_exchange_weak(
                word,
                kind | (index + 1),
                Ordering::Release,
                Ordering::Relaxed,
            ) {
                Ok(_) => return true,
                Err(other) => word = other,
            }
        }
    }

    /// Takes all marks; the word is AWAY then. To be called by the set itself, when the word is final.
    #[inline]
    pub(super) fn take_marks(&self) -> Marks {
        // Ordering: a look; a mark that is missed makes `begin_to_wait` fail.
        if self.word.load(Ordering::Relaxed) == AWAY {
            return Marks(0);
        }
        // Ordering: Acquire sees the links. Nobody waits for anything that came before.
        let word = self.word.swap(AWAY, Ordering::Acquire);
        debug_assert!(!matches!(word, WAIT | LOCK));
        Marks((word & ARM) | if word & WON == 0 { 0 } else { WINNER })
    }

    /// From now on, arms can be committed for `owner`. False: there is a mark.
    ///
    /// # Safety
    /// Called by the set itself; the word is AWAY, and the owner before has been given up.
    pub(super) unsafe fn begin_to_wait(&self, owner: Owner) -> bool {
        // SAFETY: who reads the owner has found WAIT before.
        self.owner.with_mut(|at| unsafe { *at = owner });
        // Ordering: Release publishes the owner.
        self.word
            .compare_exchange(AWAY, WAIT, Ordering::Release, Ordering::Relaxed)
            .is_ok()
    }

    /// True if nobody waits, and there is no mark. To be called by the set itself.
    pub(super) fn is_still(&self) -> bool {
        // Ordering: Acquire: a mark that is not there yet comes after all that this thread has seen.
        self.word.load(Ordering::Acquire) == AWAY
    }

    /// True if the one who polls with `cx` is the owner already.
    ///
    /// # Safety
    /// Called by the alts itself.
    pub(crate) unsafe fn belongs_to(&self, cx: &Context<'_>) -> bool {
        // SAFETY: the alts itself calls.
        let owner = unsafe { self.owner() };
        if let Kind::Task(_) | Kind::Counted(_) = owner.kind() {
            // SAFETY: an address is compared, nothing is read.
            return unsafe { owner.is(cx) };
        }
        if !self.change(LOCK) {
            return false;
        }
        // SAFETY: LOCK keeps everybody from winning the word, so nobody takes the waker out.
        let same = unsafe { owner.is(cx) };
        self.unlock(WAIT);
        same
    }

    /// Looks at the owner while nobody can win the word. `None`: it is final.
    ///
    /// To be called under the lock of a channel that an arm is queued on (rule 1), so that the cell lives. Like a
    /// plain operation that meets an arm, `look` waits for nothing else while the word is LOCK (rule 3).
    pub(crate) fn peek<R>(&self, look: impl FnOnce(Owner) -> R) -> Option<R> {
        if !self.change(LOCK) {
            return None;
        }
        // SAFETY: LOCK keeps everybody from winning the word, and the alts from changing the owner.
        let seen = look(unsafe { self.owner() });
        self.unlock(WAIT);
        Some(seen)
    }

    /// Who waits, for a dump: nobody any more if the word is final. As for [`peek`](Self::peek).
    pub(crate) fn who(&self) -> Who {
        // SAFETY: the alts gives its owner up only when no arm is queued any more, or after it has replaced it,
        // which takes LOCK; an owner without a reference is the task whose frame the cell stands in.
        self.peek(|owner| unsafe { owner.who() })
            .unwrap_or(Who::Nobody)
    }

    /// Replaces the owner while arms are queued. False: an arm has been committed meanwhile.
    ///
    /// # Safety
    /// Called by the alts itself.
    pub(crate) unsafe fn change_owner(&self, owner: Owner) -> bool {
        if !self.change(LOCK) {
            return false;
        }
        // SAFETY: LOCK keeps everybody from winning the word, so nobody reads the owner.
        self.owner.with_mut(|at| unsafe { *at = owner });
        // Ordering: Release publishes the owner to who wins the word.
        self.word.store(WAIT, Ordering::Release);
        true
    }

    /// WAIT → `to`, waiting out a LOCK. False: the word is final.
    #[inline]
    fn change(&self, to: u32) -> bool {
        loop {
            // Ordering: Acquire sees the owner that the alts wrote; Release so that whoever reads
            // WON sees what its winner did before.
            match self
                .word
                .compare_exchange(WAIT, to, Ordering::AcqRel, Ordering::Acquire)
            {
                Ok(_) => return true,
                // Ordering: a look; the exchange decides.
                Err(LOCK) => spin_until(|| self.word.load(Ordering::Relaxed) != LOCK),
                Err(_) => return false,
            }
        }
    }

    /// LOCK → `to`, by its holder.
    fn unlock(&self, to: u32) {
        debug_assert_eq!(self.word.load(Ordering::Relaxed), LOCK);
        // Ordering: Release, as in `change`.
        self.word.store(to, Ordering::Release);
    }

    /// Wins the words of many alts at one instant, each for an arm (rule 3). `Err`: that one is final already,
    /// and the others are as they were.
    ///
    /// # Safety
    /// The lock of a channel that each is queued on is held, so that they live. They are in the order of their
    /// addresses, and each is there once.
    pub(crate) unsafe fn win_all(words: &[(NonNull<Self>, u32)]) -> Result<(), usize> {
        // SAFETY: promised by the caller.
        let cell = |at: usize| unsafe { words[at].0.as_ref() };
        for at in 0..words.len() {
            if !cell(at).change(LOCK) {
                (0..at).for_each(|at| cell(at).unlock(WAIT));
                return Err(at);
            }
        }
        for (at, (_, index)) in words.iter().enumerate() {
            cell(at).unlock(won(*index));
        }
        Ok(())
    }

    /// Wins two words at one instant (rule 3).
    pub(crate) fn win_both(mine: &Self, my_index: u32, other: &Self, other_index: u32) -> Claim {
        let mine_first = std::ptr::from_ref(mine).addr() < std::ptr::from_ref(other).addr();
        let (first, first_index, second, second_index) = if mine_first {
            (mine, my_index, other, other_index)
        } else {
            (other, other_index, mine, my_index)
        };
        let failed_on_mine = if !first.change(LOCK) {
            mine_first
        } else if second.change(won(second_index)) {
            first.unlock(won(first_index));
            return Claim::Won;
        } else {
            first.unlock(WAIT);
            !mine_first
        };
        if failed_on_mine {
            Claim::Lost
        } else {
            Claim::Dead
        }
    }
}
