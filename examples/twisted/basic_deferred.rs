//! AX-20: Twisted's first deferred, from Dave King's talk.
//!
//! A deferred is a promise, `addCallback` is `map`, and to call `callback` is to fulfil its resolver, which
//! can be done once, by type.
//!
//! `cargo run --example ax_20_basic_deferred`

use std::{error::Error, io::Write};

use csp::promise;

/// The program; what it has to say goes to `out`.
pub(crate) fn run(out: &mut dyn Write) -> Result<(), Box<dyn Error>> {
    let (resolver, deferred) = promise::<u32, csp::Error>();
    let done = deferred
        .map(|value| value * 2)
        .map(|value| value * 3)
        .map(|value| format!("All done! Value is {value}"));

    resolver.fulfill(1).expect("it is wanted");
    writeln!(out, "{}", done.wait()?)?;
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    run(&mut std::io::stdout())
}
