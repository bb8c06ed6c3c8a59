//! Select starvation: the worker prefers jobs to the order to stop, and as long as jobs come fast enough,
//! it never stops.
//!
//! Hoare 1978 leaves fairness to the implementation, occam's `PRI ALT` starves by design. Property: once
//! the order is there, it is obeyed within a few rounds. The fix is to look for the order first. (A fair
//! choice, as of `alt!` without `priority`, obeys almost surely, so that no bound holds in every schedule.)

use csp::prelude::*;

use super::join;

const JOBS: u32 = 6;
const PATIENCE: u32 = 3;

/// Counts the rounds since the order to stop was there.
struct Rounds(u32);

impl Rounds {
    fn work(&mut self, stop: &Receiver<()>) {
        if !stop.is_empty() {
            self.0 += 1;
            assert!(self.0 <= PATIENCE, "the order to stop is starved");
        }
    }
}

async fn jobs_first(jobs: Receiver<u32>, stop: Receiver<()>) {
    let mut rounds = Rounds(0);
    loop {
        alt! {
            priority;
            Some(_) = take!(jobs) => rounds.work(&stop),
            _ = take!(stop) => break,
            else None => break,
        }
    }
}

async fn stop_first(jobs: Receiver<u32>, stop: Receiver<()>) {
    let mut rounds = Rounds(0);
    loop {
        alt! {
            priority;
            _ = take!(stop) => break,
            Some(_) = take!(jobs) => rounds.work(&stop),
            else None => break,
        }
    }
}

fn run<F>(worker: fn(Receiver<u32>, Receiver<()>) -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    let (jobs, jobs_rx) = chan(1);
    let (stop, stop_rx) = chan(1);
    let worker = go(worker(jobs_rx, stop_rx));
    let producer = go!({
        for job in 0..JOBS {
            if put!(jobs, job).is_err() {
                break;
            }
        }
    });
    let operator = go!({
        put!(stop, ()).ok();
    });
    join([operator, producer, worker]);
}

pub(crate) fn buggy() {
    run(jobs_first);
}

pub(crate) fn fixed() {
    run(stop_first);
}
