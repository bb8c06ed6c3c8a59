//! `else` comes after the arms whose outcomes it receives.
use csp::prelude::*;

fn main() {
    let (_tx, rx) = chan::<u64>(0);
    go!({
        alt! {
            else _ => 1,
            Some(v) = take!(rx) => v,
        };
    });
}
