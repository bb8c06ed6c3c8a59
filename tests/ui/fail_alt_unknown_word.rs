//! The only word before the arms is `priority`.
use csp::prelude::*;

fn main() {
    let (_tx, rx) = chan::<u64>(0);
    go!({
        alt! {
            biased;
            v = take!(rx) => v,
            default => None,
        };
    });
}
