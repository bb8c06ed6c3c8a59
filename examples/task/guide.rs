//! AX-26: a walk through the user guide of Task, a Clojure library, one line after the other.
//!
//! `cargo run --example ax_26_guide`

use std::{error::Error, io::Write};

use csp::{Promise, prelude::*, promise, promise::all};

/// Task's `run`: something that is computed elsewhere.
fn run_task<T: Send + 'static>(value: T) -> Promise<T> {
    Promise::from(go!({ value }))
}

fn inc(n: u32) -> u32 {
    n + 1
}

/// The program; what it has to say goes to `out`.
pub(crate) fn run(out: &mut dyn Write) -> Result<(), Box<dyn Error>> {
    // (deref (task/run 123)), (deref (task/now 123))
    writeln!(out, "run: {}", run_task(123).wait()?)?;
    writeln!(out, "now: {}", Promise::<_, csp::Error>::ready(123).wait()?)?;

    // (task/then clojure.string/upper-case (task/run "asdf"))
    let upper = run_task("asdf").map(str::to_uppercase);
    writeln!(out, "then: {}", upper.wait()?)?;
    writeln!(out, "then: {}", run_task(123).map(inc).wait()?)?;

    // (task/then inc (task/run 2) (task/now 5)): for several tasks, a vector
    let both = all([run_task(2).map(inc), Promise::ready(5).map(inc)]);
    writeln!(out, "then, of two: {:?}", both.wait()?)?;

    // (task/compose (fn [x] (task/run (inc x))) (task/run 778)): a function that gives another task
    let inc_later = |n| run_task(inc(n));
    let composed = run_task(778).and_then(inc_later);
    writeln!(out, "compose: {}", composed.wait()?)?;
    let both = all([Promise::ready(9), run_task(10)].map(|task| task.and_then(inc_later)));
    writeln!(out, "compose, of two: {:?}", both.wait()?)?;

    // (task/then inc (future 9)): what another thread computes
    let future = Promise::<_, csp::Error>::from(thread(|| 9));
    writeln!(out, "a future: {}", future.map(inc).wait()?)?;

    // (def foo (promise)), (task/then println foo), (deliver foo "hello")
    let (deliver, greeting) = promise::<&str, csp::Error>();
    let (lines_tx, lines) = chan(1);
    greeting.subscribe(
        move |text| lines_tx.try_put(text).expect("there is room"),
        |_| {},
    );
    deliver.fulfill("hello")?;
    writeln!(
        out,
        "{}",
        lines.take_blocking().ok_or("nothing was printed")?
    )?;
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    run(&mut std::io::stdout())
}
