//! What the exhaustive search finds is what there is.

use std::collections::BTreeSet;

use super::{
    programs,
    toy::{Kind, Op, Program, World, execute},
};
use crate::sim::strategy::{Candidate, Dfs, Fork, Strategy};

/// All outcomes, by copying the world at every fork, and the number of executions. `None`: too many.
fn enumerate(program: &Program, preemptions: u32, limit: u64) -> Option<(BTreeSet<String>, u64)> {
    let (mut outcomes, mut executions) = (BTreeSet::new(), 0);
    let mut worlds = vec![World::new(program)];
    while let Some(mut world) = worlds.pop() {
        let (candidates, is_preemption) = world.candidates();
        if candidates.is_empty() || world.is_over() {
            executions += 1;
            if executions > limit {
                return None;
            }
            outcomes.insert(world.outcome());
            continue;
        }
        for candidate in candidates {
            for next in all_arms(&world, candidate.entity, is_preemption) {
                if next.preemptions <= preemptions {
                    worlds.push(next);
                }
            }
        }
    }
    Some((outcomes, executions))
}

/// The worlds after a step, for each answer of chance in it. (One question a step at most.)
fn all_arms<'a>(world: &World<'a>, entity: u32, is_preemption: bool) -> Vec<World<'a>> {
    let (mut after, mut arm, mut arms) = (Vec::new(), 0, 1);
    while arm < arms {
        let mut next = world.clone();
        next.step(entity, is_preemption, &mut |bound| {
            arms = bound;
            arm
        });
        after.push(next);
        arm += 1;
    }
    after
}

struct Explored {
    outcomes: BTreeSet<String>,
    /// Those that were ended as redundant not counted.
    executions: u64,
    redundant: u64,
}

fn explore(program: &Program, mut dfs: Dfs) -> Explored {
    let (mut outcomes, mut executions) = (BTreeSet::new(), 0);
    while dfs.begin() {
        if let Some((world, _)) = execute(program, &mut dfs) {
            outcomes.insert(world.outcome());
            executions += 1;
        }
    }
    assert!(!dfs.begin(), "what is over stays over");
    assert!(!dfs.diverged());
    Explored {
        outcomes,
        executions,
        redundant: dfs.redundant(),
    }
}

fn dfs(program: &Program) -> Dfs {
    if program.time_at_any_moment {
        Dfs::new().with_time_at_any_moment(true)
    } else {
        Dfs::new()
    }
}

fn programs(
    how_many: usize,
    limit: u64,
) -> impl Iterator<Item = (u64, Program, BTreeSet<String>, u64)> {
    let all = (0..).filter_map(move |seed| {
        let program = programs::random(seed);
        let (outcomes, executions) = enumerate(&program, u32::MAX, limit)?;
        Some((seed, program, outcomes, executions))
    });
    all.take(how_many)
}

fn compare_with_all(how_many: usize, limit: u64) {
    let (mut all, mut reduced, mut redundant, mut varied) = (0, 0, 0, 0);
    for (seed, program, outcomes, executions) in programs(how_many, limit) {
        let found = explore(&program, dfs(&program));
        let missing: Vec<_> = outcomes.difference(&found.outcomes).collect();
        assert!(
            missing.is_empty(),
            "seed {seed}: {missing:#?}\n{program:#?}"
        );
        assert_eq!(found.outcomes, outcomes, "seed {seed}: {program:#?}");
        let run = found.executions + found.redundant;
        assert!(run <= executions, "seed {seed}: {run} of {executions}");
        if program.time_at_any_moment {
            let untold = Dfs::new().with_time_at_any_moment(false);
            let program = Program {
                is_time_told: false,
                ..program
            };
            let found = explore(&program, untold);
            assert_eq!(found.outcomes, outcomes, "seed {seed}: {program:#?}");
        }
        all += executions;
        reduced += found.executions;
        redundant += found.redundant;
        varied += usize::from(outcomes.len() > 1);
    }
    assert!(
        varied > how_many / 3,
        "only {varied} programs have several outcomes"
    );
    eprintln!(
        "{how_many} random programs, {varied} with several outcomes: {all} schedules, {reduced} run \
         (+ {redundant} redundant)"
    );
}

#[test]
fn the_reduced_search_finds_every_outcome_of_random_programs() {
    compare_with_all(200, 1_000);
}

#[test]
#[ignore = "takes minutes: for changes of the search"]
fn deep_the_reduced_search_finds_every_outcome_of_random_programs() {
    compare_with_all(3_000, 2_000);
}

#[test]
fn without_reduction_each_schedule_is_run_once() {
    for (seed, program, outcomes, executions) in programs(60, 1_000) {
        let found = explore(&program, dfs(&program).without_reduction());
        assert_eq!(found.executions, executions, "seed {seed}");
        assert_eq!(found.outcomes, outcomes, "seed {seed}");
    }
}

fn compare_within_bounds(how_many: usize, limit: u64) {
    let programs: Vec<_> = programs(how_many, limit).collect();
    for bound in 0..3 {
        let (mut all, mut reduced) = (0, 0);
        for (seed, program, ..) in &programs {
            let within = enumerate(program, bound, u64::MAX);
            let (outcomes, executions) = within.expect("there is no limit");
            let found = explore(program, dfs(program).with_preemptions(bound));
            let missing: Vec<_> = outcomes.difference(&found.outcomes).collect();
            assert!(
                missing.is_empty(),
                "bound {bound}, seed {seed}: {missing:#?}\n{program:#?}"
            );
            assert_eq!(found.outcomes, outcomes, "bound {bound}, seed {seed}");
            let plain = explore(
                program,
                dfs(program).without_reduction().with_preemptions(bound),
            );
            assert_eq!(
                (plain.outcomes, plain.executions),
                (outcomes, executions),
                "bound {bound}, seed {seed}"
            );
            all += executions;
            reduced += found.executions;
        }
        eprintln!(
            "{how_many} random programs within {bound} preemptions: {all} schedules, {reduced} run"
        );
    }
}

