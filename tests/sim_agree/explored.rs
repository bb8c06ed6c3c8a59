//! All that came of a program.

use std::{cell::RefCell, collections::BTreeSet};

use csp::sim::Sim;

use super::program::Program;

pub(crate) struct Explored {
    pub(crate) outcomes: BTreeSet<String>,
    pub(crate) schedules: u64,
    pub(crate) is_complete: bool,
}

/// Runs all schedules that `sim` has.
pub(crate) fn explore(program: &Program, sim: Sim) -> Explored {
    let outcomes = RefCell::new(BTreeSet::new());
    let report = sim
        .allow_leaks()
        .allow_panics()
        .progress(false)
        .run(|| program.run(&outcomes));
    if let Some(failure) = report.failure {
        panic!("{failure}\n{program}");
    }
    Explored {
        outcomes: outcomes.into_inner(),
        schedules: report.schedules,
        is_complete: report.complete,
    }
}

/// What is not the same.
pub(crate) fn report(every: &Explored, reduced: &Explored) -> Option<String> {
    let missing: Vec<_> = every.outcomes.difference(&reduced.outcomes).collect();
    let invented: Vec<_> = reduced.outcomes.difference(&every.outcomes).collect();
    (!missing.is_empty() || !invented.is_empty()).then(|| {
        format!(
            "of {} outcomes, in {} schedules, these are missed by {}: {missing:#?}, and these are invented: {invented:#?}",
            every.outcomes.len(),
            every.schedules,
            reduced.schedules,
        )
    })
}
