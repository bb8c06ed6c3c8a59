//! Two statements move one variable.
use csp::prelude::*;

fn main() {
    let text = String::from("abc");
    go!({
        flow! {
            let a = text.into_bytes();
            let b = text.into_boxed_str();
            (a, b)
        }
        .await
    });
}
