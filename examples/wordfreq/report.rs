//! How far the count is, and telling it.

use std::{
    fmt,
    io::{self, IsTerminal, Write},
    time::{Duration, Instant},
};

#[derive(Debug)]
pub(crate) struct Report {
    bytes: i64,
    files: u64,
    skipped: u64,
    start: Instant,
    time: Option<Duration>,
    /// Why not everything was counted, if so.
    pub(crate) cut_short: Option<&'static str>,
    /// Whether stderr is a terminal, which shows the progress.
    pub(crate) watched: bool,
}

impl Report {
    pub(crate) fn new() -> Self {
        Self {
            bytes: 0,
            files: 0,
            skipped: 0,
            start: Instant::now(),
            time: None,
            cut_short: None,
            watched: io::stderr().is_terminal(),
        }
    }

    pub(crate) fn counted(&mut self, (bytes, files): (i64, u64)) {
        self.bytes += bytes;
        self.files += files;
    }

    pub(crate) fn skipped(&mut self, why: &str) {
        self.skipped += 1;
        self.clear_line();
        say(format_args!("wordfreq: skipped {why}\n"));
    }

    pub(crate) fn progress(&self) {
        self.clear_line();
        say(format_args!("{self}"));
    }

    pub(crate) fn end(&mut self) {
        self.time = Some(self.start.elapsed());
        self.clear_line();
    }

    fn clear_line(&self) {
        if self.watched {
            say(format_args!("\r\x1b[K"));
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = self.time.unwrap_or_else(|| self.start.elapsed());
        #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
        let megabytes = self.bytes as f64 / 1e6;
        let speed = megabytes / time.as_secs_f64();
        write!(
            f,
            "{} files, {megabytes:.1} MB in {time:.2?}: {speed:.0} MB/s",
            self.files
        )?;
        if self.skipped > 0 {
            write!(f, "; {} skipped", self.skipped)?;
        }
        match self.cut_short {
            Some(why) => write!(f, "; not all, since {why}"),
            None => Ok(()),
        }
    }
}

/// Writes to stderr, if that is still there.
pub(crate) fn say(what: fmt::Arguments<'_>) {
    io::stderr().write_fmt(what).ok();
}
