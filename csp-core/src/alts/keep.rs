//! The choice among the arms of a set, which stay queued from round to round: the code of all sets, without types.
//!
//! # A round
//! An arm that is on is either *kept*, in its channel's queue, or *loose*. At first all are loose.
//! 1. *Collect*: whoever came to a kept arm since the last round has taken it out and [marked](super::word) it. It is
//!    loose now, and so is the one that won.
//! 2. *Try* the loose ones, in random order or in the order given, each under its channel's lock. The first that is
//!    ready is chosen, and stays loose. One that is not is queued under that same lock: it is kept.
//! 3. Once all are kept, nothing was ready at the instant at which there is no mark. *Wait* from that instant on. Now
//!    whoever comes to an arm wins the word and commits it. (If there are marks, the set waits first, and queues those
//!    arms after that, as other alts do.)
//!
//! So a round costs as much as there are arms to which something came. Between two rounds, the word is AWAY: the arms
//! are no takers or putters, only a sign to those who come that somebody is to be told.

use std::task::Context;

use super::{
    Order,
    arm::{Attempt, RawArm},
    choose::{all_known, no_arm, tell},
    loose::Loose,
    streak::Streak,
    word::{AltCell, Mark},
};
use crate::{
    context, inspect,
    site::Place,
    task,
    waiter::{Actor, Owner, Status},
};

/// A set's state, beside its arms.
pub(super) struct Keeper {
    cell: AltCell,
    /// The arms that are in no queue. Those that are off among them go when their turn comes.
    loose: Loose,
    /// How many are on.
    on: usize,
    /// Where in `loose` the arm stands that was chosen last, and whether it is to be chosen again.
    streak: (usize, Streak),
    /// A round waits, or has been won.
    is_parked: bool,
    order: Order,
    place: Place,
}

impl Keeper {
    pub(super) fn new() -> Self {
        Self {
            cell: AltCell::keeping(),
            loose: Loose::default(),
            on: 0,
            streak: (0, Streak::NONE),
            is_parked: false,
            order: Order::Random,
            place: Place::nowhere(),
        }
    }

    pub(super) fn set_order(&mut self, order: Order, place: Place) {
        self.order = order;
        self.place = place;
    }

    /// One arm more, the last, which is on.
    pub(super) fn add(&mut self, index: u32) {
        self.loose.know_one_more();
        self.on += 1;
        self.loose.insert(index);
    }

    /// Arm `index` is on again.
    pub(super) fn enable(&mut self, arms: &[RawArm], index: u32) {
        // (So that it is not in the stack of marks any more.)
        let none = self.collect(arms);
        debug_assert!(none.is_none());
        self.on += 1;
        self.loose.insert(index);
    }

    /// An arm is off, which is in no queue.
    pub(super) fn disable(&mut self) {
        self.on -= 1;
    }

    /// Chooses, or waits. `Some(i)`: arm `i` is to be finished.
    ///
    /// # Safety
    /// The keeper is pinned, and so are the arms: those that were added, of which none is finished that is on. They
    /// stay until [`leave`](Self::leave) was called.
    pub(super) unsafe fn poll(&mut self, arms: &[RawArm], cx: &mut Context<'_>) -> Option<u32> {
        if self.is_parked {
            return self.poll_again(arms, cx);
        }
        if !context::spend(|| self.place, |all| tell(arms, all)) {
            cx.waker().wake_by_ref();
            return None;
        }
        if self.on == 0 {
            no_arm(self.place);
        }
        // SAFETY: as for this call.
        let chosen = unsafe { self.try_loose(arms) };
        if chosen.is_some() {
            return chosen;
        }
        self.cell
            .set_known(inspect::is_enabled() && all_known(arms));
        task::parks_at(cx, self.place, 0);
        let owner = Owner::of(cx, &self.cell);
        // SAFETY: no round waits, and the owner before was released.
        self.is_parked = unsafe { self.cell.begin_to_wait(owner) };
        if self.is_parked {
            return None;
        }
        // SAFETY: as for this call; as above.
        unsafe { self.wait_first(arms, owner) };
        self.cell.is_final().then(|| self.end_won(arms))
    }

