//! A value of another type: rustc's message, at the value.
use csp::prelude::*;

fn main() {
    let (tx, _rx) = chan::<u64>(0);
    go!({
        put!(tx, "one").ok();
    });
}
