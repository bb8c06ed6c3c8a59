//! Failing schedules of the toy world, shrunk.

#![allow(clippy::print_stderr, reason = "figures are read with --no-capture")]

use super::{Shrunk, shrink, shrink_within};
use crate::sim::strategy::{
    Decision, Dfs, Random, Replay, Strategy,
    tests::{
        programs,
        toy::{Program, World, execute},
    },
};

const SEEDS: u64 = 10;

/// The first failing schedule that a walk over all forks alike finds from this seed.
fn failing(program: &Program, seed: u64) -> (Vec<Decision>, Vec<bool>, String) {
    let mut random = Random::uniform(seed);
    for _ in 0..20_000 {
        random.begin();
        let (world, decisions) = execute(program, &mut random).expect("it ends none");
        if let Some(what) = what_fails(&world) {
            return (decisions, world.is_preemption, what);
        }
    }
    panic!("no failure found");
}

fn what_fails(world: &World<'_>) -> Option<String> {
    let deadlock = || world.is_deadlocked().then(|| "deadlock".to_owned());
    world.failure.clone().or_else(deadlock)
}

fn replay<'a>(program: &'a Program, decisions: &[Decision]) -> (World<'a>, Vec<Decision>) {
    let (mut replay, _) = Replay::new(decisions.to_vec());
    assert!(replay.begin());
    execute(program, &mut replay).expect("it ends none")
}

/// Shrinks it and checks that the same failure is there.
fn shrunk(program: &Program, seed: u64, budget: u64) -> (Shrunk, u32) {
    let (decisions, is_preemption, what) = failing(program, seed);
    let mut runs = 0;
    let mut run = |wish: &[Decision]| {
        runs += 1;
        let (world, made) = replay(program, wish);
        (what_fails(&world).as_ref() == Some(&what)).then_some((made, world.is_preemption))
    };
    let shrunk = shrink_within(budget, decisions, &is_preemption, &mut run);
    assert_eq!(shrunk.runs, runs);
    assert!(runs <= budget);
    let (world, made) = replay(program, &shrunk.decisions);
    assert_eq!((what_fails(&world), &made), (Some(what), &shrunk.decisions));
    (shrunk, world.preemptions)
}

/// The fewest preemptions with which it fails at all.
fn fewest(program: &Program, name: &str) -> u32 {
    let mut dfs = Dfs::new().with_growing_preemptions(9, false);
    loop {
        assert!(dfs.begin(), "{name}: there is no failure");
        let executed = execute(program, &mut dfs);
        if executed.is_some_and(|(world, _)| what_fails(&world).is_some()) {
            return dfs.preemptions().expect("there is a bound");
        }
    }
}

#[test]
fn the_fewest_preemptions_are_reached() {
    let cases = [
        ("lost update", programs::lost_update(2, 0), 1),
        (
            "lost update, 3 entities, 5 steps around",
            programs::lost_update(3, 5),
            1,
        ),
        ("philosophers of 3", programs::philosophers(3), 1),
        ("philosophers of 4", programs::philosophers(4), 1),
        (
            "missed signal, 3 steps before",
            programs::missed_signal(3),
            1,
        ),
        ("order of 4", programs::deep_order(2), 2),
        ("overtaken", programs::overtaken(4), 1),
        ("arms", programs::arms(), 0),
    ];
    for (name, program, least) in cases {
        assert_eq!(fewest(&program, name), least, "{name}");
        let (mut most, mut runs, mut above) = (0, 0, 0);
        for seed in 0..SEEDS {
            let (shrunk, left) = shrunk(&program, seed, 3_000);
            assert!(shrunk.is_finished, "{name}, seed {seed}");
            assert!(
                left <= least + 1,
                "{name}, seed {seed}: {:?}",
                shrunk.decisions
            );
            above += left - least;
            most = most.max(shrunk.runs);
            runs += shrunk.runs;
        }
        eprintln!(
            "{name}: {least} preemptions at least, reached by all but {above} of {SEEDS}, in {} runs on average, {most} at most",
            runs / SEEDS
        );
        // A search for local improvements may end at a local one.
        assert!(above <= 1, "{name}: {above} of {SEEDS}");
    }
}

#[test]
fn the_same_schedule_is_shrunk_to_the_same() {
    let program = programs::lost_update(3, 3);
    assert_eq!(shrunk(&program, 7, 500), shrunk(&program, 7, 500));
}

#[test]
fn the_budget_is_kept_and_what_was_reached_fails() {
    let program = programs::philosophers(4);
    for budget in [0, 1, 5, 30] {
        let (shrunk, _) = shrunk(&program, 3, budget);
        assert!(!shrunk.is_finished, "{budget} runs were enough");
    }
}

#[test]
fn steps_and_arms_that_do_not_matter_go() {
    // Fails as soon as entity 2 has run once; 9 need not.
    let given: Vec<_> = [1, 9, 1, 9, 2, 9]
        .map(Decision::Entity)
        .into_iter()
        .chain([Decision::Arm(4)])
        .collect();
    let mut run = |wish: &[Decision]| {
        let end = wish.iter().position(|&d| d == Decision::Entity(2))?;
        Some((wish[..=end].to_vec(), Vec::new()))
    };
    assert_eq!(shrink(given, &[], &mut run), [Decision::Entity(2)]);
    let mut arms = |wish: &[Decision]| {
        let is_failing =
            wish.first() == Some(&Decision::Entity(1)) && wish.contains(&Decision::Arm(1));
        is_failing.then(|| (wish.to_vec(), Vec::new()))
    };
    let given = [Decision::Entity(1), Decision::Arm(3), Decision::Arm(1)];
    let shrunk = shrink(given.to_vec(), &[], &mut arms);
    assert_eq!(
        shrunk,
        [Decision::Entity(1), Decision::Arm(0), Decision::Arm(1)]
    );
}
