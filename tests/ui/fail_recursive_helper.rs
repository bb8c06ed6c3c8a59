//! A helper that calls itself has to be boxed.
use csp::prelude::*;

async fn drain(rx: &Receiver<u64>) -> u64 {
    match take!(rx) {
        Some(n) => n + drain(rx).await,
        None => 0,
    }
}

fn main() {
    let (_tx, rx) = chan::<u64>(0);
    go!({ drain(&rx).await });
}
