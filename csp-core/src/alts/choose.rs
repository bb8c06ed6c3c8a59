//! The choice among arms: the code of all alts but [sets](super::keep), once, without types.
//!
//! # A round
//! 1. *Look*: nothing is queued yet. The arms that their channels' hints call ready (and all futures)
//!    are tried, in random order or in the order given; the first that is ready is chosen.
//! 2. *Queue*: the word is WAIT; each arm tries again under its channel's lock and queues its waiter. A
//!    match found on the way goes through the word, since earlier arms can be committed already.
//! 3. *Park*. Whoever meets an arm of ours wins the word and commits it.
//! 4. *Leave*: the losers are taken out of their queues, each under its channel's lock, in O(1).
//!
//! An alts never holds two channels' locks. Futures are polled only while nothing is queued: when
//! one wakes the alts, it first withdraws its arms, so no ready value can lose against a commit.

use std::task::{Context, Waker};

use super::{
    Order,
    arm::{Attempt, RawArm},
    word::{AltCell, Decision},
};
use crate::{
    context::{self, Dice, Object},
    inspect, linger, park,
    site::Place,
    task,
    waiter::{Actor, Owner, Status},
};

/// A round's state, beside its arms.
pub(crate) struct Round {
    cell: AltCell,
    /// How many arms, from the first, may have been queued; 0 while nothing is.
    queued: u32,
    order: Order,
    /// All arms have ended: there is a result.
    pub(super) ended: bool,
    place: Place,
}

/// Of so many arms one is tossed for before all are looked at. (Of fewer it is no less work to look at all.)
pub(super) const TOSSED: usize = 4;

/// More arms than this are refused, as by Go's `reflect.Select`.
pub(crate) const MAX_ARMS: usize = 65_536;

impl Round {
    pub(crate) fn new(order: Order, place: Place) -> Self {
        Self {
            cell: AltCell::new(),
            queued: 0,
            order,
            ended: false,
            place,
        }
    }

    pub(crate) fn is_queued(&self) -> bool {
        self.queued > 0
    }

    /// Whether the dice are to be thrown for one arm before all are looked at: if that is ready, as most are where values are
    /// buffered, it was as likely as any other that is. Not at the start of a poll that finds arms queued.
    #[inline]
    pub(crate) fn tosses(&self) -> bool {
        self.queued == 0 && self.order == Order::Random
    }

    /// What tells this alts from others: a number, made of where it stands and of its channels.
    pub(super) fn identity(&self, channels: usize) -> usize {
        self.place.0.addr() ^ channels
    }

    /// A round begins. False: the block's turn is over first.
    fn spend(&self, arms: &[RawArm], cx: &Context<'_>) -> bool {
        let goes_on = context::spend(|| self.place, |all| tell(arms, all));
        if !goes_on {
            cx.waker().wake_by_ref();
        }
        goes_on
    }

    /// Chooses, or parks. `Some(i)`: arm `i` is to be finished. `tossed`: an arm was tossed for and was not ready, and the
    /// round's operation is spent.
    ///
    /// # Safety
    /// The round is pinned. `arms` are the same pinned arms at every call, until it gives `Some` or
    /// [`abandon`](Self::abandon) is called, one of which happens before any of them dies. `scratch`
    /// has room for all of them.
    pub(crate) unsafe fn poll(
        &mut self,
        arms: &[RawArm],
        scratch: &mut [u32],
        cx: &mut Context<'_>,
        tossed: bool,
    ) -> Option<u32> {
        if self.queued > 0 {
            // SAFETY: as for this call.
            match unsafe { self.poll_again(arms, cx) } {
                Again::Chosen(index) => return Some(index),
                Again::Parked => return None,
                Again::Look => {}
            }
        } else {
            if !tossed && !self.spend(arms, cx) {
                return None;
            }
            self.check(arms);
        }
        // SAFETY: nothing is queued; the arms are pinned and not finished.
        if let Some(index) = unsafe { self.look(arms, scratch, cx, tossed) } {
            return Some(index);
        }
        if becomes_ready(arms, cx) {
            // SAFETY: as above.
            if let Some(index) = unsafe { self.look(arms, scratch, cx, tossed) } {
                return Some(index);
            }
        }
        // SAFETY: as for this call.
        unsafe { self.queue(arms, cx) }
    }

