//! The body moves a value that another value borrows from.
use csp::prelude::*;

fn main() {
    go!({
        flow! {
            let text = String::from("a b");
            let first = text.split(' ').next();
            println!("{first:?} {}", text.len())
        }
        .await
    });
}
