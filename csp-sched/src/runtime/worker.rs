//! A worker: where it looks for the next task, and how it waits.
//!
//! # The order of looking
//! 1. Every 61st turn, or sooner where turns are long: the injector and the clock, so that neither
//!    starves.
//! 2. The hand-off slot, at most 16 times in a row: a pair that wakes each other shares the worker.
//! 3. Its own deque, first come first served.
//! 4. The injector. 5. Half of another worker's deque, from a random victim on.
//! 6. The hand-off slot of a worker that has been in one turn since the last look.
//!
//! # Blocking
//! A block that is about to block its thread gives the worker's [`Core`] to another thread of the pool.
//! The old thread finishes the turn without a core, and then serves the pool.

use std::{
    any::Any,
    cell::{Cell, RefCell},
    ptr::NonNull,
};

use crossbeam_deque::Steal;
use csp_core::{BlockSite, Task, context};

use super::{
    core::{Core, HANDOFF_STREAK, LONG_TURN, RARELY},
    pool::Job,
    shared::Shared,
};
use crate::{
    go::Allowed,
    sync::{Arc, atomic::Ordering, local, now},
};

/// How a turn begins.
enum Begun {
    /// With what is near by, if anything is.
    Next(Option<Task>),
    /// The far queues and the clock are due for a look.
    Check,
}

/// A worker thread's own state, on its stack while it works.
struct Context {
    shared: Arc<Shared>,
    core: RefCell<Option<Box<Core>>>,
    /// The block whose turn it is.
    site: Cell<Option<BlockSite>>,
}

local! {
    static WORKER: Cell<Option<NonNull<Context>>> = Cell::new(None);
}

/// Gives the worker context of this thread to `f`, if the thread works for `shared`.
#[inline]
fn here<R>(shared: &Shared, f: impl FnOnce(&Context) -> R) -> Option<R> {
    let context = WORKER.try_with(Cell::get).ok().flatten()?;
    // SAFETY: `work` sets the pointer to a context on its stack, and clears it before that goes.
    let context = unsafe { context.as_ref() };
    std::ptr::eq(&raw const *context.shared, shared).then(|| f(context))
}

/// The index of the worker that this thread is, if it is one of `shared`.
pub(super) fn index_in(shared: &Shared) -> Option<usize> {
    here(shared, |context| {
        context.core.borrow().as_ref().map(|core| core.index)
    })
    .flatten()
}

/// Makes a task the next to run on this worker. Gives it back on any other thread.
#[inline]
pub(super) fn post_here(shared: &Shared, task: Task) -> Option<Task> {
    with_core(shared, task, |core, task| {
        if core.chaos.is_none() {
            core.hand_off(shared, task);
        } else {
            core.post_by_chance(shared, task);
        }
    })
}

/// Puts a task behind the others of this worker. Gives it back on any other thread.
pub(super) fn post_last_here(shared: &Shared, task: Task) -> Option<Task> {
    with_core(shared, task, |core, task| {
        core.push_last(shared, task);
        // Most likely it used up its budget: turns are long, and the clock is due for a look.
        core.check_in = 1;
    })
}

#[inline]
fn with_core(shared: &Shared, task: Task, f: impl FnOnce(&mut Core, Task)) -> Option<Task> {
    let mut task = Some(task);
    here(shared, |context| {
        if let Some(core) = context.core.borrow_mut().as_mut() {
            f(core, task.take().expect("it is given once"));
        }
    });
    task
}

/// Works with `core` until the runtime is over, or the core went to another thread.
pub(super) fn work(shared: &Arc<Shared>, core: Box<Core>) {
    let context = Context {
        shared: Arc::clone(shared),
        core: RefCell::new(Some(core)),
        site: Cell::new(None),
    };
    let _held = shared.config.on_worker.as_ref().and_then(Held::make);
    let _here = Here::enter(&context);
    let hooks: NonNull<dyn context::Hooks> = NonNull::from(&context);
    let _dice = context.enter_chaos();
    // SAFETY: the context outlives the guard: it is declared before it.
    let _hooks = unsafe { context::enter_hooks(hooks) };
    context.run();
}

/// What the user's hook has a worker hold. A panic of the user's must not cost the thread, neither
/// here nor at the drop.
struct Held(Option<Box<dyn Any>>);

impl Held {
    fn make(hook: &crate::builder::Hook) -> Option<Self> {
        let held = crate::catch("the on_worker hook", || hook())?;
        Some(Self(Some(held)))
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let held = self.0.take();
        crate::catch("the drop of what the on_worker hook made", || drop(held));
    }
}

