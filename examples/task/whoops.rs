//! AX-30: a task that blocks the only worker, from the chapter "Beware of blocking" of Task's guide.
//!
//! With Java's pool of one thread nothing moves any more. Here the worker's queue goes to another thread
//! when a block blocks, so what has nothing to do with it goes on, and so does everything once the value
//! is there. A debug build says on stderr which block it was. (Parking, `nothing.await`, would not even
//! cost that thread.)
//!
//! `cargo run --example ax_30_whoops`

use std::{error::Error, io::Write};

use csp::{Promise, Runtime, promise};

/// The program; what it has to say goes to `out`.
pub(crate) fn run(out: &mut dyn Write) -> Result<(), Box<dyn Error>> {
    let rt = Runtime::builder().workers(1).build();
    let _entered = rt.enter();

    // (task/compose (fn [prev] (+ 1 prev)) (task/run (+ 3 @nothing)))
    let (resolver, nothing) = promise::<u32, csp::Error>();
    let inner = Promise::<_, csp::Error>::ready(3).and_then(|three| Ok(three + nothing.wait()?));
    let outer = inner.map(|prev| 1 + prev);

    let unrelated = Promise::<_, csp::Error>::ready("the unrelated task").map(str::to_uppercase);
    writeln!(out, "{} has ended", unrelated.wait()?)?;
    writeln!(out, "has the outer one? {}", outer.is_settled())?;

    resolver.fulfill(1).expect("it is waited for");
    writeln!(out, "the outer one: {}", outer.wait()?)?;
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    run(&mut std::io::stdout())
}
