//! Counts the words of files and whole trees, concurrently.
//!
//! `cargo run --release --example wordfreq -- --top 20 /usr/share/doc`
//!
//! ```text
//! walk ──paths──▸ readers ──chunks──▸ counters ──counted──▸ main
//! a thread        4 threads           a go block a CPU      merges their words in the end
//!   └────────────────┴─────────────skipped──────────────────▸
//! ```
//! Every channel is bounded: whoever is ahead waits, and memory does not grow with the tree. To end
//! early it is enough to close `chunks`: the readers' puts fail, so they end, and so the walk does; the
//! counters find nothing more to take, and give what they have.

mod args;
mod report;
mod text;

use std::{
    env,
    error::Error,
    fs,
    io::{self, ErrorKind, Write},
    process::{self, ExitCode},
    time::Instant,
};

use csp::prelude::*;

use self::{
    args::{Args, USAGE},
    report::{Report, say},
    text::Words,
};

/// Threads that read: enough to keep a disk busy.
const READERS: usize = 4;

/// Counts until all is done, the time is up or `stop` closes.
fn count(args: &Args, stop: &Receiver<()>) -> Result<(Words, Report), Failure> {
    let (paths_tx, paths) = chan(64);
    let (chunks_tx, chunks) = chan(16);
    let (counted_tx, counted) = chan(64);
    let (skipped_tx, skipped) = chan(64);

    let (walk, skip) = (text::walk(args.paths.clone()), skipped_tx.clone());
    thread(move || {
        for found in walk {
            let put = match found {
                Ok(path) => paths_tx.put_blocking(path).is_ok(),
                Err(why) => skip.put_blocking(why).is_ok(),
            };
            if !put {
                break; // nobody takes any more
            }
        }
    });

    for _ in 0..READERS {
        let (paths, chunks, skip) = (paths.clone(), chunks_tx.clone(), skipped_tx.clone());
        thread(move || {
            for path in paths {
                match text::read(&path, |chunk| chunks.put_blocking(chunk).is_ok()) {
                    Ok(true) => {}
                    Ok(false) => break,
                    Err(error) => {
                        skip.put_blocking(format!("{}: {error}", path.display()))
                            .ok();
                    }
                }
            }
        });
    }

    let counters: Vec<Go<Words>> = (0..csp::workers())
        .map(|_| {
            let (chunks, counted) = (chunks.clone(), counted_tx.clone());
            go!({
                let mut words = Words::default();
                while let Some(chunk) = take!(chunks) {
                    put!(counted, words.count(chunk)).ok();
                }
                words
            })
        })
        .collect();

    // Now only those at work hold these: the channels close when they have ended.
    drop((paths, chunks_tx, counted_tx));

    let mut report = Report::new();
    let time_up = timeout(args.timeout);
    let mut progress = interval(ms(100));
    loop {
        let whole = report.cut_short.is_none();
        alt_blocking! {
            Some(done) = take!(counted) => report.counted(done),
            Some(why) = take!(skipped) => report.skipped(&why),
            _ = take!(time_up), if whole => {
                report.cut_short = Some("the time is up");
                chunks.close();
            }
            _ = take!(stop), if whole => {
                report.cut_short = Some("it was interrupted");
                chunks.close();
            }
            _ = park!(progress.beat()), if report.watched => report.progress(),
            // `counted` is at its end. (`skipped` is not: we hold a putting end.)
            else _ => break,
        }
    }
    while let Ok(why) = skipped.try_take() {
        report.skipped(&why);
    }

    let mut words = Words::default();
    for counter in counters {
        words.merge(counter.wait()?);
    }
    report.end();
    Ok((words, report))
}

fn run(args: &Args) -> Result<(), Box<dyn Error>> {
    for path in &args.paths {
        fs::metadata(path).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    let (ctrl_c, stop) = chan(0);
    ctrlc::set_handler(move || {
        // The first Ctrl-C ends the count, another one the program.
        if !ctrl_c.close() {
            process::exit(130);
        }
    })?;
    let (words, report) = count(args, &stop)?;
    drop(stop);

    let mut out = io::stdout().lock();
    for (word, count) in words.top(args.top) {
        writeln!(out, "{count:>10}  {word}")?;
    }
    writeln!(out, "{report}")?;
    if args.check {
        if let Some(why) = report.cut_short {
            return Err(format!("nothing to check, since {why}").into());
        }
        let start = Instant::now();
        let again = Words::in_sequence(args.paths.clone());
        let time = start.elapsed();
        if let Some(differences) = words.differences(&again) {
            return Err(format!("counted in sequence it differs:\n{differences}").into());
        }
        writeln!(out, "the same when counted in sequence, in {time:.2?}")?;
    }
    Ok(())
}

fn main() -> ExitCode {
    let args = match Args::parse(env::args_os().skip(1)) {
        Ok(args) => args,
        Err(wrong) => {
            say(format_args!("wordfreq: {wrong}\n{USAGE}\n"));
            return ExitCode::from(2);
        }
    };
    match run(&args) {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever reads the output has had enough.
        Err(error) if is_broken_pipe(&*error) => ExitCode::SUCCESS,
        Err(error) => {
            say(format_args!("wordfreq: {error}\n"));
            ExitCode::FAILURE
        }
    }
}

fn is_broken_pipe(error: &(dyn Error + 'static)) -> bool {
    (error.downcast_ref()).is_some_and(|e: &io::Error| e.kind() == ErrorKind::BrokenPipe)
}
