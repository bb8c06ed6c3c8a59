//! On a thread it is `alt_blocking!`.
use csp::prelude::*;

fn main() {
    let (_tx, rx) = chan::<u64>(0);
    let v = alt! {
        v = take!(rx) => v,
        _ = take!(timeout(ms(1))) => None,
    };
    println!("{v:?}");
}
