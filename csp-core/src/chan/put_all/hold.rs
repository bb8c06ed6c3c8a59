//! The channels of a transaction, all locked.

use std::{
    any::Any,
    hash::{BuildHasher, BuildHasherDefault, DefaultHasher},
};

use super::{
    super::core::{Core, Queues},
    After,
    entry::{Entry, Space, Stored},
    partners::{Partners, Wanted},
    watch,
};
use crate::{
    inspect::evidence,
    sync::lock::{Guard, Stepping},
    waiter::{self, Status, Wakes},
};

/// All the locks. Code of the user's that runs under them, a policy or a step, must not use these channels: it
/// is told so, instead of waiting for itself.
pub(super) struct Hold<'a> {
    groups: Vec<Group<'a>>,
    /// Wake-ups that are passed on.
    passed: Wakes,
    stepping: Vec<Stepping>,
}

/// A channel, with its puts in the order they were given.
struct Group<'a> {
    core: &'a Core,
    /// Taken out only for the moment of a typed call.
    lock: Option<Guard<'a, Queues>>,
    puts: Vec<usize>,
    entries: &'a [&'a dyn Entry],
    space: Space,
    /// The transaction was told of room here since it last looked.
    told: bool,
}

const HELD: &str = "the lock is held";

impl<'a> Hold<'a> {
    pub(super) fn new(entries: &'a [&'a dyn Entry]) -> Self {
        let at = |index: usize| {
            let core = entries[index].core();
            (core.id, std::ptr::from_ref(core).addr())
        };
        let mut order: Vec<usize> = (0..entries.len()).collect();
        // Stable: puts into one channel stay in their order.
        order.sort_by_key(|&index| at(index));
        let mut groups: Vec<Group<'a>> = order
            .chunk_by(|&a, &b| at(a) == at(b))
            .map(|puts| Group {
                core: entries[puts[0]].core(),
                lock: None,
                puts: puts.to_vec(),
                entries,
                space: Space::default(),
                told: false,
            })
            .collect();
        lock_all(&mut groups);
        for group in &mut groups {
            for &put in &group.puts {
                // (Callers have withdrawn it.)
                group.told |= watch::settle(entries[put].waiter());
            }
        }
        let stepping = groups.iter().map(|group| group.core.stepping()).collect();
        Self {
            groups,
            passed: Wakes::new(),
            stepping,
        }
    }

    /// Lets go of all locks.
    pub(super) fn let_go(self) -> Wakes {
        let Self {
            groups,
            passed,
            stepping,
        } = self;
        drop(stepping);
        drop(groups);
        passed
    }

    /// Asks each channel how many values it takes in. `Err`: with what a custom buffer panicked.
    pub(super) fn measure(&mut self) -> Result<(), Box<dyn Any + Send>> {
        for group in &mut self.groups {
            let first = group.first();
            // SAFETY: the lock is this channel's; callers have seen that it is open.
            let (space, panic) = group.with(|lock| unsafe { first.space(lock) });
            if let Some(payload) = panic {
                return Err(payload);
            }
            group.space = space;
            assert!(
                !group.space.single || group.puts.len() == 1,
                "{}: a channel with a transducer or a custom buffer can have only one put of a `put_all_or_none`",
                watch::describe(group.core, group.queues().existing_ext()),
            );
        }
        Ok(())
    }

    /// Finds takers, and wins them. `Err`: these channels together have not enough.
    pub(super) fn find_partners(&mut self) -> Result<Partners, Vec<usize>> {
        let wanted: Vec<Wanted> = self.groups.iter().map(Group::wanted).collect();
        loop {
            let mut lists: Vec<_> = self
                .groups
                .iter_mut()
                .map(|group| &mut group.queues().takes)
                .collect();
            // SAFETY: the locks of all these lists are held, and stay so.
            let mut partners = unsafe { Partners::find(&mut lists, &wanted) }?;
            // SAFETY: as above, and in between too.
            if unsafe { partners.win() } {
                return Ok(partners);
            }
        }
    }

    /// Says in every channel's hint that there is something, so that whoever asks takes the lock.
    pub(super) fn raise(&self, flags: u32) {
        self.groups
            .iter()
            .for_each(|group| group.core.publish(flags, flags));
    }

    /// Moves all values.
    pub(super) fn move_all(&mut self, partners: Partners) -> After<'a> {
        let entries = self.groups.first().map_or(&[][..], |group| group.entries);
        // What is put may carry handles.
        evidence::hands_code_over();
        let mut after = After::new(entries);
        let takers: Vec<_> = partners.by_list(self.groups.len());
        for (group, takers) in self.groups.iter_mut().zip(&takers) {
            for &taker in takers {
                // SAFETY: it is in this list, whose lock is held.
                unsafe { group.queues().takes.unlink(taker) };
                // SAFETY: its word, if it is an arm, has been won; the commit follows below.
                unsafe { waiter::claim(taker) };
            }
        }
        // Who still waits where a value goes into a plain buffer has been won elsewhere. A set of which that is an arm has
        // to be told before it has its value: it looks only where it was told to, and finds the one or sees all.
        for (group, takers) in self.groups.iter_mut().zip(&takers) {
            if group.space.direct && takers.len() < group.puts.len() {
                // SAFETY: the lock is held.
                let waits = unsafe { group.queues().takes.has_partner() };
                debug_assert!(!waits, "it would have been chosen");
            }
        }
        for (group, takers) in self.groups.iter().zip(&takers) {
            for (&put, &taker) in group.puts.iter().zip(takers) {
                // SAFETY: it is just out of this channel's list, and committed to us; each value is moved once.
                unsafe { entries[put].hand_to(taker) };
                // SAFETY: as above.
                after
                    .wakes
                    .push(unsafe { waiter::finish(taker, Status::Done) });
            }
        }
        // Plain buffers first: what comes after may run code of the user's.
        for single in [false, true] {
            for (group, takers) in self.groups.iter_mut().zip(&takers) {
                if group.space.single == single {
                    group.store(takers.len(), &mut after);
                }
            }
        }
        after
    }

    pub(super) fn publish(&mut self, after: &mut After<'a>) {
        for group in &mut self.groups {
            let first = group.first();
            // SAFETY: the lock is this channel's.
            let panic = group.with(|lock| unsafe { first.publish(lock) });
            after.add_panic(panic);
        }
    }

    /// Passes on the wake-ups that this transaction had: it has looked, and others may use the room that is left.
    pub(super) fn pass_on(&mut self) {
        for group in &mut self.groups {
            group.core.publish_queues(group.lock.as_ref().expect(HELD));
            if group.told {
                let core = group.core;
                self.passed.push(watch::tell(core, group.queues()));
            }
        }
    }

    /// Queues watchers: for room on these channels, or on another one that has none, and for the close on the others.
    /// Gives the first put into those that are watched for room.
    pub(super) fn watch(&mut self, full: Vec<usize>) -> usize {
        let full = self.one_without_room().map_or(full, |at| vec![at]);
        let mut lacks = vec![false; self.groups.len()];
        for &at in &full {
            lacks[at] = true;
        }
        for (group, lacks) in self.groups.iter_mut().zip(lacks) {
            let (core, waiter) = (group.core, group.first().waiter());
            if lacks {
                // SAFETY: the lock is held, and the waiter in no list; its owner is set, and the transaction leaves
                // before it goes.
                unsafe { watch::queue(core, group.queues(), waiter) };
            } else {
                // SAFETY: as above.
                unsafe { watch::queue_for_close(group.queues(), waiter) };
            }
        }
        self.first_of(&full)
    }

    /// One of the channels that have no room whatever the others have. Which, has nothing to do with their order: of
    /// channels that get room one after the other, whoever waits for each in turn looks at all of them for each.
    fn one_without_room(&self) -> Option<usize> {
        let order = BuildHasherDefault::<DefaultHasher>::default();
        let lacking = (0..self.groups.len()).filter(|&at| self.groups[at].has_no_room());
        lacking.min_by_key(|&at| order.hash_one(self.groups[at].puts[0]))
    }

    /// The first put into one of these channels.
    pub(super) fn first_of(&self, full: &[usize]) -> usize {
        full.iter()
            .map(|&at| self.groups[at].puts[0])
            .min()
            .expect("some channel has no room")
    }
}

