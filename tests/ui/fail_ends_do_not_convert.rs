//! GO-008: neither end of a channel becomes the other.
use csp::prelude::*;

fn main() {
    let (tx, rx) = chan::<u64>(0);
    let _: Receiver<u64> = tx.into();
    let _: Sender<u64> = rx;
}
