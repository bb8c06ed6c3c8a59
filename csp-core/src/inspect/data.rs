//! What a dump consists of: plain data.

use std::{panic::Location, time::Duration};

use crate::{BlockSite, ParkSite, sync::plain::Arc};

/// A live block.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Block {
    /// Its number: that of [`Go::id`](crate::Go::id).
    pub id: u64,
    /// The name that it was given: by [`Go::named`](crate::Go::named) or [`name_block`](super::name_block).
    pub name: Option<Arc<str>>,
    /// Where it stands in the source, which is where it was started.
    pub site: BlockSite,
    /// What it is about.
    pub state: BlockState,
    /// Where it is parked, as far as `take!`, `put!`, `park!` and `alt!` tell. A block that awaits something
    /// else directly has no such place.
    pub parked_at: Option<ParkSite>,
    /// How long it has been parked there. Known if inspection was on when it parked.
    pub waiting: Option<Duration>,
    /// What it waits for, as far as inspection knows. More than one thing: the arms of an alts.
    pub waits_for: Vec<Wait>,
    /// Who started it, if that was while inspection was on.
    pub started_by: Option<Starter>,
    /// How long ago that was.
    pub age: Option<Duration>,
    /// True if it was cancelled, and is to end at its next turn.
    pub is_cancelled: bool,
    /// True if somebody waits for its value: a block, or a thread or other async code.
    pub is_awaited: bool,
    /// Which of the dump's executors it belongs to.
    pub executor: usize,
}

/// What a block is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BlockState {
    /// It runs, or is queued to run.
    Runnable,
    /// It waits to be woken.
    Parked,
    /// It is blocking work on a thread of its own: see `csp::thread`.
    Thread,
}

/// One thing that a block waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Wait {
    /// The number of the arm, if it is one of an alts.
    pub arm: Option<u32>,
    /// What it is.
    pub on: On,
}

/// What can be waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum On {
    /// To take from the channel with this number.
    Take(u32),
    /// To put to the channel with this number.
    Put(u32),
    /// The close of the channel with this number.
    Close(u32),
    /// Room in the channel with this number, to put to several at one instant.
    Room(u32),
    /// The timer whose channel has this number.
    Timer(u32),
    /// The end of the block with this number.
    Block(u64),
    /// The promise with this number.
    Promise(u64),
}

/// Who started a block.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Starter {
    /// The block with this number, which may have ended.
    Block(u64),
    /// A thread with this name, or this number.
    Thread(Arc<str>),
}

/// A channel that was made while inspection was on.
#[derive(Debug, Clone)]
#[non_exhaustive]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts, for reading only"
)]
pub struct Channel {
    /// Its number: that of [`Sender::id`](crate::Sender::id) and [`Receiver::id`](crate::Receiver::id).
    pub id: u32,
    /// The name that it was given: by [`Sender::named`](crate::Sender::named) or the receiver's.
    pub name: Option<Arc<str>>,
    /// Where it was made.
    pub created: &'static Location<'static>,
    /// How long ago that was.
    pub age: Option<Duration>,
    /// The kind of its buffer; `None` for a rendezvous.
    pub buffer: Option<&'static str>,
    /// How many values are in it. `None` for a custom buffer, which is not asked.
    pub len: Option<usize>,
    /// How many values it holds at most. `None` for a custom buffer.
    pub capacity: Option<usize>,
    /// True if what is put goes through a transducer.
    pub has_transducer: bool,
    /// True once it is closed, from either end.
    pub is_closed: bool,
    /// True if it was closed with a cause.
    pub is_failed: bool,
    /// How many wait to take.
    pub takers: usize,
    /// How many wait to put.
    pub putters: usize,
    /// How many wait for the close, or for room to put to several channels at one instant.
    pub watchers: usize,
    /// How many of all those are no go blocks: threads, other async code, callbacks.
    pub outsiders: usize,
    /// True if there are more of them: so many were counted.
    pub has_more: bool,
    /// How many senders there are.
    pub senders: usize,
    /// How many receivers there are.
    pub receivers: usize,
    /// True if its lock could not be had, since a transducer or a custom buffer works under it for long;
    /// nothing but its number, its place and the counts of its handles is known then.
    pub is_busy: bool,
    /// True if it is a timer's: it closes at its time, and nothing goes through it.
    pub is_timer: bool,
}

/// A promise that is pending, and was made while inspection was on.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct PendingPromise {
    /// Its number.
    pub id: u64,
    /// What kind of promise.
    pub kind: &'static str,
    /// Where it was made.
    pub created: &'static Location<'static>,
    /// How long ago that was.
    pub age: Option<Duration>,
    /// Its state in a word.
    pub state: &'static str,
    /// The blocks that wait for it.
    pub waiters: Vec<u64>,
    /// How many others wait for it: threads, other promises, other async code.
    pub outsiders: usize,
}
