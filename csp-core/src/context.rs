//! What a thread knows of the turn it runs: the block, the budget of operations, the random source of
//! alts, and the executor's hooks for blocking.
//!
//! csp-core has no threads of its own; an executor tells each of its threads what it needs with
//! [`enter_hooks`], or, if it is a [simulation](Simulate), with [`enter_simulation`].

mod simulate;

use std::{cell::Cell, ptr::NonNull};

pub use self::simulate::{
    Ended, Object, Simulate, SimulationGuard, asked_at, at_once, complain, describe,
    enter_simulation, forget, hear_complaints, is_simulated, now, park, park_through, touch,
    visible,
};
use self::simulate::{ask, is_at_once};
pub(crate) use self::simulate::{blocks_at, is_any_simulated, touch_all, visible_all};
use crate::{
    alts::StreakOf,
    outsider,
    site::Place,
    sync::{MODELLED, local},
    task::Header,
};
pub use crate::{linger::linger, outsider::hear_outsiders};

/// What a worker thread does around a blocking operation.
pub trait Hooks {
    /// The thread is about to block: hand its work to another.
    fn begin_blocking(&self);
}

/// Operations a block may do in one turn before it must let others run (an operation that always
/// succeeds would never yield otherwise). As in tokio.
const BUDGET: u32 = 128;
/// Outside a turn of ours nothing is counted.
const NO_LIMIT: u32 = u32::MAX;
/// A simulation is asked before each operation.
const SIMULATED: u32 = u32::MAX - 1;
/// As above, where nobody can yield.
const SIMULATED_HERE: u32 = u32::MAX - 2;

struct ThreadContext {
    budget: Cell<u32>,
    /// What a turn begins with.
    full: Cell<u32>,
    random: Cell<u64>,
    /// Of the last alts outside of a turn.
    streak: Cell<StreakOf>,
    hooks: Cell<Option<NonNull<dyn Hooks>>>,
    simulation: Cell<Option<NonNull<dyn Simulate>>>,
    /// The block whose turn it is.
    block: Cell<Option<NonNull<Header>>>,
    /// Where the operation stands that a simulation was asked about last.
    place: Cell<Place>,
    /// Nobody else is to go on now: a lock is held.
    at_once: Cell<bool>,
}

impl ThreadContext {
    const fn new() -> Self {
        Self {
            budget: Cell::new(NO_LIMIT),
            full: Cell::new(BUDGET),
            random: Cell::new(0),
            streak: Cell::new(StreakOf::NONE),
            hooks: Cell::new(None),
            simulation: Cell::new(None),
            block: Cell::new(None),
            place: Cell::new(Place::nowhere()),
            at_once: Cell::new(false),
        }
    }

    fn is_simulated(&self) -> bool {
        self.simulation.get().is_some()
    }
}

local! {
    static CONTEXT: ThreadContext = ThreadContext::new();
}

/// Ends a block's turn when dropped: makes the one before the current again, with its budget. (Turns nest
/// where a block blocks on another executor.)
pub(crate) struct TurnGuard {
    budget: u32,
    block: Option<NonNull<Header>>,
}

impl Drop for TurnGuard {
    #[inline]
    fn drop(&mut self) {
        CONTEXT.with(|cx| {
            cx.budget.set(self.budget);
            cx.block.set(self.block);
        });
    }
}

#[inline]
pub(crate) fn begin_turn(block: NonNull<Header>) -> TurnGuard {
    CONTEXT.with(|cx| {
        let outer = cx.block.replace(Some(block));
        let full = match outer {
            None => cx.full.get(),
            // A turn inside a turn: the executor in there knows nothing of a limit on the outer one, and of no
            // operation at all it would never get on.
            Some(_) => cx.full.get().max(BUDGET),
        };
        TurnGuard {
            budget: cx.budget.replace(full),
            block: outer,
        }
    })
}

/// The number of the block whose turn this thread runs.
pub fn current_block() -> Option<u64> {
    with_current(Header::id)
}

/// Gives the task whose turn this thread runs to `f`.
pub(crate) fn with_current<R>(f: impl FnOnce(&Header) -> R) -> Option<R> {
    let block = CONTEXT.try_with(|cx| cx.block.get()).ok().flatten()?;
    // SAFETY: `Task::run` enters the block, and leaves it before it gives up its run token.
    Some(f(unsafe { block.as_ref() }))
}

/// True if the block whose turn this thread runs was asked to end.
pub fn is_cancelled() -> bool {
    with_current(Header::is_cancelled).unwrap_or(false)
}

/// Restores the budget that was before.
pub(crate) struct BudgetGuard(u32);

