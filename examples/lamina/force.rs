//! AX-05: side effects and their failures, from Zach Tellman's talk on Lamina.
//!
//! The moon base's answer is no part of the dataflow. If it fails, who is told? Lamina's `force` makes an
//! expression a prerequisite of all that follows; in `flow!` that is what a statement is.
//!
//! `cargo run --example ax_05_force`

use std::{
    error::Error,
    io::Write,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use csp::{
    Promise,
    prelude::*,
    promise::{go_try, set_unhandled_hook},
};

/// How often the database was asked.
#[derive(Clone, Default)]
struct Database(Arc<AtomicUsize>);

impl Database {
    fn query(&self) -> Promise<String> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Promise::ready("three rows".to_owned())
    }

    fn calls(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

fn query_moon_base() -> Promise<()> {
    go_try(async { Err("moon base: no answer".into()) })
}

/// A promise that nobody looks at. When it goes, the hook is told that it failed.
async fn unforced(database: Database) -> Result<String, csp::Error> {
    flow! {
        let _moon_base = query_moon_base();
        let found = database.query().await?;
        Ok(found)
    }
    .await
}

/// A statement that says that its outcome does not matter: nobody is told.
async fn detached(database: Database) -> Result<String, csp::Error> {
    flow! {
        detach query_moon_base().await?;
        let found = database.query().await?;
        Ok(found)
    }
    .await
}

/// A statement: what follows waits for it, and its `?` ends the flow.
async fn forced(database: Database) -> Result<String, csp::Error> {
    flow! {
        query_moon_base().await?;
        let found = database.query().await?;
        Ok(found)
    }
    .await
}

/// The program; what it has to say goes to `out`.
pub(crate) fn run(out: &mut dyn Write) -> Result<(), Box<dyn Error>> {
    let (told_tx, told) = chan(16);
    set_unhandled_hook(move |unhandled| {
        told_tx.try_put(unhandled.failure().to_owned()).ok();
    });

    let database = Database::default();
    let found = go(unforced(database.clone()));
    writeln!(
        out,
        "unforced: {:?}, {} call",
        found.wait()?,
        database.calls()
    )?;
    let failure = told.take_blocking_for(secs(10))?.ok_or("nobody was told")?;
    writeln!(out, "  but nobody looked at: {failure}")?;

    let database = Database::default();
    let found = go(detached(database.clone()));
    writeln!(
        out,
        "detached: {:?}, {} call",
        found.wait()?,
        database.calls()
    )?;

    let database = Database::default();
    let found = go(forced(database.clone()));
    writeln!(
        out,
        "forced: {:?}, {} calls",
        found.wait()?,
        database.calls()
    )?;
    writeln!(out, "told besides: {:?}", told.try_take().ok())?;
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    run(&mut std::io::stdout())
}
