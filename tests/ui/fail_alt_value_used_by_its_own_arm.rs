//! A put's value is gone in the arm where the put won.
use csp::prelude::*;

fn main() {
    let (_tx, rx) = chan::<u64>(0);
    go!({
        let v = vec![1];
        let (vtx, _vrx) = chan::<Vec<u64>>(0);
        alt! {
            _ = put!(vtx, v) => println!("{v:?}"),
            _ = take!(rx) => println!("{v:?}"),
        }
    });
}
