//! All bodies have one type, as in a `match`.
use csp::prelude::*;

fn main() {
    let (_tx, rx) = chan::<u64>(0);
    go!({
        let n: u64 = alt! {
            v = take!(rx) => v,
            _ = take!(timeout(ms(5))) => 0,
        };
    });
}
