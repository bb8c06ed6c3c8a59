//! GO-009: the two ends of a channel are not the same.
use csp::prelude::*;

fn main() {
    let (_tx, rx) = chan::<u64>(0);
    go!({
        put!(rx, 1).ok();
    });
}
