//! What the guides claim: that each name they map has a test.

use std::{fs, path::Path};

/// All test sources of the workspace, in lower case.
fn tests() -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut text = String::new();
    for folder in ["tests", "csp-core/tests", "csp-flow/tests", "csp-net/tests"] {
        add(&root.join(folder), &mut text);
    }
    text.to_lowercase()
}

fn add(folder: &Path, text: &mut String) {
    for entry in fs::read_dir(folder).expect("a folder of tests") {
        let path = entry.expect("an entry of it").path();
        if path.is_dir() {
            add(&path, text);
        } else if !path.ends_with("guide.rs") {
            text.push_str(&fs::read_to_string(path).expect("a source file"));
        }
    }
}

/// The cells of the rows of all tables, without their heads.
fn rows(guide: &str) -> Vec<Vec<&str>> {
    let mut rows = Vec::new();
    let mut lines = guide.lines().peekable();
    while let Some(line) = lines.next() {
        let is_head = lines.peek().is_some_and(|next| next.starts_with("|--"));
        if line.starts_with("| ") && !is_head {
            rows.push(line.trim_matches('|').split('|').map(str::trim).collect());
        }
    }
    rows
}

fn is_there(tests: &str, what: &str) -> bool {
    match what.split_once('-') {
        Some((system, number)) => ["-", "_"]
            .iter()
            .any(|dash| tests.contains(&format!("{system}{dash}{number}").to_lowercase())),
        None => tests.contains(&format!("fn {}()", what.trim_matches('`'))),
    }
}

/// Each row of a guide is: the other system's name, ours, and the tests that hold it.
fn check(guide: &str, least: usize) {
    let tests = tests();
    let rows = rows(guide);
    assert!(rows.len() >= least, "only {} rows were found", rows.len());
    let mut missing = Vec::new();
    for row in rows {
        let [name, ours, covered] = row[..] else {
            panic!("a row with {} cells: {row:?}", row.len());
        };
        if covered.is_empty() {
            if !ours.starts_with("none needed: ") {
                missing.push(format!("{name}: no test, and no reason"));
            }
            continue;
        }
        for what in covered.split(", ").filter(|what| !is_there(&tests, what)) {
            missing.push(format!("{name}: {what}"));
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn every_name_of_core_async_has_a_test_or_a_reason_to_need_none() {
    check(include_str!("../../src/guide/core_async.md"), 80);
}

#[test]
fn every_name_of_lamina_has_a_test_or_a_reason_to_need_none() {
    check(include_str!("../../src/guide/lamina.md"), 160);
}

#[test]
fn every_name_of_twisted_has_a_test_or_a_reason_to_need_none() {
    check(include_str!("../../src/guide/twisted.md"), 85);
}

#[test]
fn every_name_of_task_has_a_test_or_a_reason_to_need_none() {
    check(include_str!("../../src/guide/task.md"), 30);
}
