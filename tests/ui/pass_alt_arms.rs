//! Every kind of arm.
#![deny(
    warnings,
    clippy::all,
    clippy::pedantic,
    rust_2018_idioms,
    unused_qualifications
)]
use csp::prelude::*;

fn main() {
    let (jobs_tx, jobs) = chan::<u64>(4);
    let (results, results_rx) = chan::<u64>(4);
    let block = go!({
        for n in 0..3 {
            put!(jobs_tx, n).ok();
        }
        jobs_tx.close();
        let mut open = true;
        let mut sum = 0;
        loop {
            let text = String::from("kept");
            alt! {
                priority;
                Some(job) = take!(jobs), if open => sum += job,
                ok = put!(results, mut sum), if sum >= 3 => match ok {
                    Ok(()) => break,
                    Err(closed) => return closed.0,
                },
                () = park!(sleep(ms(10_000))) => return 0,
                _ = take!(timeout(ms(10_000))) => {
                    return 0;
                }
                else none => {
                    assert!(none.is_none(), "{text}");
                    open = false;
                }
            }
        }
        sum
    });
    assert_eq!(block.wait(), Ok(3));
    assert_eq!(results_rx.take_blocking(), Some(3));
}
