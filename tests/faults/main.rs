//! What the runtime promises, while the world around it misbehaves: one worker or too many, threads that hog the
//! processors, clocks that jump, channels closed at every step, a system that refuses threads.
#![allow(clippy::similar_names, reason = "tx and rx are the field's names")]

#[path = "../util/cases.rs"]
mod cases;
mod clocks;
mod closing;
mod dice;
mod refused;
mod starvation;
mod traffic;
mod worker_counts;

use std::time::Duration;

use csp::{Failure, Go};

/// How long anything may take before it counts as hung.
const LIMIT: Duration = Duration::from_secs(50);

/// How a block ends; it has to, soon.
#[track_caller]
fn outcome<T>(go: Go<T>) -> Result<T, Failure> {
    match go.wait_for(LIMIT) {
        Ok(outcome) => outcome,
        Err(go) => panic!("hung: {go:?}, {:?}", go.parked_at()),
    }
}
