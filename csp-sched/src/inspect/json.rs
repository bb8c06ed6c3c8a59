//! A dump as JSON.

use std::{
    fmt::{self, Display, Formatter, Write},
    time::Duration,
};

use csp_core::{
    ParkSite,
    inspect::{
        Block, BlockState, Channel, On, PendingPromise, Starter, Wait, threads::BlockedThread,
    },
};

use super::{
    dump::{Dump, Executor, Timer},
    words::{By, in_quotes, place},
};

/// A [`Dump`] that displays as JSON: made by [`Dump::json`].
#[derive(Debug)]
pub struct Json<'a>(pub(super) &'a Dump);

impl Display for Json<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let dump = self.0;
        write!(f, "{{\"enabled\":{}", dump.is_enabled)?;
        list(f, "executors", &dump.executors, executor)?;
        list(f, "blocks", &dump.blocks, block)?;
        list(f, "channels", &dump.channels, channel)?;
        list(f, "promises", &dump.promises, promise)?;
        list(f, "timers", &dump.timers, timer)?;
        list(f, "threads", &dump.threads, thread)?;
        f.write_str("}\n")
    }
}

/// One thing a line.
fn list<T>(
    f: &mut Formatter<'_>,
    name: &str,
    all: &[T],
    one: fn(&mut Formatter<'_>, &T) -> fmt::Result,
) -> fmt::Result {
    write!(f, ",\n\"{name}\":[")?;
    for (at, each) in all.iter().enumerate() {
        f.write_str(if at == 0 { "\n" } else { ",\n" })?;
        one(f, each)?;
    }
    f.write_char(']')
}

/// A string, with its quotes.
fn text(text: impl Display) -> impl Display {
    in_quotes(text, |f, c| {
        if c < ' ' || c == '\x7f' {
            write!(f, "\\u{:04x}", u32::from(c))
        } else {
            f.write_char(c)
        }
    })
}

/// The value, or `null`.
fn maybe(value: Option<impl Display>) -> impl Display {
    By(move |f: &mut Formatter<'_>| match &value {
        Some(value) => value.fmt(f),
        None => f.write_str("null"),
    })
}

fn seconds(time: Option<Duration>) -> impl Display {
    maybe(time.map(|time| {
        By(
            move |f: &mut Formatter<'_>| {
                write!(f, "{}.{:03}", time.as_secs(), time.subsec_millis())
            },
        )
    }))
}

fn executor(f: &mut Formatter<'_>, one: &Executor) -> fmt::Result {
    write!(
        f,
        "{{\"name\":{},\"local\":{}",
        text(&one.name),
        one.is_local
    )?;
    write!(
        f,
        ",\"virtual\":{},\"workers\":{}",
        one.is_virtual, one.workers
    )?;
    write!(f, ",\"asleep\":{},\"live\":{}}}", one.asleep, one.live)
}

fn block(f: &mut Formatter<'_>, one: &Block) -> fmt::Result {
    let state = match one.state {
        BlockState::Parked => "parked",
        BlockState::Thread => "thread",
        _ => "runnable",
    };
    write!(
        f,
        "{{\"id\":{},\"name\":{}",
        one.id,
        maybe(one.name.as_deref().map(text))
    )?;
    write!(f, ",\"site\":{},\"state\":\"{state}\"", text(one.site))?;
    write!(
        f,
        ",\"parked_at\":{}",
        maybe(one.parked_at.as_ref().map(park))
    )?;
    write!(f, ",\"waiting\":{},\"waits_for\":[", seconds(one.waiting))?;
    for (at, each) in one.waits_for.iter().enumerate() {
        write!(f, "{}{}", if at == 0 { "" } else { "," }, wait(each))?;
    }
    f.write_str("],\"started_by\":")?;
    match &one.started_by {
        Some(Starter::Block(id)) => write!(f, "{{\"block\":{id}}}")?,
        Some(Starter::Thread(name)) => write!(f, "{{\"thread\":{}}}", text(name))?,
        _ => f.write_str("null")?,
    }
    write!(
        f,
        ",\"age\":{},\"cancelled\":{}",
        seconds(one.age),
        one.is_cancelled
    )?;
    write!(
        f,
        ",\"awaited\":{},\"executor\":{}}}",
        one.is_awaited, one.executor
    )
}

