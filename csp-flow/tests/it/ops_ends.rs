//! What all operators that give a new channel have in common: how ends and failures travel.

use std::any::Any;

use csp::{Cause, Receiver, chan, ops, xf};

use crate::util::blocks::{Stage, failing, ready};

/// An operator on one source, with every other argument given, and its outcome without the type.
type Operator = fn(Receiver<u32>) -> Box<dyn Out>;

/// A channel, or two.
trait Out: Any {
    fn drain(&self);
    fn ends(&self) -> Vec<(bool, Option<Cause>)>;
}

impl<T: 'static> Out for Receiver<T> {
    fn drain(&self) {
        while self.try_take().is_ok() {}
    }

    fn ends(&self) -> Vec<(bool, Option<Cause>)> {
        vec![(self.is_closed(), self.failure())]
    }
}

impl<T: 'static> Out for (Receiver<T>, Receiver<T>) {
    fn drain(&self) {
        self.0.drain();
        self.1.drain();
    }

    fn ends(&self) -> Vec<(bool, Option<Cause>)> {
        [self.0.ends(), self.1.ends()].concat()
    }
}

const OPERATORS: [(&str, Operator); 14] = [
    ("take", |rx| Box::new(ops::take(rx, 100, 0))),
    ("merge of one", |rx| Box::new(ops::merge([rx], 0))),
    ("map", |rx| Box::new(ops::map([rx], |round| round[0], 0))),
    ("map, first", |rx| {
        Box::new(ops::map([rx, ready(0..9)], |round| round[0], 0))
    }),
    ("map, second", |rx| {
        Box::new(ops::map([ready(0..9), rx], |round| round[0], 0))
    }),
    ("map2, first", |rx| {
        Box::new(ops::map2(rx, ready(0..9), |a, _| a, 0))
    }),
    ("map2, second", |rx| {
        Box::new(ops::map2(ready(0..9), rx, |a, _| a, 0))
    }),
    ("map3, third", |rx| {
        Box::new(ops::map3(ready(0..9), ready(0..9), rx, |a, _, _| a, 0))
    }),
    ("split", |rx| Box::new(ops::split(rx, |n| n % 2 == 0, 0, 0))),
    ("apply", |rx| Box::new(ops::apply(rx, xf::map(|n| n), 0))),
    ("unique", |rx| Box::new(ops::unique(rx, 0))),
    ("partition", |rx| Box::new(ops::partition(rx, 2, 0))),
    ("partition_by", |rx| {
        Box::new(ops::partition_by(rx, |n| n % 2, 0))
    }),
    ("pipe", |rx| {
        let (to, out) = chan(0);
        drop(ops::pipe(rx, to));
        Box::new(out)
    }),
];

/// The case of core.async that never ends: nothing comes, and nobody is there to want it.
#[test]
fn an_operator_that_waits_for_a_value_drops_its_source_when_its_target_is_dropped() {
    for (name, operator) in OPERATORS {
        let stage = Stage::new();
        let (tx, from) = chan(0);
        let out = stage.with(|| operator(from));
        assert!(!tx.is_closed(), "{name}");
        drop(out);
        stage.idle();
        assert!(tx.is_closed(), "{name}");
    }
}

#[test]
fn a_value_that_was_handed_over_at_the_last_moment_stays_in_the_source() {
    for (name, operator) in OPERATORS {
        let stage = Stage::new();
        let (tx, from) = chan(0);
        let other = from.clone();
        let out = stage.with(|| operator(from));
        tx.try_put(5).unwrap();
        drop(out);
        stage.idle();
        assert_eq!(other.try_take(), Ok(5), "{name}");
    }
}

#[test]
fn an_operator_takes_nothing_for_a_target_that_is_gone() {
    for (name, operator) in OPERATORS {
        let stage = Stage::new();
        let from = ready(0..10);
        // The block has not run yet.
        stage.with(|| drop(operator(from.clone())));
        assert_eq!(from.len(), 10, "{name}");
    }
}

#[test]
fn an_operator_that_waits_for_room_drops_its_source_when_its_target_is_dropped() {
    for (name, operator) in OPERATORS {
        let stage = Stage::new();
        let (tx, from) = chan(1000);
        for n in 0..100 {
            tx.try_put(n).unwrap();
        }
        let out = stage.with(|| operator(from));
        assert!(tx.len() > 90, "{name}: nobody takes");
        drop(out);
        stage.idle();
        assert!(tx.is_closed(), "{name}");
    }
}

