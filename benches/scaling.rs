//! How the cost of an operation grows with how many things there are: blocks, channels, arms, timers, taps, waiters.
//! `cargo bench --bench scaling -- [NAME…] [--max=N] [--rounds=N] [--workers=N]`.
//!
//! Each size of each dimension runs in a process of its own, on one worker if not said otherwise. The table has CPU time
//! per operation (system and user, of the whole process, least of the rounds), bytes for each thing, and how many times
//! both are what they were at the best smaller size. What grows by more than caches mostly explain is marked: count
//! its instructions (`valgrind --tool=callgrind PROGRAM --run NAME N 1 once`). Linux only, since it reads /proc.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program that prints a table"
)]

mod scales;
mod usage;
mod workloads;

use std::{
    collections::BTreeMap,
    env,
    process::{Command, ExitCode, Stdio},
    time::Duration,
};

use csp::Runtime;
use scales::{Meter, blocks, channels, hubs, waiters};

/// A dimension: its name, its least and its greatest size, and the work.
struct Dimension {
    name: &'static str,
    least: u64,
    most: u64,
    run: fn(&mut Meter, u64),
}

const fn of(name: &'static str, least: u64, most: u64, run: fn(&mut Meter, u64)) -> Dimension {
    Dimension {
        name,
        least,
        most,
        run,
    }
}

const MILLION: u64 = 1_000_000;

const DIMENSIONS: &[Dimension] = &[
    of("blocks", 1_000, 10 * MILLION, blocks::parked),
    of("beside_blocks", 1_000, MILLION, blocks::beside),
    of("ring", 10, MILLION, blocks::ring),
    of("scope", 1_000, MILLION, blocks::scope),
    of("shutdown", 1_000, MILLION, blocks::shutdown),
    of("sleepers", 1_000, 10 * MILLION, blocks::sleepers),
    of("timeouts", 1_000, 10 * MILLION, blocks::timeouts),
    of("promise_chain", 1_000, MILLION, blocks::promise_chain),
    of("promise_all", 1_000, MILLION, blocks::promise_all),
    of("dump", 1_000, MILLION, blocks::dump),
    of("workers", 2, 200, blocks::workers),
    of("channels", 1_000, 10 * MILLION, channels::channels_used),
    of("handles", 1_000, MILLION, channels::handles),
    of("values", 1_000, 10 * MILLION, channels::values),
    of("arms", 1, 10_000, channels::arms),
    of("arms_that_close", 10, 10_000, channels::arms_that_close),
    of("put_all", 1, 100_000, channels::put_all),
    of("put_all_parked", 10, 10_000, channels::put_all_parked),
    of("mult", 1, 10_000, hubs::mult),
    of("mult_taps", 10, 10_000, hubs::taps),
    of("broadcast", 1, 10_000, hubs::broadcast_ports),
    of("hub", 1, 10_000, hubs::hub_subscribers),
    of("publication", 1, 100_000, hubs::publication),
    of("topics", 1_000, MILLION, hubs::topics),
    of("merge", 1, 10_000, hubs::merge),
    of("mix", 1, 10_000, hubs::mixed),
    of("takers", 1_000, MILLION, waiters::takers),
    of("takers_cancelled", 1_000, MILLION, waiters::cancelled),
    of("takers_closed", 1_000, MILLION, waiters::closed),
    of("watchers", 1_000, MILLION, waiters::watchers),
    of("alts_shared", 1_000, MILLION, waiters::alts_shared),
    of("alts_ended", 1_000, MILLION, waiters::alts_ended),
    of("readers", 1_000, MILLION, waiters::readers),
    of("lock", 1_000, MILLION, waiters::lock),
];

/// Caches and deeper trees make a million things cost more each than a thousand; by more than this they do not.
const TOO_MUCH: f64 = 4.0;
/// Small sizes are done again until they took this.
const ENOUGH: Duration = Duration::from_millis(200);

/// Figures of one part of a dimension, by size.
#[derive(Default)]
struct Line {
    ns: BTreeMap<u64, f64>,
    bytes: BTreeMap<u64, f64>,
}

struct Options {
    names: Vec<String>,
    max: u64,
    rounds: u64,
    workers: u64,
}

fn main() -> ExitCode {
    let args: Vec<String> = env::args().skip(1).collect();
    if let [run, name, n, workers, enough] = &args[..]
        && run == "--run"
    {
        return child(name, n, workers, enough == "enough");
    }
    if args.iter().any(|arg| arg == "--list") {
        return ExitCode::SUCCESS; // asked by a test runner: there are no tests here
    }
    // `cargo test --benches` only wants to see that it works.
    let in_earnest = args.iter().any(|arg| arg == "--bench");
    let number = |key: &str, default| {
        let value = args
            .iter()
            .find_map(|arg| arg.strip_prefix(key)?.parse().ok());
        value.unwrap_or(default)
    };
    let options = Options {
        names: args
            .iter()
            .filter(|arg| !arg.starts_with("--"))
            .cloned()
            .collect(),
        max: number("--max=", if in_earnest { MILLION } else { 10 }),
        rounds: number("--rounds=", if in_earnest { 3 } else { 1 }),
        workers: number("--workers=", 1),
    };
    println!(
        "{:<18} {:<26} {:>9} {:>10} {:>6} {:>8} {:>6}",
        "", "", "", "ns", "", "bytes", ""
    );
    let mut marked = Vec::new();
    for dimension in DIMENSIONS {
        let wanted = |part: &String| dimension.name.contains(part.as_str());
        if !options.names.is_empty() && !options.names.iter().any(wanted) {
            continue;
        }
        match measure(dimension, &options, in_earnest) {
            Ok(lines) => print(dimension.name, &lines, &mut marked),
            Err(error) => {
                eprintln!("{}: {error}", dimension.name);
                return ExitCode::FAILURE;
            }
        }
    }
    if in_earnest && !marked.is_empty() {
        println!("to be looked at: {}", marked.join(", "));
    }
    ExitCode::SUCCESS
}

