//! Timeouts of shared resolution: all that end in one tick are one entry, and one channel.
//!
//! A million timeouts of up to a second are a hundred entries at the default tick. An entry is a
//! channel that nobody puts into: it closes at its tick, and that wakes all who take from it.
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
//! when there are more of them than of used ones, so at most about half of the entries are idle.

#[cfg(all(test, csp_loom))]
mod loom;
#[cfg(all(test, not(csp_loom)))]
mod tests;

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use csp_core::{
    Receiver, Sender, chan,
    context::{self, Object},
    inspect::{Stamp, mark_timer, nobodys},
};

use super::clock::Clock;
use crate::{
    inspect,
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
        now,
    },
};

/// No sweep below this many entries.
const FEW: usize = 64;
/// How far virtual time is ahead of the system's clock: so far that none of its deadlines is over by that
/// clock, whoever looks at it.
const AHEAD: Duration = Duration::from_hours(100 * 365 * 24);
/// How many entries a dump looks at under one hold of the lock.
const BATCH: usize = 256;
/// No deadline.
const NEVER: u64 = u64::MAX;
/// The tick of all deadlines beyond the clock's range: there are timeouts of it, but it never comes.
const BEYOND: u64 = NEVER - 1;

struct Entry {
    /// Dropped at the tick: the channel closes.
    end: Sender<()>,
    /// Given to each timeout of the tick.
    takes: Receiver<()>,
}

struct State {
    entries: BTreeMap<u64, Entry>,
    /// Sweep when there are more entries than this.
    sweep_above: usize,
    /// Nobody looks at the clock any more.
    ended: bool,
}

pub(crate) struct Ticks {
    clock: Clock,
    tick: Duration,
    origin: Instant,
    state: Mutex<State>,
    /// The first tick with an entry; `NEVER` if there is none.
    next: AtomicU64,
    /// A channel that is closed already.
    over: Receiver<()>,
}

impl Ticks {
    pub(crate) fn new(tick: Duration) -> Self {
        Self::make(tick, Clock::Real, now())
    }

    /// Ticks of a virtual clock, which are as short as can be: each deadline is met to the nanosecond.
    pub(crate) fn virtual_time() -> Self {
        // (In a simulation that is not the system's: so far ahead of that one too, and no real time in it.)
        let origin = context::now() + AHEAD;
        Self::make(Duration::from_nanos(1), Clock::virtual_from(origin), origin)
    }

    fn make(tick: Duration, clock: Clock, origin: Instant) -> Self {
        let (end, over) = chan(0);
        mark_timer(&over);
        drop(end);
        Self {
            clock,
            tick,
            origin,
            state: Mutex::new(State {
                entries: BTreeMap::new(),
                sweep_above: FEW,
                ended: false,
            }),
            next: AtomicU64::new(NEVER),
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

    /// A receiver that closes at the first tick not before `deadline`; and whether that is earlier than
    /// any other, so that whoever keeps the time must hear of it.
    pub(crate) fn at(&self, deadline: Option<Instant>, now: Instant) -> (Receiver<()>, bool) {
        let tick = match deadline {
            Some(deadline) if deadline <= now => return (self.is_over(), false),
            Some(deadline) => self.tick_of(deadline.saturating_duration_since(self.origin)),
            None => BEYOND,
        };
        let mut state = self.state.lock();
        if state.ended {
            return (self.is_over(), false);
        }
        if let Some(entry) = state.entries.get(&tick) {
            return (entry.takes.clone(), false);
        }
        let idle = if state.entries.len() >= state.sweep_above {
            state.sweep()
        } else {
            BTreeMap::new()
        };
        // The executor's, whoever's turn it is.
        let (end, takes) = nobodys(|| chan(0));
        mark_timer(&takes);
        context::describe(Object::Channel(takes.id()), &"a timeout");
        let mine = takes.clone();
        state.entries.insert(tick, Entry { end, takes });
        // Ordering: changed under the lock only; read without it as a hint.
        let earlier = tick < self.next.load(Ordering::Relaxed);
        if earlier {
            self.next.store(tick, Ordering::Release);
        }
        drop(state);
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
        // Ordering: Acquire; a tick that is missed now is seen at the next look.
        if self.next.load(Ordering::Acquire) > now {
            return false;
        }
        let due = {
            let mut state = self.state.lock();
            let later = state.entries.split_off(&(now + 1));
            let due = std::mem::replace(&mut state.entries, later);
            let next = state
                .entries
                .first_key_value()
                .map_or(NEVER, |(&tick, _)| tick);
            // Ordering: Release, pairs with the look above.
            self.next.store(next, Ordering::Release);
            due
        };
        let fired = !due.is_empty();
        // Closing wakes; without the lock.
        for entry in due.into_values() {
            drop(entry.end);
        }
        fired
    }

    /// Ends all timeouts, and those that are still to come: nobody will keep their time. Who waits for
    /// one outside the executor must not wait for ever.
    pub(crate) fn end(&self) {
        let left = {
            let mut state = self.state.lock();
            state.ended = true;
            // Ordering: Release, as in `expire`.
            self.next.store(NEVER, Ordering::Release);
            std::mem::take(&mut state.entries)
        };
        // Without the lock, as in `expire`.
        drop(left);
    }

    /// As when it was made: no timeouts, and a virtual clock at its beginning.
    pub(crate) fn restart(&self) {
        self.end();
        self.state.lock().ended = false;
        self.clock.restart();
    }

    /// Whether this channel closes at a tick.
    pub(crate) fn is_tick(&self, channel: u32) -> bool {
        let state = self.state.lock();
        state
            .entries
            .values()
            .any(|entry| entry.takes.id() == channel)
    }

    /// When the first timeout is due.
    pub(crate) fn next_deadline(&self) -> Option<Instant> {
        // Ordering: Acquire pairs with the stores of `next`.
        match self.next.load(Ordering::Acquire) {
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

    /// Gives each entry's channel to `see`, and in what time it is due: `None` if never.
    pub(crate) fn look(&self, mut see: impl FnMut(u32, Option<Duration>)) {
        let now = self.now();
        let mut from = 0;
        let mut batch = Vec::with_capacity(BATCH);
        loop {
            let state = self.state.lock();
            let entries = state.entries.range(from..).take(BATCH);
            batch.extend(entries.map(|(&tick, entry)| (tick, entry.takes.id())));
            drop(state);
            let Some(&(last, _)) = batch.last() else {
                return;
            };
            from = last + 1;
            for (tick, channel) in batch.drain(..) {
                let at = self.origin.checked_add(self.duration_of(tick));
                let due = at.filter(|_| tick != BEYOND);
                see(channel, due.map(|at| at.saturating_duration_since(now)));
            }
        }
    }

    /// How many ticks have an entry.
    #[cfg(all(test, not(csp_loom)))]
    pub(crate) fn entries(&self) -> usize {
        self.state.lock().entries.len()
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

impl State {
    /// Takes out the entries that no timeout uses.
    fn sweep(&mut self) -> BTreeMap<u64, Entry> {
        // One receiver is the entry's own. No other can come: clones are made under our lock.
        let idle = self
            .entries
            .extract_if(.., |_, entry| entry.takes.receiver_count() == 1)
            .collect();
        self.sweep_above = FEW.max(2 * self.entries.len());
        idle
    }
}

impl std::fmt::Debug for Ticks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ticks")
            .field("tick", &self.tick)
            .finish_non_exhaustive()
    }
}
