//! Event types and payloads: "When A happens, do work and fire B and C."
//!
//! An order makes an invoice and a mail. What a handler emits is queued: nothing runs inside it. An event
//! that nobody handles is dropped, with a note. AX-18, after the talk "Event Loops and Deferreds".
//!
//! ```sh
//! cargo run --example ax_18_typed_events
//! ```

use std::{cell::RefCell, error::Error, io::Write, rc::Rc};

use csp::EventLoop;

struct Order {
    number: u32,
}

struct Invoice {
    order: u32,
    cents: u32,
}

struct Mail {
    to: &'static str,
    text: String,
}

/// Nobody handles it.
struct Refund;

/// The program; what it has to say goes to `out`.
pub(crate) fn run(out: &mut dyn Write) -> Result<(), Box<dyn Error>> {
    let events = EventLoop::new();
    // The handlers stay on this thread, so what they share need not be `Send`.
    let lines = Rc::new(RefCell::new(Vec::new()));

    let log = Rc::clone(&lines);
    events.on(move |order: &Order, events| {
        let number = order.number;
        log.borrow_mut().push(format!("Order {number} begins"));
        let invoice = Invoice {
            order: number,
            cents: 1999 * number,
        };
        let mail = Mail {
            to: "ann@example.com",
            text: format!("Order {number} is on its way."),
        };
        events.emit(invoice).expect("the loop runs");
        events.emit(mail).expect("the loop runs");
        log.borrow_mut().push(format!("Order {number} ends"));
    });
    let log = Rc::clone(&lines);
    events.on(move |Invoice { order, cents }: &Invoice, _| {
        log.borrow_mut()
            .push(format!("Invoice for order {order}: {cents} cents"));
    });
    let log = Rc::clone(&lines);
    events.on(move |Mail { to, text }: &Mail, _| {
        log.borrow_mut().push(format!("Mail to {to}: {text}"));
    });
    let log = Rc::clone(&lines);
    events.on_notice(move |notice| log.borrow_mut().push(format!("note: {notice}")));

    let handle = events.handle();
    handle.emit(Order { number: 2 })?;
    handle.emit(Refund)?;
    let handled = events.run_until_idle();

    for line in &*lines.borrow() {
        writeln!(out, "{line}")?;
    }
    writeln!(
        out,
        "{handled} events, {} of them ignored",
        handle.ignored()
    )?;
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    run(&mut std::io::stdout())
}
