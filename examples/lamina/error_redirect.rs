//! AX-16: an error handler that redirects to a pipeline which logs.
//!
//! The output of the pipeline that is redirected to is that of the run: whoever waits for it does not see
//! that something went wrong, unless it is told.
//!
//! ```sh
//! cargo run --example ax_16_error_redirect
//! ```

use std::{error::Error, io::Write};

use csp::{
    pipeline::{Pipeline, Recover},
    prelude::*,
};

/// Runs the example.
pub(crate) fn run(out: &mut dyn Write) -> Result<(), Box<dyn Error>> {
    let (log_tx, log) = chan(1);
    let logs = Pipeline::<String, &'static str>::builder()
        .stage(move |text| {
            let log = log_tx.clone();
            go!({ put!(log, text).is_ok() })
        })
        .map(|logged| {
            if logged {
                "logged"
            } else {
                "nobody reads the log"
            }
        })
        .build();
    let fails = Pipeline::<&str, &str>::builder()
        .stage(|what| Err::<&str, csp::Error>(what.into()))
        .named("something risky")
        .on_error(move |failure, stage| {
            let name = stage.name().unwrap_or("a stage");
            Recover::Redirect(logs.redirect(format!("{name} failed: {failure}")))
        })
        .build();

    writeln!(
        out,
        "output: {}",
        fails.run("something sure to fail").wait()?
    )?;
    let line = log.take_blocking().ok_or("the log has ended")?;
    writeln!(out, "log: {line}")?;
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    run(&mut std::io::stdout())
}
