//! `default` is what happens when nothing above it can.
use csp::prelude::*;

fn main() {
    let (_tx, rx) = chan::<u64>(0);
    go!({
        alt! {
            default => 1,
            _ = take!(rx) => 0,
        };
    });
}