    /// Chooses, outside of turns, if that needs no waiting, nor the waker of one who would.
    ///
    /// # Safety
    /// As for [`poll`](Self::poll).
    pub(super) unsafe fn soon(&mut self, arms: &[RawArm]) -> Option<u32> {
        if self.is_parked || self.on == 0 || !context::has_streaks() || context::is_any_simulated()
        {
            return None;
        }
        // SAFETY: as for this call.
        unsafe { self.try_loose(arms) }
    }

    /// Chooses without waiting: `None` only if at one instant no arm was ready.
    ///
    /// # Safety
    /// As for [`poll`](Self::poll).
    pub(super) unsafe fn try_now(&mut self, arms: &[RawArm]) -> Option<u32> {
        context::visible_all(|all| tell(arms, all));
        // SAFETY: as for this call.
        let chosen = unsafe { self.try_loose(arms) };
        if chosen.is_some() || self.cell.is_still() {
            return chosen;
        }
        // SAFETY: as for this call; no round waits.
        unsafe { self.wait_first(arms, Owner::none()) };
        self.end(arms)
    }

    /// Marks came while arms were queued. To try anew might go on for ever: somebody else may look for a partner each
    /// time, and mark what he cannot use. So the set waits first, and then queues what is loose, each arm in its own
    /// name: now others win, and mark no more.
    ///
    /// # Safety
    /// As for [`poll`](Self::poll), and for [`begin_to_wait`](AltCell::begin_to_wait).
    #[cold]
    unsafe fn wait_first(&mut self, arms: &[RawArm], owner: Owner) {
        loop {
            let none = self.collect(arms);
            debug_assert!(none.is_none());
            // It fails at most once for each arm, since none is queued here.
            // SAFETY: promised by the caller.
            if unsafe { self.cell.begin_to_wait(owner) } {
                break;
            }
        }
        self.is_parked = true;
        while let Some(at) = self.loose.next()
            && let Some(index) = self.loose.get(at)
        {
            let arm = &arms[index as usize];
            if arm.is_on() {
                // SAFETY: the arm is in no queue, and it is ours.
                unsafe { arm.waiter().set_owner(Owner::alt(&self.cell), index) };
                // SAFETY: the owner is set, and `leave` withdraws the arm.
                let attempt = unsafe { arm.attempt(Actor::Arm(&self.cell, index), true) };
                if let Attempt::Ready | Attempt::Lost = attempt {
                    return;
                }
            }
            self.loose.remove(at);
        }
    }

    /// Steps 1 and 2.
    ///
    /// # Safety
    /// As for [`poll`](Self::poll); no round is parked.
    unsafe fn try_loose(&mut self, arms: &[RawArm]) -> Option<u32> {
        let none = self.collect(arms);
        debug_assert!(none.is_none());
        self.loose.set_order(self.order);
        if self.order == Order::Random && context::is_any_simulated() {
            // SAFETY: as for this call.
            let chosen = unsafe { self.sift(arms) };
            if chosen.is_some() {
                return chosen;
            }
        }
        let has_streaks = context::has_streaks();
        while let Some(next) = self.loose.next() {
            let at = match self.order {
                Order::Priority => next,
                Order::Random => self.toss(has_streaks),
            };
            // SAFETY: as for this call.
            let chosen = unsafe { self.try_at(arms, at) };
            if let Some(index) = chosen {
                if has_streaks && !arms[index as usize].is_ready() {
                    self.streak.1 = Streak::NONE;
                }
                return chosen;
            }
        }
        None
    }

    /// Which of the loose ones is to be tried. There are some.
    #[inline]
    fn toss(&mut self, has_streaks: bool) -> usize {
        let (at, streak) = &mut self.streak;
        // (The arm may be kept by now, or have gone to another place.)
        if has_streaks
            && let Some(arm) = streak.go_on()
            && self.loose.get(*at) == Some(arm)
        {
            return *at;
        }
        let many = u32::try_from(self.loose.len()).expect("arms are limited in number");
        let at = context::random_below(many) as usize;
        if has_streaks && let Some(arm) = self.loose.get(at) {
            self.streak = (at, Streak::of(arm));
        }
        at
    }