#[test]
fn a_bound_leaves_out_nothing_within_it() {
    compare_within_bounds(80, 1_000);
}

#[test]
#[ignore = "takes minutes: for changes of the search"]
fn deep_a_bound_leaves_out_nothing_within_it() {
    compare_within_bounds(1_000, 2_000);
}

#[test]
fn a_growing_bound_ends_complete() {
    for (seed, program, outcomes, _) in programs(60, 1_000) {
        let mut growing = dfs(&program).with_growing_preemptions(2, true);
        let (mut found, mut bounds) = (BTreeSet::new(), Vec::new());
        while growing.begin() {
            if bounds.last() != Some(&growing.preemptions()) {
                bounds.push(growing.preemptions());
            }
            found.extend(execute(&program, &mut growing).map(|(world, _)| world.outcome()));
        }
        assert_eq!(found, outcomes, "seed {seed}");
        assert!(growing.is_complete(), "seed {seed}");
        let all = [Some(0), Some(1), Some(2), None];
        assert!(all.starts_with(&bounds), "seed {seed}: {bounds:?}");
    }
}

/// Name, program, and how many schedules are run at most.
fn classics() -> Vec<(&'static str, Program, u64)> {
    vec![
        ("lost update of 2", programs::lost_update(2, 0), 60),
        ("philosophers of 2", programs::philosophers(2), 9),
        ("philosophers of 3", programs::philosophers(3), 49),
        ("philosophers of 4", programs::philosophers(4), 225),
        ("readers/writers 1+1", programs::readers_writers(1, 1), 4),
        ("readers/writers 2+1", programs::readers_writers(2, 1), 30),
        ("readers/writers 2+2", programs::readers_writers(2, 2), 340),
        (
            "producer/consumer 3, no buffer",
            programs::producer_consumer(3, 0),
            8,
        ),
        (
            "producer/consumer 3, buffer 2",
            programs::producer_consumer(3, 2),
            14,
        ),
    ]
}

fn compare_classics(limit: u64) {
    for (name, program, most) in classics() {
        let naive = enumerate(&program, u32::MAX, limit);
        let found = explore(&program, Dfs::new());
        let all = naive
            .as_ref()
            .map_or_else(|| format!("> {limit}"), |n| n.1.to_string());
        let run = found.executions + found.redundant;
        eprintln!(
            "{name}: {all} schedules, {run} run, {} of them redundant",
            found.redundant
        );
        assert!(run <= most, "{name}: {run}");
        if let Some((outcomes, _)) = naive {
            assert_eq!(found.outcomes, outcomes, "{name}");
        }
    }
}

#[test]
fn classic_programs_are_reduced() {
    compare_classics(4_000);
}

#[test]
#[ignore = "takes minutes: for changes of the search"]
fn deep_classic_programs_are_reduced() {
    compare_classics(1_000_000);
}

#[test]
fn of_independent_writers_one_schedule_is_run() {
    for n in 2..10 {
        let found = explore(&programs::independent_writers(n), Dfs::new());
        assert_eq!((found.executions, found.redundant), (1, 0), "{n} writers");
    }
}

/// What is not the program's: the second execution meets another fork.
#[test]
fn a_program_that_is_not_determined_is_noticed() {
    let fork = |entities: &[u32]| -> Vec<Candidate> {
        let candidate = |&entity: &u32| Candidate {
            entity,
            objects: Vec::new(),
        };
        entities.iter().map(candidate).collect()
    };
    let mut dfs = Dfs::new().without_reduction();
    for entities in [[1, 2], [1, 3]] {
        assert!(dfs.begin());
        assert!(!dfs.diverged());
        for entities in [vec![1], entities.to_vec()] {
            let candidates = fork(&entities);
            let went = dfs.schedule(&Fork {
                candidates: &candidates,
                is_preemption: false,
            });
            assert!(went.is_some());
        }
    }
    assert!(dfs.diverged());
    while dfs.begin() {}
    assert!(!dfs.is_complete());
}

/// Two puts on different channels both complete the alts that is parked on both: the first one does.
#[test]
fn puts_that_complete_the_same_alts_race() {
    let sleeper = |chan, value| vec![Op::Sleep(1), Op::Put(chan, value)];
    let objects = vec![Kind::Chan(1), Kind::Chan(1)];
    let taker = vec![Op::TakeEither(0, 1)];
    let program = Program::new(objects, vec![taker, sleeper(0, 1), sleeper(1, 2)]);
    let (outcomes, _) = enumerate(&program, u32::MAX, 100_000).expect("it is small");
    assert_eq!(outcomes.len(), 2);
    assert_eq!(explore(&program, Dfs::new()).outcomes, outcomes);
}

/// A failure ends the execution: what others would have done to it is not seen.
#[test]
fn what_a_failure_cuts_off_is_tried_before_it() {
    let entities = vec![vec![Op::FailIf(0, 0)], vec![Op::Append(0, 1)]];
    let program = Program::new(vec![Kind::Var(0)], entities);
    let (outcomes, _) = enumerate(&program, u32::MAX, 100_000).expect("it is small");
    assert_eq!(outcomes.len(), 2);
    assert_eq!(explore(&program, Dfs::new()).outcomes, outcomes);
}
