//! A `let` without a value: there is nothing to run.
use csp::prelude::*;

fn main() {
    go!({
        flow! {
            let a: u32;
            let b = a + 1;
            b
        }
        .await
    });
}
