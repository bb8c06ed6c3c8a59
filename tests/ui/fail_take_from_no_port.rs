//! What is taken from must be a port.
use csp::prelude::*;

fn main() {
    go!({
        let n = 5u8;
        take!(n);
    });
}
