//! `else` receives a value.
use csp::prelude::*;

fn main() {
    let (_tx, rx) = chan::<u64>(0);
    go!({
        alt! {
            Some(v) = take!(rx) => v,
            else => 1,
        };
    });
}
