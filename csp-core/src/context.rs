//! What a thread knows of the turn it runs: the budget of operations, the random source of alts,
//! and the executor's hooks for blocking.
//!
//! csp-core has no threads of its own; an executor tells each of its threads what it needs with
//! [`enter_hooks`].

use std::{cell::Cell, ptr::NonNull};

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

struct ThreadContext {
    budget: Cell<u32>,
    random: Cell<u64>,
    hooks: Cell<Option<NonNull<dyn Hooks>>>,
}

impl ThreadContext {
    const fn new() -> Self {
        Self {
            budget: Cell::new(NO_LIMIT),
            random: Cell::new(0),
            hooks: Cell::new(None),
        }
    }
}

#[cfg(not(csp_loom))]
std::thread_local! {
    static CONTEXT: ThreadContext = const { ThreadContext::new() };
}
#[cfg(csp_loom)]
loom::thread_local! {
    static CONTEXT: ThreadContext = ThreadContext::new();
}

/// Restores the budget that was before: turns nest where a block blocks on another executor.
pub(crate) struct TurnGuard(u32);

#[inline]
pub(crate) fn begin_turn() -> TurnGuard {
    TurnGuard(CONTEXT.with(|cx| cx.budget.replace(BUDGET)))
}

/// Lifts the limit while a thread blocks inside a turn: nothing would refill the budget there.
pub(crate) fn lift_budget() -> TurnGuard {
    TurnGuard(CONTEXT.with(|cx| cx.budget.replace(NO_LIMIT)))
}

/// Runs `f` without the limit on operations in one turn: for a turn that has its thread to itself.
pub fn unlimited<R>(f: impl FnOnce() -> R) -> R {
    let _budget = lift_budget();
    f()
}

impl Drop for TurnGuard {
    #[inline]
    fn drop(&mut self) {
        CONTEXT.with(|cx| cx.budget.set(self.0));
    }
}

/// Spends one operation. False: the turn's budget is used up, the block should yield.
#[inline]
pub(crate) fn spend() -> bool {
    CONTEXT.with(|cx| match cx.budget.get() {
        NO_LIMIT => true,
        0 => false,
        left => {
            cx.budget.set(left - 1);
            true
        }
    })
}

/// A number below `bound`, uniform enough for a choice among ready arms.
#[inline]
pub(crate) fn random_below(bound: u32) -> u32 {
    if cfg!(csp_loom) {
        // Models explore schedules, not dice.
        return 0;
    }
    let random = CONTEXT.with(|cx| {
        let mut x = cx.random.get();
        if x == 0 {
            x = seed(std::ptr::from_ref(cx).addr());
        }
        // xorshift64*
        x ^= x >> 12;
        x ^= x << 25;
        x ^= x >> 27;
        cx.random.set(x);
        x.wrapping_mul(0x2545_F491_4F6C_DD1D)
    });
    // Lemire's reduction; the bias is below bound / 2^32.
    (((random >> 32) * u64::from(bound)) >> 32) as u32
}

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
