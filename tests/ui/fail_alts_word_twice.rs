//! Each word once.
use csp::prelude::*;

fn main() {
    let (_tx, rx) = chan::<u64>(0);
    go!({
        let _ = alts!(rx.take(), rx.take(), default, default);
    });
}
