//! Two bindings that name each other: a name means what is bound before.
use csp::prelude::*;

fn main() {
    go!({
        flow! {
            let a = b + 1;
            let b = a + 1;
            a + b
        }
        .await
    });
}
