//! The same inside another macro's arguments.
use csp::prelude::*;

fn main() {
    let (_tx, rx) = chan::<u64>(0);
    go!({
        println!("{:?}", Some(1).map(|_| take!(rx)));
    });
}
