//! An arm without a body.
use csp::prelude::*;

fn main() {
    let (_tx, rx) = chan::<u64>(0);
    go!({
        let v: Option<u64> = alt! {
            v = take!(rx) => ,
            _ = take!(timeout(ms(5))) => None,
        };
    });
}
