//! Stop or tick: both the order to stop and the next tick are ready, and the choice is left to chance,
//! again and again.
//!
//! In the Go study: `select` does not prefer. Property: at most the round that was under way runs after the
//! order. The fix is `priority`.

use csp::prelude::*;

use super::join;

const TICKS: u32 = 4;

/// Counts the rounds that began after the order to stop.
struct Late(u32);

impl Late {
    fn work(&mut self, stop: &Receiver<()>) {
        if stop.is_closed() {
            self.0 += 1;
            assert!(self.0 <= 1, "it works on after it was stopped");
        }
    }
}

async fn either(ticks: Receiver<u32>, stop: Receiver<()>) {
    let mut late = Late(0);
    loop {
        alt! {
            _ = take!(stop) => break,
            Some(_) = take!(ticks) => late.work(&stop),
            else None => break,
        }
    }
}

async fn stop_first(ticks: Receiver<u32>, stop: Receiver<()>) {
    let mut late = Late(0);
    loop {
        alt! {
            priority;
            _ = take!(stop) => break,
            Some(_) = take!(ticks) => late.work(&stop),
            else None => break,
        }
    }
}

fn run<F>(worker: fn(Receiver<u32>, Receiver<()>) -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    let (ticks, ticks_rx) = chan(1);
    let (stop, stop_rx) = chan::<()>(0);
    let worker = go(worker(ticks_rx, stop_rx));
    let ticker = go!({
        for tick in 0..TICKS {
            if put!(ticks, tick).is_err() {
                break;
            }
        }
    });
    let operator = go!({ drop(stop) });
    join([operator, ticker, worker]);
}

pub(crate) fn buggy() {
    run(either);
}

pub(crate) fn fixed() {
    run(stop_first);
}
