//! What a thread knows of the turn it runs: the block, the budget of operations, the random source of
//! alts, and the executor's hooks for blocking.
//!
//! csp-core has no threads of its own; an executor tells each of its threads what it needs with
//! [`enter_hooks`], or, if it is a [simulation](Simulate), with [`enter_simulation`].

use std::{
    cell::Cell,
    fmt,
    panic::Location,
    ptr::NonNull,
    time::{Duration, Instant},
};

use crate::{
    outsider,
    site::{Op, ParkSite, Place},
    sync::{
        in_step, local,
        plain::{
            OnceLock,
            atomic::{AtomicUsize, Ordering},
        },
    },
    task::Header,
};

/// What a worker thread does around a blocking operation.
pub trait Hooks {
    /// The thread is about to block: hand its work to another.
    fn begin_blocking(&self);
}

/// What an operation touches. Two steps that touch nothing in common can be exchanged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Object {
    /// The channel with this number.
    Channel(u32),
    /// How many handles the channel with this number has: which of two that are dropped is the last, and closes it,
    /// is up to their order. (A clone makes no difference to that.)
    Ends(u32),
    /// The outcome of the block with this number.
    Block(u64),
    /// Whether the block with this number goes on: what cancels it touches that, and so does each of its steps.
    Life(u64),
    /// What stands at this address: a promise, say.
    At(usize),
}

/// An executor that decides everything that is left to chance elsewhere: who goes on at each operation, which
/// ready arm an alts chooses, and who wakes from blocking.
pub trait Simulate {
    /// This thread is about to do a visible operation on these objects. If `may_yield`, the answer
    /// may be `false`: the operation is not done now, and the block, which has been woken again, yields. Else
    /// others are let go on before this returns.
    fn step(&self, objects: &[Object], may_yield: bool) -> bool;

    /// The step under way touches one more object.
    fn touch(&self, object: Object);

    /// A number below `bound`, which is above 1.
    fn choose(&self, bound: u32) -> u32;

    /// The object, for people: where it was made, say, or what it was named.
    fn describe(&self, object: Object, what: &dyn fmt::Display);

    /// What time it is.
    fn now(&self) -> Instant;

    /// The object is no more: what comes to stand at its address is another.
    fn forget(&self, object: Object);

    /// Something went wrong that nobody may come to see: a block panicked, a failure was not looked at.
    fn complain(&self, what: &str);

    /// Lets others go on until `unparked`, at most for `limit`. False: the time was over.
    ///
    /// If `may_unwind`, it may panic with [`Ended`] instead, since the simulation is over.
    fn park(&self, unparked: &dyn Fn() -> bool, limit: Option<Duration>, may_unwind: bool) -> bool;
}

/// What a simulation unwinds a thread with that would wait for ever. No failure: nobody is told of it.
#[derive(Debug)]
pub struct Ended;

/// Operations a block may do in one turn before it must let others run (an operation that always
/// succeeds would never yield otherwise). As in tokio.
const BUDGET: u32 = 128;
/// Outside a turn of ours nothing is counted.
const NO_LIMIT: u32 = u32::MAX;
/// A simulation is asked before each operation.
const SIMULATED: u32 = u32::MAX - 1;
/// As above, where nobody can yield.
const SIMULATED_HERE: u32 = u32::MAX - 2;

/// How many threads are in a simulation now: elsewhere nothing else is looked at.
static SIMULATED_THREADS: AtomicUsize = AtomicUsize::new(0);

