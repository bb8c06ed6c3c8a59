//! AX-29: to complete, force, cancel and fail tasks by hand, and to recover, from the user guide of Task.
//!
//! `cargo run --example ax_29_by_hand`

use std::{error::Error, io::Write};

use csp::{Failure, Promise, prelude::*, promise};

/// (/ 1 0), as an error.
fn boom() -> Promise<i32> {
    let divided = 1_i32.checked_div(0).ok_or("Divide by zero".into());
    Promise::settled(divided.map_err(Failure::Error))
}

/// The program; what it has to say goes to `out`.
pub(crate) fn run(out: &mut dyn Write) -> Result<(), Box<dyn Error>> {
    // (def baz (task/run (Thread/sleep 10000) 'foo)), (task/complete! baz 'bar)
    let (resolver, task) = promise::<&str, csp::Error>();
    let (complete, task) = (resolver.into_completer(), task.shared());
    let slow = complete.clone();
    let run = go!({
        alt! {
            _ = take!(timeout(secs(10))) => slow.fulfill("foo").is_ok(),
            () = park!(slow.unwanted()) => false,
        }
    });
    writeln!(out, "else: {}", task.now_or("2"))?;
    complete.fulfill("bar")?;
    writeln!(out, "complete!: {}", task.wait()?)?;
    writeln!(out, "again: {:?}", complete.fulfill("baz"))?;
    writeln!(out, "did the slow task come first? {}", run.wait()?)?;

    // (task/force! baz 'hi), (task/fail! baz …)
    task.replace(Ok("hi"));
    writeln!(out, "force!: {}", task.wait()?)?;
    task.replace(Err(Failure::Error("poop".into())));
    writeln!(out, "fail!: failed {}", task.is_failed())?;
    if let Err(failure) = task.wait() {
        writeln!(out, "fail!: {failure}")?;
    }

    // (task/cancel my-task), (cancelled? my-task), and the wait fails
    let my_task = Promise::<_, csp::Error>::from(go!({
        sleep(secs(10)).await;
        "bla"
    }));
    my_task.cancel();
    let my_task = my_task.shared();
    let waited = my_task.wait();
    writeln!(out, "cancelled: {}, {waited:?}", my_task.is_cancelled())?;

    // (task/recover (task/then inc boom) (fn [ex] …)), (task/recover boom "hello")
    let (lines_tx, lines) = chan(1);
    let recovered = boom().map(|n| n + 1).or_else(move |failure| {
        lines_tx
            .try_put(format!("caught exception: {failure}"))
            .ok();
        Ok(123)
    });
    let recovered = recovered.wait()?;
    writeln!(
        out,
        "{}",
        lines.take_blocking().ok_or("nothing was caught")?
    )?;
    writeln!(out, "recover: {recovered}")?;
    let text = boom().map(|n| n.to_string()).or("hello".to_owned());
    writeln!(out, "recover: {}", text.wait()?)?;
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    run(&mut std::io::stdout())
}
