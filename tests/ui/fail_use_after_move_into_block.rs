//! What a block uses moves into it.
use csp::prelude::*;

fn main() {
    let (tx, _rx) = chan::<u64>(0);
    let v = vec![1u64];
    go!({
        put!(tx, v[0]).ok();
    });
    println!("{v:?}");
}
