//! A statement wants a value that the body owns: it sees a reference.
use csp::prelude::*;

fn length(text: String) -> usize {
    text.len()
}

fn main() {
    go!({
        flow! {
            let text = String::from("abc");
            let long = length(text);
            long
        }
        .await
    });
}
