//! The targets on fixed inputs, so that they never rot: choices at random, and every program that we have.

use std::path::{Path, PathBuf};

use super::Target;
use crate::bytes::on_random_inputs;

/// How many inputs each target gets; the fuzzer itself makes more.
const CASES: u64 = 500;

fn at_random(target: Target) {
    on_random_inputs(CASES, 200, |data| {
        // from no mistake to seven
        let mistakes = data.first().map_or(0, |first| first % 8);
        target.run(&[&[mistakes], data].concat());
    });
}

#[test]
fn go_takes_whatever_comes() {
    at_random(Target::Go);
}

#[test]
fn alt_takes_whatever_comes() {
    at_random(Target::Alt);
}

#[test]
fn alts_takes_whatever_comes() {
    at_random(Target::Alts);
}

#[test]
fn flow_takes_whatever_comes() {
    at_random(Target::Flow);
}

/// (As the fuzzer found it, from two of our programs, one in the other.)
#[test]
fn a_block_may_have_attributes_of_its_own() {
    Target::Go.run_source("{ #![allow(unused)] let x = 1; }");
    Target::Go.run(
        b"fn main() { go!({ //! What is taken from must be a port.\nuse csp::prelude::*; }); }",
    );
}

#[test]
fn all_take_the_calls_of_our_own_programs() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut programs = Vec::new();
    for folder in ["tests", "examples", "csp-core/tests"] {
        programs_in(&root.join(folder), &mut programs);
    }
    assert!(
        programs.len() > 100,
        "the corpus has moved: {}",
        programs.len()
    );
    for program in programs {
        let text = std::fs::read(program).expect("a program can be read");
        for target in [Target::Go, Target::Alt, Target::Alts, Target::Flow] {
            target.run(&text);
        }
    }
}

fn programs_in(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder can be read") {
        let path = entry.expect("an entry can be read").path();
        if path.is_dir() {
            programs_in(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}