fn park(site: &ParkSite) -> impl Display {
    By(move |f: &mut Formatter<'_>| {
        let op = site.op();
        write!(f, "{{\"op\":{},\"text\":{}", text(op), text(site.text()))?;
        write!(
            f,
            ",\"site\":{},\"state\":{}",
            text(place(site)),
            maybe(site.state())
        )?;
        let states = site.block().map(|block| block.park_sites().len());
        write!(f, ",\"states\":{}}}", maybe(states))
    })
}

fn wait(wait: &Wait) -> impl Display {
    let (on, id) = match wait.on {
        On::Take(id) => ("take", id.into()),
        On::Put(id) => ("put", id.into()),
        On::Close(id) => ("close", id.into()),
        On::Room(id) => ("room", id.into()),
        On::Timer(id) => ("timer", id.into()),
        On::Block(id) => ("block", id),
        On::Promise(id) => ("promise", id),
        _ => ("unknown", 0),
    };
    let arm = wait.arm;
    By(move |f: &mut Formatter<'_>| {
        write!(f, "{{\"arm\":{},\"on\":\"{on}\",\"id\":{id}}}", maybe(arm))
    })
}

fn channel(f: &mut Formatter<'_>, one: &Channel) -> fmt::Result {
    write!(
        f,
        "{{\"id\":{},\"name\":{}",
        one.id,
        maybe(one.name.as_deref().map(text))
    )?;
    write!(
        f,
        ",\"created\":{},\"age\":{}",
        text(one.created),
        seconds(one.age)
    )?;
    write!(
        f,
        ",\"buffer\":{},\"len\":{}",
        maybe(one.buffer.map(text)),
        maybe(one.len)
    )?;
    write!(
        f,
        ",\"capacity\":{},\"transducer\":{}",
        maybe(one.capacity),
        one.has_transducer
    )?;
    write!(
        f,
        ",\"closed\":{},\"failed\":{}",
        one.is_closed, one.is_failed
    )?;
    write!(f, ",\"takers\":{},\"putters\":{}", one.takers, one.putters)?;
    write!(
        f,
        ",\"watchers\":{},\"outsiders\":{}",
        one.watchers, one.outsiders
    )?;
    write!(f, ",\"more\":{},\"senders\":{}", one.has_more, one.senders)?;
    write!(
        f,
        ",\"receivers\":{},\"busy\":{}}}",
        one.receivers, one.is_busy
    )
}

fn promise(f: &mut Formatter<'_>, one: &PendingPromise) -> fmt::Result {
    write!(f, "{{\"id\":{},\"kind\":{}", one.id, text(one.kind))?;
    write!(
        f,
        ",\"created\":{},\"age\":{}",
        text(one.created),
        seconds(one.age)
    )?;
    write!(
        f,
        ",\"state\":{},\"waiters\":{:?}",
        text(one.state),
        one.waiters
    )?;
    write!(f, ",\"outsiders\":{}}}", one.outsiders)
}

fn timer(f: &mut Formatter<'_>, one: &Timer) -> fmt::Result {
    write!(
        f,
        "{{\"channel\":{},\"due\":{}",
        one.channel,
        seconds(one.due)
    )?;
    write!(
        f,
        ",\"waiters\":{},\"executor\":{}}}",
        maybe(one.waiters),
        one.executor
    )
}

fn thread(f: &mut Formatter<'_>, one: &BlockedThread) -> fmt::Result {
    write!(
        f,
        "{{\"name\":{},\"id\":{}",
        maybe(one.name.as_deref().map(text)),
        text(&one.id)
    )?;
    write!(
        f,
        ",\"site\":{}",
        maybe(one.site.as_ref().map(|site| text(place(site))))
    )?;
    write!(
        f,
        ",\"channel\":{},\"since\":{}}}",
        maybe(one.channel),
        seconds(one.since)
    )
}
