//! A flow without statements.
use csp::prelude::*;

fn main() {
    go!({
        flow! {}.await;
    });
}
