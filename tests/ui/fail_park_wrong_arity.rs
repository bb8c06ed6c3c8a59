//! `park!` takes one future.
use csp::prelude::*;

fn main() {
    go!({
        park!();
        park!(sleep(ms(1)), sleep(ms(2)));
    });
}
