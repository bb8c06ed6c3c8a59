//! GO-009: the putting end is not taken from: not by an operation, nor in an alts, nor by a loop.
use csp::prelude::*;

fn main() {
    let (tx, rx) = chan::<u64>(0);
    for _ in &tx {}
    go!({
        take!(tx);
        alt! {
            _ = put!(rx, 1) => {}
            _ = take!(tx) => {}
        }
    });
}
