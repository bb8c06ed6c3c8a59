//! Running a test's body on a runtime of its own, and looking at what it leaves behind.

use std::{
    fmt,
    time::{Duration, Instant},
};

use csp_core::{
    Failure, Go, context,
    inspect::{BlockedThread, LiveBlock, threads::blocked_in},
};

use crate::{
    builder::Builder,
    current::{self, Current},
    runtime::{Runtime, Shared, lines},
    sync::{Arc, thread},
};

/// For how long nothing may run while the body waits, and how long what it started may take to end after it.
const GRACE: Duration = Duration::from_millis(250);

/// What was wrong with a test.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Problem {
    /// The body panicked.
    Failed(Failure),
    /// The body waited, and nothing on its runtime could run any more, nor was a timer set.
    Deadlock {
        /// The live blocks, the body's own among them.
        blocks: Vec<LiveBlock>,
        /// The threads of the runtime that sleep in operations of ours.
        threads: Vec<BlockedThread>,
    },
    /// What the body started had not ended by itself soon after it.
    Leaked {
        /// The live blocks.
        blocks: Vec<LiveBlock>,
        /// The threads of the runtime that sleep in operations of ours.
        threads: Vec<BlockedThread>,
    },
    /// Something that nobody came to see: a failure that nobody looked at.
    Unhandled(String),
}

impl Problem {
    fn failure(&self) -> Option<String> {
        match self {
            Self::Failed(failure) => Some(failure.to_string()),
            _ => None,
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (what, blocks, threads) = match self {
            Self::Failed(failure) => return write!(f, "the test failed: {failure}"),
            Self::Unhandled(what) => return write!(f, "unhandled: {what}"),
            Self::Deadlock { blocks, threads } => (
                "deadlock: the test waits, and nothing on its runtime can run:",
                blocks,
                threads,
            ),
            Self::Leaked { blocks, threads } => (
                "leak: what the test started has not ended after it:",
                blocks,
                threads,
            ),
        };
        f.write_str(what)?;
        lines(f, threads)?;
        lines(f, blocks)
    }
}

/// Why a test fails: at least one problem.
#[derive(Debug, Clone)]
pub struct TestFailure(Vec<Problem>);

impl TestFailure {
    /// What was wrong.
    pub fn problems(&self) -> &[Problem] {
        &self.0
    }
}

impl fmt::Display for TestFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (first, rest) = self.0.split_first().expect("there is a problem");
        write!(f, "{first}")?;
        rest.iter().try_for_each(|problem| write!(f, "\n{problem}"))
    }
}

impl std::error::Error for TestFailure {}

/// Runs `body` as a block on a runtime of its own, which this makes and ends; the thread waits for it.
///
/// # Errors
/// [`TestFailure`] if the body fails; if it waits while nothing on that runtime runs or can come to run (a
/// thread of the user's own is waited for for a quarter of a second only); if blocks or threads are left soon after it;
/// if something was [complained](context::complain) of on that runtime.
///
/// # Panics
/// In a simulation.
#[track_caller]
pub fn run_on<F>(builder: Builder, body: F) -> Result<F::Output, TestFailure>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    run_on_for(builder, GRACE, body)
}

/// As [`run_on`], with the time that it waits for what is outside the runtime.
///
/// # Errors
/// As for `run_on`.
///
/// # Panics
/// In a simulation.
#[track_caller]
pub fn run_on_for<F>(builder: Builder, grace: Duration, body: F) -> Result<F::Output, TestFailure>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    context::hear_complaints(hear);
    let rt = builder.collecting_complaints().build();
    let Some(shared) = rt.shared().map(Arc::clone) else {
        panic!("a test on a runtime of its own cannot run in a simulation");
    };
    let mut problems = Vec::new();
    let value = match wait(&shared, rt.go(body), grace) {
        Some(Ok(value)) => Some(value),
        Some(Err(failure)) => {
            problems.push(Problem::Failed(failure));
            None
        }
        None => {
            let (blocks, threads) = left_on(&shared);
            problems.push(Problem::Deadlock { blocks, threads });
            None
        }
    };
    // (What is at rest is told of at once; the time is for what still runs, on a machine that may have much to do.)
    if value.is_some() && !ends(&shared, grace.max(GRACE)) {
        let (blocks, threads) = left_on(&shared);
        problems.push(Problem::Leaked { blocks, threads });
    }
    end(rt);
    // (The panic of the body was complained of as well.)
    let known: Vec<_> = problems.iter().filter_map(Problem::failure).collect();
    let complaints = shared.complaints();
    let others = complaints.into_iter().filter(|what| !known.contains(what));
    problems.extend(others.map(Problem::Unhandled));
    match value {
        Some(value) if problems.is_empty() => Ok(value),
        _ => Err(TestFailure(problems)),
    }
}

/// Waits for the body. `None`: nothing can run any more.
fn wait<T>(shared: &Shared, mut body: Go<T>, grace: Duration) -> Option<Result<T, Failure>> {
    let mut before = None;
    loop {
        match body.wait_for(grace) {
            Ok(outcome) => return Some(outcome),
            Err(waits) => body = waits,
        }
        let now = shared.at_rest();
        if now.is_some() && now == before {
            return None;
        }
        before = now;
    }
}

/// Waits for what the body has started. False: it does not end by itself.
fn ends(shared: &Shared, grace: Duration) -> bool {
    let deadline = Instant::now() + grace;
    let mut before = None;
    while shared.live() > 0 {
        let now = shared.at_rest();
        // Twice the same: nothing has run in between, nor will it.
        if now.is_some() && now == before || Instant::now() > deadline {
            return false;
        }
        before = now;
        thread::sleep(Duration::from_millis(1));
    }
    true
}

fn left_on(shared: &Shared) -> (Vec<LiveBlock>, Vec<BlockedThread>) {
    (shared.blocks(), blocked_in(shared.group()))
}

/// What cannot be ended has been named already.
fn end(rt: Runtime) {
    drop(rt.shutdown(Duration::ZERO));
}

/// Notes a complaint with the runtime that is current on this thread, if it collects them.
fn hear(what: &str) -> bool {
    current::peek(|current| match current {
        Current::Runtime(shared) => shared.complain(what),
        Current::Local(_) | Current::Sim(_) => false,
    })
    .unwrap_or(false)
}
