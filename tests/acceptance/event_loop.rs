//! The event loop's programs: what they print.

#[path = "../../examples/twisted/beep.rs"]
mod beep;
#[path = "../../examples/twisted/dont_block.rs"]
mod dont_block;
#[path = "../../examples/twisted/typed_events.rs"]
mod typed_events;

use std::{error::Error, io::Write};

type Program = fn(&mut dyn Write) -> Result<(), Box<dyn Error>>;

fn printed(run: Program) -> String {
    let mut out = Vec::new();
    run(&mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn ax_17_one_event_one_beep_two_events_two() {
    assert_eq!(printed(beep::run), "beep\nbeep beep\n");
}

#[test]
fn ax_18_typed_events_with_payloads_are_handled_in_order() {
    let text = printed(typed_events::run);
    let lines: Vec<_> = text.lines().collect();
    // The type's name is the compiler's: only its end is ours.
    let (note, rest) = (lines[2], [&lines[..2], &lines[3..]].concat());
    assert!(note.starts_with("note: nobody handles the event ") && note.ends_with("::Refund"));
    assert_eq!(
        rest,
        [
            "Order 2 begins",
            "Order 2 ends",
            "Invoice for order 2: 3998 cents",
            "Mail to ann@example.com: Order 2 is on its way.",
            "4 events, 1 of them ignored",
        ]
    );
}

#[test]
fn ax_19_the_clock_stands_still_while_the_loop_is_blocked() {
    assert_eq!(
        printed(dont_block::run),
        "bad: <h1>account 42</h1>, and meanwhile the clock stood still\n\
         good: <h1>account 42</h1>, and meanwhile the clock went on\n"
    );
}
