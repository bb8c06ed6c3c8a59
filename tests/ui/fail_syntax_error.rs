//! rustc's message, once, at the user's token.
use csp::prelude::*;

fn main() {
    let (_tx, rx) = chan::<u64>(0);
    go!({
        let n = ;
        take!(rx);
    });
}
