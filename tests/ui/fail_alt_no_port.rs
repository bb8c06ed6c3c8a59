//! An arm's operand must be a port.
use csp::prelude::*;

fn main() {
    let (_tx, rx) = chan::<u64>(0);
    go!({
        let n = 5u8;
        alt! {
            _ = take!(n) => (),
            _ = take!(rx) => (),
        }
    });
}
