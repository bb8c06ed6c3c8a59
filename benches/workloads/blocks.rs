//! Blocks that are started, that take turns, and that form structures.

use csp::prelude::*;

use super::sum_below;

/// Starts `blocks` blocks that only give a number, and waits for them in waves of `wave`.
pub(crate) fn spawn_join(blocks: u64, wave: usize) {
    let sum = go!({
        let mut sum = 0;
        let mut handles = Vec::with_capacity(wave);
        let mut numbers = 0..blocks;
        while !numbers.is_empty() {
            for n in numbers.by_ref().take(wave) {
                handles.push(go!({ n }));
            }
            for handle in handles.drain(..) {
                sum += handle.await.expect("the block gives its number");
            }
        }
        sum
    });
    assert_eq!(sum.wait(), Ok(sum_below(blocks)));
}

/// Sends a ball to and fro between two blocks, `rounds` times, over two unbuffered channels.
pub(crate) fn pingpong(rounds: u64) {
    let (ping_tx, ping_rx) = chan(0);
    let (pong_tx, pong_rx) = chan(0);
    let echo = go!({
        let mut returned = 0_u64;
        while let Some(ball) = take!(ping_rx) {
            put!(pong_tx, ball + 1).expect("the other side is there");
            returned += 1;
        }
        returned
    });
    let ball = go!({
        let mut ball = 0_u64;
        for _ in 0..rounds {
            put!(ping_tx, ball).expect("the other side is there");
            ball = take!(pong_rx).expect("the ball comes back");
        }
        ball
    });
    assert_eq!(ball.wait(), Ok(rounds));
    assert_eq!(echo.wait(), Ok(rounds));
}

/// Hands a token round a ring of `members` blocks until it has made `hops`.
pub(crate) fn ring(members: usize, hops: u64) {
    let (start, first) = chan(0);
    let (last_seen, seen) = chan(1);
    let mut takes = first;
    for member in 0..members {
        let closes_the_ring = member + 1 == members;
        let (tx, rx) = if closes_the_ring {
            (start.clone(), None)
        } else {
            let (tx, rx) = chan(0);
            (tx, Some(rx))
        };
        let last_seen = last_seen.clone();
        go!({
            while let Some(left) = take!(takes) {
                if left == 0 {
                    put!(last_seen, member).expect("somebody waits for the end");
                    break;
                }
                if put!(tx, left - 1).is_err() {
                    break; // the token has come to its end, and the ring with it
                }
            }
        });
        match rx {
            Some(rx) => takes = rx,
            None => break,
        }
    }
    start.put_blocking(hops).expect("the first member is there");
    let at = seen.take_blocking().expect("some member sees the end");
    let members = u64::try_from(members).expect("members are few");
    assert_eq!(u64::try_from(at), Ok(hops % members));
}

/// Sends `messages` numbers through `stages` blocks in a row, with room for `room` between two.
pub(crate) fn line(stages: usize, room: usize, messages: u64) {
    let (first, mut numbers) = chan(room);
    for _ in 0..stages {
        let (tx, rx) = chan(room);
        let takes = std::mem::replace(&mut numbers, rx);
        go!({
            while let Some(n) = take!(takes) {
                put!(tx, n).expect("the next stage stays to the end");
            }
        });
    }
    go!({
        for n in 0..messages {
            put!(first, n).expect("the first stage stays to the end");
        }
    });
    let sum = go!({
        let mut sum = 0;
        while let Some(n) = take!(numbers) {
            sum += n;
        }
        sum
    });
    assert_eq!(sum.wait(), Ok(sum_below(messages)));
}

/// Grows a tree of `fan`-fold nodes down to `leaves`; each node sums its children through a channel.
pub(crate) fn skynet(leaves: u64, fan: u64) {
    let (tx, rx) = chan(0);
    skynet_node(tx, 0, leaves, fan);
    assert_eq!(rx.take_blocking(), Some(sum_below(leaves)));
}

fn skynet_node(parent: Sender<u64>, first: u64, leaves: u64, fan: u64) {
    go!({
        let sum = if leaves == 1 {
            first
        } else {
            let (tx, rx) = chan(0);
            for child in 0..fan {
                let leaves = leaves / fan;
                skynet_node(tx.clone(), first + child * leaves, leaves, fan);
            }
            drop(tx);
            let mut sum = 0;
            while let Some(n) = take!(rx) {
                sum += n;
            }
            sum
        };
        put!(parent, sum).expect("the parent waits for its children");
    });
}

/// Finds the first `count` primes with a chain of blocks, one for each prime, over unbuffered channels.
pub(crate) fn sieve(count: usize) {
    let (tx, rx) = chan(0);
    let mut members = vec![go!({
        for n in 2.. {
            if put!(tx, n).is_err() {
                break;
            }
        }
    })];
    let (primes, filters) = go!({
        let mut numbers: Receiver<u64> = rx;
        let mut filters = Vec::new();
        let mut primes = Vec::with_capacity(count);
        for _ in 0..count {
            let prime = take!(numbers).expect("there are always more primes");
            primes.push(prime);
            let (tx, rx) = chan(0);
            filters.push(go!({
                while let Some(n) = take!(numbers) {
                    if n % prime != 0 && put!(tx, n).is_err() {
                        break;
                    }
                }
            }));
            numbers = rx;
        }
        (primes, filters)
    })
    .wait()
    .expect("the primes are found");
    members.extend(filters);
    for member in members {
        member.wait().expect("the chain comes to its end");
    }
    assert!(
        primes.len() == count && primes == first_primes(count),
        "not the first {count} primes: {primes:?}"
    );
}

fn first_primes(count: usize) -> Vec<u64> {
    let mut primes: Vec<u64> = Vec::with_capacity(count);
    let mut n = 2;
    while primes.len() < count {
        let mut divisors = primes.iter().take_while(|&&p| p * p <= n);
        if divisors.all(|p| n % p != 0) {
            primes.push(n);
        }
        n += 1;
    }
    primes
}
