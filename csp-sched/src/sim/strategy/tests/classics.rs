//! How many executions each strategy needs to find a bug.

use super::{
    programs,
    toy::{Program, execute},
};
use crate::sim::strategy::{Dfs, Pct, Random, Strategy};

/// Executions up to and including the first that fails.
fn find(program: &Program, strategy: &mut dyn Strategy, limit: u32) -> Option<u32> {
    for execution in 1..=limit {
        if !strategy.begin() {
            return None;
        }
        let executed = execute(program, strategy);
        if executed.is_some_and(|(world, _)| world.failure.is_some() || world.is_deadlocked()) {
            return Some(execution);
        }
    }
    None
}

pub(super) fn bugs() -> Vec<(&'static str, Program)> {
    vec![
        ("lost update", programs::lost_update(2, 0)),
        ("lost update, 10 steps around", programs::lost_update(2, 10)),
        ("lost update, 4 entities", programs::lost_update(4, 3)),
        ("philosophers of 3", programs::philosophers(3)),
        ("philosophers of 5", programs::philosophers(5)),
        ("missed signal", programs::missed_signal(0)),
        (
            "missed signal, 20 steps before",
            programs::missed_signal(20),
        ),
        ("order of 4", programs::deep_order(0)),
        ("order of 4, 5 steps before", programs::deep_order(5)),
        ("overtaken by 5 steps", programs::overtaken(5)),
        ("overtaken by 20 steps", programs::overtaken(20)),
        ("arms", programs::arms()),
    ]
}

/// The mean over seeds; a run that finds nothing counts as the limit.
fn mean(
    program: &Program,
    (seeds, limit): (u64, u32),
    make: impl Fn(u64) -> Box<dyn Strategy>,
) -> u32 {
    let sum: u32 = (0..seeds)
        .map(|seed| find(program, &mut *make(seed * 1_000_003), limit).unwrap_or(limit))
        .sum();
    sum / seeds as u32
}

fn table(much: (u64, u32)) {
    eprintln!(
        "mean executions to the first failure: uniform, random, pct 2, pct 3; dfs, growing bound"
    );
    for (name, program) in bugs() {
        let makes: [fn(u64) -> Box<dyn Strategy>; 4] = [
            |seed| Box::new(Random::uniform(seed)),
            |seed| Box::new(Random::new(seed)),
            |seed| Box::new(Pct::new(seed, 2)),
            |seed| Box::new(Pct::new(seed, 3)),
        ];
        let means = makes.map(|make| mean(&program, much, make));
        let dfs = find(&program, &mut Dfs::new(), 100_000);
        let mut growing = Dfs::new().with_growing_preemptions(3, true);
        let growing = find(&program, &mut growing, 100_000);
        let [dfs, growing] = [dfs, growing].map(|n| n.expect("what is complete finds it"));
        let [uniform, random, pct_2, pct] = means;
        eprintln!("{name:32}{uniform:9}{random:9}{pct_2:9}{pct:9}{dfs:9}{growing:9}");
        assert!(random < much.1, "{name}: the random walk needs {random}");
        assert!(pct < much.1, "{name}: pct needs {pct}");
    }
}

#[test]
fn every_strategy_finds_every_bug() {
    table((3, 4_000));
}

/// The figures that the default of the random walk was chosen by.
#[test]
#[ignore = "takes minutes: prints figures"]
fn deep_how_many_executions_each_strategy_needs() {
    table((50, 20_000));
}
