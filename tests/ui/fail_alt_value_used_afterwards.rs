//! After the `alt!` only `mut v` is whole again.
use csp::prelude::*;

fn main() {
    let (_tx, rx) = chan::<u64>(0);
    go!({
        let v = vec![1];
        let (vtx, _vrx) = chan::<Vec<u64>>(0);
        alt! {
            _ = put!(vtx, v) => (),
            _ = take!(rx) => (),
        }
        println!("{v:?}");
    });
}
