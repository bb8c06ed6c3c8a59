//! One `default` at most.
use csp::prelude::*;

fn main() {
    let (_tx, rx) = chan::<u64>(0);
    go!({
        alt! {
            _ = take!(rx) => 0,
            default => 1,
            default => 2,
        };
    });
}
