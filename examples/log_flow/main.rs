//! Follows log files, counts what is in them by the second, and raises an alarm when too much fails.
//!
//! `cargo run --release --example log_flow`: a demonstration on files of its own, which takes some seconds.
//! `… -- --dot`: the flow as a graph, for Graphviz.
//! `… -- /var/log/app/*.log`: what is in these files. With `--follow` it waits for more, until Ctrl-C.
//!
//! ```text
//! tail a ──lines──╮                                     ╭───────counts───────╮
//! tail b ──lines──┼─▸ parse ──events──▸ per second ─────┤                    ├─▸ report
//! tail c ──lines──╯                                     ╰─▸ alarm ──alarms───╯
//! ```
//! Each of them is a plain struct with functions for its messages, in a file of its own; what runs where, and
//! what waits for whom, is the flow's business. A line is `12:30:05 ERROR web it broke`; lines that are not
//! go to the flow's error channel, and are shown at the end, with how often what was done.

mod alarm;
mod args;
mod demo;
mod parse;
mod per_second;
mod report;
mod tail;

use std::{
    env,
    error::Error,
    io::{self, Write},
    path::{Path, PathBuf},
    process::{self, ExitCode},
};

use csp::{
    flow::{Flow, FlowDef, Running},
    prelude::*,
};

use self::{
    alarm::Alarm,
    args::{Args, USAGE},
    demo::Demo,
    parse::Parse,
    per_second::PerSecond,
    report::Report,
    tail::Tail,
};

/// How many of the lines that make no sense are shown.
const SHOWN: usize = 3;

fn main() -> ExitCode {
    let args = match Args::parse(env::args_os().skip(1)) {
        Ok(args) => args,
        Err(wrong) => {
            say(format_args!("log_flow: {wrong}\n{USAGE}\n"));
            return ExitCode::from(2);
        }
    };
    match run(args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(format_args!("log_flow: {error}\n"));
            ExitCode::FAILURE
        }
    }
}

fn run(mut args: Args) -> Result<(), Box<dyn Error>> {
    let mut demo = None;
    if args.files.is_empty() {
        let started = Demo::start()?;
        args.files = started.files();
        args.patience = Some(demo::PAUSE * 10);
        demo = Some(started);
    }
    let flow = define(&args)?;
    if args.dot {
        write!(io::stdout().lock(), "{}", flow.to_dot())?;
        return Ok(());
    }
    let run = flow.start()?;
    let wrong_lines = watch(&run);
    wait_for_the_end(&flow, &run)?;

    let last = run.ended().wait()?;
    let wrong_lines = wrong_lines.wait()?;
    for line in &wrong_lines {
        say(format_args!("{line}\n"));
    }
    say(format_args!("\n{last}\n"));
    drop(demo);
    Ok(())
}

/// Which processes there are, and what leads where.
fn define(args: &Args) -> Result<Flow, Box<dyn Error>> {
    let above = args.above;
    let mut def = FlowDef::new("log flow")
        .process("parse", || Parse)
        .process("per second", PerSecond::default)
        .process("alarm", move || Alarm::above(above))
        .process("report", Report::default)
        .connect(("parse", parse::EVENTS), ("per second", "events"))
        .connect(("per second", per_second::COUNTS), ("alarm", "counts"))
        .connect(("per second", per_second::COUNTS), ("report", "counts"))
        .connect(("alarm", alarm::ALARMS), ("report", "alarms"));
    for file in &args.files {
        let name = tail_name(file, &args.files);
        let (file, patience) = (file.clone(), args.patience);
        def = def
            .process(&*name, move || Tail::new(file.clone(), patience))
            .connect_with((&*name, tail::LINES), ("parse", "lines"), 1000);
    }
    Ok(def.build()?)
}

/// The file's name, with its folder only if another file has the same.
fn tail_name(file: &Path, files: &[PathBuf]) -> String {
    let alike = (files.iter()).filter(|other| other.file_name() == file.file_name());
    match file.file_name() {
        Some(name) if alike.count() == 1 => format!("tail {}", name.display()),
        _ => format!("tail {}", file.display()),
    }
}

/// Keeps some of the errors, and counts the rest.
fn watch(run: &Running) -> Go<Vec<String>> {
    let errors = run.errors().clone();
    go!({
        let (mut shown, mut more) = (Vec::new(), 0_u64);
        while let Some(error) = take!(errors) {
            if shown.len() < SHOWN {
                shown.push(error.to_string());
            } else {
                more += 1;
            }
        }
        if more > 0 {
            shown.push(format!("and {more} more of this kind"));
        }
        shown
    })
}

/// Ctrl-C ends the reading of files; what has been read goes through to the report.
fn wait_for_the_end(flow: &Flow, run: &Running) -> Result<(), Box<dyn Error>> {
    let (ctrl_c, interrupted) = chan::<()>(0);
    ctrlc::set_handler(move || {
        // Another one ends the program.
        if !ctrl_c.close() {
            process::exit(130);
        }
    })?;
    alt_blocking! {
        _ = park!(run.ended()) => {}
        _ = take!(interrupted) => {
            for (process, _) in flow.processes().filter(|(_, about)| about.has_source()) {
                run.stop_process(process)?;
            }
        }
    }
    Ok(())
}

/// Writes to stderr, if that is still there.
fn say(what: std::fmt::Arguments<'_>) {
    io::stderr().write_fmt(what).ok();
}
