//! Who waits for whom: two looks at everything that is known, and what holds in both.
//!
//! # Why two
//! Channels, blocks and threads are looked at one after the other, while they run. Whoever waits on a channel in
//! both looks, with nothing noted there in between, has slept from the one look to the other: to wait anew would have
//! been noted. So all whose fingerprints are the same slept at the moment between the looks.

#[cfg(all(test, not(csp_loom)))]
mod tests;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{BlockedThread, LiveBlock, deadlock, evidence};
use crate::{
    chan::trace::{self, ChanLook, User},
    park::{self, ThreadLook},
    task::TaskLook,
    waiter::Sleeper,
};

/// Somebody who sleeps.
#[derive(Debug, Default)]
pub(super) struct Sleep {
    pub(super) block: Option<LiveBlock>,
    pub(super) thread: Option<BlockedThread>,
    /// The nap of the thread, if it is one.
    nap: u64,
    /// How many can wake it; and how many of those are known.
    wakers: u64,
    holds: BTreeSet<usize>,
    /// The channels that it waits on (by index), each with the side.
    pub(super) waits: Vec<(usize, usize)>,
    /// The blocks whose end it waits for.
    pub(super) awaits: Vec<u64>,
    /// It waits for something else as well.
    elsewhere: bool,
}

impl Sleep {
    fn is_accounted_for(&self) -> bool {
        let known = self.holds.len() + self.awaits.len();
        !self.elsewhere
            && self.wakers == known as u64
            && !(self.waits.is_empty() && self.awaits.is_empty())
    }
}

/// What was seen of the program.
pub(super) struct Look {
    pub(super) channels: Vec<ChanLook>,
    pub(super) sleeps: BTreeMap<User, Sleep>,
    live: BTreeSet<u64>,
    given: HashMap<User, u64>,
}

impl Look {
    /// `None`: not all channels could be looked at.
    pub(super) fn take() -> Option<Self> {
        let channels = trace::look()?;
        let mut tasks = Vec::new();
        for party in deadlock::parties() {
            party.homes(&mut |home| tasks.extend(home.looks()));
        }
        let threads = park::look();
        let mut look = Self {
            live: tasks.iter().map(|task| task.state.id).collect(),
            given: given_away(&channels),
            channels,
            sleeps: BTreeMap::new(),
        };
        look.add_tasks(tasks);
        let keys = look.add_threads(threads);
        look.add_waits(&keys);
        Some(look)
    }

    fn add_tasks(&mut self, tasks: Vec<TaskLook>) {
        let ids: HashMap<usize, u64> =
            (tasks.iter().map(|task| (task.address, task.state.id))).collect();
        let mut awaits: HashMap<u64, Vec<u64>> = HashMap::new();
        for task in &tasks {
            if let Some(&waits) = task.awaited_by.and_then(|address| ids.get(&address)) {
                awaits.entry(waits).or_default().push(task.state.id);
            }
        }
        for task in tasks.into_iter().filter(|task| task.state.is_parked) {
            let id = task.state.id;
            let sleep = Sleep {
                wakers: task.wakers,
                awaits: awaits.remove(&id).unwrap_or_default(),
                block: Some(task.state),
                ..Sleep::default()
            };
            self.sleeps.insert(User::Block(id), sleep);
        }
    }

    /// Gives who each thread is: the block in whose turn it sleeps, or itself.
    fn add_threads(&mut self, threads: Vec<(ThreadLook, BlockedThread)>) -> HashMap<u64, User> {
        let mut keys = HashMap::new();
        for (look, thread) in threads {
            let key = look.block.map_or(User::Thread(look.number), User::Block);
            keys.insert(look.number, key);
            let sleep = Sleep {
                thread: Some(thread),
                nap: look.nap,
                wakers: look.wakers as u64,
                awaits: look.awaits.into_iter().collect(),
                ..Sleep::default()
            };
            self.sleeps.insert(key, sleep);
        }
        keys
    }

    fn add_waits(&mut self, threads: &HashMap<u64, User>) {
        for (at, channel) in self.channels.iter().enumerate() {
            let sides = channel.waits.iter().enumerate();
            let waits = sides.flat_map(|(side, all)| all.iter().map(move |one| (Some(side), one)));
            let watchers = channel.watchers.iter().map(|one| (None, one));
            for (side, sleeper) in waits.chain(watchers) {
                let (key, hold) = match *sleeper {
                    Sleeper::Block(id, hold) => (Some(User::Block(id)), hold),
                    Sleeper::Thread(number, hold) => (threads.get(&number).copied(), hold),
                    Sleeper::Other => (None, None),
                };
                let Some(sleep) = key.and_then(|key| self.sleeps.get_mut(&key)) else {
                    continue;
                };
                sleep.holds.extend(hold);
                match side {
                    Some(side) => sleep.waits.push((at, side)),
                    None => sleep.elsewhere = true,
                }
            }
        }
    }

