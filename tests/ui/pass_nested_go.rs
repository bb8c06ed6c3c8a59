//! A block inside a block, and functions beside them.
#![deny(
    warnings,
    clippy::all,
    clippy::pedantic,
    rust_2018_idioms,
    unused_qualifications
)]
use csp::prelude::*;

async fn forward(rx: &Receiver<u64>, tx: &Sender<u64>) {
    while let Some(n) = take!(rx) {
        put!(tx, n).ok();
    }
}

fn main() {
    let (tx, rx) = chan::<u64>(0);
    let outer = go!({
        async fn twice(tx: &Sender<u64>, n: u64) {
            put!(tx, n).ok();
            put!(tx, n).ok();
        }
        let (inner_tx, inner_rx) = chan::<u64>(0);
        let inner = go!({
            twice(&inner_tx, 1).await;
            let last = async |n: u64| put!(inner_tx, n).is_ok();
            last(3).await
        });
        forward(&inner_rx, &tx).await;
        inner.await
    });
    let sum = go!({
        let mut sum = 0;
        while let Some(n) = take!(rx) {
            sum += n;
        }
        sum
    });
    assert!(outer.wait().is_ok());
    assert_eq!(sum.wait(), Ok(5));
}