    /// Chooses without parking: `None` only if at one instant no arm was ready.
    ///
    /// # Safety
    /// The arms are pinned, not finished, and none is queued. `scratch` has room for two words an arm.
    pub(crate) unsafe fn try_now(&mut self, arms: &[RawArm], scratch: &mut [u32]) -> Option<u32> {
        let mut cx = Context::from_waker(Waker::noop());
        context::visible_all(|all| tell(arms, all));
        // A future that is ready is not to say that it would rather yield.
        let _stays = context::stay();
        let (order, looks) = scratch.split_at_mut(arms.len());
        loop {
            // SAFETY: promised by the caller.
            if let Some(index) = unsafe { self.look(arms, order, &mut cx, false) } {
                return Some(index);
            }
            // Nothing was ready when each was looked at. If the hints are the same twice, with their
            // counts of changes, then between the two looks none was ready at one instant.
            let seen = |arm: &RawArm| arm.port().map_or(0, |(core, _)| core.look());
            let ready = |arm: &RawArm, hint: u32| {
                arm.is_on() && arm.port().is_some_and(|(_, side)| hint & side.ready() != 0)
            };
            for (look, arm) in looks.iter_mut().zip(arms) {
                *look = seen(arm);
            }
            let same = looks
                .iter()
                .zip(arms)
                .all(|(look, arm)| *look == seen(arm) && !ready(arm, *look));
            if same {
                // A future that was not ready may only have had no budget left: it is not to lose for that.
                let has_future = arms.iter().any(|arm| arm.is_on() && arm.port().is_none());
                let _budget = has_future.then(context::refill).flatten()?;
                // SAFETY: promised by the caller.
                return unsafe { self.look(arms, order, &mut cx, false) };
            }
        }
    }

    /// Step 1.
    ///
    /// # Safety
    /// The arms are pinned and not finished, and none is queued.
    unsafe fn look(
        &self,
        arms: &[RawArm],
        scratch: &mut [u32],
        cx: &mut Context<'_>,
        tossed: bool,
    ) -> Option<u32> {
        let on_thread = park::thread_of(cx.waker()).is_some();
        let may_be_ready = |arm: &RawArm| {
            arm.is_on() && arm.port().is_none_or(|(core, side)| core.is(side.ready()))
        };
        // SAFETY: promised by the caller.
        let mut is_ready = |arm: &RawArm| unsafe { arm.poll(cx) }
            // SAFETY: as above; nothing is queued, so nobody else can end this alts.
            || matches!(unsafe { arm.attempt(Actor::Alone, false) }, Attempt::Ready);
        if self.order == Order::Random
            && on_thread
            && let Some(mut dice) = Dice::new()
        {
            // The arms of a thread are looked at one by one, since their channels' lines are mostly another core's. (Of
            // eight with buffers, 165 -> 125 ns; a block's look at eight without takes 10 % longer that way.)
            let scratch = &mut scratch[..arms.len()];
            for (index, at) in (0..).zip(scratch.iter_mut()) {
                *at = index;
            }
            let mut late = 0;
            for at in 0..arms.len() {
                let left = u32::try_from(arms.len() - at).expect("arms are limited in number");
                scratch.swap(at, at + dice.below(left) as usize);
                let index = scratch[at];
                let arm = &arms[index as usize];
                if !may_be_ready(arm) {
                    continue;
                }
                if arm.port().is_some_and(|(core, _)| core.is_in_use()) {
                    scratch[late] = index;
                    late += 1;
                } else if is_ready(arm) {
                    // (Without a buffer its partner has to come again first.)
                    if tossed {
                        context::change_streak(arm.is_ready().then_some(index));
                    }
                    return Some(index);
                }
            }
            // Those that somebody was at: to wait for a lock takes longer than all else.
            let mut late = scratch[..late].iter().copied();
            return late.find(|index| is_ready(&arms[*index as usize]));
        }
        // (Each choice is asked for, so that there is one only where there are two.)
        let mut count = 0;
        for (index, arm) in (0..).zip(arms) {
            if may_be_ready(arm) {
                scratch[count] = index;
                count += 1;
            }
        }
        for at in 0..count {
            if self.order == Order::Random {
                let left = u32::try_from(count - at).expect("arms are limited in number");
                scratch.swap(at, at + context::random_below(left) as usize);
            }
            if is_ready(&arms[scratch[at] as usize]) {
                return Some(scratch[at]);
            }
        }
        None
    }

    /// Step 2.
    ///
    /// # Safety
    /// As for `poll`; nothing is queued.
    unsafe fn queue(&mut self, arms: &[RawArm], cx: &Context<'_>) -> Option<u32> {
        // SAFETY: nothing is queued.
        unsafe { self.cell.reset(Owner::of(cx, &self.cell)) };
        self.cell
            .set_known(inspect::is_enabled() && all_known(arms));
        task::parks_at(cx, self.place, 0);
        for (index, arm) in (0..).zip(arms) {
            self.queued = index + 1;
            if !arm.is_on() || arm.port().is_none() {
                continue;
            }
            // SAFETY: the arm is in no queue, and it is ours.
            unsafe { arm.waiter().set_owner(Owner::alt(&self.cell), index) };
            // SAFETY: the owner is set, and `leave` or `abandon` withdraws the arm.
            match unsafe { arm.attempt(Actor::Arm(&self.cell, index), true) } {
                Attempt::Queued | Attempt::NotReady => {}
                Attempt::Ready | Attempt::Lost => break,
            }
        }
        match self.cell.decision() {
            Decision::Won(index) => {
                self.leave(arms, Some(index));
                Some(index)
            }
            Decision::Open => None,
        }
    }

