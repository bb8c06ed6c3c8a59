//! AX-14: counts to five, with a restart.
//!
//! `restart` begins the pipeline anew with another value: a loop without a loop. It is written twice, as a
//! pipeline that is built once and run at will, and as one that is run on the spot.
//!
//! ```sh
//! cargo run --example ax_14_count_to_five
//! ```

use std::{error::Error, io::Write};

use csp::pipeline::{Pipeline, next, restart, run_pipeline};

/// Runs the example.
pub(crate) fn run(out: &mut dyn Write) -> Result<(), Box<dyn Error>> {
    let to_five = Pipeline::<u32, u32>::builder()
        .map(|n| n + 1)
        .step(|n| if n < 5 { restart(n) } else { next(n) })
        .build();
    writeln!(out, "{}", to_five.run(0).wait()?)?;

    let five = run_pipeline!(0; |n| n + 1, |n| if n < 5 { restart(n) } else { next(n) });
    writeln!(out, "{}", five.wait()?)?;
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    run(&mut std::io::stdout())
}
