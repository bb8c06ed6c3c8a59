//! Outside async code rustc says so, at the operation.
use csp::prelude::*;

fn next(rx: &Receiver<u64>) -> Option<u64> {
    take!(rx)
}

fn main() {
    let (tx, rx) = chan::<u64>(0);
    put!(tx, 1).ok();
    next(&rx);
}
