//! Who started a block, and what it is called.
//!
//! # When a note is forgotten
//! A task whose number is in the table has the flag NOTED in its state word. Its end sets COMPLETE in that word
//! and sees whether it was NOTED: then it takes the note out. Whoever notes a task first makes the entry, then
//! sets NOTED and sees whether it was COMPLETE: then nobody else will, and takes the note out again.

use super::{Stamp, Starter, registry::registry};
use crate::{
    context,
    sync::plain::{Arc, thread_label},
    task::Header,
};

registry!(NOTES: u64 => Note);

/// What is known of a block besides what its task tells.
#[derive(Clone, Default)]
pub(super) struct Note {
    pub(super) name: Option<Arc<str>>,
    pub(super) starter: Option<Starter>,
    pub(super) since: Stamp,
}

/// A block is being started here.
#[cold]
#[inline(never)]
pub(crate) fn started(task: &Header, since: Stamp) {
    let starter = match context::current_block() {
        Some(id) => Starter::Block(id),
        None => Starter::Thread(thread_label()),
    };
    change(task, |note| {
        note.starter = Some(starter);
        note.since = since;
    });
}

/// Gives the block a name.
pub(crate) fn name(task: &Header, name: Arc<str>) {
    let mut old = None;
    change(task, |note| old = note.name.replace(name));
    // Dropped without the lock.
    drop(old);
}

fn change(task: &Header, change: impl FnOnce(&mut Note)) {
    let id = task.id();
    if id == 0 {
        // It was refused by its executor, and has no number.
        return;
    }
    change(NOTES.lock(id).entry(id).or_default());
    if !task.note() {
        forget(id);
    }
}

/// The block has ended.
#[cold]
#[inline(never)]
pub(crate) fn forget(id: u64) {
    let note = NOTES.lock(id).remove(&id);
    drop(note);
}

/// The note of a block.
pub(super) fn note(id: u64) -> Option<Note> {
    NOTES.lock(id).get(&id).cloned()
}

/// The name of a block.
pub(crate) fn name_of(id: u64) -> Option<Arc<str>> {
    NOTES.lock(id).get(&id)?.name.clone()
}

/// How many notes there are.
#[cfg(all(test, csp_loom))]
pub(super) fn count() -> usize {
    NOTES.shards().map(|shard| shard.lock().len()).sum()
}

/// Gives the block that calls a name, for dumps. False: no block runs here.
///
/// Names are kept also while inspection is off.
///
/// ```
/// use csp::prelude::*;
/// let block = go!({
///     csp::inspect::name_block("worker 3");
///     sleep(ms(1)).await;
/// });
/// # block.wait().unwrap();
/// ```
pub fn name_block(name: impl Into<Arc<str>>) -> bool {
    let name = name.into();
    context::with_current(|task| self::name(task, name)).is_some()
}