fn run_to_the_end(stage: &Stage, out: &dyn Out) {
    for _ in 0..20 {
        out.drain();
        stage.idle();
    }
}

#[test]
fn an_operator_closes_its_target_when_its_source_ends() {
    for (name, operator) in OPERATORS {
        let stage = Stage::new();
        let out = stage.with(|| operator(ready(0..5)));
        run_to_the_end(&stage, &*out);
        for (closed, failure) in out.ends() {
            assert!(closed && failure.is_none(), "{name}");
        }
    }
}

#[test]
fn an_operator_fails_its_target_when_its_source_fails() {
    for (name, operator) in OPERATORS {
        let stage = Stage::new();
        let out = stage.with(|| operator(failing(0..5, "no disk")));
        run_to_the_end(&stage, &*out);
        for (closed, failure) in out.ends() {
            let said = failure.map(|cause| cause.to_string());
            assert!(closed && said.as_deref() == Some("no disk"), "{name}");
        }
    }
}

#[test]
fn merge_with_one_source_idle_serves_the_other_and_fails_with_it() {
    let stage = Stage::new();
    let (tx, idle) = chan(0);
    let out = stage.with(|| ops::merge([idle, failing([1, 2], "no disk")], 5));
    assert_eq!(out.len(), 2);
    assert!(tx.is_closed());
    assert_eq!(out.failure().unwrap().to_string(), "no disk");
}

/// A chain of operators passes ends both ways.
#[test]
fn ends_travel_through_a_chain() {
    let chain: Operator = |rx| {
        let rx = ops::apply(rx, xf::map(|n| n + 1), 0);
        let rx = ops::merge([rx], 1);
        let (even, odd) = ops::split(ops::unique(rx, 0), |n| n % 2 == 0, 0, 0);
        Box::new(ops::map([even, odd], |round| round[0] + round[1], 0))
    };
    let stage = Stage::new();
    let (tx, from) = chan::<u32>(0);
    let out = stage.with(|| chain(from));
    drop(out);
    stage.idle();
    assert!(tx.is_closed());

    let out = stage.with(|| chain(failing([1, 2], "no disk")));
    run_to_the_end(&stage, &*out);
    assert_eq!(out.ends()[0].1.as_ref().unwrap().to_string(), "no disk");
}

/// What user code does in an operator that gives a channel: it panics.
#[test]
fn a_function_that_panics_fails_the_target_and_releases_the_source() {
    let bad: [(&str, Operator); 7] = [
        ("no 1", |rx| {
            Box::new(ops::map(
                [rx],
                |round| -> u32 { panic!("no {}", round[0]) },
                0,
            ))
        }),
        ("no 1", |rx| {
            Box::new(ops::map2(
                rx,
                ready(0..9),
                |n, _| -> u32 { panic!("no {n}") },
                0,
            ))
        }),
        ("no 1", |rx| {
            Box::new(ops::map3(
                rx,
                ready(0..9),
                ready(0..9),
                |n, _, _| -> u32 { panic!("no {n}") },
                0,
            ))
        }),
        ("no 1", |rx| {
            Box::new(ops::split(rx, |n| panic!("no {n}"), 0, 0))
        }),
        ("no 1", |rx| {
            Box::new(ops::apply(rx, xf::map(|n| -> u32 { panic!("no {n}") }), 0))
        }),
        ("no 1", |rx| {
            Box::new(ops::partition_by(rx, |n| -> u32 { panic!("no {n}") }, 0))
        }),
        ("without a text", |rx| {
            Box::new(ops::map([rx], |_| -> u32 { std::panic::panic_any(7) }, 0))
        }),
    ];
    for (want, operator) in bad {
        let stage = Stage::new();
        let (tx, from) = chan(5);
        let out = stage.with(|| operator(from));
        tx.try_put(1).unwrap();
        stage.idle();
        for (closed, failure) in out.ends() {
            let said = failure.expect(want).to_string();
            assert!(
                closed && said.contains("panicked") && said.contains(want),
                "{said}"
            );
        }
        assert!(tx.is_closed());
    }
}
