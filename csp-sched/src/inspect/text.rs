//! A dump as text.

use std::{
    collections::HashMap,
    fmt::{self, Formatter},
    hash::Hash,
    panic::Location,
    time::Duration,
};

use csp_core::{
    BlockSite, Op,
    inspect::{Block, BlockState, Channel, On, PendingPromise, Starter, Wait},
};

use super::{
    dump::{Dump, Executor, Timer},
    words::{By, channel, count, operation, place, quoted, span},
};

/// So many of those that are alike are told in full.
const FEW: usize = 3;
/// So many numbers of the others are listed.
const NUMBERS: usize = 10;

pub(super) fn write(dump: &Dump, f: &mut Formatter<'_>) -> fmt::Result {
    let writer = Writer {
        dump,
        timers: dump.timers.iter().map(|t| (t.channel, t)).collect(),
    };
    writer.head(f)?;
    folded(
        f,
        &dump.blocks,
        block_key,
        |f, block| writer.block(f, block),
        rest_of_blocks,
    )?;
    folded(f, &dump.channels, channel_key, one_channel, |f, rest| {
        let numbers = rest.iter().map(|channel| channel.id.into());
        writeln!(f, "    … and {} made there{}", rest.len(), listed(numbers))
    })?;
    folded(f, &dump.promises, promise_key, one_promise, |f, rest| {
        let numbers = rest.iter().map(|promise| promise.id);
        writeln!(f, "    … and {} made there{}", rest.len(), listed(numbers))
    })?;
    folded(
        f,
        &dump.timers,
        |timer| timer.executor,
        one_timer,
        |f, rest| writeln!(f, "    … and {}", count(rest.len(), "later one")),
    )?;
    writer.threads(f)
}

/// Writes what is alike together: the first few of a kind with `one`, the others with `others`. Kinds come in
/// the order of their first.
fn folded<'a, T, K: Hash + Eq>(
    f: &mut Formatter<'_>,
    all: &'a [T],
    key: impl Fn(&'a T) -> K,
    one: impl Fn(&mut Formatter<'_>, &'a T) -> fmt::Result,
    others: impl Fn(&mut Formatter<'_>, &[&'a T]) -> fmt::Result,
) -> fmt::Result {
    let mut kinds: Vec<Vec<&T>> = Vec::new();
    let mut by_key: HashMap<K, usize> = HashMap::new();
    for each in all {
        let at = *by_key.entry(key(each)).or_insert(kinds.len());
        if at == kinds.len() {
            kinds.push(Vec::new());
        }
        kinds[at].push(each);
    }
    if !all.is_empty() {
        writeln!(f)?;
    }
    for kind in kinds {
        let (first, rest) = kind.split_at(kind.len().min(FEW));
        first.iter().try_for_each(|each| one(f, each))?;
        if !rest.is_empty() {
            others(f, rest)?;
        }
    }
    Ok(())
}

/// `: 4, 5, 6, …`
fn listed(numbers: impl ExactSizeIterator<Item = u64>) -> String {
    let all = numbers.len();
    let mut text = String::from(": ");
    for (at, number) in numbers.take(NUMBERS).enumerate() {
        if at > 0 {
            text += ", ";
        }
        text += &number.to_string();
    }
    if all > NUMBERS {
        text += ", …";
    }
    text
}

