//! A taken message is never dropped silently.
use csp::prelude::*;

fn main() {
    let (tx, rx) = chan::<u64>(0);
    go!({
        alt! {
            Some(v) = take!(rx) => v,
            Ok(()) = put!(tx, 1) => 0,
            (1 | 2, _) = park!(async { (1, 2) }) => 1,
        };
    });
}
