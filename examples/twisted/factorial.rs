//! AX-21: a factorial whose every step gives another deferred, from Dave King's talk.
//!
//! Twisted waits for a deferred that a callback gives; here `and_then` does (and `map` would not). Each
//! step runs in a turn of the executor, so the chain may be as long as it likes: 100,000 links take no
//! more stack than one.
//!
//! `cargo run --example ax_21_factorial`

use std::{error::Error, io::Write, thread};

use csp::{Local, Promise};

/// `acc` times the factorial of `n`.
fn factorial(acc: u64, n: u64) -> Promise<u64> {
    if n <= 1 {
        return Promise::ready(acc);
    }
    Promise::ready(acc * n).and_then(move |acc| factorial(acc, n - 1))
}

/// The same, but it counts instead of multiplying.
fn count(acc: u64, n: u64) -> Promise<u64> {
    if n == 0 {
        return Promise::ready(acc);
    }
    Promise::ready(acc + 1).and_then(move |acc| count(acc, n - 1))
}

/// The program; what it has to say goes to `out`.
pub(crate) fn run(out: &mut dyn Write) -> Result<(), Box<dyn Error>> {
    for n in [5, 20] {
        writeln!(out, "All done! Value is {}", factorial(1, n).wait()?)?;
    }

    // `Local` runs all blocks on this one thread.
    let small = thread::Builder::new().stack_size(256 * 1024);
    let counted = small.spawn(|| Local::new().run_until(async { count(0, 100_000).await }))?;
    let counted = counted.join().expect("the stack is large enough");
    writeln!(out, "{} steps on a stack of 256 KiB", counted?)?;
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    run(&mut std::io::stdout())
}
