//! `take!` takes from one channel.
use csp::prelude::*;

fn main() {
    let (_tx, rx) = chan::<u64>(0);
    go!({
        take!();
        take!(rx, rx);
    });
}
