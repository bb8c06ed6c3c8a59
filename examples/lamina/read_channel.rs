//! AX-10: a pipeline that reads from a channel, one that is run on the spot, and a wait for several channels.
//!
//! ```sh
//! cargo run --example ax_10_read_channel
//! ```

use std::{error::Error, io::Write};

use csp::{
    pipeline::{Pipeline, run_pipeline},
    prelude::*,
};

fn inc(n: u32) -> u32 {
    n + 1
}

/// Runs the example.
pub(crate) fn run(out: &mut dyn Write) -> Result<(), Box<dyn Error>> {
    // The run parks until there is something to take.
    let (tx, rx) = chan(1);
    let read = Pipeline::<(), u32>::builder()
        .take_merge(rx, |(), taken| taken)
        .stage(|taken| Ok(taken.ok_or("the channel has ended")?))
        .build()
        .run(());
    tx.put_blocking(3)?;
    writeln!(out, "{}", read.wait()?)?;

    writeln!(out, "{}", run_pipeline!(0; inc, inc, inc).wait()?)?;

    // Lamina's `poll` gives the first message of several channels, and which it came from: `alt!`.
    let (success_tx, success) = chan(1);
    let (_error_tx, error) = chan::<u32>(1);
    success_tx.put_blocking(3)?;
    let (name, n) = go!({
        alt! {
            n = take!(success) => ("success", n),
            n = take!(error) => ("error", n),
        }
    })
    .wait()?;
    writeln!(out, "({name}, {})", n.ok_or("the channel has ended")?)?;
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    run(&mut std::io::stdout())
}
