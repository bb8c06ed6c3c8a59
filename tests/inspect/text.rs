//! The text.

use csp::{Local, inspect::dump, prelude::*};

use crate::util::{on, paragraph};

#[test]
fn paragraphs() {
    let _on = on();
    let local = Local::virtual_time();
    let _another = Local::new(); // so the dump says which
    let (tx, rx) = chan::<u32>(0);
    let tx = tx.named("jobs");
    let (channel, file) = (tx.id(), file!());
    let at = line!() + 2;
    let worker = local.handle();
    let worker = worker.go(async move { take!(rx) });
    let worker = worker.named("worker 3");
    local.run_until_idle();
    local.advance(ms(3200));
    let text = dump().to_string();
    let id = worker.id();
    let thread = std::thread::current().name().unwrap().to_owned();
    let got = paragraph(&text, &format!("block {id} "));
    let expected = format!(
        "block {id} \"worker 3\" [parked at take!(rx) for 3.2 s, on a Local]\n    \
             {file}:{at}:41\n    \
             takes from channel {channel} \"jobs\" (rendezvous, 0 putters, 1 taker, 1 sender, 1 receiver)\n    \
             started by thread {thread:?} at {file}:{at}:25, 3.2 s ago\n"
    );
    assert_eq!(got, expected, "in\n{text}");
}

#[test]
fn states_of_a_go_block_and_arms() {
    let _on = on();
    let local = Local::new();
    let (tx, rx) = chan::<u32>(0);
    let (_tx2, rx2) = chan::<u32>(3);
    local.run_until(async {
        let block = go!({
            csp::inspect::name_block("chooser");
            alt! { _ = take!(rx) => {}, _ = take!(rx2) => {}, _ = take!(timeout(secs(3600))) => {} }
        });
        drop(block);
    });
    local.run_until_idle();
    let text = dump().to_string();
    assert!(text.contains("\"chooser\" [parked at alt! for "), "{text}");
    assert!(text.contains(", state 0 of 4"), "{text}");
    let arm = format!("arm 0 takes from channel {} (rendezvous", tx.id());
    assert!(text.contains(&arm), "{text}");
    assert!(text.contains("arm 1 takes from channel"), "{text}");
    assert!(text.contains("arm 2 waits for a timer, due in"), "{text}");
}

/// Beyond a few, blocks and channels that are alike are counted.
#[test]
fn folding() {
    let _on = on();
    let local = Local::new();
    let mut ends = Vec::new();
    for _ in 0..1000 {
        let (tx, rx) = chan::<u32>(0);
        ends.push(tx);
        drop(local.go(async move { take!(rx) }));
    }
    let (_tx, rx) = chan::<u32>(0);
    let _other = local.go(async move { take!(rx) }).named("another");
    local.run_until_idle();
    let dump = dump();
    assert!(dump.blocks.len() > 1000 && dump.channels.len() > 1000);
    let text = dump.to_string();
    assert!(text.contains("… and 997 more blocks there, for "), "{text}");
    assert!(text.contains("… and 997 made there: "), "{text}");
    assert!(text.contains("\"another\""), "{text}");
    assert!(text.lines().count() < 60, "{text}");
}
