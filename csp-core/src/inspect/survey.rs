//! How a dump is put together.
//!
//! 1. The homes' tasks, home by home: number, site, whether it is parked, and where it said that it would park.
//! 2. The channels' queues, channel by channel: which blocks wait there, and as which arm.
//! 3. The promises; and the notes of the blocks, by number.
//! 4. Without any lock: who waits for what.
//!
//! A block is not stopped for it, so a dump of a program that works is no picture of one instant. What a
//! block said of its park point holds only if it is found in that channel's queue: one that has gone on, or that
//! awaits something that tells nothing, is shown without a place. In a program that hangs nothing moves,
//! and everything holds.

use std::collections::HashMap;

use super::{
    Block, BlockState, Channel, On, PendingPromise, Stamp, Wait, blocks,
    channels::{self, Queue, Waiting},
    promises, stamp,
};
use crate::{Home, Op, task::Seen};

/// A dump in the making.
#[doc(hidden)]
#[derive(Debug, Default)]
pub struct Survey {
    homes: Vec<FromHome>,
}

struct FromHome {
    tasks: Vec<Seen>,
    executor: usize,
    now: Stamp,
    threads: bool,
}

impl std::fmt::Debug for FromHome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FromHome")
            .field("tasks", &self.tasks.len())
            .finish_non_exhaustive()
    }
}

/// What a survey found.
#[doc(hidden)]
#[derive(Debug)]
pub struct Found {
    /// In the order of their numbers.
    pub blocks: Vec<Block>,
    /// In the order of their numbers.
    pub channels: Vec<Channel>,
    /// In the order of their numbers.
    pub promises: Vec<PendingPromise>,
}

impl Survey {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the blocks of a home, whose executor is that of this index, and whose clock says `now`. `threads`:
    /// what lives there is blocking work.
    pub fn add(&mut self, home: &Home, executor: usize, now: Stamp, threads: bool) {
        let mut tasks = Vec::new();
        home.look(&mut tasks);
        self.homes.push(FromHome {
            tasks,
            executor,
            now,
            threads,
        });
    }

    /// Looks at everything else, and puts it together.
    pub fn finish(self) -> Found {
        let now = stamp();
        let (channels, waiting) = channels::look(now);
        let promises = promises::look(now);
        let total = self.homes.iter().map(|home| home.tasks.len()).sum();
        let mut known = Known {
            blocks: Vec::with_capacity(total),
            by_id: HashMap::with_capacity(total),
            at_address: HashMap::new(),
            parked_on: Vec::with_capacity(total),
        };
        for home in &self.homes {
            home.tasks.iter().for_each(|task| known.add(home, task));
        }
        known.join_queues(&waiting);
        known.join_promises(&promises);
        known.join_blocks(&self.homes);
        known.check_places(&channels);
        let mut blocks = known.blocks;
        blocks.sort_unstable_by_key(|block| block.id);
        Found {
            blocks,
            channels,
            promises,
        }
    }
}

struct Known {
    blocks: Vec<Block>,
    by_id: HashMap<u64, usize>,
    /// Made only if a block waits for another.
    at_address: HashMap<usize, usize>,
    /// The channel that each block said it would park on.
    parked_on: Vec<u32>,
}

impl Known {
    fn add(&mut self, home: &FromHome, task: &Seen) {
        let state = match task.is_parked {
            true => BlockState::Parked,
            false if home.threads => BlockState::Thread,
            false => BlockState::Runnable,
        };
        let note = blocks::note(task.id).unwrap_or_default();
        let parked_at = task.is_parked.then(|| task.place.park_site()).flatten();
        self.by_id.insert(task.id, self.blocks.len());
        self.parked_on.push(task.object);
        self.blocks.push(Block {
            id: task.id,
            name: note.name,
            site: task.site,
            state,
            parked_at,
            waiting: parked_at.and_then(|_| task.since.until(home.now)),
            waits_for: Vec::new(),
            started_by: note.starter,
            age: note.since.until(home.now),
            is_cancelled: task.is_cancelled,
            is_awaited: task.awaited_by.is_some(),
            executor: home.executor,
        });
    }

    fn parked(&mut self, at: usize) -> Option<&mut Block> {
        let block = &mut self.blocks[at];
        (block.state == BlockState::Parked).then_some(block)
    }

    fn join_queues(&mut self, waiting: &[Waiting]) {
        for one in waiting {
            let Some(&at) = self.by_id.get(&one.block) else {
                continue;
            };
            let on = match one.queue {
                Queue::Takes => On::Take(one.channel),
                Queue::Puts => On::Put(one.channel),
                Queue::Close => On::Close(one.channel),
                Queue::Room => On::Room(one.channel),
            };
            let arm = one.arm;
            if let Some(block) = self.parked(at) {
                block.waits_for.push(Wait { arm, on });
            }
        }
        for block in &mut self.blocks {
            block.waits_for.sort_by_key(|wait| wait.arm);
        }
    }

    fn join_promises(&mut self, promises: &[PendingPromise]) {
        for promise in promises {
            for waiter in &promise.waiters {
                let Some(&at) = self.by_id.get(waiter) else {
                    continue;
                };
                let on = On::Promise(promise.id);
                if let Some(block) = self.parked(at) {
                    block.waits_for.push(Wait { arm: None, on });
                }
            }
        }
    }

    fn join_blocks(&mut self, homes: &[FromHome]) {
        let tasks = || homes.iter().flat_map(|home| &home.tasks);
        let is_block = |task: &&Seen| task.awaited_by.is_some_and(|by| by != 0);
        if tasks().any(|task| is_block(&task)) {
            self.at_address = tasks()
                .enumerate()
                .map(|(at, task)| (task.at, at))
                .collect();
        }
        for task in tasks().filter(is_block) {
            let waiter = task.awaited_by.and_then(|by| self.at_address.get(&by));
            let Some(&at) = waiter else { continue };
            let on = On::Block(task.id);
            if let Some(block) = self.parked(at) {
                block.waits_for.push(Wait { arm: None, on });
            }
        }
    }

    /// Drops places that do not hold any more, and what a block waited for before.
    fn check_places(&mut self, channels: &[Channel]) {
        for (block, &on) in self.blocks.iter_mut().zip(&self.parked_on) {
            let Some(site) = block.parked_at else {
                continue;
            };
            let is_plain = matches!(site.op(), Op::Take | Op::Put);
            if !is_plain || on == 0 {
                continue;
            }
            let holds = |wait: &Wait| wait.on == On::Take(on) || wait.on == On::Put(on);
            if block.waits_for.iter().any(holds) {
                // A take or put waits for nothing else.
                block.waits_for.retain(holds);
                continue;
            }
            let channel = channels
                .binary_search_by_key(&on, |channel| channel.id)
                .ok()
                .map(|at| &channels[at]);
            match channel {
                Some(channel) if !channel.is_busy && !channel.has_more => {
                    block.parked_at = None;
                    block.waiting = None;
                }
                // Inspection does not know it; but this much it knows.
                _ => {
                    let on = if site.op() == Op::Take {
                        On::Take(on)
                    } else {
                        On::Put(on)
                    };
                    block.waits_for = vec![Wait { arm: None, on }];
                }
            }
        }
    }
}
