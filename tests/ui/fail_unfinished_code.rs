//! What an editor sees while one types.
use csp::prelude::*;

fn main() {
    let (_tx, rx) = chan::<u64>(0);
    go!({
        rx.
    });
}
