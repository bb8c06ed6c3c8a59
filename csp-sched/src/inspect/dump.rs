//! [`Dump`]: what a program is about, as data.

use std::{collections::HashSet, fmt, time::Duration};

use csp_core::inspect::{
    Block, Channel, Found, On, PendingPromise, Survey, is_enabled,
    threads::{self, BlockedThread},
};

use super::{dot::Dot, executors, json::Json, text};

/// What a program is about at one time: made by [`dump`].
///
/// `Display` writes it as text, [`dot`](Self::dot) as a graph, [`json`](Self::json) for other programs.
///
/// ```
/// use csp::prelude::*;
/// use csp::inspect::{self, On};
/// inspect::enable();
/// let local = csp::Local::new();
/// let (tx, rx) = chan::<u32>(0);
/// local.go(async move { take!(rx) }).named("worker");
/// local.run_until_idle();
///
/// let dump = inspect::dump();
/// let worker = dump.blocks.iter().find(|b| b.name.as_deref() == Some("worker")).unwrap();
/// assert_eq!(worker.waits_for[0].on, On::Take(tx.id()));
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Dump {
    /// True if inspection was on: without it the blocks are known, and little else.
    pub is_enabled: bool,
    /// Runtimes and `Local`s.
    pub executors: Vec<Executor>,
    /// The live blocks, in the order of their numbers.
    pub blocks: Vec<Block>,
    /// The channels that were made while inspection was on, in the order of their numbers.
    pub channels: Vec<Channel>,
    /// The pending promises that were made while inspection was on, in the order of their numbers.
    pub promises: Vec<PendingPromise>,
    /// The timeouts, for each executor in the order of their ticks: those of one tick are one, or one for each worker
    /// that made some.
    pub timers: Vec<Timer>,
    /// The threads that are blocked in an operation.
    pub threads: Vec<BlockedThread>,
}

/// A runtime or a `Local`.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Executor {
    /// Its name.
    pub name: String,
    /// True for a [`Local`](crate::Local), which runs on its caller's thread.
    pub is_local: bool,
    /// True if its time is virtual.
    pub is_virtual: bool,
    /// How many workers it has.
    pub workers: usize,
    /// How many of them sleep.
    pub asleep: usize,
    /// How many blocks and threads are alive on it.
    pub live: usize,
}

/// The timeouts of one tick, as far as one worker made them, or threads that are no workers.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Timer {
    /// The number of the channel that closes then.
    pub channel: u32,
    /// In what time that is; `None` if never.
    pub due: Option<Duration>,
    /// How many wait for it, if that is known.
    pub waiters: Option<usize>,
    /// Which of the dump's executors keeps its time.
    pub executor: usize,
}

/// Looks at everything that is alive in this process: blocks, channels, promises, timers, blocked threads.
///
/// It may be called anywhere, also in a block, a callback, or a destructor. It stops nobody: locks are held for
/// short, and no two at a time that could be waited for in a circle. Its work grows with what there is: half a
/// microsecond for each block, and three times that with inspection on (see [the module](crate::inspect#what-it-costs)).
///
/// In a program that works on meanwhile it is no picture of one instant: a block may be shown where it was a
/// moment ago. In one that hangs, all holds.
pub fn dump() -> Dump {
    let mut survey = Survey::new();
    let (executors, mut timers) = executors::look(&mut survey);
    let threads = threads::blocked();
    let Found {
        mut blocks,
        mut channels,
        promises,
        ..
    } = survey.finish();
    tell_timers(&mut blocks, &mut channels, &mut timers);
    Dump {
        is_enabled: is_enabled(),
        executors,
        blocks,
        channels,
        promises,
        timers,
        threads,
    }
}

