//! Counts the words of files and whole trees, concurrently.
//!
//! `cargo run --release --example wordfreq -- --top 20 /usr/share/doc`
//!
//! ```text
//! walk ──paths──▸ readers (threads) ──chunks──▸ counters (go blocks, one a CPU) ──words──▸ main
//!   └─────────────────┴──────────────events───────────────┴──────────────────────────────────▸
//! ```
//! Every channel is bounded, so whoever is ahead waits, and memory does not grow with the tree. To
//! end early it is enough to close `chunks`: the readers' puts fail, so they end, so the walk ends;
//! the counters find no more to take, and give what they have.
#![allow(clippy::print_stderr, reason = "a program talks to its user")]

mod args;
mod files;
mod words;

use std::{
    error::Error,
    io::{self, ErrorKind, IsTerminal, Write},
    process::ExitCode,
    thread::available_parallelism,
    time::{Duration, Instant},
};

use csp::prelude::*;

use self::{
    args::Args,
    files::{Chunk, Skipped, Walk},
    words::Words,
};

/// Threads that read: enough to keep a disk busy.
const READERS: usize = 4;
const CLEAR_LINE: &str = "\r\x1b[K";

enum Event {
    Skipped(Skipped),
    Counted { bytes: usize, file_ends: bool },
}

/// Counts concurrently, until all is done, `stop` closes or the time is up.
fn count(args: &Args, stop: &Receiver<()>) -> Result<(Words, Tally), csp::Failure> {
    let (paths_tx, paths) = chan(64);
    let (chunks_tx, chunks) = chan::<Chunk>(16);
    let (events_tx, events) = chan(64);

    let (walk, skips) = (Walk::new(&args.paths), events_tx.clone());
    thread(move || {
        for found in walk {
            match found {
                Ok(path) => paths_tx.put_blocking(path).map_err(drop)?,
                Err(skip) => skips.put_blocking(Event::Skipped(skip)).map_err(drop)?,
            }
        }
        Ok::<(), ()>(())
    });

    for _ in 0..READERS {
        let (paths, chunks, skips) = (paths.clone(), chunks_tx.clone(), events_tx.clone());
        thread(move || {
            for path in paths {
                match files::read(&path, |chunk| chunks.put_blocking(chunk).is_ok()) {
                    Ok(true) => {}
                    Ok(false) => break, // closed: nobody counts any more
                    Err(error) => {
                        let skip = Event::Skipped(Skipped { path, error });
                        skips.put_blocking(skip).ok();
                    }
                }
            }
        });
    }

    let cpus = available_parallelism().map_or(1, usize::from);
    let counters: Vec<Go<Words>> = (0..cpus)
        .map(|_| {
            let (chunks, events) = (chunks.clone(), events_tx.clone());
            go!({
                let mut words = Words::default();
                while let Some(Chunk { text, file_ends }) = take!(chunks) {
                    let bytes = text.len();
                    words.count(text);
                    put!(events, Event::Counted { bytes, file_ends }).ok();
                }
                words
            })
        })
        .collect();
    // Only those who work hold the putting ends now: the channels close when they have ended.
    drop((paths, chunks_tx, events_tx));

    let mut tally = Tally::new();
    let time_up = timeout(args.timeout);
    let mut beat = interval(ms(100));
    let watched = io::stderr().is_terminal();
    loop {
        let on = tally.ended_by.is_none();
        alt_blocking! {
            event = take!(events) => match event {
                Some(Event::Counted { bytes, file_ends }) => tally.counted(bytes, file_ends),
                Some(Event::Skipped(skip)) => tally.skipped(&skip, watched),
                None => break,
            },
            _ = take!(time_up), if on => {
                tally.ended_by = Some("the time is up");
                chunks.close();
            },
            _ = take!(stop), if on => {
                tally.ended_by = Some("interrupted");
                chunks.close();
            },
            _ = park!(beat.beat()), if watched => eprint!("{CLEAR_LINE}{tally}"),
        }
    }
    if watched {
        eprint!("{CLEAR_LINE}");
    }

    let mut words = Words::default();
    for counter in counters {
        words.merge(counter.wait()?);
    }
    tally.time = tally.start.elapsed();
    Ok((words, tally))
}