    /// Those who may act on a channel, on either side. `None`: somebody unknown may.
    pub(super) fn actors(&self, channel: usize) -> Option<BTreeSet<User>> {
        let look = &self.channels[channel];
        let mut actors = BTreeSet::new();
        for (users, handles) in look.users.iter().zip(look.handles) {
            let mut known = 0;
            for used in &users.known {
                let given = self.given.get(&used.user).copied().unwrap_or(0);
                let has = used.handles(given);
                let is_live = match used.user {
                    User::Block(id) => self.live.contains(&id),
                    User::Thread(_) => true,
                };
                if has > 0 && is_live {
                    known += has;
                    actors.insert(used.user);
                }
            }
            if users.many || known < handles {
                return None;
            }
        }
        Some(actors)
    }

    /// Those whom somebody sleeping has to hear from. `None`: somebody unknown may wake it. (`actors` keeps what
    /// was found of a channel.)
    fn needs(
        &self,
        sleep: &Sleep,
        actors: &mut HashMap<usize, Option<BTreeSet<User>>>,
    ) -> Option<BTreeSet<User>> {
        let mut needs: BTreeSet<User> = sleep.awaits.iter().copied().map(User::Block).collect();
        for &(channel, _) in &sleep.waits {
            let known = actors
                .entry(channel)
                .or_insert_with(|| self.actors(channel));
            needs.extend(known.as_ref()?);
        }
        Some(needs)
    }

    /// `unchanged` keeps what was found of a pair of channels: many may wait on one, and it has a note of each.
    fn is_same(
        &self,
        before: &Self,
        user: User,
        unchanged: &mut HashMap<(usize, usize), bool>,
    ) -> bool {
        let (Some(now), Some(then)) = (self.sleeps.get(&user), before.sleeps.get(&user)) else {
            return false;
        };
        let mut same = |&(at, side): &(usize, usize), &(was_at, was): &(usize, usize)| {
            let is_same = || self.channels[at] == before.channels[was_at];
            side == was && *unchanged.entry((at, was_at)).or_insert_with(is_same)
        };
        then.is_accounted_for()
            && (now.nap, now.wakers, &now.holds, &now.awaits)
                == (then.nap, then.wakers, &then.holds, &then.awaits)
            && now.waits.len() == then.waits.len()
            && now.waits.iter().zip(&then.waits).all(|(a, b)| same(a, b))
    }

    /// Those who slept at the moment between the looks, and whom only each other could wake.
    pub(super) fn stuck_since(&self, before: &Self) -> BTreeMap<User, BTreeSet<User>> {
        let (mut unchanged, mut actors) = (HashMap::new(), HashMap::new());
        let asleep = |(user, sleep): (&User, &Sleep)| {
            let counts = sleep.is_accounted_for() && self.is_same(before, *user, &mut unchanged);
            counts
                .then(|| Some((*user, self.needs(sleep, &mut actors)?)))
                .flatten()
        };
        without_hope(self.sleeps.iter().filter_map(asleep).collect())
    }
}

/// Those of the sleepers who need nobody but each other. Takes as long as there are needs.
fn without_hope(mut sleepers: BTreeMap<User, BTreeSet<User>>) -> BTreeMap<User, BTreeSet<User>> {
    let mut needed_by: HashMap<User, Vec<User>> = HashMap::new();
    let mut hopeful = Vec::new();
    for (&user, needs) in &sleepers {
        for need in needs {
            if sleepers.contains_key(need) {
                needed_by.entry(*need).or_default().push(user);
            } else {
                hopeful.push(user);
            }
        }
    }
    while let Some(user) = hopeful.pop() {
        if sleepers.remove(&user).is_some() {
            hopeful.extend(needed_by.remove(&user).unwrap_or_default());
        }
    }
    sleepers
}

/// When each user last gave something away, as far as any note tells.
fn given_away(channels: &[ChanLook]) -> HashMap<User, u64> {
    let mut given = HashMap::new();
    for used in (channels.iter().flat_map(|look| &look.users)).flat_map(|users| &users.known) {
        let last = (given.entry(used.user)).or_insert_with(|| evidence::given_away(used.user));
        *last = used.gave.max(*last);
    }
    given
}
