//! Processes of plain functions.

use csp::flow::{self, FlowDef, Process};

use super::util::{ended, rest};

fn through(process: Process, numbers: std::ops::Range<u64>) -> (Vec<u64>, usize) {
    let flow = FlowDef::new("lift")
        .process("numbers", flow::source(move || numbers.clone()))
        .process("lift", process)
        .connect(("numbers", "out"), ("lift", "in"))
        .out_port::<u64>(("lift", "out"), 3)
        .build()
        .unwrap();
    let mut run = flow.start().unwrap();
    let out = run.out_port::<u64>(("lift", "out")).unwrap();
    (rest(out), run.errors().iter_blocking().count())
}

#[test]
fn map_puts_one_for_each() {
    assert_eq!(
        through(flow::map(|n: &u64| n * n), 0..4),
        (vec![0, 1, 4, 9], 0)
    );
}

#[test]
fn filter_lets_some_pass() {
    assert_eq!(
        through(flow::filter(|n: &u64| n % 2 == 1), 0..6),
        (vec![1, 3, 5], 0)
    );
}

#[test]
fn filter_map_puts_what_is_some() {
    let half = flow::filter_map(|n: &u64| n.is_multiple_of(2).then_some(n / 2));
    assert_eq!(through(half, 0..6), (vec![0, 1, 2], 0));
}

#[test]
fn flat_map_puts_all_of_each() {
    let upto = flow::flat_map(|n: &u64| 0..*n);
    assert_eq!(through(upto, 0..4), (vec![0, 0, 1, 0, 1, 2], 0));
}

#[test]
fn a_panic_of_the_function_skips_the_message() {
    let inverse = flow::map(|n: &u64| 6 / n);
    assert_eq!(through(inverse, 0..4), (vec![6, 3, 2], 1));
}

#[test]
fn the_iterator_of_a_source_goes_on_after_a_panic() {
    let flow = FlowDef::new("lift")
        .process(
            "numbers",
            flow::source(|| (0..4_u64).inspect(|n| assert!(*n != 2))),
        )
        .out_port::<u64>(("numbers", "out"), 3)
        .build()
        .unwrap();
    let mut run = flow.start().unwrap();
    let out = run.out_port::<u64>(("numbers", "out")).unwrap();
    assert_eq!(rest(out), [0, 1, 3]);
    assert_eq!(ended(&run).processes[0].errors, 1);
}
