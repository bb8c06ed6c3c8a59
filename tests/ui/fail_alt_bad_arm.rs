//! What is no arm at all.
use csp::prelude::*;

fn main() {
    let (_tx, rx) = chan::<u64>(0);
    go!({
        alt! {
            take!(rx) => 1,
            v = rx.take() => 2,
            v = println!("{}", 1) => 3,
            rx => 4,
            v = take!(rx) => 5,
        };
    });
}
