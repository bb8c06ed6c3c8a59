//! Words that text, graph and JSON share.

use std::{
    fmt::{self, Display, Write},
    time::Duration,
};

use csp_core::{Op, ParkSite, inspect::Channel};

/// Writes by a function.
pub(super) struct By<F>(pub(super) F);

impl<F: Fn(&mut fmt::Formatter<'_>) -> fmt::Result> Display for By<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (self.0)(f)
    }
}

/// A string in quotes, as Graphviz and JSON both have them. `other` writes what is no quote, backslash or line break.
pub(super) fn in_quotes(text: impl Display, other: WriteChar) -> impl Display {
    By(move |f: &mut fmt::Formatter<'_>| {
        f.write_char('"')?;
        write!(Escaped { f, other }, "{text}")?;
        f.write_char('"')
    })
}

type WriteChar = fn(&mut fmt::Formatter<'_>, char) -> fmt::Result;

struct Escaped<'a, 'b> {
    f: &'a mut fmt::Formatter<'b>,
    other: WriteChar,
}

impl Write for Escaped<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        text.chars().try_for_each(|c| match c {
            '"' => self.f.write_str("\\\""),
            '\\' => self.f.write_str("\\\\"),
            '\n' => self.f.write_str("\\n"),
            c => (self.other)(self.f, c),
        })
    }
}

/// A duration, as short as a reader needs it.
pub(super) fn span(time: Duration) -> impl Display {
    By(move |f: &mut fmt::Formatter<'_>| {
        let seconds = time.as_secs();
        match seconds {
            0 => write!(f, "{} ms", time.as_millis()),
            1..60 => write!(f, "{seconds}.{} s", time.subsec_millis() / 100),
            60..3600 => write!(f, "{} min {} s", seconds / 60, seconds % 60),
            _ => write!(f, "{} h {} min", seconds / 3600, seconds / 60 % 60),
        }
    })
}

/// `3 takers`
pub(super) fn count(n: usize, one: &'static str) -> impl Display {
    By(move |f: &mut fmt::Formatter<'_>| write!(f, "{n} {one}{}", if n == 1 { "" } else { "s" }))
}

/// ` "jobs"`, if there is a name.
pub(super) fn quoted(name: Option<&str>) -> impl Display {
    By(move |f: &mut fmt::Formatter<'_>| match name {
        Some(name) => write!(f, " {name:?}"),
        None => Ok(()),
    })
}

/// `take!(jobs)`
pub(super) fn operation(site: &ParkSite) -> impl Display {
    By(move |f: &mut fmt::Formatter<'_>| match site.op() {
        Op::Alt => write!(f, "{}", site.op()),
        op => write!(f, "{op}({})", site.text()),
    })
}

/// `src/main.rs:12:9`
pub(super) fn place(site: &ParkSite) -> impl Display {
    By(move |f: &mut fmt::Formatter<'_>| {
        write!(f, "{}:{}:{}", site.file(), site.line(), site.column())
    })
}

/// `rendezvous, 0 putters, 3 takers, 2 senders, 1 receiver`
pub(super) fn channel(channel: &Channel) -> impl Display {
    By(move |f: &mut fmt::Formatter<'_>| {
        match (channel.buffer, channel.len, channel.capacity) {
            _ if channel.is_busy => f.write_str("its lock is held for long")?,
            (None, ..) => f.write_str("rendezvous")?,
            (Some(kind), Some(len), Some(capacity)) => write!(f, "{kind} {len}/{capacity}")?,
            (Some(kind), ..) => f.write_str(kind)?,
        }
        if channel.has_transducer {
            f.write_str(" with a transducer")?;
        }
        if channel.is_closed {
            let how = if channel.is_failed {
                "failed"
            } else {
                "closed"
            };
            write!(f, ", {how}")?;
        }
        if !channel.is_busy {
            let more = if channel.has_more { "more than " } else { "" };
            write!(f, ", {more}{}", count(channel.putters, "putter"))?;
            write!(f, ", {more}{}", count(channel.takers, "taker"))?;
        }
        if channel.watchers > 0 {
            write!(f, ", {}", count(channel.watchers, "watcher"))?;
        }
        write!(f, ", {}", count(channel.senders, "sender"))?;
        write!(f, ", {}", count(channel.receivers, "receiver"))
    })
}
