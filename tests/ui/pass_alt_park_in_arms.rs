//! Arms may park, choose again, and leave the loop.
#![deny(
    warnings,
    clippy::all,
    clippy::pedantic,
    rust_2018_idioms,
    unused_qualifications
)]
use csp::prelude::*;

fn main() {
    let (tx, rx) = chan::<u64>(0);
    let (out, results) = chan::<u64>(0);
    go!({
        for n in 0..3 {
            put!(tx, n).ok();
        }
    });
    go!({
        'all: loop {
            alt! {
                v = take!(rx) => {
                    let Some(n) = v else { break 'all };
                    put!(out, n).ok();
                    alt! {
                        _ = park!(sleep(ms(1))) => {}
                        _ = take!(timeout(ms(10_000))) => break 'all,
                    }
                }
                _ = take!(timeout(ms(10_000))) => break,
            }
        }
    });
    assert_eq!(results.iter_blocking().sum::<u64>(), 3);
}
