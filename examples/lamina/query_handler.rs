//! AX-09: a handler of queries, written in three ways: with a thread that waits, with callbacks, as a pipeline.
//!
//! It asks a database, transforms the rows, puts them into the channel of whoever asked, and closes that. If
//! anything goes wrong it logs that, once, and closes the channel. The thread is simple, and is held all the
//! time; callbacks hold no thread, and turn the code inside out; the pipeline holds no thread and reads from top
//! to bottom.
//!
//! ```sh
//! cargo run --example ax_09_query_handler
//! ```

use std::{error::Error, io::Write};

use csp::{
    Promise,
    pipeline::{Pipeline, Recover},
    prelude::*,
};

type Rows = Vec<&'static str>;

/// The database: its answer comes later.
fn query(request: &'static str) -> Promise<Rows> {
    csp::promise::go_try(async move {
        sleep(ms(1)).await;
        match request {
            "q" => Ok(vec!["ann", "bob"]),
            other => Err(format!("no such query: {other}").into()),
        }
    })
}

fn transform(rows: Rows) -> Vec<String> {
    rows.into_iter().map(str::to_uppercase).collect()
}

/// There is room for all of them: see `ask`.
fn enqueue(rows: Vec<String>, channel: &Sender<String>) {
    for row in rows {
        channel.try_put(row).ok();
    }
}

type Log = Sender<String>;

/// Holds a thread until all is done.
fn synchronous(request: &'static str, channel: Sender<String>, log: Log) {
    thread(move || {
        match query(request).wait() {
            Ok(rows) => enqueue(transform(rows), &channel),
            Err(failure) => drop(log.try_put(failure.to_string())),
        }
        channel.close();
    });
}

/// Says what is to happen, and goes: in two places what belongs together.
fn callbacks(request: &'static str, channel: Sender<String>, log: Log) {
    let on_error = channel.clone();
    query(request).subscribe(
        move |rows| {
            enqueue(transform(rows), &channel);
            channel.close();
        },
        move |failure| {
            drop(log.try_put(failure.to_string()));
            on_error.close();
        },
    );
}

/// The stages from top to bottom; what is for the end is said once.
fn pipeline(request: &'static str, channel: Sender<String>, log: Log) {
    let rows = channel.clone();
    Pipeline::<&str, ()>::builder()
        .stage(query)
        .map(transform)
        .map(move |transformed| enqueue(transformed, &rows))
        .on_error(move |failure, _| {
            drop(log.try_put(failure.to_string()));
            Recover::Complete(())
        })
        .finally(move || {
            channel.close();
        })
        .build()
        .run(request)
        .ignore(); // its failures are logged
}

type Handler = fn(&'static str, Sender<String>, Log);

/// Asks, and shows what comes until the channel is closed, and what was logged.
fn ask(name: &str, handler: Handler, request: &'static str) -> String {
    let (channel, rows) = chan(10);
    let (log, logged) = chan(10);
    handler(request, channel, log);
    let rows: Vec<String> = rows.into_iter().collect();
    let logged: Vec<String> = logged.into_iter().collect();
    format!("{name}, {request}: rows {rows:?}, log {logged:?}")
}

/// Runs the example.
pub(crate) fn run(out: &mut dyn Write) -> Result<(), Box<dyn Error>> {
    let handlers: [(&str, Handler); 3] = [
        ("synchronous", synchronous),
        ("callbacks", callbacks),
        ("pipeline", pipeline),
    ];
    for (name, handler) in handlers {
        for request in ["q", "x"] {
            writeln!(out, "{}", ask(name, handler, request))?;
        }
    }
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    run(&mut std::io::stdout())
}
