//! A helper is an `async fn`, called with `.await`.
use csp::prelude::*;

async fn next(rx: &Receiver<u64>) -> u64 {
    take!(rx).unwrap_or(0)
}

fn main() {
    let (_tx, rx) = chan::<u64>(0);
    go!({
        let n: u64 = next(&rx);
        n
    });
}