type Place = (&'static str, u32, u32);

fn block_place(site: &BlockSite) -> Place {
    (site.file(), site.line(), site.column())
}

fn block_key(block: &Block) -> impl Hash + Eq + use<> {
    let parked = block
        .parked_at
        .map(|site| (site.op(), site.file(), site.line(), site.column()));
    let what = block.waits_for.first().map(|wait| match wait.on {
        On::Block(_) => 0,
        On::Promise(_) => 1,
        _ => 2,
    });
    (
        block_place(&block.site),
        parked,
        what,
        block.state,
        block.is_cancelled,
        block.executor,
    )
}

fn location(at: &'static Location<'static>) -> Place {
    (at.file(), at.line(), at.column())
}

fn channel_key(channel: &Channel) -> impl Hash + Eq + use<> {
    let waited_for = (
        channel.takers > 0,
        channel.putters > 0,
        channel.watchers > 0,
    );
    (
        location(channel.created),
        channel.is_closed,
        channel.is_busy,
        waited_for,
    )
}

fn promise_key(promise: &PendingPromise) -> impl Hash + Eq + use<> {
    let is_waited_for = promise.waiters.len() + promise.outsiders > 0;
    (location(promise.created), promise.state, is_waited_for)
}

fn rest_of_blocks(f: &mut Formatter<'_>, rest: &[&Block]) -> fmt::Result {
    write!(f, "… and {} there", count(rest.len(), "more block"))?;
    let waits = || rest.iter().filter_map(|block| block.waiting);
    if let (Some(least), Some(most)) = (waits().min(), waits().max()) {
        write!(f, ", for {} to {}", span(least), span(most))?;
    }
    writeln!(f, "{}", listed(rest.iter().map(|block| block.id)))
}

fn ago(age: Option<Duration>) -> impl fmt::Display {
    By(move |f: &mut Formatter<'_>| match age {
        Some(age) => write!(f, ", {} ago", span(age)),
        None => Ok(()),
    })
}

fn one_channel(f: &mut Formatter<'_>, one: &Channel) -> fmt::Result {
    let name = quoted(one.name.as_deref());
    writeln!(f, "channel {}{name} ({})", one.id, channel(one))?;
    writeln!(f, "    made at {}{}", one.created, ago(one.age))
}

fn one_promise(f: &mut Formatter<'_>, one: &PendingPromise) -> fmt::Result {
    write!(f, "{} {} ({}", one.kind, one.id, one.state)?;
    match (one.waiters.len(), one.outsiders) {
        (0, 0) => f.write_str(", nobody waits for it")?,
        (0, n) => write!(f, ", {} for it", count(n, "waiter"))?,
        (_, others) => {
            let blocks = listed(one.waiters.iter().copied());
            write!(f, ", waited for by block{blocks}")?;
            if others > 0 {
                write!(f, " and {}", count(others, "other"))?;
            }
        }
    }
    writeln!(f, ")\n    made at {}{}", one.created, ago(one.age))
}

fn one_timer(f: &mut Formatter<'_>, timer: &Timer) -> fmt::Result {
    match timer.due {
        Some(due) => write!(f, "timer due in {}", span(due))?,
        None => f.write_str("timer that never ends")?,
    }
    match timer.waiters {
        Some(n) => writeln!(f, " ({})", count(n, "waiter")),
        None => writeln!(f),
    }
}

struct Writer<'a> {
    dump: &'a Dump,
    timers: HashMap<u32, &'a Timer>,
}

