//! Partial deadlock: those who wait for each other alone, while something else goes on.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use super::{BlockedThread, LiveBlock, graph::Look};
use crate::chan::trace::User;

/// What [`stuck`] found. Its `Display` is in words.
#[derive(Debug, Clone, Default)]
pub struct Stuck {
    groups: Vec<StuckGroup>,
}

impl Stuck {
    /// The groups, none of which has to do with another.
    pub fn groups(&self) -> &[StuckGroup] {
        &self.groups
    }

    /// True if nothing was found.
    pub fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }
}

/// Blocks and threads that wait for each other alone; or a single one that waits for itself.
#[derive(Debug, Clone)]
pub struct StuckGroup {
    members: Vec<Member>,
}

impl StuckGroup {
    /// Who they are.
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    /// True if it is a single one, which holds all handles of what it waits for: nobody else knows of it any more.
    pub fn is_leak(&self) -> bool {
        self.members.len() == 1
    }
}

/// One who is stuck.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Member {
    /// The block, if a block is parked.
    pub block: Option<LiveBlock>,
    /// The thread, if a thread is blocked.
    pub thread: Option<BlockedThread>,
    /// What it waits for, in words, with who could end that.
    pub waits: Vec<String>,
}

/// Looks for blocks and threads that can never go on, though others do.
///
/// Somebody is stuck if it sleeps, and everybody who could wake it is stuck as well. Nothing is reported that is
/// not certain by the evidence below; much that is stuck is not found, since somebody unknown might still act.
///
/// # The evidence
/// Only channels that were made after [`enable`](super::enable) are looked at. For each, both sides: who holds a
/// handle. A block holds those that it made or cloned and has not dropped; a block or a thread holds one that it put,
/// took, or tried to, through. Whoever starts a block or a thread of ours, leaves a callback, or puts a value that
/// has a destructor, may have given away all that it had before, and is not known to hold it until it uses it again.
/// If a channel has more handles than are accounted for in this way, who waits on it is not stuck.
///
/// Somebody who could be woken by anything else (a timer, a promise, any future that kept its waker, the
/// closing of a channel, room for a transaction) is not stuck. Who awaits a [`Go`](crate::Go) is, if that block is.
///
/// # When it is wrong
/// A handle that changes hands in a way that csp does not see belongs to the wrong one until it is used: in a
/// `std::thread::spawn` or another runtime's `spawn`, or through a `Mutex`, within a block that had used or made it. And
/// [`Go::cancel`](crate::Go::cancel) ends a block that is stuck. What waited already when inspection was switched on, and
/// a future of yours that polls several operations, one of them on a channel that was made before, may wait for
/// more than is known: switch it on first. (Alts are no matter: of those, all channels are known, or nothing is said.)
///
/// Nothing is found while inspection is off, nor while a channel is locked for long, by a transducer whose step does not end.
///
/// ```
/// use csp::{inspect, prelude::*};
/// inspect::enable();
/// let leak = go!({
///     let (tx, rx) = chan::<u32>(0);
///     take!(rx); // nobody else has a sender
///     drop(tx);
/// });
/// while leak.parked_at().is_none() { std::thread::yield_now(); }
/// let stuck = inspect::stuck();
/// let mine = stuck.groups().iter().find(|group| {
///     group.members()[0].block.as_ref().is_some_and(|block| block.id == leak.id())
/// });
/// assert!(mine.unwrap().is_leak());
/// ```
pub fn stuck() -> Stuck {
    if !super::is_enabled() {
        // What went from hand to hand since is not noted.
        return Stuck::default();
    }
    let (Some(before), Some(now)) = (Look::take(), Look::take()) else {
        return Stuck::default();
    };
    let stuck = now.stuck_since(&before);
    let groups = groups_of(&stuck)
        .into_iter()
        .map(|users| StuckGroup {
            members: (users.iter().map(|user| member(&now, *user))).collect(),
        })
        .collect();
    Stuck { groups }
}

/// The blocks and threads that hold all handles of what they wait for: nobody else will ever use it. By the
/// same evidence as [`stuck`].
pub fn leaked() -> Vec<Member> {
    let leaks = stuck().groups.into_iter().filter(StuckGroup::is_leak);
    leaks.flat_map(|group| group.members).collect()
}

/// Those who are connected with each other.
fn groups_of(stuck: &BTreeMap<User, BTreeSet<User>>) -> Vec<BTreeSet<User>> {
    let mut near: BTreeMap<User, BTreeSet<User>> = BTreeMap::new();
    for (&user, needs) in stuck {
        near.entry(user).or_default().extend(needs);
        for &need in needs {
            near.entry(need).or_default().insert(user);
        }
    }
    let mut groups = Vec::new();
    while let Some((&first, _)) = near.first_key_value() {
        let mut group = BTreeSet::new();
        let mut due = vec![first];
        while let Some(user) = due.pop() {
            if group.insert(user) {
                due.extend(near.remove(&user).unwrap_or_default());
            }
        }
        groups.push(group);
    }
    groups
}

fn member(look: &Look, user: User) -> Member {
    let sleep = &look.sleeps[&user];
    let mut waits: Vec<String> = Vec::new();
    for &(channel, side) in &sleep.waits {
        let others: Vec<String> = look
            .actors(channel)
            .into_iter()
            .flatten()
            .filter(|actor| *actor != user)
            .map(|actor| name_of(look, actor))
            .collect();
        let channel = &look.channels[channel];
        let what = if side == 0 { "take from" } else { "put into" };
        let name = channel.name.as_ref();
        let name = name.map_or_else(String::new, |name| format!(" {name:?}"));
        let who = if others.is_empty() {
            "which nobody else has".to_owned()
        } else {
            format!("which {} has", others.join(" or "))
        };
        waits.push(format!(
            "waits to {what} channel {}{name}, {who}",
            channel.id
        ));
    }
    let ends = sleep.awaits.iter();
    waits.extend(ends.map(|block| format!("waits for the end of block {block}")));
    Member {
        block: sleep.block.clone(),
        thread: sleep.thread.clone(),
        waits,
    }
}

fn name_of(look: &Look, user: User) -> String {
    let thread = look
        .sleeps
        .get(&user)
        .and_then(|sleep| sleep.thread.as_ref());
    match (user, thread) {
        (User::Block(id), _) => format!("block {id}"),
        (User::Thread(_), Some(thread)) => thread.title(),
        (User::Thread(_), None) => "a thread".to_owned(),
    }
}

impl fmt::Display for Member {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.block, &self.thread) {
            (Some(block), _) => write!(f, "{block}")?,
            (None, Some(thread)) => write!(f, "{thread}")?,
            (None, None) => {}
        }
        for waits in &self.waits {
            write!(f, "\n    {waits}")?;
        }
        Ok(())
    }
}

impl fmt::Display for StuckGroup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.members.len() {
            1 => f.write_str("leaked: it waits for what nobody else has:")?,
            many => write!(f, "stuck: {many} wait for each other alone:")?,
        }
        self.members
            .iter()
            .try_for_each(|member| write!(f, "\n  {member}"))
    }
}

impl fmt::Display for Stuck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some((first, rest)) = self.groups.split_first() else {
            return f.write_str("nobody is known to be stuck");
        };
        write!(f, "{first}")?;
        rest.iter().try_for_each(|group| write!(f, "\n{group}"))
    }
}
