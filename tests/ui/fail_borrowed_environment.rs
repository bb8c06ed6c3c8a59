//! A block outlives the function that starts it.
use csp::prelude::*;

fn main() {
    let (tx, _rx) = chan::<usize>(0);
    let v = vec![1u64];
    let r = &v;
    go!({
        put!(tx, r.len()).ok();
    });
}
