//! AX-22: from a callback to a deferred, from Dave King's talk.
//!
//! Some function calls back, at once or later, from this thread or another. `with_callback` makes a promise
//! of it; if the callback is dropped and never called, the promise says so instead of being silent for ever.
//!
//! `cargo run --example ax_22_callback`

use std::{error::Error, io::Write, thread};

use csp::Promise;

fn at_once(on_finished: impl FnOnce(u32)) {
    on_finished(5);
}

fn on_a_thread(on_finished: impl FnOnce(u32) + Send + 'static) {
    thread::spawn(move || on_finished(5));
}

fn never(on_finished: impl FnOnce(u32)) {
    drop(on_finished);
}

fn all_done(value: u32) -> String {
    format!("All done! Value is {value}")
}

/// The program; what it has to say goes to `out`.
pub(crate) fn run(out: &mut dyn Write) -> Result<(), Box<dyn Error>> {
    let deferred = Promise::<u32>::with_callback(|resolver| {
        at_once(move |value| resolver.fulfill(value).expect("it is wanted"));
    });
    writeln!(out, "{}", deferred.map(all_done).wait()?)?;

    let deferred = Promise::<u32>::with_callback(|resolver| {
        on_a_thread(move |value| resolver.fulfill(value).expect("it is wanted"));
    });
    writeln!(out, "{}", deferred.map(all_done).wait()?)?;

    let deferred = Promise::<u32>::with_callback(|resolver| {
        never(move |value| resolver.fulfill(value).expect("it is wanted"));
    });
    let text = deferred
        .map(all_done)
        .or_else(|why| Ok(format!("Not done: {why}")));
    writeln!(out, "{}", text.wait()?)?;
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    run(&mut std::io::stdout())
}
