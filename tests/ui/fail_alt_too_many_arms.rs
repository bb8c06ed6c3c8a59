//! Sixteen arms at most.
use csp::prelude::*;

fn main() {
    let (_tx, rx) = chan::<u64>(0);
    go!({
        alt! {
            _ = take!(rx) => 0,
            _ = take!(rx) => 1,
            _ = take!(rx) => 2,
            _ = take!(rx) => 3,
            _ = take!(rx) => 4,
            _ = take!(rx) => 5,
            _ = take!(rx) => 6,
            _ = take!(rx) => 7,
            _ = take!(rx) => 8,
            _ = take!(rx) => 9,
            _ = take!(rx) => 10,
            _ = take!(rx) => 11,
            _ = take!(rx) => 12,
            _ = take!(rx) => 13,
            _ = take!(rx) => 14,
            _ = take!(rx) => 15,
            _ = take!(rx) => 16,
        };
    });
}
