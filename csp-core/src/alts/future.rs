//! An alts over a few arms of different types.

use std::{
    fmt,
    future::Future,
    marker::PhantomPinned,
    mem::ManuallyDrop,
    panic::Location,
    pin::Pin,
    task::{Context, Poll},
};

use super::{
    Order,
    arm::{Arm, RawArm},
    block::Choice,
    choose::{Round, TOSSED},
};
use crate::{
    context::{self, Toss},
    site::{Op, ParkSite, Place},
};

/// The most arms that one `alt!` or `alts!` takes in the source.
const MAX_STATIC: usize = 16;

/// A few arms: a tuple of [`Arm`]s.
#[doc(hidden)]
pub trait Arms {
    /// Which arm, with its result.
    type Output;
    /// An array.
    type Raws: AsRef<[RawArm]>;
    /// How many there are.
    const COUNT: u32;
    /// Whether there is a future among them.
    const HAS_FUTURE: bool;
    /// Whether there is anything to drop of them once the alts has its result.
    const NEEDS_DROP: bool;

    /// Forgets where they stand.
    fn placed(self) -> Self;

    /// Which channels they are of, as one number.
    fn channels(&self) -> usize;

    /// Whether arm `index` can be done, by its channel's hint.
    fn is_ready(&self, index: u32) -> bool;

    /// The arms as the choosing code sees them.
    fn raws(self: Pin<&mut Self>) -> Self::Raws;

    /// Does arm `index`, if it can be done now.
    ///
    /// # Safety
    /// Nothing is queued or finished.
    unsafe fn at_once(self: Pin<&mut Self>, index: u32) -> Poll<Self::Output>;

    /// The result of arm `index`.
    ///
    /// # Safety
    /// It has been chosen, and has not given its result yet.
    unsafe fn finish(self: Pin<&mut Self>, index: u32) -> Self::Output;
}

/// An alts under way: future of which arm was chosen, with its result.
///
/// Made by `alt!` and `alts!`. Dropping it withdraws every arm; what one was handed already goes back
/// to its channel.
#[must_use = "an alts does nothing until it is awaited"]
pub struct Alt<A: Arms> {
    arms: ManuallyDrop<A>,
    round: Round,
    _pinned: PhantomPinned,
}

/// Used by the macros.
#[doc(hidden)]
#[inline]
pub fn alt<A: Arms>(arms: A, order: Order, site: &'static ParkSite) -> Alt<A> {
    Alt {
        arms: ManuallyDrop::new(arms.placed()),
        round: Round::new(order, Place::site(site)),
        _pinned: PhantomPinned,
    }
}

/// As [`alt`], for functions that wait in the place of their caller.
#[doc(hidden)]
pub fn alt_for<A: Arms>(arms: A, order: Order, caller: &'static Location<'static>) -> Alt<A> {
    Alt {
        arms: ManuallyDrop::new(arms.placed()),
        round: Round::new(order, Place::caller(Op::Alt, caller)),
        _pinned: PhantomPinned,
    }
}

impl<A: Arms> Alt<A> {
    fn parts(self: Pin<&mut Self>) -> (Pin<&mut A>, &mut Round) {
        // SAFETY: nothing is moved out of `this`.
        let this = unsafe { self.get_unchecked_mut() };
        // SAFETY: structural pinning of `arms`: Alt is never Unpin, and its Drop moves nothing. (Arms that it does not
        // drop, though pinned, have ended, and have no drop that would do anything.)
        let arms = unsafe { Pin::new_unchecked(&mut *this.arms) };
        (arms, &mut this.round)
    }

