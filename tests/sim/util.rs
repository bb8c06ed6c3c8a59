//! What the programs of the library share.

use csp::{prelude::*, sim::Sim};

/// Each program under some hundred schedules.
#[track_caller]
pub(crate) fn explore(program: impl Fn()) {
    Sim::random(1)
        .schedules(300)
        .progress(false)
        .explore(program);
}

/// Puts 1, 2, 3 by a block of its own.
pub(crate) fn three() -> Receiver<u32> {
    let (tx, rx) = chan(0);
    go!({
        for n in 1..=3 {
            put!(tx, n).unwrap();
        }
    });
    rx
}

/// All that comes.
pub(crate) fn list(rx: Receiver<u32>) -> Go<Vec<u32>> {
    go!({
        let mut all = vec![];
        while let Some(n) = take!(rx) {
            all.push(n);
        }
        all
    })
}
