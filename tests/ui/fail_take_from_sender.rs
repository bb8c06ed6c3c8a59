//! GO-009: the putting end is not taken from: not by an operation, nor by a loop.
use csp::prelude::*;

fn main() {
    let (tx, _rx) = chan::<u64>(0);
    for _ in &tx {}
    go!({
        take!(tx);
    });
}