fn child(name: &str, n: &str, workers: &str, enough: bool) -> ExitCode {
    let dimension = DIMENSIONS.iter().find(|dimension| dimension.name == name);
    let (Some(dimension), Ok(n), Ok(workers)) = (dimension, n.parse(), workers.parse()) else {
        eprintln!("there is no dimension {name} of size {n}");
        return ExitCode::FAILURE;
    };
    let runtime = Runtime::builder().workers(workers).build();
    let _entered = runtime.enter();
    let mut meter = Meter::default();
    (dimension.run)(&mut meter, n);
    while enough && meter.total() < ENOUGH {
        (dimension.run)(&mut meter, n);
    }
    for part in &meter.parts {
        let bytes = part.bytes.map_or(String::new(), |bytes| bytes.to_string());
        let ns = part.time.as_secs_f64() * 1e9 / float(part.operations.max(1));
        println!("{}\t{ns}\t{bytes}", part.name);
    }
    ExitCode::SUCCESS
}

/// All sizes of a dimension, each some times in turn: its parts, in order.
fn measure(
    dimension: &Dimension,
    options: &Options,
    in_earnest: bool,
) -> Result<Vec<(String, Line)>, String> {
    let mut lines: Vec<(String, Line)> = Vec::new();
    let most = dimension.most.min(options.max.max(dimension.least));
    let sizes = || {
        (0..)
            .map(|e| 10_u64.pow(e) * dimension.least)
            .take_while(|&n| n <= most)
    };
    for round in 1..=options.rounds {
        for n in sizes() {
            // The greatest take long, and differ less.
            if round > 1 && n > MILLION {
                continue;
            }
            eprintln!("{} of {n}, round {round}", dimension.name);
            for line in run(dimension.name, n, options.workers, in_earnest)?.lines() {
                let mut fields = line.split('\t');
                let (Some(part), Some(ns), Some(bytes)) =
                    (fields.next(), fields.next(), fields.next())
                else {
                    return Err(format!("it printed {line:?}"));
                };
                let at = lines.iter().position(|(known, _)| known == part);
                let at = at.unwrap_or_else(|| {
                    lines.push((part.to_owned(), Line::default()));
                    lines.len() - 1
                });
                let figures = &mut lines[at].1;
                note_least(&mut figures.ns, n, ns);
                note_least(&mut figures.bytes, n, bytes);
            }
        }
    }
    Ok(lines)
}

fn note_least(figures: &mut BTreeMap<u64, f64>, n: u64, text: &str) {
    if let Ok(value) = text.parse() {
        let least = figures.entry(n).or_insert(value);
        *least = least.min(value);
    }
}

fn run(name: &str, n: u64, workers: u64, in_earnest: bool) -> Result<String, String> {
    let program = env::current_exe().map_err(|e| e.to_string())?;
    let enough = if in_earnest { "enough" } else { "once" };
    let output = Command::new(program)
        .args(["--run", name, &n.to_string(), &workers.to_string(), enough])
        .stderr(Stdio::inherit())
        .output()
        .map_err(|e| e.to_string())?;
    if output.status.success() {
        String::from_utf8(output.stdout).map_err(|e| e.to_string())
    } else {
        Err(format!("with {n} its process ended with {}", output.status))
    }
}

fn print(name: &str, lines: &[(String, Line)], marked: &mut Vec<String>) {
    for (part, line) in lines {
        for (n, ns) in &line.ns {
            let by = growth(&line.ns, *n).unwrap_or(1.0);
            let bytes = line
                .bytes
                .get(n)
                .map_or(String::new(), |b| format!("{b:.0}"));
            let bytes_by = growth(&line.bytes, *n);
            let bytes_by_text = bytes_by.map_or(String::new(), |by| format!("{by:.2}"));
            let too_much = by.max(bytes_by.unwrap_or(1.0)) > TOO_MUCH;
            let mark = if too_much { "  <-- " } else { "" };
            println!(
                "{name:<18} {part:<26} {n:>9} {ns:>10.1} {by:>6.2} {bytes:>8} {bytes_by_text:>6}{mark}"
            );
            if too_much && !marked.iter().any(|known| known == name) {
                marked.push(name.to_owned());
            }
        }
    }
}

/// How many times as much it is at `n` as at the best size up to there. (At the least sizes it is often more than
/// later: what there is once is had by few.)
fn growth(figures: &BTreeMap<u64, f64>, n: u64) -> Option<f64> {
    let least = figures.range(..=n).map(|(_, value)| *value);
    let least = least.fold(f64::INFINITY, f64::min);
    // (No time at all is less than the clock's grain.)
    Some(figures.get(&n)? / least.max(1.0))
}

#[expect(clippy::cast_precision_loss, reason = "nothing is counted to 2^53")]
fn float(n: u64) -> f64 {
    n as f64
}
