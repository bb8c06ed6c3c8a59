//! Who uses a channel: noted while [inspection](crate::inspect::enable) is on, for the search for what is
//! [stuck](crate::inspect::stuck).
//!
//! A channel that is made while inspection is on has the hint NOTED, which sends its operations on their long
//! way; the others have not, and cost nothing. The notes stand in the channel's box of rarely needed things, under
//! its lock.
//!
//! # Invariants
//! 1. A channel is in the list of traced channels from when it is made until both sides are done with it; it is
//!    freed after it has left the list, which takes the list's lock. So what is in the list is live under that lock.
//! 2. Whoever holds the list's lock sleeps for no other: the locks of channels are tried. So a channel can be made
//!    under another's lock, by a transducer's step say.

use std::{
    collections::BTreeMap,
    ops::Bound::{Excluded, Unbounded},
    ptr::NonNull,
};

use super::core::{Core, NOTED, Queues, Side};
use crate::{
    context,
    inspect::{evidence, threads},
    sync::{
        before_look,
        lock::in_step,
        plain::{
            Arc, Mutex, MutexGuard, PoisonError,
            atomic::{AtomicU64, Ordering},
        },
    },
    waiter::{List, Sleeper},
};

/// Who holds a handle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum User {
    Block(u64),
    Thread(u64),
}

impl User {
    /// Whoever runs now.
    pub(crate) fn here() -> Option<Self> {
        if evidence::is_nobodys() {
            return None;
        }
        let block = context::current_block().map(Self::Block);
        Some(block.unwrap_or_else(|| Self::Thread(threads::number())))
    }
}

/// A user's use of one side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Use {
    pub(crate) user: User,
    /// So many handles it has made or cloned and not dropped since `made`, or one that it has used.
    handles: u32,
    made: u64,
    /// When it was noted last.
    last: u64,
    /// When it last put a value here that may have carried a handle away; 0 for never.
    pub(crate) gave: u64,
}

impl Use {
    /// How many handles it has for sure, if it last gave something away at that time.
    pub(crate) fn handles(&self, given_away: u64) -> u32 {
        if given_away > self.last {
            0
        } else if given_away > self.made {
            self.handles.min(1)
        } else {
            self.handles
        }
    }
}

/// More users of one side than this are too many to be known.
const MAX_USERS: usize = 16;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Users {
    pub(crate) known: Vec<Use>,
    /// There were more than could be noted.
    pub(crate) many: bool,
}

#[derive(Debug, Default)]
pub(crate) struct Trace([Users; 2]);

/// Orders what is noted, over all channels.
static STAMP: AtomicU64 = AtomicU64::new(1);

pub(crate) fn stamp() -> u64 {
    // Ordering: stamps of one user are compared, which its own runs order.
    STAMP.fetch_add(1, Ordering::Relaxed)
}

impl Users {
    fn of(&mut self, user: User) -> Option<&mut Use> {
        if let Some(at) = self.known.iter().position(|known| known.user == user) {
            return Some(&mut self.known[at]);
        }
        if self.known.len() == MAX_USERS {
            self.many = true;
            return None;
        }
        self.known.push(Use {
            user,
            handles: 0,
            made: 0,
            last: 0,
            gave: 0,
        });
        self.known.last_mut()
    }

    /// The user has at least one handle.
    fn has_one(&mut self, user: User) -> Option<&mut Use> {
        let entry = self.of(user)?;
        entry.last = stamp();
        if entry.handles == 0 {
            entry.handles = 1;
            entry.made = entry.last;
        }
        Some(entry)
    }

    fn has_one_more(&mut self, user: User) {
        if let Some(entry) = self.of(user) {
            entry.last = stamp();
            if entry.handles == 0 {
                entry.made = entry.last;
            }
            entry.handles += 1;
        }
    }

    fn has_one_less(&mut self, user: User) {
        if let Some(entry) = self.known.iter_mut().find(|known| known.user == user) {
            entry.handles = entry.handles.saturating_sub(1);
            // Which of them has gone? Perhaps the one that it used last, and the others were given away.
            entry.last = entry.made;
        }
    }
}

impl Queues {
    /// Notes that whoever runs now acts on a side, and with that has a handle of it; with `gives`, it puts a value
    /// that may carry handles away.
    #[cold]
    pub(super) fn note_use(&mut self, side: Side, gives: bool) {
        let Some(user) = User::here() else { return };
        if let Some(trace) = &mut self.ext().trace
            && let Some(used) = trace.0[side as usize].has_one(user)
            && gives
        {
            // Earlier than the use: the handle that it acts through is not carried away.
            used.gave = used.last;
            used.last = stamp();
        }
    }

    fn users(&mut self, side: Side) -> Option<&mut Users> {
        let trace = self.existing_ext()?.trace.as_mut()?;
        Some(&mut trace.0[side as usize])
    }
}

impl Core {
    /// True if who uses the channel is noted.
    pub(crate) fn is_traced(&self) -> bool {
        self.is(NOTED)
    }

