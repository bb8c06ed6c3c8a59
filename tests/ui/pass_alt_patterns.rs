//! Patterns that match whatever comes need no `else`.
#![deny(
    warnings,
    clippy::all,
    clippy::pedantic,
    rust_2018_idioms,
    unused_qualifications
)]
use csp::prelude::*;

struct Point {
    x: u64,
    y: u64,
}

fn main() {
    let (_tx, rx) = chan::<u64>(0);
    let block = go!({
        let mut sum = 0;
        for turn in 0..4 {
            alt! {
                (a, b) = park!(async { (1, 2) }), if turn == 0 => sum += a + b,
                Point { x, y } = park!(async { Point { x: 3, y: 4 } }), if turn == 1 => sum += x + y,
                Ok(n) | Err(n) = park!(async { Ok::<u64, u64>(5) }), if turn == 2 => sum += n,
                n: u64 = park!(async { 6 }), if turn == 3 => sum += n,
                _ = take!(rx) => {}
            }
        }
        sum
    });
    assert_eq!(block.wait(), Ok(21));
}
