//! Blocks that put into and take from one channel.

use csp::prelude::*;

use super::{share, sum_below};

/// Sends `messages` numbers from `putters` blocks to `takers` blocks through one channel.
pub(crate) fn stream(putters: u64, takers: u64, capacity: usize, messages: u64) {
    let (tx, rx) = chan(capacity);
    let takers: Vec<_> = (0..takers)
        .map(|_| {
            let rx = rx.clone();
            go!({
                let (mut count, mut sum) = (0_u64, 0_u64);
                while let Some(n) = take!(rx) {
                    count += 1;
                    sum += n;
                }
                (count, sum)
            })
        })
        .collect();
    drop(rx);
    for at in 0..putters {
        let tx = tx.clone();
        go!({
            for n in share(messages, putters, at) {
                put!(tx, n).expect("the takers stay to the end");
            }
        });
    }
    drop(tx);
    let (mut count, mut sum) = (0, 0);
    for taker in takers {
        let (its_count, its_sum) = taker.wait().expect("the takers come to an end");
        count += its_count;
        sum += its_sum;
    }
    assert_eq!((count, sum), (messages, sum_below(messages)));
}

/// Makes so many channels, one after the other, and drops them.
pub(crate) fn made_and_dropped(channels: u64) {
    for _ in 0..channels {
        drop(std::hint::black_box(chan::<u64>(0)));
    }
}
