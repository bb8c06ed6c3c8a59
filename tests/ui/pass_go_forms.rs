//! The ways to write a block.
#![deny(
    warnings,
    clippy::all,
    clippy::pedantic,
    rust_2018_idioms,
    unused_qualifications
)]
use csp::prelude::*;

fn main() {
    let parens = go!({ 1 });
    let braces = go! {
        let n = 1;
        n + 1
    };
    let async_move = go!(async move { 3 });
    let only_async = go!(async { 4 });
    let only_move = go!(move { 5 });
    let empty = go!({});
    assert_eq!(parens.wait(), Ok(1));
    assert_eq!(braces.wait(), Ok(2));
    assert_eq!(async_move.wait(), Ok(3));
    assert_eq!(only_async.wait(), Ok(4));
    assert_eq!(only_move.wait(), Ok(5));
    assert_eq!(empty.wait(), Ok(()));
}