    /// Tries those that do not seem to be ready, for a simulation is to choose among the others only.
    ///
    /// # Safety
    /// As for [`try_loose`](Self::try_loose).
    #[cold]
    unsafe fn sift(&mut self, arms: &[RawArm]) -> Option<u32> {
        let mut at = 0;
        while let Some(index) = self.loose.get(at) {
            let arm = &arms[index as usize];
            if arm.is_ready() {
                at += 1;
                continue;
            }
            // SAFETY: as for this call.
            let chosen = unsafe { self.try_at(arms, at) };
            if chosen.is_some() {
                return chosen;
            }
        }
        None
    }

    /// Tries a loose arm. `None`: it is loose no more.
    ///
    /// # Safety
    /// As for [`try_loose`](Self::try_loose), and all marks of the arm were taken.
    #[inline]
    unsafe fn try_at(&mut self, arms: &[RawArm], at: usize) -> Option<u32> {
        let index = self.loose.get(at)?;
        let arm = &arms[index as usize];
        if arm.is_on() {
            // SAFETY: the arm is in no queue, and it is ours.
            unsafe { arm.waiter().set_owner(Owner::alt(&self.cell), index) };
            // SAFETY: the owner is set, and `leave` withdraws the arm.
            let attempt = unsafe { arm.attempt(Actor::Set(&self.cell), true) };
            if let Attempt::Ready = attempt {
                return Some(index);
            }
            debug_assert!(matches!(attempt, Attempt::Queued));
        }
        self.loose.remove(at);
        None
    }

    /// Step 1. Gives the winner, if the word was won.
    #[inline]
    fn collect(&mut self, arms: &[RawArm]) -> Option<u32> {
        let mut marks = self.cell.take_marks();
        while let Some(mark) = marks.next(|index| arms[index as usize].waiter()) {
            match mark {
                Mark::Ready(index) => {
                    // Whoever marked it may not be through with it: then it says that it is queued.
                    arms[index as usize].waiter().wait_for_commit();
                    self.loose.insert(index);
                }
                Mark::Won(index) => {
                    self.loose.insert(index);
                    return Some(index);
                }
            }
        }
        None
    }

    #[cold]
    fn poll_again(&mut self, arms: &[RawArm], cx: &Context<'_>) -> Option<u32> {
        if self.cell.is_final() {
            return Some(self.end_won(arms));
        }
        // SAFETY: the set itself calls.
        if unsafe { self.cell.belongs_to(cx) } {
            return None;
        }
        let new = Owner::of(cx, &self.cell);
        // SAFETY: as above.
        let old = unsafe { self.cell.owner() };
        // SAFETY: as above.
        let changed = unsafe { self.cell.change_owner(new) };
        // SAFETY: the cell has forgotten the one, or never knew the other.
        unsafe { if changed { old } else { new }.release() };
        (!changed).then(|| self.end_won(arms))
    }

    /// The word has been won.
    fn end_won(&mut self, arms: &[RawArm]) -> u32 {
        let winner = self.collect(arms).expect("the word of a round was won");
        // Whoever won the word may not have come to the commit yet, which uses the cell.
        arms[winner as usize].waiter().wait_for_commit();
        self.end_parked();
        winner
    }

    fn end_parked(&mut self) {
        self.is_parked = false;
        // SAFETY: the set itself calls.
        let owner = unsafe { self.cell.owner() };
        // SAFETY: nobody waits, and the winner is settled: nobody names the owner any more.
        unsafe { owner.release() };
    }

    /// Gives a round up. The arms stay queued, but none can be committed any more. Gives the one that had been.
    pub(super) fn give_up(&mut self, arms: &[RawArm]) -> Option<u32> {
        if !self.is_parked {
            return None;
        }
        context::touch_all(|all| tell(arms, all));
        self.end(arms)
    }

    /// Waits no more. Gives the arm that has been committed, if one has.
    fn end(&mut self, arms: &[RawArm]) -> Option<u32> {
        if self.cell.go_away() {
            self.end_parked();
            None
        } else {
            Some(self.end_won(arms))
        }
    }

    /// Takes an arm out of its queue, if it is in one. No round is parked.
    pub(super) fn withdraw(&self, arm: &RawArm) {
        debug_assert!(!self.is_parked);
        if let Some((core, side)) = arm.port()
            && arm.waiter().status() == Status::Queued
        {
            core.withdraw(side, arm.waiter());
        }
    }

    /// Takes all arms out of their queues.
    pub(super) fn leave(&self, arms: &[RawArm]) {
        for arm in arms {
            self.withdraw(arm);
        }
    }
}
