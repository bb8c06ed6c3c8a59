//! What the simulator finds in the buggy programs, and that it finds nothing in the fixed ones.
#![allow(
    clippy::print_stdout,
    reason = "what was explored, for who wants to see it"
)]

use csp::sim::{Failure, Sim};

use super::cases;
use crate::{
    programs::Bug,
    search::{Way, kind, size},
};

/// Several times what each bug needs (see `docs/simulator.md`).
const BUDGET: [(Way, u64); 4] = [
    (Way::Random, 200),
    (Way::Pct(3), 300),
    (Way::All, 1000),
    (Way::Within(2), 500),
];
/// Longer schedules than this nobody reads.
const READABLE: usize = 45;
/// No bug of these needs more.
const PREEMPTIONS: usize = 1;
const RANDOM: u64 = 300;
/// What takes longer is explored within a bound.
const ALL: u64 = 3000;

pub(crate) fn is_found(bug: &Bug) {
    for (way, most) in BUDGET {
        let report = way.run(bug.buggy, 1, most);
        let Some(failure) = &report.failure else {
            panic!("{}: {way:?} does not find it: {report}", bug.name);
        };
        assert_eq!(
            failure.kind(),
            kind(bug),
            "{} by {way:?}: {failure}",
            bug.name
        );
        fails_again(bug, failure);
        let (steps, broken) = size(failure);
        println!(
            "{way:?}: schedule {}, {steps} steps:\n{failure}\n",
            report.schedules
        );
        assert!(steps <= READABLE, "{} by {way:?}: {failure}", bug.name);
        assert!(broken <= PREEMPTIONS, "{} by {way:?}: {failure}", bug.name);
        cases::held(
            "the simulator finds what is wrong",
            &format!("classic bugs, searched for by {}", told(way)),
            1,
        );
    }
}

/// The string that the report gives does what it says.
fn fails_again(bug: &Bug, failure: &Failure) {
    let again = Sim::random(9)
        .progress(false)
        .replay(failure.replay())
        .run(bug.buggy);
    let again = again.failure.expect("it fails again");
    assert_eq!(
        (again.kind(), again.message(), again.schedule()),
        (failure.kind(), failure.message(), failure.schedule()),
        "{}",
        bug.name
    );
}

pub(crate) fn passes(bug: &Bug) {
    let dice = Way::Random.run(bug.fixed, 1, RANDOM);
    assert!(dice.failure.is_none(), "{}: {dice}", bug.name);
    for way in [Way::All, Way::Within(2), Way::Within(1)] {
        let report = way.run(bug.fixed, 1, ALL);
        assert!(
            report.failure.is_none(),
            "{} by {way:?}: {report}",
            bug.name
        );
        if report.complete {
            println!("{way:?}: {report}");
            cases::held(
                "the simulator blames nobody without cause",
                &format!("fixed programs, {}", told(way)),
                report.schedules + RANDOM,
            );
            return;
        }
    }
    panic!("{}: its schedules are too many", bug.name);
}

fn told(way: Way) -> String {
    match way {
        Way::Random => String::from("random schedules"),
        Way::Pct(depth) => format!("PCT of depth {depth}"),
        Way::All => String::from("all schedules"),
        Way::Within(most) => format!("all schedules with {most} preemptions at most"),
    }
}