struct ThreadContext {
    budget: Cell<u32>,
    /// What a turn begins with.
    full: Cell<u32>,
    random: Cell<u64>,
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
    let block = CONTEXT.try_with(|cx| cx.block.get()).ok().flatten();
    // SAFETY: as in `current_block`.
    block.is_some_and(|block| unsafe { block.as_ref() }.is_cancelled())
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

/// This thread holds a lock: a simulation is to let nobody else go on.
fn is_at_once() -> bool {
    in_step() || CONTEXT.with(|cx| cx.at_once.get())
}

/// This thread may be about to block, in a call that stands here.
#[inline]
pub(crate) fn blocks_at(at: &'static Location<'static>) {
    if is_any_simulated() {
        CONTEXT.with(|cx| cx.place.set(Place::caller(Op::Park, at)));
    }
}

/// For a simulation: where the operation stands that it is asked about, as far as `take!`, `put!` and their kin
/// told. The answer is given once.
pub fn asked_at() -> Option<ParkSite> {
    CONTEXT
        .try_with(|cx| cx.place.replace(Place::nowhere()).park_site())
        .ok()
        .flatten()
}

/// An operation on the object that cannot yield is about to be done: a simulation may let others go on first.
#[inline]
pub fn visible(object: Object) {
    if is_any_simulated() {
        step_now(&[object]);
    }
}

/// As [`visible`], on several objects at once.
#[inline]
pub(crate) fn visible_all(tell: impl FnOnce(&mut Vec<Object>)) {
    if is_any_simulated() {
        let mut objects = Vec::new();
        tell(&mut objects);
        step_now(&objects);
    }
}

#[cold]
fn step_now(objects: &[Object]) {
    if is_at_once() {
        // Under a lock: others could not go on.
        objects.iter().copied().for_each(touch);
        return;
    }
    CONTEXT.with(|cx| cx.place.set(Place::nowhere()));
    if ask(|simulation| simulation.step(objects, false)).is_none() {
        outsider::meets(objects, None);
    }
}

/// Runs `f`, which is done under a lock, so that a simulation lets nobody else go on meanwhile. `f` does not wait.
#[inline]
pub fn at_once<R>(f: impl FnOnce() -> R) -> R {
    if !is_any_simulated() {
        return f();
    }
    let _restore = AtOnce(CONTEXT.with(|cx| cx.at_once.replace(true)));
    f()
}

/// Sets what was before.
struct AtOnce(bool);

impl Drop for AtOnce {
    fn drop(&mut self) {
        CONTEXT.with(|cx| cx.at_once.set(self.0));
    }
}

/// The operation under way touches one more object.
#[inline]
pub fn touch(object: Object) {
    if is_any_simulated() {
        ask(|simulation| simulation.touch(object));
    }
}

/// Tells a simulation what people may call the object.
#[inline]
pub fn describe(object: Object, what: &dyn fmt::Display) {
    if is_any_simulated() {
        ask(|simulation| simulation.describe(object, what));
    }
}

/// What time it is: in a simulation its own.
#[inline]
pub fn now() -> Instant {
    if is_any_simulated()
        && let Some(now) = ask(|simulation| simulation.now())
    {
        return now;
    }
    crate::sync::now()
}

/// The object is no more.
#[inline]
pub fn forget(object: Object) {
    if is_any_simulated() {
        ask(|simulation| simulation.forget(object));
    }
}

#[inline]
fn is_any_simulated() -> bool {
    // Ordering: a thread in a simulation has counted itself.
    SIMULATED_THREADS.load(Ordering::Relaxed) != 0
}

/// Asks this thread's simulation, if it is in one.
#[cold]
#[inline(never)]
fn ask<R>(question: impl FnOnce(&dyn Simulate) -> R) -> Option<R> {
    // (A thread whose locals are gone is in none.)
    let simulation = CONTEXT.try_with(|cx| cx.simulation.get()).ok().flatten()?;
    // SAFETY: whoever entered the simulation keeps it alive until its guard is dropped, on this thread, which is
    // here now.
    Some(question(unsafe { simulation.as_ref() }))
}

pub use crate::outsider::hear_outsiders;

/// Hears what is [complained](complain) of on threads of no simulation. True: it has noted it.
type Listener = fn(&str) -> bool;

static LISTENER: OnceLock<Listener> = OnceLock::new();

/// Has `listener` hear all complaints outside simulations. The first one stays.
pub fn hear_complaints(listener: Listener) {
    LISTENER.get_or_init(|| listener);
}

/// Tells the simulation that this thread is in, or the test, of something that nobody may come to see. False:
/// it is in none.
pub fn complain(what: &str) -> bool {
    if is_any_simulated() && ask(|simulation| simulation.complain(what)).is_some() {
        return true;
    }
    LISTENER.get().is_some_and(|hear| hear(what))
}

/// Parks as the simulation has it: see [`Simulate::park`]. `None`: the thread is in none, and parks by itself.
#[inline]
pub fn park(unparked: &dyn Fn() -> bool, limit: Option<Duration>) -> Option<bool> {
    if !is_any_simulated() {
        return None;
    }
    ask(|simulation| simulation.park(unparked, limit, true))
}

/// As [`park`], where the thread cannot go away before it is unparked. False: it is in no simulation.
pub fn park_through(unparked: &dyn Fn() -> bool) -> bool {
    is_any_simulated() && ask(|simulation| simulation.park(unparked, None, false)).is_some()
}

/// True on a thread of a simulation.
pub fn is_simulated() -> bool {
    is_any_simulated() && ask(|_| ()).is_some()
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

/// Makes this thread one of `simulation` until the guard is dropped: operations, choices and blocking are its
/// to decide.
///
/// # Safety
/// As for [`enter_hooks`].
pub unsafe fn enter_simulation(simulation: NonNull<dyn Simulate>) -> SimulationGuard {
    // Ordering: only this thread must see it.
    SIMULATED_THREADS.fetch_add(1, Ordering::Relaxed);
    CONTEXT.with(|cx| SimulationGuard {
        before: cx.simulation.replace(Some(simulation)),
        budget: cx.budget.replace(SIMULATED),
        full: cx.full.replace(SIMULATED),
    })
}

/// Ends what [`enter_simulation`] began.
#[derive(Debug)]
pub struct SimulationGuard {
    before: Option<NonNull<dyn Simulate>>,
    budget: u32,
    full: u32,
}

impl Drop for SimulationGuard {
    fn drop(&mut self) {
        CONTEXT.with(|cx| {
            cx.simulation.set(self.before);
            cx.budget.set(self.budget);
            cx.full.set(self.full);
        });
        // Ordering: as above.
        SIMULATED_THREADS.fetch_sub(1, Ordering::Relaxed);
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
