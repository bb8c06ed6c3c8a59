//! A put's variable is there again when its arm loses.
#![deny(
    warnings,
    clippy::all,
    clippy::pedantic,
    rust_2018_idioms,
    unused_qualifications
)]
use csp::prelude::*;

fn main() {
    let (full, _full_rx) = chan::<Vec<u64>>(0);
    let block = go!({
        let plain = vec![1];
        let seen = alt! {
            _ = put!(full, plain) => 0,
            default => {
                println!("{plain:?}");
                plain.len()
            }
        };
        let mut whole = vec![1, 2];
        alt! {
            _ = put!(full, mut whole) => whole = Vec::new(),
            _ = take!(timeout(ms(1))) => {}
        }
        seen + whole.len()
    });
    assert_eq!(block.wait(), Ok(3));
}
