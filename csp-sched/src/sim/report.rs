//! What an exploration found.

use std::{fmt, time::Duration};

/// What is wrong with a program, or with the test of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FailureKind {
    /// The main closure, a block or a thread panicked, or nobody looked at the failure of a promise.
    Panic,
    /// Nothing can ever go on, and the main closure has not ended.
    Deadlock,
    /// Blocks or threads are parked for ever when the main closure has ended.
    Leak,
    /// It did not end within the limit of steps.
    Endless,
    /// The same choices led to something else: the program depends on what is not simulated. Or it was seen to: it uses
    /// a runtime that was made outside of the exploration, or a thread did something that is none of its.
    NotDeterministic,
}

impl fmt::Display for FailureKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Panic => "panic",
            Self::Deadlock => "deadlock",
            Self::Leak => "leak",
            Self::Endless => "did not end",
            Self::NotDeterministic => "not deterministic",
        })
    }
}

/// A schedule under which the program fails, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    pub(super) kind: FailureKind,
    pub(super) message: String,
    pub(super) seed: Option<u64>,
    pub(super) replay: String,
    pub(super) schedule: Vec<String>,
}

impl Failure {
    /// What kind of failure it is.
    pub fn kind(&self) -> FailureKind {
        self.kind
    }

    /// What happened: the message of the panic, or who is parked where.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// By which seed the failure was found first, before it was shrunk.
    pub fn seed(&self) -> Option<u64> {
        self.seed
    }

    /// The choices as a string, for `CSP_SIM_REPLAY` or [`Sim::replay`](super::Sim::replay).
    pub fn replay(&self) -> &str {
        &self.replay
    }

    /// The steps in words, one a line. Before a step that broke into another's run stands a `▸`.
    ///
    /// ```text
    ///     3  block 2 (src/x.rs:10:5) take!(rx) at src/x.rs:12:9
    /// ▸   4  block 3 (src/x.rs:20:5) put!(tx) at src/x.rs:21:9
    /// ```
    pub fn schedule(&self) -> &[String] {
        &self.schedule
    }
}

/// The most lines of a schedule that are written; from both ends.
const LINES: usize = 200;

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.message)?;
        writeln!(f, "the schedule (▸ where another was broken into):")?;
        let lines = &self.schedule;
        if lines.len() <= LINES {
            lines.iter().try_for_each(|line| writeln!(f, "{line}"))?;
        } else {
            let (head, tail) = (&lines[..LINES / 4], &lines[lines.len() - LINES / 4 * 3..]);
            head.iter().try_for_each(|line| writeln!(f, "{line}"))?;
            writeln!(
                f,
                "        … {} steps …",
                lines.len() - head.len() - tail.len()
            )?;
            tail.iter().try_for_each(|line| writeln!(f, "{line}"))?;
        }
        if let Some(seed) = self.seed {
            writeln!(f, "found by seed {seed}")?;
        }
        write!(f, "again: CSP_SIM_REPLAY={}", self.replay)
    }
}

/// What came of an exploration; [`Sim::run`](super::Sim::run) gives it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Report {
    /// How many schedules were run.
    pub schedules: u64,
    /// All that there are were run, within the [bound on preemptions](super::Sim::preemptions) if there is one. (Those that
    /// the strategy knows to be no different are left out.)
    pub complete: bool,
    /// The first schedule that failed, shrunk.
    pub failure: Option<Failure>,
    /// Steps of all schedules together.
    pub steps: u64,
    /// How long it took.
    pub time: Duration,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            schedules,
            steps,
            time,
            ..
        } = self;
        let all = if self.complete { ", all there are" } else { "" };
        write!(f, "{schedules} schedules{all}, {steps} steps, {time:.1?}")?;
        match &self.failure {
            None => Ok(()),
            Some(failure) => write!(f, "\nthe last failed: {failure}"),
        }
    }
}
