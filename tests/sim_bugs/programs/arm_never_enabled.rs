//! An arm that is never enabled: a batch is passed on when it is full, or when somebody asks for it. What
//! is in it at the end, less than full, is not: that arm stays off, and only the order to stop could end
//! the loop.
//!
//! In Go a nil channel in a `select`; "channel operations" among the blocking bugs of the study. Whether
//! something is left depends on where the request falls between the values. The fix is the missing
//! condition.

use csp::prelude::*;

use super::join;

const FULL: usize = 2;

enum Input {
    Value(u32),
    Flush,
}

async fn batch(input: Receiver<Input>, out: Sender<Vec<u32>>, stop: Receiver<()>, rest: bool) {
    let (mut batch, mut open, mut flush) = (Vec::new(), true, false);
    while open || !batch.is_empty() {
        let ready = batch.len() == FULL || flush || (rest && !open);
        alt! {
            next = take!(input), if open && !ready => match next {
                Some(Input::Value(value)) => batch.push(value),
                Some(Input::Flush) => flush = !batch.is_empty(),
                None => open = false,
            },
            _ = put!(out, batch.clone()), if ready && !batch.is_empty() => {
                batch.clear();
                flush = false;
            }
            _ = take!(stop) => return,
        }
    }
}

fn run(rest: bool) {
    let (input, input_rx) = chan(0);
    let (out, out_rx) = chan::<Vec<u32>>(0);
    let (stop, stop_rx) = chan::<()>(0);
    drop(go(batch(input_rx, out, stop_rx, rest)));
    let flusher = input.clone();
    drop(go!({ put!(flusher, Input::Flush).ok() }));
    drop(go!({
        for value in [1, 2] {
            put!(input, Input::Value(value)).ok();
        }
    }));
    let total = go!({
        let mut total = 0;
        while let Some(batch) = take!(out_rx) {
            total += batch.iter().sum::<u32>();
        }
        total
    });
    assert_eq!(join([total]), [3]);
    drop(stop);
}

pub(crate) fn buggy() {
    run(false);
}

pub(crate) fn fixed() {
    run(true);
}