/// Makes timers of the channels that are such.
fn tell_timers(blocks: &mut [Block], channels: &mut Vec<Channel>, timers: &mut Vec<Timer>) {
    let find = |id: u32| {
        let at = channels.binary_search_by_key(&id, |channel| channel.id);
        at.ok().map(|at| &channels[at])
    };
    for timer in timers.iter_mut() {
        timer.waiters = find(timer.channel).map(|channel| channel.takers);
    }
    let mut known: HashSet<u32> = timers.iter().map(|timer| timer.channel).collect();
    for channel in channels.iter().filter(|channel| channel.is_timer) {
        // Its time has come, or its executor has ended: those who wait are about to hear of it.
        if known.insert(channel.id) && channel.takers > 0 {
            timers.push(Timer {
                channel: channel.id,
                due: Some(Duration::ZERO),
                waiters: Some(channel.takers),
                executor: 0,
            });
        }
    }
    channels.retain(|channel| !channel.is_timer);
    for wait in blocks.iter_mut().flat_map(|block| &mut block.waits_for) {
        if let On::Take(channel) = wait.on
            && known.contains(&channel)
        {
            wait.on = On::Timer(channel);
        }
    }
}

impl Dump {
    /// The block with that number.
    pub fn block(&self, id: u64) -> Option<&Block> {
        let at = self.blocks.binary_search_by_key(&id, |block| block.id);
        at.ok().map(|at| &self.blocks[at])
    }

    /// The channel with that number.
    pub fn channel(&self, id: u32) -> Option<&Channel> {
        let at = self
            .channels
            .binary_search_by_key(&id, |channel| channel.id);
        at.ok().map(|at| &self.channels[at])
    }

    /// The pending promise with that number.
    pub fn promise(&self, id: u64) -> Option<&PendingPromise> {
        let at = self
            .promises
            .binary_search_by_key(&id, |promise| promise.id);
        at.ok().map(|at| &self.promises[at])
    }

    /// The dump as a graph for Graphviz: `dot -Tsvg`.
    ///
    /// Blocks and channels are nodes. An arrow leads from a block that puts to its channel, and from a channel to
    /// a block that takes: the way that the values would go. Dotted arrows lead from a block to the block or
    /// promise that it waits for, and from a timer to who waits for it.
    pub fn dot(&self) -> Dot<'_> {
        Dot(self)
    }

    /// The dump as JSON, in one line for each thing.
    ///
    /// ```text
    /// { "enabled": bool,
    ///   "executors": [{ "name": text, "local": bool, "virtual": bool, "workers": n, "asleep": n, "live": n }],
    ///   "blocks":    [{ "id": n, "name": text?, "site": text, "state": "runnable" | "parked" | "thread",
    ///                   "parked_at": { "op": text, "text": text, "site": text, "state": n?, "states": n? }?,
    ///                   "waiting": seconds?,
    ///                   "waits_for": [{ "arm": n?, "on": "take" | "put" | "close" | "room" | "timer" | "block"
    ///                                   | "promise", "id": n }],
    ///                   "started_by": { "block": n } | { "thread": text } | null,
    ///                   "age": seconds?, "cancelled": bool, "awaited": bool, "executor": n }],
    ///   "channels":  [{ "id": n, "name": text?, "created": text, "age": seconds?, "buffer": text?, "len": n?,
    ///                   "capacity": n?, "transducer": bool, "closed": bool, "failed": bool, "takers": n,
    ///                   "putters": n, "watchers": n, "outsiders": n, "more": bool, "senders": n,
    ///                   "receivers": n, "busy": bool }],
    ///   "promises":  [{ "id": n, "kind": text, "created": text, "age": seconds?, "state": text,
    ///                   "waiters": [n], "outsiders": n }],
    ///   "timers":    [{ "channel": n, "due": seconds?, "waiters": n?, "executor": n }],
    ///   "threads":   [{ "name": text?, "id": text, "site": text?, "channel": n?, "since": seconds? }] }
    /// ```
    ///
    /// `?` means that it may be `null`. A site is `file:line:column`, `executor` an index.
    pub fn json(&self) -> Json<'_> {
        Json(self)
    }
}

/// As text, in the manner of Go's dump of goroutines. Blocks that stand at the same place in the same state are
/// told once, with their number.
impl fmt::Display for Dump {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        text::write(self, f)
    }
}
