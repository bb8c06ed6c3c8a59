//! What comes back to a losing arm is that arm's own; `mut v` is for the variable itself.
use csp::prelude::*;

fn main() {
    let (tx, rx) = chan::<u64>(0);
    go!({
        let mut sum = 0;
        alt! {
            _ = put!(tx, sum) => sum = 0,
            v = take!(rx) => sum += v.unwrap_or(0),
        }
        sum
    });
}
