//! AX-27: a task that starts on one executor and goes on on another, from the user guide of Task.
//!
//! `cargo run --example ax_27_two_executors`

use std::{error::Error, io::Write, thread};

use csp::{Promise, Runtime, prelude::*};

fn thread_name() -> String {
    thread::current().name().unwrap_or("no name").to_owned()
}

/// The program; what it has to say goes to `out`.
pub(crate) fn run(out: &mut dyn Write) -> Result<(), Box<dyn Error>> {
    let pool1 = Runtime::builder().workers(4).name("pool1").build();
    let pool2 = Runtime::builder().workers(1).name("pool2").build();

    // (task/run-in pool1 …), then (task/then-in pool2 …)
    let init = Promise::<_, csp::Error>::from(pool1.go(async {
        sleep(ms(20)).await;
        format!("we start in {}", thread_name())
    }));
    let story = init
        .on(&pool2)
        .map(|start| format!("{start}\n...but we end in {}", thread_name()));
    writeln!(out, "{}", story.wait()?)?;

    // (binding [task/*pool* pool1] …): what is started in a scope runs on the executor of that scope.
    let entered = pool1.enter();
    let inside = go!({ format!("entered, we run in {}", thread_name()) });
    drop(entered);
    writeln!(out, "{}", inside.wait()?)?;
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    run(&mut std::io::stdout())
}
