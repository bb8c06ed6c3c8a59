//! Borrows across a park point are checked as anywhere.
use csp::prelude::*;

fn main() {
    let (tx, _rx) = chan::<u64>(0);
    go!({
        let mut v = vec![1u64];
        for n in &v {
            put!(tx, *n).ok();
            v.push(*n);
        }
    });
}
