//! A closure cannot be suspended, so an iterator adaptor cannot park.
use csp::prelude::*;

fn main() {
    let (_tx, rx) = chan::<u64>(0);
    go!({
        let n: u64 = (0..3).map(|_| take!(rx).unwrap_or(0)).sum();
        n
    });
}