    /// # Safety
    /// As for `poll`; arms are queued.
    unsafe fn poll_again(&mut self, arms: &[RawArm], cx: &Context<'_>) -> Again {
        if let Decision::Won(index) = self.cell.decision() {
            self.leave(arms, Some(index));
            return Again::Chosen(index);
        }
        if arms.iter().any(|arm| arm.is_on() && arm.port().is_none()) {
            // Perhaps a future is ready.
            return match self.cell.withdraw() {
                Decision::Won(index) => {
                    self.leave(arms, Some(index));
                    Again::Chosen(index)
                }
                Decision::Open => {
                    self.leave(arms, None);
                    Again::Look
                }
            };
        }
        // SAFETY: the alts itself calls.
        if unsafe { self.cell.belongs_to(cx) } {
            return Again::Parked;
        }
        let new = Owner::of(cx, &self.cell);
        // SAFETY: as above.
        let old = unsafe { self.cell.owner() };
        // SAFETY: as above.
        if unsafe { self.cell.change_owner(new) } {
            // SAFETY: the cell has forgotten it.
            unsafe { old.release() };
            return Again::Parked;
        }
        // SAFETY: the cell never knew it.
        unsafe { new.release() };
        match self.cell.decision() {
            Decision::Won(index) => {
                self.leave(arms, Some(index));
                Again::Chosen(index)
            }
            Decision::Open => Again::Parked,
        }
    }

    /// Step 4. The word is final.
    fn leave(&mut self, arms: &[RawArm], winner: Option<u32>) {
        for (index, arm) in (0..self.queued).zip(arms) {
            let Some((core, side)) = arm.port() else {
                continue;
            };
            if winner != Some(index) && arm.waiter().status() == Status::Queued {
                core.withdraw(side, arm.waiter());
            }
        }
        if let Some(winner) = winner {
            // Whoever won the word may not have come to the commit yet, which uses the cell.
            arms[winner as usize].waiter().wait_for_commit();
        }
        self.queued = 0;
        // SAFETY: the alts itself calls.
        let owner = unsafe { self.cell.owner() };
        // SAFETY: nothing is queued any more and the winner is settled.
        unsafe { self.cell.reset(Owner::none()) };
        // SAFETY: so nobody names the owner.
        unsafe { owner.release() };
    }

    /// The alts is dropped, or given up. What an arm was handed already is seen to by the arm's own
    /// drop.
    pub(crate) fn abandon(&mut self, arms: &[RawArm]) {
        if self.queued == 0 {
            return;
        }
        let winner = match self.cell.withdraw() {
            Decision::Won(index) => Some(index),
            Decision::Open => None,
        };
        self.leave(arms, winner);
    }

    fn check(&self, arms: &[RawArm]) {
        if !arms.iter().any(RawArm::is_on) {
            no_arm(self.place);
        }
    }
}

#[cold]
pub(super) fn no_arm(place: Place) -> ! {
    panic!(
        "{}: there is no arm to wait for (the set is empty, or every guard is false) and no `default`: it would wait for ever",
        place.park_site().map_or_else(
            || "alts".to_owned(),
            |site| format!("alts at {}:{}:{}", site.file(), site.line(), site.column())
        ),
    )
}

/// On a thread: lingers for a channel that is ready. (A future says that it is by a wake-up only.)
fn becomes_ready(arms: &[RawArm], cx: &Context<'_>) -> bool {
    park::thread_of(cx.waker()).is_some()
        && arms.iter().all(|arm| arm.port().is_some())
        && linger::before_sleep(|| arms.iter().any(RawArm::is_ready))
}

/// Whether inspection knows all channels that the arms are about.
#[cold]
pub(super) fn all_known(arms: &[RawArm]) -> bool {
    let mut on = arms.iter().filter(|arm| arm.is_on());
    on.all(|arm| arm.port().is_none_or(|(core, _)| core.is_traced()))
}

/// Which channels the arms are about.
pub(super) fn tell(arms: &[RawArm], all: &mut Vec<Object>) {
    let ports = arms
        .iter()
        .filter(|arm| arm.is_on())
        .filter_map(RawArm::port);
    all.extend(ports.map(|(core, _)| core.object()));
}

enum Again {
    Chosen(u32),
    Parked,
    Look,
}
