//! Operations in arms have the arguments they have elsewhere.
use csp::prelude::*;

fn main() {
    let (tx, rx) = chan::<u64>(0);
    go!({
        alt! {
            _ = take!() => 0,
            _ = take!(rx, rx) => 1,
            _ = put!(tx) => 2,
            _ = put!(tx, 1, 2) => 3,
            _ = park!() => 4,
            _ = take!(rx) => 5,
        };
    });
}
