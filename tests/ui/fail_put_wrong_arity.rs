//! `put!` needs a channel and a value.
use csp::prelude::*;

fn main() {
    let (tx, _rx) = chan::<u64>(0);
    go!({
        put!(tx);
        put!(tx, 1, 2);
    });
}