    /// Polls the round: apart, since its arrays are on the stack.
    #[inline(never)]
    fn poll_all(self: Pin<&mut Self>, cx: &mut Context<'_>, tossed: bool) -> Poll<A::Output> {
        let (mut arms, round) = self.parts();
        // (Polled after its end, it may queue arms anew.)
        round.ended = false;
        let raws = arms.as_mut().raws();
        // SAFETY: the arms are pinned with us, the same at each poll; `drop` abandons them.
        let index = unsafe { round.poll(raws.as_ref(), &mut [0; MAX_STATIC], cx, tossed) };
        let Some(index) = index else {
            return Poll::Pending;
        };
        // SAFETY: the round has chosen it, just now.
        let output = unsafe { arms.finish(index) };
        round.ended = true;
        Poll::Ready(output)
    }

    /// Tries the arm that was chosen last, or another, before all. Apart, since blocks do not come here.
    #[inline(never)]
    fn poll_in_streaks(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<A::Output> {
        let (mut arms, round) = self.as_mut().parts();
        let index = context::toss_in_streaks(A::COUNT, round.identity(arms.channels()));
        // SAFETY: nothing is queued.
        let output = unsafe { arms.as_mut().at_once(index) };
        if output.is_pending() {
            return self.poll_all(cx, true);
        }
        round.ended = true;
        if !arms.is_ready(index) {
            context::change_streak(None);
        }
        output
    }

    /// Chooses without parking. `None` only if at one instant no arm was ready.
    pub fn now(self) -> Option<A::Output> {
        let mut this = std::pin::pin!(self);
        let (mut arms, round) = this.as_mut().parts();
        let raws = arms.as_mut().raws();
        let mut scratch = [0; 2 * MAX_STATIC];
        let raws = raws.as_ref();
        // SAFETY: the arms are pinned, and this is the only call on them.
        let index = unsafe { round.try_now(raws, &mut scratch[..2 * raws.len()]) }?;
        // SAFETY: as in `poll_all`.
        Some(unsafe { arms.finish(index) })
    }
}

impl<A: Arms> Future for Alt<A> {
    type Output = A::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<A::Output> {
        let (arms, round) = self.as_mut().parts();
        // (A future does not say whether it would be chosen.)
        if (A::COUNT as usize) < TOSSED || A::HAS_FUTURE || !round.tosses() {
            return self.poll_all(cx, false);
        }
        let index = match context::spend_and_toss(A::COUNT) {
            Toss::Arm(index) => index,
            Toss::InStreaks => return self.poll_in_streaks(cx),
            Toss::None => return self.poll_all(cx, false),
        };
        // SAFETY: nothing is queued.
        let mut output = unsafe { arms.at_once(index) };
        if output.is_ready() {
            round.ended = true;
        } else {
            output = self.poll_all(cx, true);
        }
        output
    }
}

impl<A: Arms> Choice for Alt<A> {
    /// The result of the arm that was chosen last, if the streak goes on and there is more for it.
    #[inline]
    fn soon(self: Pin<&mut Self>) -> Option<A::Output> {
        let (mut arms, round) = self.parts();
        if (A::COUNT as usize) < TOSSED || A::HAS_FUTURE || !round.tosses() {
            return None;
        }
        let index = context::go_on_in_streak(A::COUNT, round.identity(arms.channels()))?;
        // SAFETY: nothing is queued.
        let Poll::Ready(output) = (unsafe { arms.as_mut().at_once(index) }) else {
            context::change_streak(None);
            return None;
        };
        round.ended = true;
        if !arms.is_ready(index) {
            context::change_streak(None);
        }
        Some(output)
    }
}

impl<A: Arms> Drop for Alt<A> {
    #[inline]
    fn drop(&mut self) {
        // (To look at eight takes, of which nothing is left to drop, takes 30 instructions.)
        if A::NEEDS_DROP || !self.round.ended {
            self.drop_arms();
        }
    }
}

impl<A: Arms> Alt<A> {
    #[inline(never)]
    fn drop_arms(&mut self) {
        /// Drops them, though what is given up before panics (a value may, when it is dropped).
        struct Last<'a, A>(&'a mut ManuallyDrop<A>);
        impl<A> Drop for Last<'_, A> {
            fn drop(&mut self) {
                // SAFETY: once, by the drop of what holds them.
                unsafe { ManuallyDrop::drop(self.0) };
            }
        }
        let arms = Last(&mut self.arms);
        if self.round.is_queued() {
            // SAFETY: arms that were queued were pinned, and stay where they are until dropped.
            let arms = unsafe { Pin::new_unchecked(&mut **arms.0) };
            self.round.abandon(arms.raws().as_ref());
        }
    }
}

