//! A timeout is a channel that closes.
use csp::prelude::*;

fn main() {
    let (_tx, rx) = chan::<u64>(0);
    go!({
        alt! {
            v = take!(rx) => v,
            _ = timeout(ms(5)) => None,
        };
    });
}
