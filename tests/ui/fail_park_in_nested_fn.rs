//! A function inside the block is not part of it.
use csp::prelude::*;

fn main() {
    let (_tx, rx) = chan::<u64>(0);
    go!({
        fn inner(rx: &Receiver<u64>) -> Option<u64> {
            take!(rx)
        }
        inner(&rx)
    });
}
