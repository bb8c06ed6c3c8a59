//! What the tests share.

use std::sync::{Mutex, MutexGuard, PoisonError};

use csp::inspect::{self, Block, Dump, On};

static ALONE: Mutex<()> = Mutex::new(());

/// The switch belongs to the process: one test at a time.
pub(crate) struct Inspecting(#[expect(dead_code, reason = "held")] MutexGuard<'static, ()>);

/// Switches inspection on, for a test that is then alone.
pub(crate) fn on() -> Inspecting {
    let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    inspect::enable();
    Inspecting(alone)
}

impl Drop for Inspecting {
    fn drop(&mut self) {
        inspect::disable();
    }
}

/// The one block with that name.
#[track_caller]
pub(crate) fn named<'a>(dump: &'a Dump, name: &str) -> &'a Block {
    let mut found = dump
        .blocks
        .iter()
        .filter(|block| block.name.as_deref() == Some(name));
    let block = found
        .next()
        .unwrap_or_else(|| panic!("no block {name:?} in\n{dump}"));
    assert!(found.next().is_none(), "two blocks {name:?} in\n{dump}");
    block
}

/// What a block waits for, arm by arm.
pub(crate) fn waits(block: &Block) -> Vec<(Option<u32>, On)> {
    block
        .waits_for
        .iter()
        .map(|wait| (wait.arm, wait.on))
        .collect()
}

/// The paragraph of the text that begins with this.
#[track_caller]
pub(crate) fn paragraph(text: &str, head: &str) -> String {
    let at = text
        .find(head)
        .unwrap_or_else(|| panic!("no {head:?} in\n{text}"));
    let mut lines = text[at..].lines();
    let first = lines.next().into_iter();
    let mut paragraph = String::new();
    for line in first.chain(lines.take_while(|line| line.starts_with("    "))) {
        paragraph.push_str(line);
        paragraph.push('\n');
    }
    paragraph
}
