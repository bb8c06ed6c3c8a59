//! An arm's macro is looked up like any other.
use csp::chan;

fn main() {
    let (_tx, rx) = chan::<u64>(0);
    csp::go!({
        csp::alt! {
            v = take!(rx) => v,
            default => None,
        }
    });
}
