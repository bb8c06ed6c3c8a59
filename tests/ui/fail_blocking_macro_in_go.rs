//! The blocking twins of `alt!` and `alts!`.
use csp::prelude::*;

fn main() {
    let (_tx, rx) = chan::<u64>(0);
    go!({
        alt_blocking! { v = take!(rx) => v, default => None };
        let _ = alts_blocking!(rx.take(), rx.take());
    });
}
