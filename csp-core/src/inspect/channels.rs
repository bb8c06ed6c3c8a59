//! The channels that were made while inspection was on.
//!
//! # Invariants
//! 1. A channel is entered when it is made, before anybody else knows it, and has the hint NOTED from then on.
//! 2. A channel with that hint leaves, under its shard's lock, before it is freed. So what is in a shard is
//!    live as long as the shard's lock is held.
//! 3. Whoever holds a shard's lock sleeps for no other: the locks of channels are tried.

use std::{
    ops::Bound::{Excluded, Unbounded},
    panic::Location,
    ptr::NonNull,
};

use super::{Channel, Stamp, is_enabled, registry::registry, stamp};
use crate::{
    Receiver,
    chan::{Core, Glance, Side},
    sync::plain::Arc,
    waiter::{List, Who},
};

registry!(CHANNELS: (u32, usize) => Entry);

struct Entry {
    core: NonNull<Core>,
    glance: Glance,
    created: &'static Location<'static>,
    since: Stamp,
    is_timer: bool,
}

// SAFETY: the core is only used under its own lock, or by its atomics; the rest is plain data.
unsafe impl Send for Entry {}

/// One who waits in a queue, as it concerns a block.
pub(super) struct Waiting {
    pub(super) block: u64,
    pub(super) channel: u32,
    pub(super) arm: Option<u32>,
    pub(super) queue: Queue,
}

#[derive(Clone, Copy)]
pub(super) enum Queue {
    Takes,
    Puts,
    Close,
    Room,
}

/// Enters a new channel.
///
/// # Safety
/// `core` heads a live channel, which nobody else knows yet, `glance` is that of its type, and the channel has
/// itself taken out with [`leave`] before it is freed.
#[cold]
#[inline(never)]
pub(crate) unsafe fn enter(
    core: NonNull<Core>,
    glance: Glance,
    created: &'static Location<'static>,
) {
    // SAFETY: promised by the caller.
    let id = unsafe { core.as_ref() }.id;
    let entry = Entry {
        core,
        glance,
        created,
        since: stamp(),
        is_timer: false,
    };
    CHANNELS
        .lock(id.into())
        .insert((id, core.as_ptr().addr()), entry);
}

/// Takes a channel out that is about to be freed.
#[cold]
#[inline(never)]
pub(crate) fn leave(core: &Core) {
    let key = (core.id, std::ptr::from_ref(core).addr());
    CHANNELS.lock(core.id.into()).remove(&key);
}

/// Says that a channel is a timer's.
#[doc(hidden)]
pub fn mark_timer<T>(end: &Receiver<T>) {
    if !is_enabled() {
        return;
    }
    let core = end.core();
    let key = (core.id, std::ptr::from_ref(core).addr());
    if let Some(entry) = CHANNELS.lock(core.id.into()).get_mut(&key) {
        entry.is_timer = true;
    }
}

/// How many waiters are noted of a channel at most: while its queues are walked, its lock is held.
const MOST: usize = 1 << 16;
const FEW: usize = 256;

/// How often a channel is tried whose lock is not to be had.
const TRIES: usize = if cfg!(csp_loom) { 2 } else { 20 };

/// All that are entered, in the order of their numbers, and the blocks that wait in them.
pub(super) fn look(now: Stamp) -> (Vec<Channel>, Vec<Waiting>) {
    let mut walk = Walk {
        now,
        channels: Vec::new(),
        waiting: Vec::new(),
        scratch: Vec::with_capacity(FEW),
    };
    for shard in CHANNELS.shards() {
        let mut last = (0, 0);
        let mut tries = 0;
        loop {
            // One at a time: those who make and free channels need the shard too.
            let entries = shard.lock();
            let Some((&key, entry)) = entries.range((Excluded(last), Unbounded)).next() else {
                break;
            };
            // SAFETY: it is in the shard, whose lock is held (invariant 2).
            let core = unsafe { entry.core.as_ref() };
            let seen = walk.see(core, entry, tries >= TRIES);
            drop(entries);
            match seen {
                Seen::Done => (last, tries) = (key, 0),
                Seen::Busy => {
                    tries += 1;
                    crate::sync::before_look(tries);
                }
                Seen::Crowded => {
                    let more = 3 * walk.scratch.capacity();
                    walk.scratch.reserve(more);
                }
            }
        }
    }
    walk.channels.sort_unstable_by_key(|channel| channel.id);
    (walk.channels, walk.waiting)
}

