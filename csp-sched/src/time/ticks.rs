//! Timeouts of shared resolution: all that one worker makes and that end in one tick are one entry, and one channel.
//!
//! A million timeouts of up to a second are a hundred entries at the default tick. An entry is a
//! channel that nobody puts into: it closes at its tick, and that wakes all who take from it.
//!
//! # Tables
//! Each worker has a [table](table) of its own, so that two that make timeouts have no lock, no tree and no channel in
//! common; threads outside share one. All are looked at by one clock, and end in the order of their ticks, whoever made
//! them: [`firsts`] has when to look, and which is first. An executor of one thread has one table.
//!
//! # Never early
//! A timeout's tick is the first whose time is not before its deadline, both by the monotonic clock,
//! read when the timeout is made. (A cached reading would be older than the true time, by as much as
//! the turn that made it was long, and the timeout early by as much. A reading costs 24 ns.)
//!
//! The exception is the end of the executor, after which nobody keeps the time: [`end`](Ticks::end).
//!
//! # What is left behind
//! A dropped timeout leaves its tick's entry, which others may share. Entries without users are swept
//! when there are more of them in a table than of used ones, so at most about half of the entries are idle.
//!
//! # Lock order
//! A table's lock, then that of the firsts. Channels are closed without either.

mod ending;
mod firsts;
#[cfg(all(test, csp_loom))]
mod loom;
mod table;
#[cfg(all(test, not(csp_loom)))]
mod tests;

use std::time::{Duration, Instant};

use csp_core::{
    Receiver, chan,
    context::{self, Object},
    inspect::{Stamp, mark_timer},
};

use self::{
    ending::Ending,
    firsts::{Due, Firsts, NEVER},
    table::Table,
};
use super::clock::Clock;
use crate::{
    inspect,
    sync::{Apart, Guard, Mutex, now},
};

/// How far virtual time is ahead of the system's clock: so far that none of its deadlines is over by that
/// clock, whoever looks at it.
const AHEAD: Duration = Duration::from_hours(100 * 365 * 24);
/// The tick of all deadlines beyond the clock's range: there are timeouts of it, but it never comes.
const BEYOND: u64 = NEVER - 1;

pub(crate) struct Ticks {
    clock: Clock,
    tick: Duration,
    origin: Instant,
    tables: Box<[Apart<Mutex<Table>>]>,
    firsts: Firsts,
    ending: Ending,
    /// A channel that is closed already.
    over: Receiver<()>,
}

impl Ticks {
    /// Ticks of one table.
    pub(crate) fn new(tick: Duration) -> Self {
        Self::with_tables(1, tick)
    }

    pub(crate) fn with_tables(tables: usize, tick: Duration) -> Self {
        Self::make(tables, tick, Clock::Real, now())
    }

    /// Ticks of a virtual clock, which are as short as can be: each deadline is met to the nanosecond.
    pub(crate) fn virtual_time() -> Self {
        // (In a simulation that is not the system's: so far ahead of that one too, and no real time in it.)
        let origin = context::now() + AHEAD;
        let clock = Clock::virtual_from(origin);
        Self::make(1, Duration::from_nanos(1), clock, origin)
    }

    fn make(tables: usize, tick: Duration, clock: Clock, origin: Instant) -> Self {
        let (end, over) = chan(0);
        mark_timer(&over);
        drop(end);
        Self {
            clock,
            tick,
            origin,
            tables: (0..tables)
                .map(|index| Apart(Mutex::new(Table::new(index))))
                .collect(),
            firsts: Firsts::new(tables),
            ending: Ending::default(),
            over,
        }
    }

    /// The time by this executor's clock.
    #[inline]
    pub(crate) fn now(&self) -> Instant {
        self.clock.now()
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.clock
    }

    /// A receiver that closes at the first tick not before `deadline`, out of a table that few use beside the caller; and
    /// whether that is earlier than any other, so that whoever keeps the time must hear of it.
    pub(crate) fn at(
        &self,
        table: usize,
        deadline: Option<Instant>,
        now: Instant,
    ) -> (Receiver<()>, bool) {
        let tick = match deadline {
            Some(deadline) if deadline <= now => return (self.is_over(), false),
            Some(deadline) => self.tick_of(deadline.saturating_duration_since(self.origin)),
            None => BEYOND,
        };
        let mut table = self.tables[table].lock();
        if table.ended {
            return (self.is_over(), false);
        }
        if let Some(entry) = table.entries.get(&tick) {
            return (entry.takes.clone(), false);
        }
        let (mine, earlier, idle) = table.enter(tick, &self.firsts);
        drop(table);
        // Without the lock, as in `expire`.
        drop(idle);
        (mine, earlier)
    }

