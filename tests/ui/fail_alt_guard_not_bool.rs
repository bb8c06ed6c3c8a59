//! A guard is a `bool`: rustc's message, at the guard.
use csp::prelude::*;

fn main() {
    let (_tx, rx) = chan::<u64>(0);
    go!({
        alt! {
            v = take!(rx), if 1 => v,
            default => None,
        };
    });
}
