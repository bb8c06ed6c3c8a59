//! What a simulated program must not use: runtimes and threads that the simulation knows nothing of.
//!
//! They are told of, each by its name, instead of a deadlock that is none.

use std::{
    collections::HashSet,
    ffi::OsString,
    fmt::Display,
    time::{Duration, Instant},
};

use csp_core::{ParkSite, context, context::Object};

use super::{
    report::{Failure, FailureKind},
    seat,
    world::World,
};
use crate::{
    inspect::{Known, enter},
    sync::{
        Arc, Weak,
        plain::{self, Guard},
        thread,
    },
};

/// The worlds that there are. Taken before a world's own lock.
static WORLDS: plain::Mutex<Vec<Weak<World>>> = plain::Mutex::new(Vec::new());

fn worlds() -> Guard<'static, Vec<Weak<World>>> {
    plain::lock(&WORLDS)
}

/// Hears of threads that use what is of this world.
pub(super) fn watch(world: &Arc<World>) {
    context::hear_outsiders(hear);
    enter(Known::Sim(Arc::downgrade(world)));
    let mut worlds = worlds();
    worlds.retain(|world| world.strong_count() > 0);
    worlds.push(Arc::downgrade(world));
}

fn hear(object: Object, site: Option<ParkSite>) {
    let worlds: Vec<_> = worlds().iter().filter_map(Weak::upgrade).collect();
    let Some(world) = worlds.iter().find(|world| world.state.lock().knows(object)) else {
        // Of an exploration that is over.
        return;
    };
    let what = match site {
        Some(site) => format!(
            "used a channel of the exploration ({})",
            super::entity::At(&site)
        ),
        None => String::from("used a channel of the exploration"),
    };
    world.meets_thread(&what);
}

/// `the thread "worker 1"`
fn this_thread() -> String {
    match thread::current().name() {
        Some(name) => format!("the thread {name:?}"),
        None => format!("a thread without a name ({:?})", thread::current().id()),
    }
}

impl World {
    /// This thread is none of ours.
    pub(super) fn meets_thread(&self, what: &str) {
        let message = format!(
            "{} {what}, and the simulation knows nothing of that thread: start threads with `csp::thread`, \
             `csp::io_thread` or `csp::compute`",
            this_thread()
        );
        self.outsider.lock().get_or_insert_with(|| message.clone());
        self.state
            .lock()
            .fail(FailureKind::NotDeterministic, message);
    }

    /// What a thread did that is none of ours, in this execution or another.
    pub(super) fn outsider(&self) -> Option<String> {
        self.outsider.lock().clone()
    }
}

/// How long a thread that came up meanwhile is given to show what it is for.
const SHOWS: Duration = Duration::from_millis(100);

/// The threads of the process, by their numbers, where the system tells them.
pub(super) struct Census(HashSet<OsString>);

impl Census {
    pub(super) fn take() -> Self {
        let tasks = std::fs::read_dir("/proc/self/task");
        let entries = tasks.into_iter().flatten().flatten();
        Self(entries.map(|entry| entry.file_name()).collect())
    }

    /// How many there are now that were not there then. (Others may have ended.)
    fn newcomers(&self) -> usize {
        Self::take().0.difference(&self.0).count()
    }
}

impl World {
    /// Says of a failure that a thread outside has to do with it, if one has. The census is of before the exploration.
    pub(super) fn blame(&self, mut failure: Failure, before: &Census) -> Failure {
        let waits = matches!(failure.kind, FailureKind::Deadlock | FailureKind::Leak);
        if waits {
            // (And the one that tells of the progress.)
            let ours = self.threads.lock().len() + 1;
            let until = Instant::now() + SHOWS;
            // If others came up meanwhile, it may be for them that somebody waits.
            while self.outsider().is_none() && before.newcomers() > ours && Instant::now() < until {
                thread::sleep(Duration::from_millis(1));
            }
        }
        if let Some(outsider) = self.outsider() {
            if failure.message != outsider {
                failure.message = format!("{outsider}. So it was found: {}", failure.message);
            }
            failure.kind = FailureKind::NotDeterministic;
        }
        failure
    }
}

/// A simulated program is about to do `what` with an executor, which must be one of the simulation. True: it is told,
/// and the executor is not to be used.
pub(crate) fn refuses(kind: &str, name: &str, what: &dyn Display) -> bool {
    if !context::is_simulated() {
        return false;
    }
    let Some(world) = seat::world_here() else {
        return false;
    };
    let name = if name.is_empty() {
        String::new()
    } else {
        format!(" {name:?}")
    };
    world.state.lock().fail(
        FailureKind::NotDeterministic,
        format!(
            "{what} the {kind}{name}, which was made outside of the exploration: make it inside"
        ),
    );
    true
}
