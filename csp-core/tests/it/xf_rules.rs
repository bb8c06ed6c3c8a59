//! The rules that stand at the trait, held to every transducer at every point at which one can stop it.

use std::{cell::Cell, fmt::Debug, rc::Rc};

use csp_core::xf::{self, Flow, Transducer};

/// What came out of one use.
#[derive(Debug, PartialEq)]
struct Run<T> {
    out: Vec<T>,
    /// How many values went in.
    steps: usize,
}

/// Feeds `xf` as its caller must. Says `Break` with the `stop`-th value that comes, and from then on
/// none may come.
fn run<X: Transducer>(mut xf: X, input: &[X::In], stop: Option<usize>) -> Run<X::Out>
where
    X::In: Clone,
{
    let stopped = Cell::new(stop == Some(0));
    let mut out = Vec::new();
    let mut emit = |value| {
        assert!(!stopped.get(), "rule 1: emits after Break");
        out.push(value);
        stopped.set(stop == Some(out.len()));
        if stopped.get() {
            Flow::Break(())
        } else {
            Flow::Continue(())
        }
    };
    let mut steps = 0;
    for value in input {
        steps += 1;
        let flow = xf.step(value.clone(), &mut emit);
        assert!(flow.is_break() || !stopped.get(), "rule 1: a step goes on");
        if flow.is_break() {
            break;
        }
    }
    let stopped_before = stopped.get();
    let flow = xf.complete(&mut emit);
    assert!(
        flow.is_break() || stopped_before || !stopped.get(),
        "rule 1: complete goes on"
    );
    Run { out, steps }
}

/// Passes values on, and watches how its neighbours treat it.
struct Probe<T> {
    /// How often it was completed.
    completed: Rc<Cell<u32>>,
    broke: bool,
    of: std::marker::PhantomData<T>,
}

fn probe<T>(completed: &Rc<Cell<u32>>) -> Probe<T> {
    Probe {
        completed: Rc::clone(completed),
        broke: false,
        of: std::marker::PhantomData,
    }
}

impl<T> Transducer for Probe<T> {
    type In = T;
    type Out = T;

    fn step(&mut self, value: T, emit: &mut impl FnMut(T) -> Flow) -> Flow {
        assert!(!self.broke, "rule 3: a step after Break");
        assert_eq!(self.completed.get(), 0, "rule 3: a step after the end");
        let flow = emit(value);
        self.broke = flow.is_break();
        flow
    }

    fn complete(&mut self, _: &mut impl FnMut(T) -> Flow) -> Flow {
        self.completed.set(self.completed.get() + 1);
        Flow::Continue(())
    }
}

/// Holds the rules to what `make` makes, alone and between two probes.
#[track_caller]
fn keeps_the_rules<X: Transducer>(make: impl Fn() -> X, input: &[X::In])
where
    X::In: Clone,
    X::Out: Debug + PartialEq + Clone,
{
    let between = |stop| {
        let ends = [Rc::default(), Rc::default()];
        let chain = probe(&ends[0]).then(make()).then(probe(&ends[1]));
        let run = run(chain, input, stop);
        assert!(
            ends.iter().all(|end| end.get() == 1),
            "rule 3: completed once"
        );
        run
    };
    let all = run(make(), input, None);
    assert!(all.out.len() > 1, "a weak example: {all:?}");
    assert_eq!(between(None), all);
    for stop in 1..=all.out.len() {
        let stopped = run(make(), input, Some(stop));
        assert_eq!(stopped.out, all.out[..stop], "stopped at {stop}");
        assert!(stopped.steps <= all.steps);
        assert_eq!(between(Some(stop)), stopped);
        // The same, stopped by a neighbour that wants no more while whoever is behind it does.
        let taken = run(make().then(xf::take(stop)), input, None);
        assert_eq!(taken, stopped, "take({stop})");
    }
    // A neighbour may also want none at all, and say so before anything comes.
    assert!(run(make().then(xf::take(0)), input, None).out.is_empty());
}

const INPUT: [u32; 9] = [3, 3, 0, 1, 1, 2, 4, 3, 0];

#[test]
fn one_to_one() {
    keeps_the_rules(|| xf::map(|n: u32| n + 1), &INPUT);
    keeps_the_rules(|| xf::map_indexed(|i, n: u32| (i, n)), &INPUT);
    keeps_the_rules(|| xf::inspect(|_: &u32| ()), &INPUT);
    keeps_the_rules(xf::identity::<u32>, &INPUT);
    keeps_the_rules(|| xf::scan(0, |sum, n: u32| sum + n), &INPUT);
}

#[test]
fn one_to_less() {
    keeps_the_rules(|| xf::filter(|n| n % 2 == 0), &INPUT);
    keeps_the_rules(|| xf::remove(|n| n % 2 == 0), &INPUT);
    keeps_the_rules(|| xf::keep(|n: u32| n.checked_sub(2)), &INPUT);
    keeps_the_rules(
        || xf::keep_indexed(|i, n: u32| (i > 1).then_some(n)),
        &INPUT,
    );
    keeps_the_rules(|| xf::take(2), &INPUT);
    keeps_the_rules(|| xf::take(20), &INPUT);
    keeps_the_rules(|| xf::take_while(|n| *n < 4), &INPUT);
    keeps_the_rules(|| xf::take_nth(2), &INPUT);
    keeps_the_rules(|| xf::skip(2), &INPUT);
    keeps_the_rules(|| xf::skip_while(|n| *n > 0), &INPUT);
    keeps_the_rules(xf::dedupe, &INPUT);
    keeps_the_rules(xf::distinct, &INPUT);
    keeps_the_rules(|| xf::random_sample_seeded(0.5, 1), &INPUT);
}

