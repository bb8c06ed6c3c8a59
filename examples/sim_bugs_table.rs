//! How the simulator finds the classic bugs of `tests/sim_bugs`, and how often plain runs on real threads do.
//!
//! `cargo run --release --example sim_bugs_table [RUNS] [NAME…]` prints a table of all programs, or of those
//! named. A plain run counts as hung when it has not ended, and nothing has happened, for 200 ms.
#![allow(clippy::print_stdout, reason = "the table is what it is for")]

#[path = "../tests/sim_bugs/harness.rs"]
mod harness;
#[path = "../tests/sim_bugs/programs/mod.rs"]
mod programs;
#[path = "../tests/sim_bugs/search.rs"]
mod search;

use csp::sim::{Failure, Report};
use harness::{Tally, stress};
use programs::{BUGS, Bug};
use search::{Way, kind, size};

/// Rounds of 40 ms.
const QUIET: u32 = 5;
const SEEDS: u64 = 20;
/// Schedules after which a search is given up.
const MOST: u64 = 20_000;

fn main() {
    let mut args: Vec<String> = std::env::args().skip(1).collect();
    let runs = match args.first().map(|first| first.parse()) {
        Some(Ok(runs)) => {
            args.remove(0);
            runs
        }
        _ => 1000,
    };
    // They panic by the hundred.
    std::panic::set_hook(Box::new(|_| {}));
    println!(
        "| program | kind | shows as | plain runs of {runs} | random | PCT 2 | PCT 3 | all | all ≤ 2 | shrunk to | fixed |"
    );
    println!("|---|---|---|---:|---:|---:|---:|---:|---:|---|---|");
    let chosen = |bug: &&Bug| args.is_empty() || args.iter().any(|arg| arg == bug.name);
    let mut never = 0;
    for bug in BUGS.iter().filter(chosen) {
        let plain = stress(bug.buggy, runs, QUIET);
        never += u32::from(plain.fine == runs);
        println!(
            "| `{}` | {:?} | {:?} | {} | {} |",
            bug.name,
            bug.category,
            bug.shows,
            told(&plain),
            searched(bug)
        );
    }
    println!("\nNever found by plain runs: {never}");
}

/// The columns about the simulator.
fn searched(bug: &Bug) -> String {
    let random = median(bug, Way::Random);
    let pct = [2, 3].map(|depth| median(bug, Way::Pct(depth)));
    let all = Way::All.run(bug.buggy, 1, MOST);
    let within = Way::Within(2).run(bug.buggy, 1, MOST);
    let needed = |report: &Report| match &report.failure {
        Some(_) => report.schedules.to_string(),
        None => format!("not in {}", report.schedules),
    };
    let (steps, broken) = match within.failure.as_ref().or(all.failure.as_ref()) {
        Some(failure) => size(failure),
        None => (0, 0),
    };
    format!(
        "{random} | {} | {} | {} | {} | {steps} steps, {broken} preemptions | {}",
        pct[0],
        pct[1],
        needed(&all),
        needed(&within),
        control(bug)
    )
}

/// How many schedules it takes to find the bug.
fn median(bug: &Bug, way: Way) -> String {
    let search = |seed: u64| {
        // Far from each other: the seeds of one search follow from its first.
        let report = way.run(bug.buggy, seed * 1_000_003, MOST);
        let found = report.failure.as_ref().map(Failure::kind);
        assert!(found.is_none_or(|found| found == kind(bug)), "{report}");
        found.map_or(u64::MAX, |_| report.schedules)
    };
    let mut needed: Vec<u64> = (1..=SEEDS).map(search).collect();
    needed.sort_unstable();
    match needed[needed.len() / 2] {
        u64::MAX => format!("> {MOST}"),
        median => median.to_string(),
    }
}

/// What is explored of the fixed program.
fn control(bug: &Bug) -> String {
    let all = Way::All.run(bug.fixed, 1, MOST);
    assert!(all.failure.is_none(), "{}: {all}", bug.name);
    if all.complete {
        return format!("all {}", all.schedules);
    }
    let within = Way::Within(2).run(bug.fixed, 1, MOST);
    assert!(within.failure.is_none(), "{}: {within}", bug.name);
    if within.complete {
        format!("all {} with ≤ 2", within.schedules)
    } else {
        format!("{} with ≤ 2", within.schedules)
    }
}

/// In how many runs the bug showed, and how.
fn told(tally: &Tally) -> String {
    let Tally {
        panicked,
        hung,
        left,
        ..
    } = *tally;
    let how = [(panicked, "panicked"), (hung, "hung"), (left, "leaked")];
    let how: Vec<_> = how
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, how)| format!("{count} {how}"))
        .collect();
    if how.is_empty() {
        "0".to_owned()
    } else {
        how.join(", ")
    }
}
