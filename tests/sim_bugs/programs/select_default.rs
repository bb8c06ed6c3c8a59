//! The wrong branch: so as not to wait, a new state is put with a `default` that does nothing. While the
//! watcher is busy the state is dropped, and if it was the last, the watcher has an old one for ever.
//!
//! "Select with default" among the misuses of channels in the Go study. The fix is a buffer that keeps the
//! newest.

use csp::prelude::*;

use super::join;

const NEWEST: u32 = 2;

async fn watch(states: Receiver<u32>) -> u32 {
    let mut seen = 0;
    while let Some(state) = take!(states) {
        seen = state;
    }
    seen
}

fn run(buffer: Buffer<u32>) {
    let (states, states_rx) = chan(buffer);
    let watcher = go(watch(states_rx));
    let publisher = go!({
        for state in 1..=NEWEST {
            alt! {
                _ = put!(states, state) => {}
                default => {} // the watcher is busy: the next one will do
            }
        }
    });
    join([publisher]);
    assert_eq!(join([watcher]), [NEWEST], "the watcher has an old state");
}

pub(crate) fn buggy() {
    run(csp::fixed(1));
}

pub(crate) fn fixed() {
    run(sliding(1));
}
