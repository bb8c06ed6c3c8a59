//! What a [simulation](Simulate) is told and asked by the operations of its threads.

use std::{
    fmt,
    panic::Location,
    ptr::NonNull,
    time::{Duration, Instant},
};

use super::{CONTEXT, SIMULATED};
use crate::{
    outsider,
    site::{Op, ParkSite, Place},
    sync::{
        lock::in_step,
        plain::{
            OnceLock,
            atomic::{AtomicUsize, Ordering},
        },
    },
};

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

/// How many threads are in a simulation now: elsewhere nothing else is looked at.
static SIMULATED_THREADS: AtomicUsize = AtomicUsize::new(0);

/// Makes this thread one of `simulation` until the guard is dropped: operations, choices and blocking are its
/// to decide.
///
/// # Safety
/// As for [`enter_hooks`](super::enter_hooks).
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

/// This thread holds a lock: a simulation is to let nobody else go on.
pub(super) fn is_at_once() -> bool {
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

/// As [`touch`], for all that `tell` names.
#[inline]
pub(crate) fn touch_all(tell: impl FnOnce(&mut Vec<Object>)) {
    if is_any_simulated() {
        let mut objects = Vec::new();
        tell(&mut objects);
        objects.into_iter().for_each(touch);
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
pub(crate) fn is_any_simulated() -> bool {
    // Ordering: a thread in a simulation has counted itself.
    SIMULATED_THREADS.load(Ordering::Relaxed) != 0
}

/// Asks this thread's simulation, if it is in one.
#[cold]
#[inline(never)]
pub(super) fn ask<R>(question: impl FnOnce(&dyn Simulate) -> R) -> Option<R> {
    // (A thread whose locals are gone is in none.)
    let simulation = CONTEXT.try_with(|cx| cx.simulation.get()).ok().flatten()?;
    // SAFETY: whoever entered the simulation keeps it alive until its guard is dropped, on this thread, which is
    // here now.
    Some(question(unsafe { simulation.as_ref() }))
}

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
