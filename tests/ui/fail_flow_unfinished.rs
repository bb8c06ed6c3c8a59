//! A flow that is still being typed.
use csp::prelude::*;

fn main() {
    go!({
        flow! {
            let a = 1;
            let b = a.;
            b + 1
        }
        .await
    });
}
