//! Which executor `go!` uses on this thread.

use std::{cell::RefCell, panic::Location, rc::Rc};

use csp_core::NewTask;

use crate::{
    local::LocalShared,
    runtime::{Runtime, Shared},
    sim::Realm,
    sync::{Arc, OnceLock, local},
    time::Ticks,
    workload::Workload,
};

/// An executor that blocks can be started on.
#[derive(Clone)]
pub(crate) enum Current {
    Runtime(Arc<Shared>),
    Local(Arc<LocalShared>),
    /// A runtime in a simulation.
    Sim(Arc<Realm>),
}

local! {
    static CURRENT: RefCell<Option<Rc<Current>>> = RefCell::new(None);
}

static DEFAULT: OnceLock<Arc<Shared>> = OnceLock::new();

/// The runtime that is there when none was entered. Starts at first use.
///
/// # Panics
/// If `CSP_WORKERS` makes no sense, or the system refuses a thread.
fn default_runtime() -> &'static Arc<Shared> {
    DEFAULT.get_or_init(Runtime::start_default)
}

/// Sets the executor that was current before, when dropped.
///
/// Made by [`Runtime::enter`]. It belongs to its thread, so it cannot be held across a park point of a
/// `Send` block.
#[must_use = "the runtime is left when the guard is dropped"]
pub struct Entered {
    // The Rc also binds the guard to its thread.
    before: Option<Rc<Current>>,
}

pub(crate) fn enter_runtime(shared: &Arc<Shared>) -> Entered {
    enter(Rc::new(Current::Runtime(Arc::clone(shared))))
}

/// As [`enter`], by the program, from where `at` says.
pub(crate) fn enter_at(current: Rc<Current>, at: &Location<'_>) -> Entered {
    if csp_core::context::is_simulated() {
        current.refuses(&format_args!("at {at} the program entered"));
    }
    enter(current)
}

pub(crate) fn enter(current: Rc<Current>) -> Entered {
    let before = CURRENT.with(|cell| cell.borrow_mut().replace(current));
    Entered { before }
}

impl Drop for Entered {
    fn drop(&mut self) {
        let before = self.before.take();
        // The thread's locals may be gone already: then nothing is to be restored.
        let inner = CURRENT.try_with(|cell| std::mem::replace(&mut *cell.borrow_mut(), before));
        drop(inner);
    }
}

impl std::fmt::Debug for Entered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Entered")
    }
}

/// Gives the ticks of the executor that was entered on this thread to `f`, if one was.
pub(crate) fn try_ticks<R>(f: impl FnOnce(&Ticks) -> R) -> Option<R> {
    CURRENT
        .try_with(|cell| match cell.try_borrow().as_deref() {
            Ok(Some(current)) => Some(f(current.ticks())),
            _ => None,
        })
        .ok()
        .flatten()
}

/// Gives the current executor to `f`: the one entered, or the default runtime.
///
/// `f` runs without the borrow: it may come to code of the user's (a block that is refused is dropped, a
/// `Local` calls its host), which may enter another runtime. The clone counts without atomics.
#[inline]
pub(crate) fn with_current<R>(f: impl FnOnce(&Current) -> R) -> R {
    match CURRENT.try_with(|cell| cell.borrow().clone()) {
        Ok(Some(current)) => f(&current),
        _ => f(&Current::Runtime(Arc::clone(default_runtime()))),
    }
}

/// As [`with_current`], but without starting the default runtime.
pub(crate) fn peek<R>(f: impl FnOnce(&Current) -> R) -> Option<R> {
    let current = CURRENT.try_with(|cell| cell.borrow().clone());
    current.ok().flatten().map(|current| f(&current))
}

impl Current {
    pub(crate) fn ticks(&self) -> &Ticks {
        match self {
            Self::Runtime(shared) => &shared.ticks,
            Self::Local(local) => &local.ticks,
            Self::Sim(realm) => &realm.world.ticks,
        }
    }

    /// The table of its ticks that timeouts of this thread go to.
    #[inline]
    pub(crate) fn table(&self) -> usize {
        match self {
            Self::Runtime(shared) => shared.table_here(),
            Self::Local(_) | Self::Sim(_) => 0,
        }
    }

    /// A deadline came up that is earlier than any before.
    pub(crate) fn earlier_deadline(&self) {
        match self {
            Self::Runtime(shared) => shared.idle.wake_timekeeper(),
            Self::Local(local) => local.wake(),
            // It is asked when nothing else can go on.
            Self::Sim(_) => {}
        }
    }

    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Runtime(shared) => &shared.config.name,
            Self::Local(_) => "local",
            Self::Sim(realm) => &realm.name,
        }
    }

    pub(crate) fn workers(&self) -> usize {
        match self {
            Self::Runtime(shared) => shared.remotes.len(),
            Self::Local(_) => 1,
            Self::Sim(realm) => realm.workers,
        }
    }

    /// True in a simulated program, if it is none of the simulation.
    pub(crate) fn refuses(&self, what: &dyn std::fmt::Display) -> bool {
        match self {
            Self::Runtime(shared) => crate::sim::refuses("runtime", &shared.config.name, what),
            Self::Local(local) => local.refuses(what),
            Self::Sim(_) => false,
        }
    }

    /// The runtime whose threads run blocking work: not that of a `Local`, which has none.
    fn beside(&self) -> Self {
        match self {
            Self::Local(local) => match &local.beside {
                Some(realm) => Self::Sim(Arc::clone(realm)),
                None => Self::Runtime(Arc::clone(default_runtime())),
            },
            other => other.clone(),
        }
    }
}

/// How many workers the current executor has: how many blocks can run at one time.
///
/// ```
/// assert!(csp::workers() >= 1);
/// ```
pub fn workers() -> usize {
    with_current(Current::workers)
}

/// Starts a block on the current executor, with the dynamic bindings of the caller.
///
/// No part of this depends on the block's type: every block in a program would have its own copy.
pub(crate) fn launch(task: NewTask) {
    with_current(|current| launch_on(current, task));
}

pub(crate) fn launch_on(executor: &Current, task: NewTask) {
    if is_refused(executor, &task) {
        return;
    }
    match executor {
        Current::Runtime(shared) => shared.launch(task),
        Current::Local(local) => local.launch(task),
        Current::Sim(realm) => realm.world.launch(realm.number, false, task),
    }
}

/// True if a simulated program starts the block on an executor that is none of the simulation.
#[inline]
fn is_refused(executor: &Current, task: &NewTask) -> bool {
    csp_core::context::is_simulated()
        && executor.refuses(&format_args!("the block of {} was started on", task.site()))
}

/// Starts a block that the caller's thread is going to wait for: not on that thread's own executor.
pub(crate) fn launch_beside(task: NewTask) {
    with_current(|current| launch_on(&current.beside(), task));
}

/// Starts a block whose first turn only parks.
pub(crate) fn launch_parked(executor: &Current, task: NewTask) {
    match executor {
        Current::Runtime(_) if is_refused(executor, &task) => {}
        Current::Runtime(shared) => shared.launch_parked(task),
        other => launch_on(other, task),
    }
}

/// Starts blocking work on the threads of the current runtime.
pub(crate) fn launch_blocking(workload: Workload, task: NewTask) {
    with_current(|current| match current.beside() {
        Current::Runtime(_) if is_refused(current, &task) => {}
        Current::Runtime(shared) => shared.launch_blocking(workload, task),
        Current::Sim(realm) => realm.world.launch(realm.number, true, task),
        Current::Local(_) => unreachable!("a Local has no threads"),
    });
}
