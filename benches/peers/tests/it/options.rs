use std::time::Duration;

use csp_peers::{catalogue::WORKLOADS, options::Options};

fn parsed(line: &str) -> Result<Options, String> {
    Options::parse(line.split_whitespace().map(str::to_owned))
}

fn names(line: &str) -> Vec<&'static str> {
    let options = parsed(line).expect("it is understood");
    options.workloads.iter().map(|w| w.name).collect()
}

#[test]
fn all_is_all() {
    assert_eq!(names("all").len(), WORKLOADS.len());
}

#[test]
fn a_name_is_one_workload_or_those_that_begin_with_it() {
    assert_eq!(names("spsc_1"), ["spsc_1"]);
    assert_eq!(names("spsc"), ["spsc_1024", "spsc_1", "spsc_0"]);
}

#[test]
fn quick_may_be_made_still_smaller() {
    let options = parsed("all --quick --scale 1000").expect("it is understood");
    assert_eq!((options.rounds, options.scale), (1, 1000));
    assert_eq!(options.limit, Duration::from_mins(1));
}

#[test]
fn only_takes_parts_of_names() {
    let options = parsed("ring --only kanal,Go").expect("it is understood");
    assert!(options.wants("tokio+kanal") && options.wants("Go"));
    assert!(!options.wants("tokio+flume"));
}

#[test]
fn what_is_not_understood_is_named() {
    for (line, named) in [
        ("", "which workloads"),
        ("rings", "rings"),
        ("ring --fast", "--fast"),
        ("ring --rounds", "--rounds"),
        ("ring --rounds 0", "0"),
    ] {
        let error = parsed(line).expect_err("it is wrong");
        assert!(error.contains(named), "{line}: {error}");
    }
}

#[test]
fn no_workload_is_there_twice() {
    for (at, one) in WORKLOADS.iter().enumerate() {
        assert!(WORKLOADS[..at].iter().all(|other| other.name != one.name));
    }
}
