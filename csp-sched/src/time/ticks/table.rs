//! The ticks of those timeouts that one worker made.

use std::collections::BTreeMap;

use csp_core::{
    Receiver, Sender, chan,
    context::{self, Object},
    inspect::{mark_timer, nobodys},
};

use super::firsts::{Due, Firsts, NEVER};
use crate::sync::Mutex;

/// No sweep below this many entries.
pub(super) const FEW: usize = 64;
/// How many entries a dump looks at under one hold of the lock.
pub(super) const BATCH: usize = 256;

pub(super) struct Entry {
    /// Dropped at the tick: the channel closes.
    _end: Sender<()>,
    /// Given to each timeout of the tick.
    pub(super) takes: Receiver<()>,
}

/// Entries that were taken out: to be dropped without the table's lock, since closing wakes.
pub(super) type Ended = BTreeMap<u64, Entry>;

pub(super) struct Table {
    /// Which one it is.
    index: usize,
    pub(super) entries: BTreeMap<u64, Entry>,
    /// As [`Firsts`] knows it: not later than the first entry's.
    first: u64,
    /// Sweep when there are more entries than this.
    pub(super) sweep_above: usize,
    /// Nobody looks at the clock any more.
    pub(super) ended: bool,
}

impl Table {
    pub(super) fn new(index: usize) -> Self {
        Self {
            index,
            entries: BTreeMap::new(),
            first: NEVER,
            sweep_above: FEW,
            ended: false,
        }
    }

    /// Makes the entry of `tick`, which has none. What closes then; whether that is earlier than any; and what was
    /// swept.
    pub(super) fn enter(&mut self, tick: u64, firsts: &Firsts) -> (Receiver<()>, bool, Ended) {
        let idle = if self.entries.len() >= self.sweep_above {
            self.sweep()
        } else {
            BTreeMap::new()
        };
        // The executor's, whoever's turn it is.
        let (end, takes) = nobodys(|| chan(0));
        mark_timer(&takes);
        context::describe(Object::Channel(takes.id()), &"a timeout");
        let mine = takes.clone();
        self.entries.insert(tick, Entry { _end: end, takes });
        let first = tick < self.first;
        if first {
            self.first = tick;
        }
        (mine, first && firsts.lower(self.index, tick), idle)
    }

    /// Takes out what is due up to tick `until`. What is due next at `now`?
    pub(super) fn take_until(
        &mut self,
        until: u64,
        now: u64,
        firsts: &Firsts,
    ) -> (Ended, Option<Due>) {
        let later = self.entries.split_off(&(until + 1));
        let due = std::mem::replace(&mut self.entries, later);
        self.first = self
            .entries
            .first_key_value()
            .map_or(NEVER, |(&tick, _)| tick);
        (due, firsts.raise(self.index, self.first, now))
    }

    /// Takes out all, and lets none in any more.
    pub(super) fn end(&mut self, firsts: &Firsts) -> Ended {
        self.ended = true;
        self.first = NEVER;
        // (None is due, by a clock that is at its beginning.)
        firsts.raise(self.index, NEVER, 0);
        std::mem::take(&mut self.entries)
    }

    /// Takes out the entries that no timeout uses.
    fn sweep(&mut self) -> Ended {
        // One receiver is the entry's own. No other can come: clones are made under our lock.
        let idle = self
            .entries
            .extract_if(.., |_, entry| entry.takes.receiver_count() == 1)
            .collect();
        self.sweep_above = FEW.max(2 * self.entries.len());
        idle
    }
}

/// Gives the tick and the channel of each entry to `see`, in the order of their ticks, without the lock.
pub(super) fn look(table: &Mutex<Table>, mut see: impl FnMut(u64, u32)) {
    let mut from = 0;
    let mut batch = Vec::with_capacity(BATCH);
    loop {
        let table = table.lock();
        let entries = table.entries.range(from..).take(BATCH);
        batch.extend(entries.map(|(&tick, entry)| (tick, entry.takes.id())));
        drop(table);
        let Some(&(last, _)) = batch.last() else {
            return;
        };
        from = last + 1;
        for (tick, channel) in batch.drain(..) {
            see(tick, channel);
        }
    }
}
