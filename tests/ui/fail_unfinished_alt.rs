//! What an editor sees while one types in an arm.
use csp::prelude::*;

fn main() {
    let (_tx, rx) = chan::<u64>(0);
    go!({
        alt! {
            v = take!(rx) => v.,
            _ = take!(timeout(ms(5))) => None,
        }
    });
}
