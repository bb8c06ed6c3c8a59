//! Macros that are imported one by one are not reported as unused.
#![deny(
    warnings,
    clippy::all,
    clippy::pedantic,
    rust_2018_idioms,
    unused_qualifications
)]
use csp::{alt, chan, go, ms, park, put, sleep, take};

fn main() {
    let (tx, rx) = chan::<u64>(0);
    go!({
        alt! {
            _ = put!(tx, 1) => (),
            _ = park!(sleep(ms(10_000))) => (),
        }
    });
    let block = go!({
        alt! {
            v = take!(rx) => v,
            _ = park!(sleep(ms(10_000))) => None,
        }
    });
    assert_eq!(block.wait().unwrap(), Some(1));
}