/// Lifts the limit while a thread blocks inside a turn: nothing would refill the budget there.
pub(crate) fn lift_budget() -> BudgetGuard {
    CONTEXT.with(|cx| {
        let all = if cx.is_simulated() {
            SIMULATED
        } else {
            NO_LIMIT
        };
        BudgetGuard(cx.budget.replace(all))
    })
}

/// A budget of its own, if the turn's is used up: for futures that are polled where nobody can yield.
pub(crate) fn refill() -> Option<BudgetGuard> {
    CONTEXT.with(|cx| (cx.budget.get() == 0).then(|| BudgetGuard(cx.budget.replace(BUDGET))))
}

/// As above: in a simulation others go on meanwhile, before an operation instead of in its place.
pub(crate) fn stay() -> Option<BudgetGuard> {
    let simulated = |cx: &ThreadContext| cx.budget.get() == SIMULATED;
    CONTEXT.with(|cx| simulated(cx).then(|| BudgetGuard(cx.budget.replace(SIMULATED_HERE))))
}

/// Runs `f` without the limit on operations in one turn: for a turn that has its thread to itself.
pub fn unlimited<R>(f: impl FnOnce() -> R) -> R {
    let _budget = lift_budget();
    f()
}

impl Drop for BudgetGuard {
    #[inline]
    fn drop(&mut self) {
        CONTEXT.with(|cx| cx.budget.set(self.0));
    }
}

/// Spends one operation, which stands at `place`, on the objects that `tell` names. False: the turn's budget is
/// used up, the block should yield.
#[inline]
pub(crate) fn spend(place: impl FnOnce() -> Place, tell: impl FnOnce(&mut Vec<Object>)) -> bool {
    let simulated = CONTEXT.with(|cx| match cx.budget.get() {
        NO_LIMIT if is_any_simulated() => Err(None),
        NO_LIMIT => Ok(true),
        SIMULATED => Err(Some(cx.block.get().is_some())),
        SIMULATED_HERE => Err(Some(false)),
        0 => Ok(false),
        left => {
            cx.budget.set(left - 1);
            Ok(true)
        }
    });
    match simulated {
        Ok(may) => may,
        Err(may_yield) => {
            let mut objects = Vec::new();
            tell(&mut objects);
            let Some(may_yield) = may_yield else {
                outsider::meets(&objects, place().park_site());
                return true;
            };
            if is_at_once() {
                objects.iter().copied().for_each(touch);
                return true;
            }
            CONTEXT.with(|cx| cx.place.set(place()));
            ask(|simulation| simulation.step(&objects, may_yield)).unwrap_or(true)
        }
    }
}

/// A number below `bound`, uniform enough for a choice among ready arms.
#[inline]
pub(crate) fn random_below(bound: u32) -> u32 {
    if cfg!(csp_loom) {
        // Models explore schedules, not dice.
        return 0;
    }
    if bound > 1
        && is_any_simulated()
        && let Some(chosen) = ask(|simulation| simulation.choose(bound))
    {
        return chosen;
    }
    CONTEXT.with(|cx| cx.throw(bound))
}

/// See [`spend_and_toss`].
pub(crate) enum Toss {
    /// This arm is to be tried.
    Arm(u32),
    /// [`toss_in_streaks`] says which.
    InStreaks,
    /// Nothing has been done: the turn is over, or this is simulated or modelled, where all throws are looked into and one
    /// more makes them many more.
    None,
}

/// [Spends](spend) one operation and throws the dice, at once, for an arm below `bound`.
#[inline]
pub(crate) fn spend_and_toss(bound: u32) -> Toss {
    if MODELLED || is_any_simulated() {
        return Toss::None;
    }
    CONTEXT.with(|cx| {
        match cx.budget.get() {
            NO_LIMIT => return Toss::InStreaks,
            SIMULATED | SIMULATED_HERE | 0 => return Toss::None,
            left => cx.budget.set(left - 1),
        }
        Toss::Arm(cx.throw(bound))
    })
}

/// The arm, below `bound`, that the alts of that [identity](StreakOf) is to try, outside of a turn.
pub(crate) fn toss_in_streaks(bound: u32, identity: usize) -> u32 {
    CONTEXT.with(|cx| {
        let mut streak = cx.streak.get();
        // (Others may have the same, by chance.)
        let again = streak.go_on(identity).filter(|arm| *arm < bound);
        let arm = again.unwrap_or_else(|| {
            let arm = cx.throw(bound);
            streak = StreakOf::new(identity, arm);
            arm
        });
        cx.streak.set(streak);
        arm
    })
}

