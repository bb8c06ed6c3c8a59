//! `detach` before a `let`.
use csp::prelude::*;

fn main() {
    go!({
        flow! {
            detach let a = sleep(ms(1)).await;
            a
        }
        .await
    });
}
