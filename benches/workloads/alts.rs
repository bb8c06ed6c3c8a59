//! A block that chooses among channels, or between a channel and a timeout.

use csp::prelude::*;

use super::{share, sum_below};

/// Starts `N` blocks that put `messages` numbers in all, each into its own channel.
fn putters<const N: usize>(capacity: usize, messages: u64) -> [Receiver<u64>; N] {
    std::array::from_fn(|at| {
        let (tx, rx) = chan(capacity);
        go!({
            for n in share(messages, N as u64, at as u64) {
                put!(tx, n).expect("the taker stays to the end");
            }
        });
        rx
    })
}

/// Takes from eight channels with an `alt!` of eight arms, until all are closed.
pub(crate) fn alt_of_eight(capacity: usize, messages: u64) {
    let rx = putters::<8>(capacity, messages);
    let result = go!({
        let (mut count, mut sum) = (0_u64, 0_u64);
        let mut open = [true; 8];
        while open.contains(&true) {
            let (from, value) = alt! {
                v = take!(rx[0]), if open[0] => (0, v),
                v = take!(rx[1]), if open[1] => (1, v),
                v = take!(rx[2]), if open[2] => (2, v),
                v = take!(rx[3]), if open[3] => (3, v),
                v = take!(rx[4]), if open[4] => (4, v),
                v = take!(rx[5]), if open[5] => (5, v),
                v = take!(rx[6]), if open[6] => (6, v),
                v = take!(rx[7]), if open[7] => (7, v),
            };
            match value {
                Some(n) => {
                    count += 1;
                    sum += n;
                }
                None => open[from] = false,
            }
        }
        (count, sum)
    });
    assert_eq!(result.wait(), Ok((messages, sum_below(messages))));
}

/// Takes from eight channels with an [`AltSet`], until all are closed.
pub(crate) fn set_of_eight(capacity: usize, messages: u64) {
    set_of::<8>(capacity, messages);
}

/// Takes from a thousand channels with an [`AltSet`], until all are closed.
pub(crate) fn set_of_thousand(messages: u64) {
    set_of::<1_000>(0, messages);
}

fn set_of<const N: usize>(capacity: usize, messages: u64) {
    let receivers = putters::<N>(capacity, messages);
    let result = go!({
        let (mut count, mut sum) = (0_u64, 0_u64);
        let mut set = AltSet::new();
        for rx in &receivers {
            set.take(rx);
        }
        let mut open = set.len();
        while open > 0 {
            let (from, event) = alts!(&mut set);
            if let Some(n) = event.took() {
                count += 1;
                sum += n;
            } else {
                set.disable(from);
                open -= 1;
            }
        }
        (count, sum)
    });
    assert_eq!(result.wait(), Ok((messages, sum_below(messages))));
}

/// Takes `messages` numbers from an unbuffered channel, each with a new timeout of a second.
pub(crate) fn take_timeout(messages: u64) {
    let (tx, rx) = chan(0);
    go!({
        for n in 0..messages {
            put!(tx, n).expect("the taker stays to the end");
        }
    });
    let result = go!({
        let (mut count, mut sum, mut over) = (0_u64, 0_u64, 0_u64);
        loop {
            alt! {
                v = take!(rx) => {
                    let Some(n) = v else { break };
                    count += 1;
                    sum += n;
                }
                // A machine that stands still for a second is no error.
                _ = take!(timeout(secs(1))) => over += 1,
            }
        }
        (count, sum, over)
    });
    let (count, sum, over) = result.wait().expect("the taker comes to an end");
    assert_eq!((count, sum), (messages, sum_below(messages)));
    assert!(over < 10, "{over} of {messages} takes took a second");
}
