//! The words come last.
use csp::prelude::*;

fn main() {
    let (_tx, rx) = chan::<u64>(0);
    go!({
        let _ = alts!(priority, rx.take(), rx.take());
    });
}
