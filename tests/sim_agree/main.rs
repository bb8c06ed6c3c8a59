//! `Sim::exhaustive` leaves schedules out, since they make no difference. Do they make none? Small random programs,
//! with all their schedules and with those that it runs: what came out must be the same.
#![allow(
    clippy::print_stdout,
    reason = "what was explored, for who wants to see it"
)]

#[path = "../util/cases.rs"]
mod cases;
#[path = "../faults/dice.rs"]
mod dice;
mod directed;
mod explored;
mod operation;
mod program;

use std::env;

use csp::sim::Sim;
use explored::{explore, report};
use program::Program;

/// Programs with more schedules than this are left out.
const MOST: u64 = 1000;

/// `CSP_AGREE` programs, from `CSP_AGREE_SEED` on, instead of the few of every day.
fn wanted(name: &str, default: u64) -> u64 {
    env::var(name).map_or(default, |text| text.parse().expect("a number"))
}

/// So many random programs, of which `sim` can run all schedules; and what came of it.
fn compare(how_many: u64, first: u64, all: impl Fn() -> Sim, some: impl Fn() -> Sim) {
    let (mut seed, mut compared, mut schedules, mut saved) = (first, 0, 0, 0);
    while compared < how_many {
        seed += 1;
        let program = Program::random(seed);
        let every = explore(&program, all().schedules(MOST));
        if !every.is_complete {
            continue;
        }
        let reduced = explore(&program, some());
        assert!(reduced.is_complete, "seed {seed}: {program}");
        if let Some(wrong) = report(&every, &reduced) {
            panic!("seed {seed}: {wrong}\n{program}");
        }
        // The others are no proof of much.
        compared += u64::from(every.outcomes.len() > 1);
        schedules += every.schedules;
        saved += every.schedules - reduced.schedules.min(every.schedules);
    }
    println!(
        "{compared} of {} programs had several outcomes; {schedules} schedules, {saved} of them left out",
        seed - first
    );
    cases::held(
        "the simulator misses nothing",
        "small random programs, all schedules compared with those that are run",
        schedules,
    );
}

#[test]
fn exhaustive_gives_all_outcomes_of_random_programs() {
    compare(
        wanted("CSP_AGREE", 50),
        wanted("CSP_AGREE_SEED", 0),
        || Sim::random(1).unreduced(),
        || Sim::random(1).exhaustive(),
    );
}

#[test]
fn exhaustive_within_a_bound_gives_all_outcomes_of_random_programs() {
    compare(
        wanted("CSP_AGREE", 30),
        wanted("CSP_AGREE_SEED", 0),
        || Sim::random(1).unreduced().preemptions(1),
        || Sim::random(1).exhaustive().preemptions(1),
    );
}

/// Programs that are too large for all schedules: what dice find, the search finds.
#[test]
fn exhaustive_finds_what_dice_find_in_larger_programs() {
    let first = wanted("CSP_AGREE_SEED", 0);
    let (mut compared, mut seed) = (0, first);
    let how_many = wanted("CSP_AGREE", 15);
    while compared < how_many {
        seed += 1;
        let program = Program::larger(seed);
        let all = explore(&program, Sim::random(1).exhaustive().schedules(MOST));
        if !all.is_complete {
            continue;
        }
        for sim in [Sim::random(seed), Sim::random(seed).pct(3)] {
            let some = explore(&program, sim.schedules(300));
            let missing: Vec<_> = some.outcomes.difference(&all.outcomes).collect();
            assert!(missing.is_empty(), "seed {seed}: {missing:#?}\n{program}");
        }
        compared += 1;
    }
    println!("{compared} of {} programs", seed - first);
    cases::held(
        "the simulator misses nothing",
        "random programs, what dice find is searched for",
        compared * 600,
    );
}
