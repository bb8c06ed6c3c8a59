//! Only a variable can be assigned again.
use csp::prelude::*;

fn main() {
    let (tx, _rx) = chan::<u64>(0);
    go!({
        alt! {
            _ = put!(tx, mut 1 + 1) => (),
            default => (),
        };
    });
}
