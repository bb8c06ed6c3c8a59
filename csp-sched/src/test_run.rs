//! What `#[csp::test]` calls.

use std::{convert::Infallible, fmt::Debug, panic::Location, process::ExitCode, time::Duration};

use crate::{
    runtime::Runtime,
    sim::Sim,
    testing::{Problem, run_on},
    workload::{Workload, thread_at},
};

/// How many schedules a test is run under, and for how long at most, if it does not say.
const SCHEDULES: u64 = 100;
const LIMIT: Duration = Duration::from_secs(2);
/// Where the seeds begin: a test that passes today passes tomorrow.
const SEED: u64 = 1;

/// The options in the attribute's parentheses.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "one for each word that a user may write"
)]
pub struct TestOptions {
    pub schedules: Option<u64>,
    pub seconds: Option<u64>,
    pub seed: Option<u64>,
    pub pct: Option<u32>,
    pub preemptions: Option<u32>,
    pub steps: Option<u64>,
    pub workers: Option<usize>,
    pub exhaustive: bool,
    pub racing_time: bool,
    pub allow_leaks: bool,
    pub allow_panics: bool,
}

impl TestOptions {
    /// Nothing is said.
    pub const NONE: Self = Self {
        schedules: None,
        seconds: None,
        seed: None,
        pct: None,
        preemptions: None,
        steps: None,
        workers: None,
        exhaustive: false,
        racing_time: false,
        allow_leaks: false,
        allow_panics: false,
    };

    fn sim(self) -> Sim {
        let mut sim = Sim::random(self.seed.unwrap_or(SEED));
        if let Some(depth) = self.pct {
            sim = sim.pct(depth);
        }
        if self.exhaustive {
            sim = sim.exhaustive();
        }
        if let Some(most) = self.preemptions {
            sim = sim.preemptions(most);
        }
        if let Some(most) = self.steps {
            sim = sim.steps(most);
        }
        if self.racing_time {
            sim = sim.racing_time();
        }
        if self.allow_leaks {
            sim = sim.allow_leaks();
        }
        if self.allow_panics {
            sim = sim.allow_panics();
        }
        match (self.schedules, self.seconds, self.exhaustive) {
            (None, None, true) => sim,
            (None, None, false) => sim.schedules(SCHEDULES).seconds(LIMIT),
            (Some(most), None, _) => sim.schedules(most),
            (None, Some(time), _) => sim.seconds(Duration::from_secs(time)),
            (Some(most), Some(time), _) => sim.schedules(most).seconds(Duration::from_secs(time)),
        }
    }
}

/// What a test may give: nothing, a `Result`, an `ExitCode`, or `!` (which the macro makes nothing of).
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "a test gives nothing, a `Result`, an `ExitCode` or `!`, and not `{Self}`",
    label = "the test gives `{Self}`"
)]
pub trait TestResult {
    /// Panics if it is an error.
    fn check(self);
}

impl TestResult for () {
    fn check(self) {}
}

impl TestResult for Infallible {
    fn check(self) {
        match self {}
    }
}

impl TestResult for ExitCode {
    #[track_caller]
    fn check(self) {
        assert!(self == Self::SUCCESS, "the test gave {self:?}");
    }
}

impl<T: TestResult, E: Debug> TestResult for Result<T, E> {
    #[track_caller]
    fn check(self) {
        match self {
            Ok(value) => value.check(),
            Err(error) => panic!("the test gave an error: {error:?}"),
        }
    }
}

/// Runs a test.
///
/// # Panics
/// If it fails.
#[doc(hidden)]
#[track_caller]
pub fn run_test<R: TestResult>(
    options: TestOptions,
    body: impl Fn() -> R + Copy + Send + Sync + 'static,
) {
    match options.workers {
        None => options.sim().explore(move || body().check()),
        Some(workers) => on_threads(options, workers, body),
    }
}

/// Runs a test once, in real time.
#[track_caller]
fn on_threads<R: TestResult>(
    options: TestOptions,
    workers: usize,
    body: impl Fn() -> R + Send + 'static,
) {
    let builder = Runtime::builder().workers(workers);
    let caller = Location::caller();
    // It may block: not on a worker.
    let body = async move { thread_at(Workload::Mixed, caller, move || body().check()).await };
    let is_allowed = |problem: &Problem| match problem {
        Problem::Leaked { .. } => options.allow_leaks,
        Problem::Unhandled(_) => options.allow_panics,
        _ => false,
    };
    let failure = match run_on(builder, body) {
        Ok(Ok(())) => return,
        // (The panic of the body, which was complained of too.)
        Ok(Err(failure)) => failure.to_string(),
        Err(failure) => {
            let problems = failure
                .problems()
                .iter()
                .filter(|problem| !is_allowed(problem));
            let problems: Vec<_> = problems.map(ToString::to_string).collect();
            problems.join("\n")
        }
    };
    assert!(failure.is_empty(), "{failure}");
}
