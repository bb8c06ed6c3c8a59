//! AX-07: a queue that nobody takes from yet, and operators on it, from the talk on Lamina.
//!
//! Five numbers are put into a channel before anybody takes. Then `map` and `filter` are attached: they see all
//! that is there, and nothing is lost. When the channel at the right end closes, the one at the left end does so
//! too: at once, not with the next put.
//!
//! ```text
//! numbers ──▸ map(|n| n + 1) ──▸ filter(even) ──▸ evens
//!                 one block, for both
//! ```
//! `cargo run --example ax_07_operators`

use std::{
    error::Error,
    io::{self, Write},
};

use csp::prelude::*;

/// Shows the two.
///
/// # Errors
/// If `out` does not take what is written.
pub(crate) fn run(out: &mut dyn Write) -> Result<(), Box<dyn Error>> {
    let (numbers, queue) = chan(8);
    for n in 1..=5 {
        numbers.put_blocking(n)?;
    }
    writeln!(out, "queued: {}", queue.len())?;

    let evens = stream(queue).map(|n| n + 1).filter(|n| n % 2 == 0).chan(0);
    for _ in 0..3 {
        let even = evens.take_blocking().ok_or("all three are there")?;
        writeln!(out, "even: {even}")?;
    }

    evens.close();
    csp::block_on(numbers.closed());
    let refused = numbers.put_blocking(6).unwrap_err();
    writeln!(
        out,
        "closed from the right: {} comes back",
        refused.into_inner()
    )?;
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    run(&mut io::stdout())
}
