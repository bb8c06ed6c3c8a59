//! A line on stderr now and then, from a thread of its own; and a word if nothing moves.

use std::{
    fmt,
    time::{Duration, Instant},
};

use super::{options::Sim, world::World};
use crate::sync::{
    Arc, Condvar, Mutex,
    atomic::{AtomicBool, AtomicU64, Ordering},
    thread,
};

/// So long nothing may move before somebody is told.
const STUCK: Duration = Duration::from_secs(10);
const BEAT: Duration = Duration::from_secs(1);

struct Shared {
    schedules: AtomicU64,
    shrinks: AtomicBool,
    over: Mutex<bool>,
    changed: Condvar,
}

/// Ends its thread when dropped.
pub(super) struct Progress {
    shared: Arc<Shared>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Progress {
    pub(super) fn start(world: &Arc<World>, sim: &Sim) -> Self {
        let shared = Arc::new(Shared {
            schedules: AtomicU64::new(0),
            shrinks: AtomicBool::new(false),
            over: Mutex::new(false),
            changed: Condvar::new(),
        });
        let watch = Watch {
            shared: Arc::clone(&shared),
            world: Arc::clone(world),
            talks: sim.progress,
            budget: Budget(sim.most(), sim.time),
            started: Instant::now(),
        };
        // (Without it an exploration goes on as well.)
        let thread = thread::Builder::new()
            .name(String::from("csp-sim-progress"))
            .spawn(move || watch.run())
            .ok();
        Self { shared, thread }
    }

    pub(super) fn tell(&self, schedules: u64) {
        // Ordering: only a number.
        self.shared.schedules.store(schedules, Ordering::Relaxed);
    }

    /// A failure was found, and is made simpler from now on.
    pub(super) fn shrinks(&self) {
        // Ordering: only a word in a message.
        self.shared.shrinks.store(true, Ordering::Relaxed);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        *self.shared.over.lock() = true;
        self.shared.changed.notify_one();
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

struct Watch {
    shared: Arc<Shared>,
    world: Arc<World>,
    talks: bool,
    budget: Budget,
    started: Instant,
}

impl Watch {
    fn run(self) {
        let mut before = (0, 0);
        let mut since = Instant::now();
        let mut over = self.shared.over.lock();
        while !*over {
            let beat = Instant::now();
            over = self.shared.changed.wait(over, Some(BEAT));
            if *over || beat.elapsed() < BEAT {
                continue;
            }
            // Ordering: only a number.
            let schedules = self.shared.schedules.load(Ordering::Relaxed);
            if self.talks {
                self.say(schedules);
            }
            let (steps, entity) = self.world.where_it_is();
            if (schedules, steps) != before {
                before = (schedules, steps);
                since = Instant::now();
            } else if since.elapsed() > STUCK {
                since = Instant::now();
                crate::report(format_args!(
                    "the simulation stands still for {STUCK:?} in {entity}: it computes for long, or waits for \
                     something that is no operation of csp (a std lock that a suspended block holds, say)"
                ));
            }
        }
    }

    fn say(&self, schedules: u64) {
        let time = self.started.elapsed();
        let rate = schedules / time.as_secs().max(1);
        // Ordering: as in `shrinks`.
        if self.shared.shrinks.load(Ordering::Relaxed) {
            crate::report(format_args!(
                "simulation: schedule {schedules} fails; looking for a simpler one that does"
            ));
            return;
        }
        crate::report(format_args!(
            "simulation: {schedules} schedules in {time:.0?}, {rate} a second{}",
            self.budget
        ));
    }
}

struct Budget(Option<u64>, Option<Duration>);

impl fmt::Display for Budget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self(Some(most), None) => write!(f, ", of {most}"),
            Self(None, Some(time)) => write!(f, ", of {time:.0?}"),
            Self(Some(most), Some(time)) => write!(f, ", of {most} or {time:.0?}"),
            Self(None, None) => Ok(()),
        }
    }
}
