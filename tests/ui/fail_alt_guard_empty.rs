//! A guard is a condition.
use csp::prelude::*;

fn main() {
    let (_tx, rx) = chan::<u64>(0);
    go!({
        alt! {
            v = take!(rx), if => v,
            default => None,
        };
    });
}
