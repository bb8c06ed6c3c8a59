//! `default` has no guard.
use csp::prelude::*;

fn main() {
    let (_tx, rx) = chan::<u64>(0);
    go!({
        alt! {
            v = take!(rx) => v,
            default, if true => None,
        };
    });
}
