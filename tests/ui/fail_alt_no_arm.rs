//! An `alt!` without arms waits for nothing.
use csp::prelude::*;

fn main() {
    go!({
        alt! {}
    });
}
