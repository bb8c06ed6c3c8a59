//! AX-15: retries an operation until it works, or for a number of times.
//!
//! The error handler says `Restart(None)`: from the top, with the value that the run began with, whatever
//! became of it on the way. That is a loop, so ten thousand failures need no more stack than one. How often, and
//! after what pause, `max_restarts` says.
//!
//! ```sh
//! cargo run --example ax_15_retry
//! ```

use std::{
    error::Error,
    io::Write,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use csp::{
    pipeline::{Backoff, Pipeline, Recover, Stages},
    prelude::*,
};

/// An operation that fails some times before it works, and the count of attempts.
fn flaky(failures: u32) -> (Stages<u32, u32, csp::Error, u32>, Arc<AtomicU32>) {
    let attempts = Arc::new(AtomicU32::new(0));
    let counter = Arc::clone(&attempts);
    let stages = Pipeline::builder()
        .map(|n: u32| n + 1)
        .stage(move |n| match counter.fetch_add(1, Ordering::Relaxed) {
            attempt if attempt < failures => Err(format!("attempt {attempt} failed").into()),
            _ => Ok(n),
        })
        .on_error(|_, _| Recover::Restart(None));
    (stages, attempts)
}

/// Runs the example.
pub(crate) fn run(out: &mut dyn Write) -> Result<(), Box<dyn Error>> {
    for failures in [0, 3, 10_000] {
        let (stages, attempts) = flaky(failures);
        let value = stages.build().run(0).wait()?;
        let attempts = attempts.load(Ordering::Relaxed);
        writeln!(
            out,
            "{failures} failures: {value} after {attempts} attempts"
        )?;
    }

    let (stages, attempts) = flaky(5);
    let gives_up = stages.max_restarts(3, Backoff::exponential(ms(1), ms(10)));
    if let Err(failure) = gives_up.build().run(0).wait() {
        let attempts = attempts.load(Ordering::Relaxed);
        writeln!(
            out,
            "at most 3 restarts: {failure}, after {attempts} attempts"
        )?;
    }
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    run(&mut std::io::stdout())
}
