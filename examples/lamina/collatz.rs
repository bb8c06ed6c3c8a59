//! AX-13: the hailstone numbers of Collatz, by three pipelines that redirect to each other.
//!
//! Half of an even number, three times an odd one and one more, until it is one. Lamina's example of `redirect`:
//! each pipeline says which goes on, and none waits for another, so that the stack does not grow with the hops.
//!
//! ```sh
//! cargo run --example ax_13_collatz
//! ```

use std::{error::Error, io::Write};

use csp::pipeline::{Pipeline, complete, redirect};

/// A number, and the hops to it.
type At = (u64, u32);

fn collatz() -> Pipeline<At, At> {
    // Named before they are there: they redirect to `decide`, which redirects to them.
    let decide = Pipeline::<At, At>::declare();
    let even = Pipeline::<At, At>::builder()
        .map(|(n, hops)| (n / 2, hops + 1))
        .step({
            let decide = decide.clone();
            move |at| redirect(decide.redirect(at))
        })
        .build();
    let odd = Pipeline::<At, At>::builder()
        .map(|(n, hops)| (3 * n + 1, hops + 1))
        .step({
            let decide = decide.clone();
            move |at| redirect(decide.redirect(at))
        })
        .build();
    decide.define(
        Pipeline::builder()
            .step(move |at: At| match at.0 {
                1 => complete(at),
                n if n % 2 == 0 => redirect(even.redirect(at)),
                _ => redirect(odd.redirect(at)),
            })
            .build(),
    )
}

/// Runs the example.
pub(crate) fn run(out: &mut dyn Write) -> Result<(), Box<dyn Error>> {
    let collatz = collatz();
    for start in [27, 1, 837_799] {
        let (n, hops) = collatz.run((start, 0)).wait()?;
        writeln!(out, "{start}: {n} after {hops} hops")?;
    }
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    run(&mut std::io::stdout())
}
