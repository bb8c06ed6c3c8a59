//! What is put to must be a port.
use csp::prelude::*;

fn main() {
    go!({
        let n = 5u8;
        put!(n, 1).ok();
    });
}
