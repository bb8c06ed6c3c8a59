//! `default` never parks.
#![deny(
    warnings,
    clippy::all,
    clippy::pedantic,
    rust_2018_idioms,
    unused_qualifications
)]
use csp::prelude::*;

fn main() {
    let (_tx, rx) = chan::<u64>(0);
    let (ready_tx, ready) = chan::<u64>(1);
    let block = go!({
        let first = alt! {
            v = take!(rx) => v,
            default => Some(0),
        };
        put!(ready_tx, 1).ok();
        let second = alt! {
            Some(v) = take!(ready) => Some(v),
            _ = take!(rx) => None,
            else none => none,
            default => Some(0),
        };
        (first, second)
    });
    assert_eq!(block.wait().unwrap(), (Some(0), Some(1)));
}