/// All locks, without sleeping for one while another is held.
fn lock_all(groups: &mut [Group<'_>]) {
    let mut at = 0;
    while at < groups.len() {
        let core = groups[at].core;
        let lock = if at == 0 {
            Some(core.lock())
        } else {
            core.lock_soon()
        };
        if let Some(lock) = lock {
            groups[at].lock = Some(lock);
            at += 1;
            continue;
        }
        for group in groups.iter_mut() {
            group.lock = None;
        }
        drop(core.lock());
        at = 0;
    }
}

impl<'a> Group<'a> {
    fn first(&self) -> &'a dyn Entry {
        self.entries[self.puts[0]]
    }

    fn queues(&mut self) -> &mut Queues {
        self.lock.as_mut().expect(HELD)
    }

    fn with<R>(&mut self, call: impl FnOnce(Guard<'a, Queues>) -> (Guard<'a, Queues>, R)) -> R {
        let (lock, result) = call(self.lock.take().expect(HELD));
        self.lock = Some(lock);
        result
    }

    fn wanted(&self) -> Wanted {
        let puts = self.puts.len();
        Wanted {
            needed: puts.saturating_sub(self.space.free),
            direct: self.space.direct,
            puts,
        }
    }

    /// Whether it has none, even if nobody else needed its takers.
    fn has_no_room(&self) -> bool {
        let Wanted { needed, direct, .. } = self.wanted();
        let takes = &self.lock.as_ref().expect(HELD).takes;
        needed > 0 && (!direct || takes.is_empty())
    }

    /// Stores the values that no taker has, from `from` on.
    fn store(&mut self, from: usize, after: &mut After<'a>) {
        for at in from..self.puts.len() {
            let entry = self.entries[self.puts[at]];
            // SAFETY: the lock is this channel's, which has room for what no taker has; each value is moved once.
            let stored = self.with(|lock| unsafe { entry.store(lock) });
            let Stored { wakes, rest, panic } = stored;
            after.wakes.append(wakes);
            after.rests.push(rest);
            after.add_panic(panic);
        }
    }
}
