//! The executors that there are, and what a dump sees of them.

use std::time::{Duration, Instant};

use csp_core::{
    Home,
    inspect::{self, Stamp, Survey},
};

use super::{
    dump::{Executor, Timer},
    environment,
};
use crate::{
    local::LocalShared,
    runtime::Shared,
    sim::World,
    sync::{
        Arc, OnceLock, Weak,
        plain::{self, Guard},
    },
    time::Ticks,
};

/// A [`Runtime`](crate::Runtime), a [`Local`](crate::Local) or a simulation, as long as it is there.
pub(crate) enum Known {
    Runtime(Weak<Shared>),
    Local(Weak<LocalShared>),
    Sim(Weak<World>),
}

/// Taken alone.
static KNOWN: plain::Mutex<Vec<Known>> = plain::Mutex::new(Vec::new());

/// An executor has been made.
pub(crate) fn enter(executor: Known) {
    inspect::set_clock(stamp);
    let mut known = lock();
    if known.len() == known.capacity() {
        // About to grow: so this is done seldom.
        known.retain(Known::is_there);
    }
    known.push(executor);
    drop(known);
    environment::look();
}

fn lock() -> Guard<'static, Vec<Known>> {
    plain::lock(&KNOWN)
}

impl Known {
    fn is_there(&self) -> bool {
        match self {
            Self::Runtime(shared) => shared.strong_count() > 0,
            Self::Local(shared) => shared.strong_count() > 0,
            Self::Sim(world) => world.strong_count() > 0,
        }
    }

    fn keep(&self) -> Option<Kept> {
        match self {
            Self::Runtime(shared) => shared.upgrade().map(Kept::Runtime),
            Self::Local(shared) => shared.upgrade().map(Kept::Local),
            Self::Sim(world) => world.upgrade().map(Kept::Sim),
        }
    }
}

/// An executor that is kept for the time of a dump.
enum Kept {
    Runtime(Arc<Shared>),
    Local(Arc<LocalShared>),
    Sim(Arc<World>),
}

impl Kept {
    fn ticks(&self) -> &Ticks {
        match self {
            Self::Runtime(shared) => &shared.ticks,
            Self::Local(shared) => &shared.ticks,
            Self::Sim(world) => &world.ticks,
        }
    }

    /// Each home, and whether what lives there is blocking work.
    fn homes(&self) -> Vec<(&Home, bool)> {
        match self {
            Self::Runtime(shared) => shared.homes_for_dump().collect(),
            Self::Local(shared) => vec![(shared.home(), false)],
            Self::Sim(world) => vec![(world.home(), false)],
        }
    }

    fn describe(&self) -> Executor {
        match self {
            Self::Runtime(shared) => Executor {
                name: shared.config.name.clone(),
                is_local: false,
                is_virtual: false,
                workers: shared.remotes.len(),
                asleep: shared.idle.asleep(),
                live: shared.live(),
            },
            Self::Local(shared) => Executor {
                name: "local".to_owned(),
                is_local: true,
                is_virtual: shared.ticks.clock().is_virtual(),
                workers: 1,
                asleep: 0,
                live: shared.home().len(),
            },
            Self::Sim(world) => Executor {
                name: "simulation".to_owned(),
                is_local: false,
                is_virtual: true,
                workers: 1,
                asleep: 0,
                live: world.home().len(),
            },
        }
    }
}

/// Looks at all executors: what they are, their blocks, their timers.
pub(super) fn look(survey: &mut Survey) -> (Vec<Executor>, Vec<Timer>) {
    // Dropped at the end, without the lock: the last of a runtime may go with it.
    let kept: Vec<Kept> = lock().iter().filter_map(Known::keep).collect();
    let (mut executors, mut timers) = (Vec::new(), Vec::new());
    for (index, executor) in kept.iter().enumerate() {
        executors.push(executor.describe());
        let ticks = executor.ticks();
        let now = ticks.stamp();
        for (home, threads) in executor.homes() {
            survey.add(home, index, now, threads);
        }
        let first = timers.len();
        ticks.look(|channel, due| {
            timers.push(Timer {
                channel,
                due,
                waiters: None,
                executor: index,
            });
        });
        timers[first..].sort_by_key(|timer| timer.due.unwrap_or(Duration::MAX));
    }
    (executors, timers)
}

/// The time on this thread, by the clock of the executor that was entered.
fn stamp() -> Stamp {
    crate::current::try_ticks(Ticks::stamp).unwrap_or_else(|| real_stamp(Instant::now()))
}

/// By the system's clock. All executors count from the same origin.
pub(crate) fn real_stamp(now: Instant) -> Stamp {
    static ORIGIN: OnceLock<Instant> = OnceLock::new();
    let origin = *ORIGIN.get_or_init(|| now);
    Stamp::new(now.saturating_duration_since(origin), false)
}

/// By a virtual clock.
pub(crate) fn virtual_stamp(since_origin: Duration) -> Stamp {
    Stamp::new(since_origin, true)
}
