//! `break` and `continue` of a loop around the flow.
use csp::prelude::*;

fn main() {
    go!({
        'outer: loop {
            flow! {
                let a = if true { break } else { 1 };
                let b = if true { continue 'outer } else { a };
                let c = loop { break b };
                c
            }
            .await;
        }
    });
}