/// The arm, if there is a streak that goes on.
#[inline]
pub(crate) fn go_on_in_streak(bound: u32, identity: usize) -> Option<u32> {
    if !has_streaks() || is_any_simulated() {
        return None;
    }
    CONTEXT.with(|cx| {
        let mut streak = cx.streak.get();
        let arm = streak.go_on(identity)?;
        cx.streak.set(streak);
        // (As above.)
        (arm < bound).then_some(arm)
    })
}

/// The alts that [tossed](toss_in_streaks) last has chosen another arm, or one that it is not to choose again.
pub(crate) fn change_streak(arm: Option<u32>) {
    CONTEXT.with(|cx| {
        if cx.budget.get() != NO_LIMIT {
            return;
        }
        let mut streak = cx.streak.get();
        streak.change(arm);
        cx.streak.set(streak);
    });
}

/// Whether what an alts chooses here it is to [choose again](crate::alts::Streak).
#[inline]
pub(crate) fn has_streaks() -> bool {
    !MODELLED && CONTEXT.with(|cx| cx.budget.get() == NO_LIMIT)
}

impl ThreadContext {
    #[inline]
    fn throw(&self, bound: u32) -> u32 {
        Dice(self.random()).below(bound)
    }

    #[inline]
    fn random(&self) -> u64 {
        let mut x = self.random.get();
        if x == 0 {
            x = seed(std::ptr::from_ref(self).addr());
        }
        // xorshift64*
        x ^= x >> 12;
        x ^= x << 25;
        x ^= x >> 27;
        self.random.set(x);
        x.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }
}

/// Some throws of one random number.
pub(crate) struct Dice(u64);

impl Dice {
    /// None: throws are looked into one by one, see [`random_below`].
    #[inline]
    pub(crate) fn new() -> Option<Self> {
        let is_free = !MODELLED && !is_any_simulated();
        is_free.then(|| Self(CONTEXT.with(ThreadContext::random)))
    }

    /// Lemire's reduction; what is left over is as random, and less: the product of all bounds over 2^64 is the bias.
    #[expect(clippy::cast_possible_truncation, reason = "the halves of the product")]
    #[inline]
    pub(crate) fn below(&mut self, bound: u32) -> u32 {
        let product = u128::from(self.0) * u128::from(bound);
        self.0 = product as u64;
        (product >> 64) as u32 // (below `bound`)
    }
}

/// Seeds the choices that this thread makes by chance, and lets [`limit_turns`] be called, until the guard is
/// dropped.
pub fn enter_dice(seed: u64) -> DiceGuard {
    CONTEXT.with(|cx| DiceGuard {
        random: cx.random.replace(seed | 1),
        full: cx.full.get(),
    })
}

/// Ends what [`enter_dice`] began.
#[derive(Debug)]
pub struct DiceGuard {
    random: u64,
    full: u32,
}

impl Drop for DiceGuard {
    fn drop(&mut self) {
        CONTEXT.with(|cx| {
            cx.random.set(self.random);
            cx.full.set(self.full);
        });
    }
}

/// How many operations the turns to come on this thread may do; 128 unless something is said. A turn that may
/// do none yields at its first operation.
pub fn limit_turns(operations: u32) {
    CONTEXT.with(|cx| cx.full.set(operations.min(BUDGET)));
}

#[cfg(csp_shuttle)]
fn seed(_salt: usize) -> u64 {
    u64::from(crate::sync::shuttled::below(u32::MAX)) | 1
}

#[cfg(not(csp_shuttle))]
#[cold]
fn seed(salt: usize) -> u64 {
    use std::hash::{BuildHasher, RandomState};
    RandomState::new().hash_one(salt) | 1
}

/// Makes `hooks` those of this thread until the guard is dropped.
///
/// # Safety
/// `hooks` must live until the guard is dropped, and guards are dropped in the reverse order of their
/// making.
pub unsafe fn enter_hooks(hooks: NonNull<dyn Hooks>) -> HooksGuard {
    HooksGuard(CONTEXT.with(|cx| cx.hooks.replace(Some(hooks))))
}

/// Sets the hooks that were before.
#[derive(Debug)]
pub struct HooksGuard(Option<NonNull<dyn Hooks>>);

impl Drop for HooksGuard {
    fn drop(&mut self) {
        CONTEXT.with(|cx| cx.hooks.set(self.0));
    }
}

/// The thread is about to block, on anything: its worker's queue is handed to a spare thread, if it
/// is a worker at all.
pub fn begin_blocking() {
    if let Some(hooks) = CONTEXT.with(|cx| cx.hooks.get()) {
        // SAFETY: whoever entered the hooks keeps them alive until its guard is dropped, on this
        // thread, which is here now.
        unsafe { hooks.as_ref() }.begin_blocking();
    }
}
