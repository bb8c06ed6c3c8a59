//! A block awaits; it does not block on a future.
use csp::prelude::*;
use std::future::Future;

fn block_on<F: Future>(_future: F) {}

fn main() {
    go!({
        block_on(sleep(ms(1)));
    });
}
