//! What is put is gone.
use csp::prelude::*;

fn main() {
    let (tx, _rx) = chan::<Vec<u64>>(0);
    go!({
        let v = vec![1];
        put!(tx, v).ok();
        println!("{v:?}");
    });
}
