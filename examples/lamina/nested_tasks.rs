//! AX-04: tasks that wait for tasks, on one small pool, from Zach Tellman's talk on Lamina.
//!
//! On a pool of threads the outer tasks take all of them and wait for the inner ones, which find none: a
//! deadlock. A go block that waits holds no thread, so one worker is enough. And where a block does block
//! its worker, the worker's queue moves to another thread (a debug build says so on stderr).
//!
//! `cargo run --example ax_04_nested_tasks`

use std::{error::Error, io::Write};

use csp::{Failure, Runtime, prelude::*};

/// Starts two blocks more, and parks until both have ended.
async fn parks(n: u32) -> Result<u32, Failure> {
    let (a, b) = (go!({ n }), go!({ n + 1 }));
    Ok(a.await? + b.await?)
}

/// Starts two blocks more, and blocks the worker until both have ended.
fn blocks(n: u32) -> Result<u32, Failure> {
    let (a, b) = (go!({ n }), go!({ n + 1 }));
    Ok(a.wait()? + b.wait()?)
}

fn calculate_pi() -> f64 {
    // Machin's formula.
    16.0 * (1.0_f64 / 5.0).atan() - 4.0 * (1.0_f64 / 239.0).atan()
}

/// The program; what it has to say goes to `out`.
pub(crate) fn run(out: &mut dyn Write) -> Result<(), Box<dyn Error>> {
    for workers in [1, 2] {
        let rt = Runtime::builder().workers(workers).build();

        let (one, two) = (rt.go(parks(1)), rt.go(parks(10)));
        let sums = (one.wait()??, two.wait()??);
        writeln!(out, "{workers} workers, tasks park: {sums:?}")?;

        let (one, two) = (rt.go(async { blocks(1) }), rt.go(async { blocks(10) }));
        let sums = (one.wait()??, two.wait()??);
        writeln!(out, "{workers} workers, tasks block: {sums:?}")?;

        // Lamina's `(async (= 3 (task (calculate-pi))))`: a computation, on a thread of the pool.
        let is_three = rt.go(async {
            let pi = csp::compute(calculate_pi).await?;
            Ok::<_, Failure>((pi - 3.0).abs() < f64::EPSILON)
        });
        writeln!(out, "{workers} workers, is pi 3? {}", is_three.wait()??)?;
    }
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    run(&mut std::io::stdout())
}
