//! What to explore, and for how long.

use std::time::Duration;

use super::{explore, report::Report, state::Rules};

/// How many schedules are run if nothing else is said.
const SCHEDULES: u64 = 1000;
const STEPS: u64 = 100_000;

/// How an exploration goes through the schedules of a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Plan {
    Random,
    Pct { depth: u32 },
    Exhaustive { is_reduced: bool },
}

/// Describes an exploration: [`explore`](super::explore()) with options.
///
/// ```
/// use csp::{prelude::*, sim::Sim};
/// let report = Sim::random(7).schedules(200).run(|| {
///     let (tx, rx) = chan(0);
///     go!({ put!(tx, 1).ok(); });
///     assert_eq!(rx.take_blocking(), Some(1));
/// });
/// assert!(report.failure.is_none());
/// assert_eq!(report.schedules, 200);
/// ```
///
/// `CSP_SIM_SCHEDULES`, `CSP_SIM_SECONDS` and `CSP_SIM_SEED` override what is said here.
#[derive(Debug, Clone)]
#[must_use = "a description explores nothing until `run` or `explore`"]
pub struct Sim {
    pub(crate) seed: u64,
    pub(crate) plan: Plan,
    pub(crate) preemptions: Option<u32>,
    pub(crate) schedules: Option<u64>,
    pub(crate) time: Option<Duration>,
    pub(crate) replay: Option<String>,
    pub(crate) progress: bool,
    pub(crate) rules: Rules,
}

impl Sim {
    /// Every choice at random, each schedule by a seed of its own: the first by this one, the others by seeds made of it.
    pub fn random(seed: u64) -> Self {
        Self {
            seed,
            plan: Plan::Random,
            preemptions: None,
            schedules: None,
            time: None,
            replay: None,
            progress: true,
            rules: Rules {
                steps: STEPS,
                allow_leaks: false,
                allow_panics: false,
                racing_time: false,
                trace: false,
            },
        }
    }

    /// Probabilistic concurrency testing: blocks have random priorities, and at `depth - 1` random steps the one that
    /// runs gets the lowest. Finds a bug that needs `depth` orderings with a probability that can be computed (Burckhardt
    /// et al., 2010).
    ///
    /// # Panics
    /// If `depth` is zero.
    #[track_caller]
    pub fn pct(mut self, depth: u32) -> Self {
        assert!(
            depth > 0,
            "PCT of depth 0 makes no sense: give it 1 or more"
        );
        self.plan = Plan::Pct { depth };
        self
    }

    /// All schedules, depth first, but for those that differ from another only in the order of steps that have nothing to do
    /// with each other.
    pub fn exhaustive(mut self) -> Self {
        self.plan = Plan::Exhaustive { is_reduced: true };
        self
    }

    /// Really all schedules, also those that make no difference: what [`exhaustive`](Self::exhaustive) has to agree with.
    #[doc(hidden)]
    pub fn unreduced(mut self) -> Self {
        self.plan = Plan::Exhaustive { is_reduced: false };
        self
    }

    /// Only schedules in which at most `most` times a block or thread that could go on is broken into. Most bugs need one
    /// or two (Musuvathi and Qadeer, 2007).
    pub fn preemptions(mut self, most: u32) -> Self {
        self.preemptions = Some(most);
        self
    }

    /// At most this many schedules: 1000 if neither this nor [`seconds`](Self::seconds) is said, or no limit where all are
    /// explored.
    pub fn schedules(mut self, most: u64) -> Self {
        self.schedules = Some(most);
        self
    }

    /// At most for this long.
    pub fn seconds(mut self, time: Duration) -> Self {
        self.time = Some(time);
        self
    }

    /// The most steps of one execution: 100,000 if nothing is said. One that takes more fails.
    pub fn steps(mut self, most: u64) -> Self {
        self.rules.steps = most;
        self
    }

    /// Blocks that are parked for ever when the main closure has ended are no failure.
    pub fn allow_leaks(mut self) -> Self {
        self.rules.allow_leaks = true;
        self
    }

    /// Panics of blocks and threads, and failures of promises that nobody looked at, are no failure. One of the main closure
    /// always is.
    pub fn allow_panics(mut self) -> Self {
        self.rules.allow_panics = true;
        self
    }

    /// Time may pass at any moment, and not only when nothing else can go on: a timeout can come first though its time
    /// is long, as on a machine that is slow.
    pub fn racing_time(mut self) -> Self {
        self.rules.racing_time = true;
        self
    }

    /// Whether a line on stderr tells each second how far it is, and a replay the steps: yes, if nothing is said.
    pub fn progress(mut self, progress: bool) -> Self {
        self.progress = progress;
        self
    }

    /// Runs just the schedule that [`Failure::replay`](super::Failure::replay) gave, of the same program.
    pub fn replay(mut self, replay: impl Into<String>) -> Self {
        self.replay = Some(replay.into());
        self
    }

    /// Runs the program, again and again, until a schedule fails or enough were run.
    ///
    /// # Panics
    /// In a simulation; and if a variable `CSP_SIM_…` or a replay string makes no sense.
    pub fn run(self, program: impl Fn()) -> Report {
        explore::run(self, &program)
    }

    /// As [`run`](Self::run); panics with the whole report if a schedule fails.
    ///
    /// # Panics
    /// If a schedule fails, and as [`run`](Self::run).
    #[track_caller]
    pub fn explore(self, program: impl Fn()) {
        let report = self.run(program);
        assert!(report.failure.is_none(), "{report}");
    }

    /// The limit on schedules, if there is one.
    pub(crate) fn most(&self) -> Option<u64> {
        let unlimited = self.time.is_some() || matches!(self.plan, Plan::Exhaustive { .. });
        self.schedules.or((!unlimited).then_some(SCHEDULES))
    }
}