    /// One more handle of a side was made.
    #[inline]
    pub(super) fn note_clone(&self, side: Side) {
        if self.is_traced() {
            self.note_change(side, Users::has_one_more);
        }
    }

    /// A handle of a side is about to go.
    #[inline]
    pub(super) fn note_drop(&self, side: Side) {
        if self.is_traced() {
            self.note_change(side, Users::has_one_less);
        }
    }

    /// Only blocks: a thread hands what it makes and clones to others in ways that nobody sees.
    #[cold]
    fn note_change(&self, side: Side, change: fn(&mut Users, User)) {
        let Some(user @ User::Block(_)) = User::here() else {
            return;
        };
        if in_step() {
            // Perhaps under this very lock. What is not noted is not known.
            return;
        }
        let mut queues = self.lock();
        if let Some(users) = queues.users(side) {
            change(users, user);
        }
    }
}

struct Listed(NonNull<Core>);

// SAFETY: a core is shared between threads; invariant 1 keeps it live.
unsafe impl Send for Listed {}

/// By their addresses.
static TRACED_CHANNELS: Mutex<BTreeMap<usize, Listed>> = Mutex::new(BTreeMap::new());

fn channels() -> MutexGuard<'static, BTreeMap<usize, Listed>> {
    TRACED_CHANNELS
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
}

/// Takes a channel that was just made into the list.
///
/// # Safety
/// The channel stays where it is, and [`end`] is called before it is freed.
pub(super) unsafe fn begin(core: NonNull<Core>) {
    // SAFETY: promised by the caller.
    let chan = unsafe { core.as_ref() };
    let mut trace = Trace::default();
    if let Some(maker @ User::Block(_)) = User::here() {
        for users in &mut trace.0 {
            users.has_one_more(maker);
        }
    }
    {
        let mut queues = chan.lock();
        queues.ext().trace = Some(Box::new(trace));
        chan.publish(NOTED, NOTED);
    }
    channels().insert(core.addr().get(), Listed(core));
}

/// Takes a channel out of the list: both sides are done with it.
pub(super) fn end(core: &Core) {
    if !core.is_traced() {
        return;
    }
    channels().remove(&std::ptr::from_ref(core).addr());
    // What was given away through it stays known.
    let mut queues = core.lock();
    let users = queues.users(Side::Put).map(std::mem::take);
    drop(queues);
    let gave = |used: &&Use| used.gave > 0;
    for used in users.iter().flat_map(|users| &users.known).filter(gave) {
        evidence::gave_away(used.user, used.gave);
    }
}

/// A traced channel at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ChanLook {
    pub(crate) id: u32,
    pub(crate) name: Option<Arc<str>>,
    /// Changes with what the channel is ready for.
    pub(crate) hint: u32,
    /// Of each side.
    pub(crate) handles: [u32; 2],
    pub(crate) users: [Users; 2],
    /// Who waits to take, to put.
    pub(crate) waits: [Vec<Sleeper>; 2],
    /// Who waits for its close, or for room for a transaction.
    pub(crate) watchers: Vec<Sleeper>,
}

/// How often a channel is tried whose lock is not to be had.
const TRIES: usize = 20;

/// All traced channels, each as it is at one moment. `None`: one of them was not to be had, so not all is known.
pub(crate) fn look() -> Option<Vec<ChanLook>> {
    let mut found = Vec::new();
    let mut last = 0;
    let mut tries = 0;
    loop {
        // One at a time: those who make and free channels need the list too.
        let listed = channels();
        let Some((&address, Listed(core))) = listed.range((Excluded(last), Unbounded)).next()
        else {
            return Some(found);
        };
        // SAFETY: invariant 1: it is in the list, whose lock is held.
        let seen = look_at(unsafe { core.as_ref() });
        drop(listed);
        match seen {
            Some(seen) => {
                found.push(seen);
                (last, tries) = (address, 0);
            }
            None if tries == TRIES => return None,
            None => {
                tries += 1;
                before_look(tries);
            }
        }
    }
}

/// `None`: it was locked.
fn look_at(core: &Core) -> Option<ChanLook> {
    let mut queues = core.lock_soon()?;
    let waits = [sleepers(&queues.takes), sleepers(&queues.puts)];
    let ext = queues.ext();
    let mut watchers = sleepers(&ext.watchers);
    watchers.extend(sleepers(&ext.room.watchers));
    Some(ChanLook {
        id: core.id,
        name: ext.name.clone(),
        hint: core.look(),
        handles: [core.handles(Side::Take), core.handles(Side::Put)],
        users: ext
            .trace
            .as_ref()
            .map_or_else(Default::default, |trace| trace.0.clone()),
        waits,
        watchers,
    })
}

/// Those in a list whose lock is held.
fn sleepers(list: &List) -> Vec<Sleeper> {
    let mut all = Vec::new();
    let mut at = list.first();
    while let Some(waiter) = at {
        // SAFETY: it is in this list, and the lock is held.
        all.extend(unsafe { Sleeper::of(waiter) });
        // SAFETY: as above.
        at = unsafe { list.after(waiter) };
    }
    all
}
