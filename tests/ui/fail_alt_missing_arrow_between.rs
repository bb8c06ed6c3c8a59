//! An arm without `=>`, before another.
use csp::prelude::*;

fn main() {
    let (_tx, rx) = chan::<u64>(0);
    go!({
        alt! {
            v = take!(rx),
            _ = take!(timeout(ms(5))) => None,
        };
    });
}
