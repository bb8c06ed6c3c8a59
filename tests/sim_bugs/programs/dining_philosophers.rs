//! Dining philosophers: each takes the fork on the left, then the one on the right. If all hold their left
//! ones, nobody eats any more.
//!
//! Dijkstra 1965 (as an examination question), Hoare 1978 in the paper that CSP comes from. A fork is a
//! channel that holds one token. The fix is an order among the forks that everybody keeps.

use std::sync::Arc;

use csp::prelude::*;

use super::{Chan, join};

const SEATS: usize = 3;

async fn dine(forks: Arc<[Chan<()>]>, first: usize, second: usize) {
    take!(forks[first].rx);
    take!(forks[second].rx);
    // Eats.
    put!(forks[second].tx, ()).ok();
    put!(forks[first].tx, ()).ok();
}

fn run(order: fn(usize, usize) -> (usize, usize)) {
    let forks: Arc<[_]> = (0..SEATS).map(|_| Chan::new(1)).collect();
    for fork in &*forks {
        fork.tx.try_put(()).expect("a new channel of one");
    }
    let philosophers = (0..SEATS).map(|seat| {
        let (first, second) = order(seat, (seat + 1) % SEATS);
        go(dine(Arc::clone(&forks), first, second))
    });
    let philosophers: Vec<_> = philosophers.collect();
    join(philosophers);
}

pub(crate) fn buggy() {
    run(|left, right| (left, right));
}

pub(crate) fn fixed() {
    run(|left, right| (left.min(right), left.max(right)));
}
