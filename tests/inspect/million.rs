//! As many blocks as one likes.

use csp::{
    Local,
    inspect::{On, dump},
    prelude::*,
};

use crate::util::on;

const MANY: usize = if cfg!(debug_assertions) {
    100_000
} else {
    1_000_000
};

/// Each on a channel of its own.
#[test]
fn stress_a_million_blocks_print() {
    let _on = on();
    let local = Local::new();
    let mut ends = Vec::with_capacity(MANY);
    for _ in 0..MANY {
        let (tx, rx) = chan::<u32>(0);
        ends.push(tx);
        drop(local.go(async move { take!(rx) }));
    }
    local.run_until_idle();
    let dump = dump();
    assert_eq!(dump.blocks.len(), MANY);
    let all = dump.blocks.iter().zip(&ends);
    for (block, end) in all {
        assert_eq!(block.waits_for[0].on, On::Take(end.id()));
    }
    let text = dump.to_string();
    assert!(text.len() < 10_000, "{} bytes", text.len());
    let more = format!("… and {} more blocks there", MANY - 3);
    assert!(text.contains(&more), "{text}");
    assert!(dump.dot().to_string().lines().count() > 2 * MANY);
    assert!(dump.json().to_string().lines().count() > 2 * MANY);
}

/// All on one channel: its queue is noted up to a limit, and its count says so.
#[test]
fn stress_a_crowd_on_one_channel() {
    let _on = on();
    let local = Local::new();
    let (tx, rx) = chan::<u32>(0);
    for _ in 0..MANY {
        let rx = rx.clone();
        drop(local.go(async move { take!(rx) }));
    }
    local.run_until_idle();
    let dump = dump();
    let channel = dump.channel(tx.id()).unwrap();
    assert!(channel.takers >= MANY.min(1 << 16));
    assert_eq!(channel.has_more, channel.takers < MANY);
    // Those beyond it are known by what they said.
    assert!(
        dump.blocks
            .iter()
            .all(|b| b.waits_for[0].on == On::Take(tx.id()))
    );
}
