//! Don't block the event loop.
//!
//! A query blocks for ten beats of a clock, and each beat is an event for the loop as well. The bad version
//! queries in the handler: the loop reacts to nothing meanwhile, and hears not one beat before the page is
//! there. The good one queries on a thread, and the beats are heard; the page comes back as a promise, on
//! the loop's thread. AX-19, after the talk "Event Loops and Deferreds".
//!
//! ```sh
//! cargo run --example ax_19_dont_block
//! ```

use std::{
    error::Error,
    io::Write,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use csp::{EventLoop, LoopHandle, Promise, prelude::*};

const BEATS: usize = 10;

struct Request {
    account: u32,
}

struct Tick;

/// How many ticks the loop has heard, and the database.
#[derive(Clone)]
struct Site {
    ticks: Arc<AtomicU32>,
    beats: Receiver<()>,
}

impl Site {
    /// The database. It blocks whoever asks until it has an answer.
    fn query(&self, account: u32) -> String {
        self.beats.iter_blocking().take(BEATS).for_each(drop);
        format!("<h1>account {account}</h1>")
    }

    fn heard(&self) -> u32 {
        self.ticks.load(Ordering::SeqCst)
    }
}

/// What a version gives: the page, and how many ticks were heard between the request and the page.
type Answer = (String, u32);

/// Bad! The query blocks the event loop.
fn handle_bad(request: &Request, site: &Site, _events: &LoopHandle) -> Promise<Answer> {
    let before = site.heard();
    let page = site.query(request.account);
    Promise::ready((page, site.heard() - before))
}

/// Good: off the loop with it.
fn handle_good(request: &Request, site: &Site, events: &LoopHandle) -> Promise<Answer> {
    let before = site.heard();
    let (account, database, site) = (request.account, site.clone(), site.clone());
    events
        .defer_to_thread(move || database.query(account))
        .map(move |page| (page, site.heard() - before))
}

type Version = fn(&Request, &Site, &LoopHandle) -> Promise<Answer>;

/// Serves one request.
fn serve(version: Version) -> Result<Answer, Box<dyn Error>> {
    let events = EventLoop::new();
    let handle = events.handle();
    let (beat, beats) = chan(0);
    let ticks = Arc::new(AtomicU32::new(0));
    let site = Site {
        ticks: Arc::clone(&ticks),
        beats,
    };
    events.on(move |_: &Tick, _| {
        ticks.fetch_add(1, Ordering::SeqCst);
    });
    let (answer, answered) = chan(1);
    events.on(move |request: &Request, events| {
        let answer = answer.clone();
        version(request, &site, events).subscribe(
            move |page| answer.try_put(page).expect("one request, one answer"),
            |failure| panic!("no page: {failure}"),
        );
    });

    // The clock is none of the loop's: it beats on the default runtime.
    let clock = handle.clone();
    go!({
        let mut every = interval(ms(10));
        while put!(beat, ()).is_ok() && clock.emit(Tick).is_ok() {
            every.beat().await;
        }
    });
    handle.emit(Request { account: 42 })?;
    let answer = events.run_until(answered.take());
    answer.ok_or_else(|| "the handler gave no page".into())
}

/// The program; what it has to say goes to `out`.
pub(crate) fn run(out: &mut dyn Write) -> Result<(), Box<dyn Error>> {
    let versions: [(&str, Version); 2] = [("bad", handle_bad), ("good", handle_good)];
    for (name, version) in versions {
        let (page, ticks) = serve(version)?;
        let clock = if ticks == 0 { "stood still" } else { "went on" };
        writeln!(out, "{name}: {page}, and meanwhile the clock {clock}")?;
    }
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    run(&mut std::io::stdout())
}
