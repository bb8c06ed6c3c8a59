//! Operations are macros, as they are outside `alt!`.
use csp::prelude::*;

fn main() {
    let (tx, rx) = chan::<u64>(0);
    go!({
        alt! {
            v = take(rx) => v,
            _ = put(tx, 1) => None,
        };
    });
}
