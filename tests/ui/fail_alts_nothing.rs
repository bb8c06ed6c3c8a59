//! There must be something to wait for.
use csp::prelude::*;

fn main() {
    go!({
        alts!();
        alts!(default);
    });
}
