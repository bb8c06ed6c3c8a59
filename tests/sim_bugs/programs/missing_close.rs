//! Missing close: the feeder closes the jobs when all are put, but not when it is told to stop. The worker,
//! which may put jobs back and so has both ends, waits for the next.
//!
//! "Missing close" among the blocking bugs of the Go study. In csp the feeder's sender closes as it drops,
//! if it is the last. The fix closes on every way out.

use csp::prelude::*;

use super::{Chan, join};

async fn feed(jobs: Chan<u32>, stop: Receiver<()>, close_always: bool) {
    for job in 0..2 {
        alt! {
            _ = put!(jobs.tx, job) => {}
            _ = take!(stop) => {
                if close_always {
                    jobs.tx.close();
                }
                return;
            }
        }
    }
    jobs.tx.close();
}

async fn work(jobs: Chan<u32>) {
    let mut again = true;
    while let Some(job) = take!(jobs.rx) {
        if job == 0 && again {
            again = false;
            jobs.tx.try_put(job).ok(); // later, if there is room
        }
    }
}

fn run(close_always: bool) {
    let jobs = Chan::new(1);
    let (stop, stop_rx) = chan(1);
    let worker = go(work(jobs.clone()));
    let feeder = go(feed(jobs, stop_rx, close_always));
    let operator = go!({
        put!(stop, ()).ok();
    });
    join([operator, feeder, worker]);
}

pub(crate) fn buggy() {
    run(false);
}

pub(crate) fn fixed() {
    run(true);
}
