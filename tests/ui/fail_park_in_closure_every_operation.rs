//! Each operation that parks is named as the user wrote it.
use csp::prelude::*;

fn main() {
    let (tx, rx) = chan::<u64>(0);
    go!({
        (0..3).for_each(|n| put!(tx, n).unwrap());
        let wait = || park!(sleep(ms(1)));
        let either = || alt! { v = take!(rx) => v, default => None };
        let one = || alts!(rx.take(), rx.take());
    });
}
