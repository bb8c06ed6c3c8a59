//! A binding with a `cfg`.
use csp::prelude::*;

fn main() {
    go!({
        flow! {
            #[cfg(unix)]
            let a = 1;
            a
        }
        .await
    });
}
