//! Blocks and choices that a user's own macro writes.
#![deny(
    warnings,
    clippy::all,
    clippy::pedantic,
    rust_2018_idioms,
    unused_qualifications
)]
use csp::prelude::*;

macro_rules! forward {
    ($from:expr, $to:expr, $block:block) => {
        go!({
            while let Some(value) = take!($from) {
                $block;
                if put!($to, value).is_err() {
                    break;
                }
            }
        })
    };
}

macro_rules! first {
    ($($ch:expr),*) => {
        alt! { $(v = take!($ch) => v,)* }
    };
}

fn main() {
    let (tx, rx) = chan::<u64>(0);
    let (out, results) = chan::<u64>(0);
    forward!(rx, out, { sleep(ms(1)).await });
    let block = go!({
        put!(tx, 1).ok();
        first!(results, timeout_of_u64())
    });
    assert_eq!(block.wait().unwrap(), Some(1));
}

fn timeout_of_u64() -> Receiver<u64> {
    let (tx, rx) = chan(0);
    go!({
        sleep(ms(10_000)).await;
        drop(tx);
    });
    rx
}
