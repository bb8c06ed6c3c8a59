//! A program that hangs, and says why: two blocks that each wait for the other.
//!
//! `cargo run --example hangs -- dot | dot -Tsvg > hangs.svg` draws it; `json` is for other programs.

#![expect(clippy::print_stdout, reason = "a program that prints")]

use csp::prelude::*;

fn main() {
    csp::inspect::enable(); // or CSP_INSPECT=1 in its environment
    let (jobs_tx, jobs) = chan(0);
    let (done_tx, done) = chan(0);
    let (jobs, done) = (jobs.named("jobs"), done.named("done"));
    go!({
        while let Some(n) = take!(jobs) {
            put!(done_tx, n * 2).ok();
        }
    })
    .named("worker");
    let feeder = go!({
        put!(jobs_tx, 1).ok();
        put!(jobs_tx, 2).ok(); // nobody has taken what is done: the worker does not come back
        take!(done)
    })
    .named("feeder");

    assert!(feeder.wait_for(secs(2)).is_err(), "it hangs");
    let dump = csp::inspect::dump();
    match std::env::args().nth(1).as_deref() {
        Some("dot") => print!("{}", dump.dot()),
        Some("json") => print!("{}", dump.json()),
        _ => print!("{dump}"),
    }
}