/// Makes this thread known as a worker, for its time.
struct Here;

impl Here {
    fn enter(context: &Context) -> Self {
        WORKER.with(|worker| worker.set(Some(NonNull::from(context))));
        Self
    }
}

impl Drop for Here {
    fn drop(&mut self) {
        WORKER.with(|worker| worker.set(None));
    }
}

impl Context {
    /// What chaos changes of the thread's own, until the guard is dropped.
    fn enter_chaos(&self) -> Option<context::DiceGuard> {
        let mut core = self.core.borrow_mut();
        let chaos = core.as_mut()?.chaos.as_mut()?;
        Some(context::enter_dice(chaos.number()))
    }

    fn run(&self) {
        while let Some(task) = self.next() {
            if cfg!(debug_assertions) {
                self.site.set(Some(task.site()));
            }
            // No borrow of the core is held here: the turn posts tasks, and may give the core away.
            task.run();
        }
    }

    /// The next task. `None`: the core is gone, or the runtime is over.
    fn next(&self) -> Option<Task> {
        let mut searching = false;
        let task = self.find(&mut searching);
        // However the search ended: a searcher that is counted for ever keeps all wake-ups away.
        if searching {
            self.shared.idle.end_search();
        }
        task
    }

    /// As `next`; leaves it to the caller to stop searching.
    fn find(&self, searching: &mut bool) -> Option<Task> {
        loop {
            let task = match self.begin_turn()? {
                Begun::Next(task) => task,
                Begun::Check => {
                    // (What the clock wakes may be a waker that blocks, and costs us the core.)
                    let check = self.check();
                    if check && self.retire(searching)? {
                        continue;
                    }
                    self.own_work(check)
                }
            };
            if task.is_some() {
                return task;
            }
            *searching = *searching || self.shared.idle.start_search();
            if *searching && let Some(task) = self.steal() {
                return Some(task);
            }
            if self.shared.expire() {
                continue;
            }
            if self.shared.is_over() {
                self.shared.ticks.end();
                return None;
            }
            if *searching && self.lingers()? {
                continue;
            }
            if self.doze(searching)? {
                continue;
            }
            // Afterwards it searches if it was woken for work.
            *searching = self.sleep(*searching)?;
        }
    }

    /// Counts the turn, and looks for work near by. `None` if the core is gone.
    #[inline]
    fn begin_turn(&self) -> Option<Begun> {
        let mut core = self.core.borrow_mut();
        let core = core.as_mut()?;
        let remote = &self.shared.remotes[core.index];
        core.turn = core.turn.wrapping_add(1);
        // Ordering: a progress mark, compared only with itself.
        remote.turns.store(core.turn, Ordering::Relaxed);
        core.check_in -= 1;
        Some(if core.check_in == 0 {
            Begun::Check
        } else {
            Begun::Next(core.own_task(remote))
        })
    }

    /// Looks at the clock, and is to look at the injector. False: chance is against it. (Under chaos every
    /// turn begins with a check, so that the others need not ask.)
    fn check(&self) -> bool {
        if let Some(core) = self.core.borrow_mut().as_mut()
            && let Some(chaos) = &mut core.chaos
        {
            core.check_in = 1;
            if chaos.prefers_deque() {
                core.streak = HANDOFF_STREAK;
            }
            if !chaos.begin_turn() {
                return false;
            }
        }
        self.look_at_clock();
        true
    }

    /// Ends the timeouts that are due.
    fn look_at_clock(&self) {
        let now = now();
        if let Some(core) = self.core.borrow_mut().as_mut() {
            core.look(&self.shared, now);
        }
        // Without a borrow of the core: this wakes.
        self.shared.ticks.expire(now);
    }

    /// Work that needs no search: steps 1 to 3.
    #[inline]
    fn own_work(&self, check: bool) -> Option<Task> {
        let mut core = self.core.borrow_mut();
        let core = core.as_mut()?;
        if check && let Steal::Success(task) = self.shared.injector.steal() {
            core.fed_from_outside = true;
            return Some(task);
        }
        core.own_task(&self.shared.remotes[core.index])
    }

