//! Searches for a bug under the simulator.

use csp::sim::{Failure, FailureKind, Report, Sim};

use crate::programs::{Bug, Shows};

/// How the schedules are gone through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    Random,
    Pct(u32),
    All,
    /// All with so many preemptions at most.
    Within(u32),
}

impl Way {
    pub(crate) fn sim(self, seed: u64, most: u64) -> Sim {
        let sim = Sim::random(seed).schedules(most).progress(false);
        match self {
            Self::Random => sim,
            Self::Pct(depth) => sim.pct(depth),
            Self::All => sim.exhaustive(),
            Self::Within(preemptions) => sim.exhaustive().preemptions(preemptions),
        }
    }

    pub(crate) fn run(self, program: fn(), seed: u64, most: u64) -> Report {
        self.sim(seed, most).run(program)
    }
}

/// What the simulator has to call it.
pub(crate) fn kind(bug: &Bug) -> FailureKind {
    match bug.shows {
        Shows::Panic | Shows::WrongResult => FailureKind::Panic,
        Shows::Deadlock => FailureKind::Deadlock,
        Shows::Leak => FailureKind::Leak,
    }
}

/// Steps of a schedule, and how many of them broke into another's run.
pub(crate) fn size(failure: &Failure) -> (usize, usize) {
    let is_step = |line: &&String| !line.trim_start().starts_with("arm ");
    let steps = failure.schedule().iter().filter(is_step).count();
    let broken = |line: &&String| line.starts_with('▸');
    (steps, failure.schedule().iter().filter(broken).count())
}