impl Writer<'_> {
    fn head(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let dump = self.dump;
        writeln!(
            f,
            "csp dump: {}, {}, {}, {}, {}",
            count(dump.blocks.len(), "block"),
            count(dump.channels.len(), "channel"),
            count(dump.promises.len(), "pending promise"),
            count(dump.timers.len(), "timer"),
            count(dump.threads.len(), "blocked thread"),
        )?;
        if !dump.is_enabled {
            writeln!(
                f,
                "Inspection is off, so little more than the blocks is known: set CSP_INSPECT=1, or call \
                 csp::inspect::enable() first."
            )?;
        }
        for executor in &dump.executors {
            writeln!(f, "{}", describe(executor))?;
        }
        Ok(())
    }

    fn block(&self, f: &mut Formatter<'_>, block: &Block) -> fmt::Result {
        let what = match block.state {
            BlockState::Thread => "thread of block",
            _ => "block",
        };
        write!(f, "{what} {}{} [", block.id, quoted(block.name.as_deref()))?;
        match (block.state, &block.parked_at) {
            (BlockState::Runnable, _) => f.write_str("runnable")?,
            (BlockState::Thread, _) => f.write_str("has a thread")?,
            (_, None) => f.write_str("parked")?,
            (_, Some(site)) => write!(f, "parked at {}", operation(site))?,
        }
        if let Some(waiting) = block.waiting {
            write!(f, " for {}", span(waiting))?;
        }
        if let Some(site) = &block.parked_at
            && let (Some(state), Some(of)) = (site.state(), site.block())
        {
            write!(f, ", state {state} of {}", of.park_sites().len())?;
        }
        if block.is_cancelled {
            f.write_str(", cancelled")?;
        }
        if self.dump.executors.len() > 1 {
            let executor = &self.dump.executors[block.executor];
            write!(f, ", on {}", title(executor))?;
        }
        f.write_str("]\n")?;
        if let Some(site) = &block.parked_at {
            writeln!(f, "    {}", place(site))?;
        }
        let is_alt = block.parked_at.is_some_and(|site| site.op() == Op::Alt);
        for wait in &block.waits_for {
            writeln!(f, "    {}", self.wait(wait, is_alt))?;
        }
        match &block.started_by {
            Some(Starter::Block(id)) => write!(f, "    started by block {id} at {}", block.site)?,
            Some(Starter::Thread(name)) => {
                write!(f, "    started by thread {name:?} at {}", block.site)?;
            }
            _ => write!(f, "    started at {}", block.site)?,
        }
        writeln!(f, "{}", ago(block.age))
    }

    fn wait(&self, wait: &Wait, is_alt: bool) -> impl fmt::Display {
        By(move |f: &mut Formatter<'_>| {
            match wait.arm {
                Some(arm) => write!(f, "arm {arm} ")?,
                None if is_alt => f.write_str("an arm ")?,
                None => {}
            }
            match wait.on {
                On::Take(id) => write!(f, "takes from {}", self.channel(id)),
                On::Put(id) => write!(f, "puts to {}", self.channel(id)),
                On::Close(id) => write!(f, "waits for the close of {}", self.channel(id)),
                On::Room(id) => write!(f, "waits for room in {}", self.channel(id)),
                On::Timer(id) => write!(f, "waits for {}", self.timer(id)),
                On::Block(id) => match self.dump.block(id) {
                    Some(block) => {
                        let name = quoted(block.name.as_deref());
                        write!(f, "waits for block {id}{name} started at {}", block.site)
                    }
                    None => write!(f, "waits for block {id}"),
                },
                On::Promise(id) => match self.dump.promise(id) {
                    Some(one) => write!(f, "waits for {} {id} made at {}", one.kind, one.created),
                    None => write!(f, "waits for promise {id}"),
                },
                _ => f.write_str("waits"),
            }
        })
    }

    fn channel(&self, id: u32) -> impl fmt::Display {
        By(move |f: &mut Formatter<'_>| match self.dump.channel(id) {
            Some(one) => {
                let name = quoted(one.name.as_deref());
                write!(f, "channel {id}{name} ({})", channel(one))
            }
            None => write!(f, "channel {id}"),
        })
    }

    fn timer(&self, id: u32) -> impl fmt::Display {
        let due = self.timers.get(&id).map(|timer| timer.due);
        By(move |f: &mut Formatter<'_>| match due {
            Some(Some(due)) => write!(f, "a timer, due in {}", span(due)),
            Some(None) => f.write_str("a timer that never ends"),
            None => f.write_str("a timer"),
        })
    }

    fn threads(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if !self.dump.threads.is_empty() {
            writeln!(f)?;
        }
        for thread in &self.dump.threads {
            let name = quoted(thread.name.as_deref());
            write!(f, "thread{name} {} [blocked", thread.id)?;
            if let Some(site) = &thread.site {
                write!(f, " at {}", operation(site))?;
            }
            if let Some(since) = thread.since {
                write!(f, " for {}", span(since))?;
            }
            f.write_str("]\n")?;
            if let Some(site) = &thread.site {
                writeln!(f, "    {}", place(site))?;
            }
            if let Some(id) = thread.channel {
                writeln!(f, "    waits for {}", self.channel(id))?;
            }
        }
        Ok(())
    }
}

fn title(executor: &Executor) -> impl fmt::Display {
    By(move |f: &mut Formatter<'_>| {
        if executor.is_local {
            f.write_str("a Local")
        } else {
            write!(f, "runtime {:?}", executor.name)
        }
    })
}

fn describe(executor: &Executor) -> impl fmt::Display {
    By(move |f: &mut Formatter<'_>| {
        write!(f, "{}: ", title(executor))?;
        if executor.is_virtual {
            f.write_str("virtual time, ")?;
        }
        if !executor.is_local {
            write!(f, "{}, ", count(executor.workers, "worker"))?;
            write!(f, "{} asleep, ", executor.asleep)?;
        }
        write!(f, "{}", count(executor.live, "block"))
    })
}
