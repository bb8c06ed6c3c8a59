use csp_peers::{
    catalogue::Metric,
    figures::{Kind, Row},
};

use crate::{row, sample, table};

#[test]
fn the_median_is_the_middle_one_or_between_the_two() {
    let median = |values| {
        row("", Kind::Peer, values)
            .spread(Metric::Cpu)
            .map(|s| s.median)
    };
    assert_eq!(median(&[3.0, 1.0, 2.0]), Some(2.0));
    assert_eq!(median(&[4.0, 1.0]), Some(2.5));
    assert_eq!(median(&[]), None);
}

#[test]
fn the_spread_has_the_least_and_the_most() {
    let row = row("", Kind::Peer, &[3.0, 1.0, 2.0]);
    let spread = row.spread(Metric::Wall).expect("it has runs");
    assert_eq!((spread.least, spread.median, spread.most), (2.0, 4.0, 6.0));
}

#[test]
fn the_best_correct_peer_is_right_each_time_and_does_all() {
    let table = table();
    let ratio = table.to_best_correct().expect("there is one");
    assert_eq!((ratio.to.name.as_str(), ratio.ratio), ("better", 1.25));
}

#[test]
fn the_best_of_all_may_be_wrong_or_do_less() {
    let mut table = table();
    let ratio = table.to_best().expect("there is one");
    assert_eq!((ratio.to.name.as_str(), ratio.ratio), ("unbounded", 10.0));
    table.rows.retain(|row| row.name != "unbounded");
    let ratio = table.to_best().expect("there is one");
    assert_eq!((ratio.to.name.as_str(), ratio.ratio), ("loses <all>", 4.0));
}

#[test]
fn a_variant_of_csp_is_no_peer_of_csp() {
    let mut table = table();
    table.rows.retain(Row::is_ours);
    assert!(table.to_best().is_none());
    assert!(table.to_best_correct().is_none());
}

#[test]
fn there_is_no_ratio_when_csp_is_wrong() {
    let mut table = table();
    table.rows[0].samples[0].right = false;
    assert!(table.ours().is_none());
    assert!(table.to_best_correct().is_none());
}

#[test]
fn rows_without_a_figure_come_last() {
    let table = table();
    let names: Vec<&str> = table.sorted().iter().map(|row| row.name.as_str()).collect();
    assert_eq!(names[0], "unbounded");
    assert_eq!(names[names.len() - 1], "hangs, says \"why\"");
}

#[test]
fn a_workload_may_be_compared_by_a_figure_of_its_own() {
    let mut table = table();
    table.workload = csp_peers::catalogue::find("parked_1m").expect("it is in the catalogue");
    for (bytes, row) in [(250.0, 0), (500.0, 2)] {
        let mut sample = sample(1.0, true);
        sample.extra.push(("bytes_per_block".into(), bytes));
        table.rows[row].samples = vec![sample];
    }
    let ratio = table.to_best_correct().expect("both have it");
    assert_eq!((ratio.to.name.as_str(), ratio.ratio), ("better", 0.5));
    assert_eq!(table.extras(), ["bytes_per_block"]);
}

#[test]
fn values_are_shown_in_units_that_leave_few_digits() {
    let time = |ns| Metric::Cpu.show(ns);
    assert_eq!(time(1.234), "1.23 ns");
    assert_eq!(time(12.34), "12.3 ns");
    assert_eq!(time(123.4), "123 ns");
    assert_eq!(time(1_234.0), "1,234 ns");
    assert_eq!(time(123_400.0), "123 us");
    assert_eq!(time(1_234_000_000.0), "1,234 ms");
    assert_eq!(Metric::Peak.show(8e6), "8.00 MB");
    assert_eq!(Metric::Lost.show(0.0), "0");
    assert_eq!(Metric::Lost.show(1_234_567.0), "1,234,567");
    assert_eq!(Metric::Extra("late_p99_ms").show(1.5), "1.50 ms");
    assert_eq!(Metric::Extra("late_p99_ms").title("sleep"), "late p99");
    assert_eq!(Metric::Extra("bytes_per_block").show(262.4), "262");
}
