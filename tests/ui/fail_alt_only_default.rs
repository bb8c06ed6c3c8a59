//! A `default` alone is no choice.
use csp::prelude::*;

fn main() {
    go!({
        alt! {
            default => 0,
        };
    });
}
