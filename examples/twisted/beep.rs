//! A really basic reactor: push an event, hear a beep.
//!
//! Shows typed events and a handler: AX-17, after the talk "Event Loops and Deferreds". The talk's reactor
//! takes the last event first and never stops; this one takes the first, and stops when nothing is left.
//!
//! ```sh
//! cargo run --example ax_17_beep
//! ```

use std::{error::Error, io::Write};

use csp::{EventLoop, prelude::*};

struct Event;

/// Pushes so many events, and gives what the handler said.
fn beeps(events: usize) -> Result<String, Box<dyn Error>> {
    let reactor = EventLoop::new();
    let (said, heard) = chan(dropping(events));
    reactor.on(move |_: &Event, _| said.try_put("beep").expect("room for all of them"));
    for _ in 0..events {
        reactor.handle().emit(Event)?;
    }
    reactor.run_until_idle();
    let mut line = Vec::new();
    while let Ok(beep) = heard.try_take() {
        line.push(beep);
    }
    Ok(line.join(" "))
}

/// The program; what it has to say goes to `out`.
pub(crate) fn run(out: &mut dyn Write) -> Result<(), Box<dyn Error>> {
    for events in [1, 2] {
        writeln!(out, "{}", beeps(events)?)?;
    }
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    run(&mut std::io::stdout())
}