struct Walk {
    now: Stamp,
    channels: Vec<Channel>,
    waiting: Vec<Waiting>,
    /// Those of one channel: does not grow under its lock.
    scratch: Vec<Waiting>,
}

enum Seen {
    Done,
    Busy,
    /// There are more waiters than there is room for in the scratch.
    Crowded,
}

impl Walk {
    /// Sees one channel; as busy, if its lock is not to be had and `insists`.
    fn see(&mut self, core: &Core, entry: &Entry, insists: bool) -> Seen {
        let mut channel = Channel {
            id: core.id,
            name: None,
            created: entry.created,
            age: entry.since.until(self.now),
            buffer: None,
            len: None,
            capacity: None,
            has_transducer: core.has_transducer(),
            is_closed: core.is_closed(),
            is_failed: false,
            takers: 0,
            putters: 0,
            watchers: 0,
            outsiders: 0,
            has_more: false,
            senders: core.handles(Side::Put) as usize,
            receivers: core.handles(Side::Take) as usize,
            is_busy: true,
            is_timer: entry.is_timer,
        };
        self.scratch.clear();
        let Some(mut queues) = core.lock_soon() else {
            if insists {
                self.channels.push(channel);
                return Seen::Done;
            }
            return Seen::Busy;
        };
        channel.is_busy = false;
        let scratch = &mut self.scratch;
        // SAFETY: the lock is held.
        channel.takers = unsafe { note(&queues.takes, Queue::Takes, scratch, &mut channel) };
        // SAFETY: as above.
        channel.putters = unsafe { note(&queues.puts, Queue::Puts, scratch, &mut channel) };
        if let Some(ext) = queues.existing_ext() {
            channel.name = ext.name.as_ref().map(Arc::clone);
            channel.is_failed = ext.failure.is_some();
            // SAFETY: as above.
            let close = unsafe { note(&ext.watchers, Queue::Close, scratch, &mut channel) };
            // SAFETY: as above.
            let room = unsafe { note(ext.wait_for_room(), Queue::Room, scratch, &mut channel) };
            channel.watchers = close + room;
        }
        // SAFETY: the glance is that of the channel's type (`enter`), whose lock this is.
        let fill = unsafe { (entry.glance)(entry.core) };
        drop(queues);
        if channel.has_more && self.scratch.capacity() < MOST {
            return Seen::Crowded;
        }
        (channel.buffer, channel.len, channel.capacity) = (fill.buffer, fill.len, fill.capacity);
        self.channels.push(channel);
        self.waiting.append(&mut self.scratch);
        Seen::Done
    }
}

/// Notes those who wait in a queue, and gives how many.
///
/// # Safety
/// The lock is held.
unsafe fn note(
    list: &List,
    queue: Queue,
    found: &mut Vec<Waiting>,
    channel: &mut Channel,
) -> usize {
    let mut count = 0;
    let mut at = list.first();
    while let Some(waiter) = at {
        if found.len() == found.capacity() || count >= MOST {
            channel.has_more = true;
            return count;
        }
        // SAFETY: it is in this list, whose lock is held.
        at = unsafe { list.after(waiter) };
        // SAFETY: what is queued is live.
        let waiter = unsafe { waiter.as_ref() };
        // SAFETY: the lock is held.
        let (who, arm) = unsafe { waiter.who() };
        match who {
            Who::Block(block) => found.push(Waiting {
                block,
                channel: channel.id,
                arm,
                queue,
            }),
            Who::Outsider => channel.outsiders += 1,
            // It has been ended elsewhere, and is about to leave.
            Who::Nobody => continue,
        }
        count += 1;
    }
    count
}
