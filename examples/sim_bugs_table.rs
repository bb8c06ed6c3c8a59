//! How often plain runs on real threads find the classic bugs of `tests/sim_bugs`.
//!
//! `cargo run --release --example sim_bugs_table [RUNS] [NAME…]` prints a table of all programs, or of those
//! named. A run counts as hung when it has not ended, and nothing has happened, for 200 ms.
#![allow(clippy::print_stdout, reason = "the table is what it is for")]

#[path = "../tests/sim_bugs/harness.rs"]
mod harness;
#[path = "../tests/sim_bugs/programs/mod.rs"]
mod programs;

use harness::{Tally, stress};
use programs::{BUGS, Bug};

/// Rounds of 40 ms.
const QUIET: u32 = 5;

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
    println!("| program | kind | shows as | plain runs of {runs} | the fixed one |");
    println!("|---------|------|----------|---------|---------------|");
    let chosen = |bug: &&Bug| args.is_empty() || args.iter().any(|arg| arg == bug.name);
    for bug in BUGS.iter().filter(chosen) {
        print_row(bug, runs);
    }
}

fn print_row(bug: &Bug, runs: u32) {
    let Bug {
        name,
        category,
        shows,
        buggy,
        fixed,
    } = *bug;
    let plain = stress(buggy, runs, QUIET);
    let control = stress(fixed, runs, QUIET);
    println!(
        "| {name} | {category:?} | {shows:?} | {} | {} |",
        told(&plain),
        told(&control)
    );
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