    /// What a timeout takes from whose time is over.
    fn is_over(&self) -> Receiver<()> {
        context::describe(Object::Channel(self.over.id()), &"a timeout that is over");
        self.over.clone()
    }

    /// Ends the timeouts that are due. True if there were some.
    pub(crate) fn expire(&self, now: Instant) -> bool {
        let now = self.ticks_over(now);
        if self.firsts.least() > now {
            return false;
        }
        let _ending = self.ending.begin();
        let mut fired = false;
        let mut next = match self.tables.len() {
            1 => Some(Due {
                table: 0,
                until: now,
            }),
            _ => self.firsts.due(now),
        };
        while let Some(Due { table, until }) = next {
            let mut table = self.tables[table].lock();
            let (due, rest) = table.take_until(until, now, &self.firsts);
            drop(table);
            fired |= !due.is_empty();
            // Closing wakes; without the lock.
            drop(due);
            next = rest;
        }
        fired
    }

    /// Ends all timeouts, and those that are still to come: nobody will keep their time. Who waits for
    /// one outside the executor must not wait for ever.
    pub(crate) fn end(&self) {
        let _ending = self.ending.begin();
        for table in &self.tables {
            let left = table.lock().end(&self.firsts);
            // Without the lock, as in `expire`.
            drop(left);
        }
    }

    /// Whether somebody has timeouts in hand that he is about to end, since they are [due](Self::expire) or
    /// [all](Self::end) are to.
    pub(crate) fn is_ending(&self) -> bool {
        self.ending.is_some()
    }

    /// As when it was made: no timeouts, and a virtual clock at its beginning.
    pub(crate) fn restart(&self) {
        self.end();
        self.tables().for_each(|mut table| table.ended = false);
        self.clock.restart();
    }

    /// Each table, locked.
    fn tables(&self) -> impl Iterator<Item = Guard<'_, Table>> {
        self.tables.iter().map(|table| table.lock())
    }

    /// Whether this channel closes at a tick.
    pub(crate) fn is_tick(&self, channel: u32) -> bool {
        self.tables().any(|table| {
            let mut entries = table.entries.values();
            entries.any(|entry| entry.takes.id() == channel)
        })
    }

    /// When the first timeout is due.
    pub(crate) fn next_deadline(&self) -> Option<Instant> {
        match self.firsts.least() {
            BEYOND | NEVER => None,
            tick => self.origin.checked_add(self.duration_of(tick)),
        }
    }

    /// The time as a dump notes it.
    pub(crate) fn stamp(&self) -> Stamp {
        let now = self.now();
        if self.clock.is_virtual() {
            inspect::virtual_stamp(now.saturating_duration_since(self.origin))
        } else {
            inspect::real_stamp(now)
        }
    }

    /// Gives each entry's channel to `see`, and in what time it is due: `None` if never. In order for each table.
    pub(crate) fn look(&self, mut see: impl FnMut(u32, Option<Duration>)) {
        let now = self.now();
        for table in &self.tables {
            table::look(table, |tick, channel| {
                let at = self.origin.checked_add(self.duration_of(tick));
                let due = at.filter(|_| tick != BEYOND);
                see(channel, due.map(|at| at.saturating_duration_since(now)));
            });
        }
    }

    /// How many ticks have an entry.
    #[cfg(all(test, not(csp_loom)))]
    pub(crate) fn entries(&self) -> usize {
        self.tables().map(|table| table.entries.len()).sum()
    }

    /// The first tick whose time is not before `time` since the origin.
    fn tick_of(&self, time: Duration) -> u64 {
        let ticks = time.as_nanos().div_ceil(self.tick.as_nanos());
        u64::try_from(ticks).unwrap_or(BEYOND).min(BEYOND)
    }

    /// How many ticks are over at `now`.
    fn ticks_over(&self, now: Instant) -> u64 {
        let time = now.saturating_duration_since(self.origin);
        u64::try_from(time.as_nanos() / self.tick.as_nanos())
            .unwrap_or(BEYOND - 1)
            .min(BEYOND - 1)
    }

    fn duration_of(&self, tick: u64) -> Duration {
        let nanos = self.tick.as_nanos().saturating_mul(u128::from(tick));
        let secs = u64::try_from(nanos / 1_000_000_000).unwrap_or(u64::MAX);
        Duration::new(secs, (nanos % 1_000_000_000) as u32)
    }
}

impl std::fmt::Debug for Ticks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ticks")
            .field("tick", &self.tick)
            .finish_non_exhaustive()
    }
}
