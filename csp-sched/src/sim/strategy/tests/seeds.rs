//! What is random comes again by its seed.

use super::{programs, toy::execute};
use crate::sim::strategy::{Candidate, Fork, Pct, Random, Strategy};

type Make = fn(u64) -> Box<dyn Strategy>;

const ALL: [Make; 4] = [
    |seed| Box::new(Random::new(seed)),
    |seed| Box::new(Random::uniform(seed)),
    |seed| Box::new(Pct::new(seed, 1)),
    |seed| Box::new(Pct::new(seed, 4)),
];

#[test]
fn an_execution_comes_again_by_its_seed_alone() {
    let program = programs::readers_writers(2, 2);
    for make in ALL {
        let mut strategy = make(11);
        for execution in 0..50 {
            assert!(strategy.begin());
            let seed = strategy.seed().expect("it has one");
            let (_, decisions) = execute(&program, &mut *strategy).expect("it ends none");
            let mut alone = make(seed);
            assert!(alone.begin());
            assert_eq!(alone.seed(), Some(seed));
            let (_, again) = execute(&program, &mut *alone).expect("it ends none");
            assert_eq!(again, decisions, "execution {execution}");
        }
    }
}

#[test]
fn executions_differ() {
    let program = programs::readers_writers(2, 2);
    for make in ALL {
        let mut strategy = make(0);
        let mut seen = std::collections::BTreeSet::new();
        for _ in 0..100 {
            strategy.begin();
            seen.insert(execute(&program, &mut *strategy).expect("it ends none").1);
        }
        assert!(
            seen.len() > 10,
            "only {} of 100 executions differ",
            seen.len()
        );
    }
}

#[test]
fn all_candidates_and_arms_have_their_turn() {
    let candidates: Vec<_> = (1..5)
        .map(|entity| Candidate {
            entity,
            objects: Vec::new(),
        })
        .collect();
    for make in ALL {
        let (mut went, mut arms) = ([0; 4], [0; 3]);
        let mut strategy = make(2);
        for _ in 0..2_000 {
            strategy.begin();
            let fork = Fork {
                candidates: &candidates,
                is_preemption: false,
            };
            went[strategy.schedule(&fork).expect("it ends none")] += 1;
            arms[strategy.choose(3) as usize] += 1;
        }
        assert!(went.iter().all(|&n| (400..600).contains(&n)), "{went:?}");
        assert!(arms.iter().all(|&n| (560..780).contains(&n)), "{arms:?}");
    }
}

/// A spin loop would not end if the one with the highest priority went on for ever.
#[test]
fn pct_lets_others_overtake_one_that_yields() {
    let candidates: Vec<_> = (1..3)
        .map(|entity| Candidate {
            entity,
            objects: Vec::new(),
        })
        .collect();
    for seed in 0..100 {
        let mut pct = Pct::new(seed, 1);
        pct.begin();
        let fork = Fork {
            candidates: &candidates,
            is_preemption: false,
        };
        let first = pct.schedule(&fork).expect("it ends none");
        assert_eq!(pct.schedule(&fork), Some(1 - first), "seed {seed}");
    }
}
