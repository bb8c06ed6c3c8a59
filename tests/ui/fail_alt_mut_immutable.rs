//! `put!(ch, mut v)` assigns to `v` when the arm loses.
use csp::prelude::*;

fn main() {
    let (tx, _rx) = chan::<u64>(0);
    go!({
        let v = 1;
        alt! {
            _ = put!(tx, mut v) => (),
            default => (),
        }
        println!("{v}");
    });
}