impl<A: Arms> fmt::Debug for Alt<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Alt")
            .field("queued", &self.round.is_queued())
            .finish_non_exhaustive()
    }
}

/// `Arms` for a tuple, and the type that says which of its arms was chosen.
macro_rules! arms {
    ($($of:ident $count:literal: $($arm:ident $index:tt),+;)+) => {$(
        /// Which of the arms was chosen, with its result.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $of<$($arm),+> {
            $(
                /// This arm, counted from `A`.
                $arm($arm),
            )+
        }

        impl<$($arm: Arm),+> Arms for ($($arm,)+) {
            type Output = $of<$($arm::Output),+>;
            type Raws = [RawArm; $count];
            const COUNT: u32 = $count;
            const HAS_FUTURE: bool = false $(|| $arm::IS_FUTURE)+;
            const NEEDS_DROP: bool = false $(|| $arm::NEEDS_DROP)+;

            #[inline]
            fn placed(self) -> Self {
                ($(self.$index.placed(),)+)
            }

            #[inline]
            fn channels(&self) -> usize {
                let channels = 0_usize;
                // (Turned, so that their order counts.)
                $(let channels = channels.rotate_left(7) ^ self.$index.channel();)+
                channels
            }

            fn is_ready(&self, index: u32) -> bool {
                match index {
                    $($index => self.$index.is_ready(),)+
                    _ => false,
                }
            }

            fn raws(self: Pin<&mut Self>) -> Self::Raws {
                // SAFETY: the tuple's fields are pinned with it, and nothing is moved.
                let arms = unsafe { self.get_unchecked_mut() };
                // SAFETY: as above.
                [$(unsafe { Pin::new_unchecked(&mut arms.$index) }.raw()),+]
            }

            // (Used twice, once of it by blocks.)
            #[inline(always)]
            unsafe fn at_once(self: Pin<&mut Self>, index: u32) -> Poll<Self::Output> {
                // SAFETY: as above.
                let arms = unsafe { self.get_unchecked_mut() };
                match index {
                    // SAFETY: as above, and promised by the caller.
                    $($index => match unsafe { Pin::new_unchecked(&mut arms.$index).at_once() } {
                        Some(output) => Poll::Ready($of::$arm(output)),
                        None => Poll::Pending,
                    },)+
                    _ => unreachable!("arm {index} of {}", $count),
                }
            }

            unsafe fn finish(self: Pin<&mut Self>, index: u32) -> Self::Output {
                // SAFETY: as above.
                let arms = unsafe { self.get_unchecked_mut() };
                match index {
                    // SAFETY: as above, and promised by the caller.
                    $($index => $of::$arm(unsafe { Pin::new_unchecked(&mut arms.$index).finish() }),)+
                    _ => unreachable!("arm {index} of {}", $count),
                }
            }
        }
    )+};
}

arms! {
    Of1 1: A 0;
    Of2 2: A 0, B 1;
    Of3 3: A 0, B 1, C 2;
    Of4 4: A 0, B 1, C 2, D 3;
    Of5 5: A 0, B 1, C 2, D 3, E 4;
    Of6 6: A 0, B 1, C 2, D 3, E 4, F 5;
    Of7 7: A 0, B 1, C 2, D 3, E 4, F 5, G 6;
    Of8 8: A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7;
    Of9 9: A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8;
    Of10 10: A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9;
    Of11 11: A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10;
    Of12 12: A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11;
    Of13 13: A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11, M 12;
    Of14 14: A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11, M 12, N 13;
    Of15 15: A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11, M 12, N 13, O 14;
    Of16 16: A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11, M 12, N 13, O 14, P 15;
}