    /// Work of others: steps 4 to 6.
    fn steal(&self) -> Option<Task> {
        let mut core = self.core.borrow_mut();
        let core = core.as_mut()?;
        let Shared {
            remotes, injector, ..
        } = &*self.shared;
        loop {
            let others_first = core
                .chaos
                .as_mut()
                .is_some_and(|chaos| chaos.prefers_others());
            core.fed_from_outside |= !injector.is_empty();
            let found = if others_first {
                core.steal_from_others(remotes)
                    .or_else(|| injector.steal_batch_and_pop(&core.deque))
            } else {
                injector
                    .steal_batch_and_pop(&core.deque)
                    .or_else(|| core.steal_from_others(remotes))
            };
            match found {
                Steal::Success(task) => {
                    core.steals += 1;
                    return Some(core.shuffled(task));
                }
                Steal::Retry => {}
                Steal::Empty => return core.rescue(remotes),
            }
        }
    }

    /// Gives its tasks to the others, and rests, if it has been in their way. `None`: the core is gone.
    fn retire(&self, searching: &mut bool) -> Option<bool> {
        let shared = &*self.shared;
        let mut core = self.core.borrow_mut();
        let core = core.as_mut()?;
        let Some(length) = core.rest.retirement() else {
            return Some(false);
        };
        Some(core.take_rest(shared, searching, length, |core| {
            let handed_off = shared.remotes[core.index].handoff.take();
            for task in std::iter::from_fn(|| core.deque.pop()).chain(handed_off) {
                shared.injector.push(task);
            }
            shared.idle.notify();
            false
        }))
    }

    /// Looks a while longer for work from outside, if it came from there before: who makes some for one who
    /// searches has nobody to wake. (A thread, a block and a thread in a row: 545 ns a message, 1,490 without.)
    fn lingers(&self) -> Option<bool> {
        let mut core = self.core.borrow_mut();
        let core = core.as_mut()?;
        let fed = std::mem::take(&mut core.fed_from_outside);
        let shared = &*self.shared;
        let may = fed && core.chaos.is_none() && !shared.is_shutting_down();
        Some(may && context::linger(|| !shared.injector.is_empty()))
    }

    /// Rests in place of a sleep, if it was woken for little.
    fn doze(&self, searching: &mut bool) -> Option<bool> {
        let shared = &*self.shared;
        let mut core = self.core.borrow_mut();
        let core = core.as_mut()?;
        // (Chance is to decide who sleeps; and towards the end sleeps are short anyway.)
        if core.chaos.is_some() || shared.is_shutting_down() {
            return Some(false);
        }
        core.see_others(shared);
        let Some(length) = core.rest.doze() else {
            return Some(false);
        };
        Some(core.take_rest(shared, searching, length, |_| {
            // What was left to us as a searcher is for a sleeper, if there is one.
            if shared.has_work() {
                shared.idle.notify();
            }
            !shared.injector.is_empty()
        }))
    }

    /// Sleeps until there may be work or a deadline is due. `Some(true)`: we search now.
    fn sleep(&self, searching: bool) -> Option<bool> {
        let shared = &*self.shared;
        // Out of reach meanwhile: should a look for a deadlock, which is had in our sleep, wake a task (it may be
        // the last to drop an executor), that is for those who are awake.
        let mut core = self.core.borrow_mut().take()?;
        let (index, patience) = (core.index, core.patience);
        core.patience = (patience * 2).min(RARELY);
        core.see_others(shared);
        // (A copy, for closures that may not change the core; the core's goes on from another number.)
        let chaos = RefCell::new(core.chaos.as_mut().map(|chaos| chaos.split()));
        let pause = || {
            if let Some(chaos) = &mut *chaos.borrow_mut() {
                chaos.maybe_pause();
            }
        };
        let has_work = || {
            pause();
            shared.has_work()
        };
        let limit = || {
            pause();
            shared.is_shutting_down().then_some(LONG_TURN)
        };
        let deadline = || shared.ticks.next_deadline();
        pause();
        let searches = shared
            .idle
            .sleep(index, searching, has_work, deadline, patience, limit);
        pause();
        core.get_up();
        self.core.replace(Some(core));
        Some(searches)
    }
}

impl context::Hooks for Context {
    fn begin_blocking(&self) {
        let Some(core) = self.core.borrow_mut().take() else {
            return;
        };
        if let Some(next) = self.shared.remotes[core.index].handoff.take() {
            core.deque.push(next);
        }
        if cfg!(debug_assertions)
            && !Allowed::is_here()
            && let Some(site) = self.site.get()
        {
            crate::report_blocking(&site);
        }
        if let Err(error) = self.shared.pool.run(&self.shared, Job::Worker(core)) {
            crate::report(format_args!(
                "cannot start a thread to take over from a blocked worker: {error}"
            ));
        }
    }
}
