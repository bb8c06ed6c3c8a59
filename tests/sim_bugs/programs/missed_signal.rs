//! Missed signal: the consumer looks for a job, finds none, and waits for the bell. A bell that rings
//! between the look and the wait is heard by nobody.
//!
//! The lost wake-up of every operating-systems course; in Go `select { case bell <- struct{}{}: default: }`
//! on an unbuffered channel. The fix is a bell that remembers: a channel of one.

use csp::prelude::*;

use super::{Chan, join};

async fn consume(jobs: Chan<u32>, bell: Chan<()>) -> u32 {
    loop {
        if let Ok(job) = jobs.rx.try_take() {
            return job;
        }
        take!(bell.rx);
    }
}

async fn produce(jobs: Chan<u32>, bell: Chan<()>) {
    put!(jobs.tx, 7).ok();
    bell.tx.try_put(()).ok(); // who waits is woken; if nobody does, fine
}

fn run(bell: Chan<()>) {
    let jobs = Chan::new(4);
    let consumer = go(consume(jobs.clone(), bell.clone()));
    let producer = go(produce(jobs, bell));
    join([producer]);
    assert_eq!(join([consumer]), [7]);
}

pub(crate) fn buggy() {
    run(Chan::new(0));
}

pub(crate) fn fixed() {
    run(Chan::new(1));
}
