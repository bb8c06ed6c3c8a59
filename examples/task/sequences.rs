//! AX-28: `for`, `sequence` and `traverse`, from the user guide of Task.
//!
//! Three ways to wait for many: `flow!` names each value, `all!` gives a tuple of different types (and
//! `all` a vector of one), `traverse` makes the promises as well, so many at a time.
//!
//! `cargo run --example ax_28_sequences`

use std::{error::Error, io::Write};

use csp::{
    Promise,
    prelude::*,
    promise::{all, traverse},
};

fn run_task<T: Send + 'static>(value: T) -> Promise<T> {
    Promise::from(go!({ value }))
}

/// The program; what it has to say goes to `out`.
pub(crate) fn run(out: &mut dyn Write) -> Result<(), Box<dyn Error>> {
    // (task/for [x (task/run 123) y (future 123) z (task/run (Thread/sleep 1000) 4)] (+ x y z))
    let sum = Promise::from_future(flow!(async move {
        let x = run_task(123).await?;
        let y = thread(|| 123).await?;
        let z = {
            sleep(ms(20)).await;
            4
        };
        Ok::<i32, csp::Error>(x + y + z)
    }));
    writeln!(out, "for: {}", sum.wait()?)?;

    // (task/sequence [(task/run 123) (future 9) (task/run (Thread/sleep 100) "hello")])
    let slow = go!({
        sleep(ms(20)).await;
        "hello"
    });
    let mixed = all!(run_task(123), thread(|| 9), slow);
    writeln!(out, "sequence: {:?}", mixed.wait()?)?;
    let numbers = all([123, 9].map(run_task));
    writeln!(out, "sequence: {:?}", numbers.wait()?)?;

    // (task/traverse [1 2 3 4 5 6] (fn [x] (task/run (* 2 x)))): one at a time, as in Task, or three
    for at_once in [1, 3] {
        let doubled = traverse(1..=6, at_once, |n| run_task(2 * n));
        writeln!(out, "traverse: {:?}", doubled.wait()?)?;
    }
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    run(&mut std::io::stdout())
}