#[test]
fn one_to_more() {
    keeps_the_rules(|| xf::mapcat(|n: u32| 0..n), &INPUT);
    keeps_the_rules(xf::cat, &INPUT.map(|n| vec![n; 3]));
    keeps_the_rules(|| xf::interpose(9), &INPUT);
}

#[test]
fn many_to_one() {
    keeps_the_rules(|| xf::partition(2), &INPUT);
    keeps_the_rules(|| xf::partition_all(2), &INPUT);
    keeps_the_rules(|| xf::partition_all(3), &INPUT);
    keeps_the_rules(|| xf::partition_by(|n| n % 2), &INPUT);
    keeps_the_rules(|| xf::window(3), &INPUT);
}

/// Whoever holds back before, after and on both sides of whoever ends or gives many.
#[test]
fn chains() {
    keeps_the_rules(|| xf::take(5).partition_all(2), &INPUT);
    keeps_the_rules(|| xf::partition_all(2).take(3), &INPUT);
    keeps_the_rules(|| xf::partition_all(2).cat(), &INPUT);
    keeps_the_rules(
        || {
            xf::partition_by(|n| n % 2)
                .mapcat(|run| run)
                .partition_all(4)
        },
        &INPUT,
    );
    keeps_the_rules(
        || xf::mapcat(|n: u32| 0..n).partition_by(|n| *n == 0),
        &INPUT,
    );
    keeps_the_rules(
        || xf::partition_by(|n| n % 2).take(3).interpose(vec![]),
        &INPUT,
    );
    keeps_the_rules(
        || xf::of::<u32>().then(xf::skip(1).then(xf::dedupe())),
        &INPUT,
    );
    keeps_the_rules(
        || xf::of::<u32>().partition_all(4).cat().partition_all(3),
        &INPUT,
    );
}

/// Also with what a handler gives in place of a value.
#[test]
fn chains_that_go_on_after_panics() {
    let odd = |n: u32| {
        assert!(n % 2 == 1, "user's panic");
        n
    };
    keeps_the_rules(|| xf::map(odd).on_panic(|_| Some(99)), &INPUT);
    keeps_the_rules(|| xf::map(odd).on_panic(|_| None).partition_all(2), &INPUT);
    let pairs = || xf::partition_all(2).cat().map(odd).partition_all(2);
    keeps_the_rules(|| pairs().on_panic(|_| Some(vec![])), &INPUT);
}

/// Gives one more at the end, whatever has been said: it does not keep rule 1.
struct Talker;

impl Transducer for Talker {
    type In = u32;
    type Out = u32;

    fn step(&mut self, value: u32, emit: &mut impl FnMut(u32) -> Flow) -> Flow {
        emit(value)
    }

    fn complete(&mut self, emit: &mut impl FnMut(u32) -> Flow) -> Flow {
        emit(99)
    }
}

/// The harness notices who breaks a rule.
#[test]
#[should_panic(expected = "rule 1: emits after Break")]
fn the_harness_finds_a_breaker() {
    keeps_the_rules(|| Talker, &INPUT);
}

/// The `n`-th value and the end come in one step; nobody has to come with another.
#[test]
fn take_ends_with_its_last_value() {
    assert_eq!(
        run(xf::take(2), &INPUT, None),
        Run {
            out: vec![3, 3],
            steps: 2
        }
    );
    assert_eq!(
        run(xf::take(0), &INPUT, None),
        Run {
            out: vec![],
            steps: 1
        }
    );
    let nested = xf::of::<u32>().take(5).take(2).take(4);
    assert_eq!(run(nested, &INPUT, None).steps, 2);
    // In the middle of what one value gives.
    let middle = run(xf::mapcat(|n: u32| [n; 2]).take(3), &INPUT, None);
    assert_eq!(
        middle,
        Run {
            out: vec![3, 3, 3],
            steps: 2
        }
    );
    // The first that is not wanted is seen by `take_while`, and by nobody after.
    assert_eq!(
        run(xf::take_while(|n| *n == 3), &INPUT, None),
        Run {
            out: vec![3, 3],
            steps: 3
        }
    );
}

/// One that has ended gives nothing at the end, also if a part before it still holds values.
#[test]
fn nothing_comes_at_the_end_once_it_has_ended() {
    let first = run(xf::partition_all(2).take(1), &INPUT, None);
    assert_eq!(
        first,
        Run {
            out: vec![vec![3, 3]],
            steps: 2
        }
    );
    // Here the end is seen with a value in hand that begins the next run.
    let first = run(xf::partition_by(|n| n % 2).take(1), &INPUT, None);
    assert_eq!(
        first,
        Run {
            out: vec![vec![3, 3]],
            steps: 3
        }
    );
    // But what is behind the one that ended gives what it holds.
    let tail = run(xf::take(3).partition_all(2), &INPUT, None);
    assert_eq!(
        tail,
        Run {
            out: vec![vec![3, 3], vec![0]],
            steps: 3
        }
    );
    // What is held in front comes at the end, through those behind.
    let late = run(
        xf::partition_all(20).cat().take(2).partition_all(5),
        &INPUT,
        None,
    );
    assert_eq!(
        late,
        Run {
            out: vec![vec![3, 3]],
            steps: 9
        }
    );
}
