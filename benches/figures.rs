//! Every workload at its full size, each in a process of its own:
//! `cargo bench --bench figures -- [--rounds=N] [NAME…]`.
//!
//! Prints CPU time (of the whole process, system and user) and time by the clock, per operation, as the
//! least and the median of the rounds. On a machine that others use too, compare least CPU times, and
//! those of one run only. Linux only, since it reads /proc.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program that prints a table"
)]

mod usage;
mod workloads;

use std::{
    env,
    process::{Command, ExitCode, Stdio},
    time::{Duration, Instant},
};

use csp::prelude::*;
use workloads::{
    alts, blocks, channels,
    connectors::{self, By},
    eventual,
    parked::{self, Stage},
    timers::{self, Begin},
};

type Workload = (&'static str, fn(&mut Report));

const WORKLOADS: &[Workload] = &[
    ("spawn_join", |r| {
        r.per("block", 1_000_000, |n| blocks::spawn_join(n, 10_000));
    }),
    ("pingpong", |r| {
        r.per("round trip", 1_000_000, blocks::pingpong);
    }),
    ("ring", |r| {
        r.per("hop", 2_000_000, |n| blocks::ring(503, n));
    }),
    ("spsc_1024", |r| r.stream(1, 1, 1024, 5_000_000)),
    ("spsc_1", |r| r.stream(1, 1, 1, 1_000_000)),
    ("spsc_0", |r| r.stream(1, 1, 0, 1_000_000)),
    ("mpsc_1024", |r| r.stream(8, 1, 1024, 4_000_000)),
    ("mpmc_1024", |r| r.stream(8, 8, 1024, 4_000_000)),
    ("mpmc_0", |r| r.stream(8, 8, 0, 1_000_000)),
    ("select_8", |r| {
        r.per("message", 1_000_000, |n| alts::alt_of_eight(0, n));
    }),
    ("select_8_buf", |r| {
        r.per("message", 1_000_000, |n| alts::alt_of_eight(128, n));
    }),
    ("select_8_set", |r| {
        r.per("message", 1_000_000, |n| alts::set_of_eight(0, n));
    }),
    ("select_8_buf_set", |r| {
        r.per("message", 1_000_000, |n| alts::set_of_eight(128, n));
    }),
    ("skynet", |r| {
        let leaves = r.scaled(1_000_000);
        r.once("", || blocks::skynet(leaves.into(), 10));
    }),
    ("sieve", |r| {
        let count = r.scaled(1_500);
        r.once("", || blocks::sieve(count as usize));
    }),
    ("parked_1m", parked_1m),
    ("inspect", inspect),
    ("inspect_1m_off", |r| inspect_1m(r, false)),
    ("inspect_1m_on", |r| inspect_1m(r, true)),
    ("timers_1m", |r| r.timers(Begin::AtOnce)),
    ("timers_1m_together", |r| r.timers(Begin::Together)),
    ("pipe", |r| r.connector(1, connectors::pipe)),
    ("pipeline_of_3", |r| {
        r.connector(1, connectors::three_stages);
    }),
    ("mult_64", |r| {
        r.connector(64, |by, n| connectors::mult(by, 64, n));
    }),
    ("pub_16", |r| {
        r.connector(1, |by, n| connectors::publication(by, 16, n));
    }),
    ("transducers_3", |r| {
        r.connector(1, connectors::three_transducers);
    }),
    ("stream_3", |r| {
        r.connector(1, eventual::stream_of_three);
    }),
    ("promise_chain", |r| {
        r.per("step", 1_000_000, eventual::promise_chain);
    }),
    ("promise_wait", |r| {
        r.per("promise", 1_000_000, eventual::promise_wait);
    }),
    ("turns", |r| r.connector(1, eventual::turns)),
    ("restarts", |r| {
        r.per("restart", 1_000_000, eventual::restarts);
    }),
    ("mutex_8", |r| r.per("lock", 1_000_000, eventual::mutex)),
    ("events", |r| r.per("event", 1_000_000, eventual::events)),
    ("calls_16", |r| r.per("call", 400_000, eventual::calls)),
    ("take_timeout", |r| {
        r.per("message", 1_000_000, alts::take_timeout);
    }),
];

/// What inspection costs: the same work with it off and on.
fn inspect(report: &mut Report) {
    for (what, on) in [("off", false), ("on", true)] {
        if on {
            csp::inspect::enable();
        }
        report.named(what, "round trip", 500_000, blocks::pingpong);
        report.named(what, "block", 500_000, |n| blocks::spawn_join(n, 10_000));
        report.named(what, "channel", 2_000_000, channels::made_and_dropped);
        report.named(what, "message of 8 arms", 500_000, |n| {
            alts::alt_of_eight(0, n);
        });
    }
}

/// A dump of a million blocks, each parked on a channel of its own.
fn inspect_1m(report: &mut Report, on: bool) {
    if on {
        csp::inspect::enable();
    }
    let count = report.scaled(1_000_000);
    let mut before = None;
    parked::parked(count.into(), |stage| match stage {
        Stage::Begun => before = usage::resident(),
        Stage::Parked => {
            if let (Some(before), Some(now)) = (before, usage::resident()) {
                let bytes = bytes(now.saturating_sub(before)) / f64::from(count);
                report.other("memory", "bytes/block", bytes);
            }
            let begun = Used::now();
            let dump = csp::inspect::dump();
            report.used("dump", "ms", &begun.elapsed(), 1e-3);
            let begun = Used::now();
            assert!(dump.to_string().len() < 100_000);
            report.used("text", "ms", &begun.elapsed(), 1e-3);
        }
        Stage::Woken => {}
    });
}

fn parked_1m(report: &mut Report) {
    let blocks = report.scaled(1_000_000);
    let mut since = Used::now();
    let mut resident = None;
    parked::parked(blocks.into(), |stage| {
        let used = since.elapsed();
        match stage {
            Stage::Begun => resident = usage::resident(),
            Stage::Parked => {
                report.used("create", "ms", &used, 1e-3);
                if let (Some(before), Some(now)) = (resident, usage::resident()) {
                    let bytes = bytes(now.saturating_sub(before)) / f64::from(blocks);
                    report.other("memory", "bytes/block", bytes);
                }
            }
            Stage::Woken => report.used("wake", "ms", &used, 1e-3),
        }
        since = Used::now();
    });
}

impl Report {
    /// A workload of `count` operations.
    fn per(&mut self, operation: &str, count: u32, run: impl FnOnce(u64)) {
        self.named("", operation, count, run);
    }

    /// One of several workloads of `count` operations.
    fn named(&mut self, what: &str, operation: &str, count: u32, run: impl FnOnce(u64)) {
        let count = self.scaled(count);
        let begun = Used::now();
        run(count.into());
        let unit = format!("ns/{operation}");
        self.used(what, &unit, &begun.elapsed(), f64::from(count) * 1e-9);
    }

    fn stream(&mut self, putters: u64, takers: u64, capacity: usize, messages: u32) {
        self.per("message", messages, |n| {
            channels::stream(putters, takers, capacity, n);
        });
    }

    /// A connector, and the loop by hand; per value that comes out.
    fn connector(&mut self, copies: u32, run: impl Fn(By, u64)) {
        let count = self.scaled(1_000_000) / copies;
        for (what, by) in [("", By::Connector), ("by hand", By::Hand)] {
            let begun = Used::now();
            run(by, count.into());
            let values = f64::from(count * copies);
            self.used(what, "ns/value", &begun.elapsed(), values * 1e-9);
        }
    }

    /// A workload that is measured as a whole.
    fn once(&mut self, what: &str, run: impl FnOnce()) {
        let begun = Used::now();
        run();
        self.used(what, "ms", &begun.elapsed(), 1e-3);
    }

    fn timers(&mut self, begin: Begin) {
        let sleepers = self.scaled(1_000_000);
        let mut late = Vec::new();
        self.once("", || {
            late = timers::timers(sleepers, secs(1), begin);
        });
        for (what, percent) in [("lateness p50", 50), ("lateness p99", 99)] {
            let late = late[(late.len() - 1) * percent / 100];
            self.other(what, "ms", late.as_secs_f64() * 1e3);
        }
        if let Some(peak) = usage::peak_resident() {
            self.other("peak memory", "MB", bytes(peak) / 1e6);
        }
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "no machine has 2^53 bytes, and this is for printing"
)]
fn bytes(n: u64) -> f64 {
    n as f64
}

/// Both clocks at one time, or what both say has been used since.
struct Used {
    cpu: Duration,
    wall: Instant,
}

impl Used {
    fn now() -> Self {
        Self {
            cpu: usage::cpu_time().expect("this bench reads the CPU time from Linux's /proc"),
            wall: Instant::now(),
        }
    }

    /// CPU time and time.
    fn elapsed(&self) -> (Duration, Duration) {
        let wall = self.wall.elapsed();
        (Self::now().cpu.saturating_sub(self.cpu), wall)
    }
}

/// What a child process tells of its workload: a line for each figure.
struct Report {
    workload: &'static str,
    /// Parameters are divided by this.
    shrink: u32,
}

impl Report {
    fn scaled(&self, count: u32) -> u32 {
        (count / self.shrink).max(10)
    }

    fn used(&self, what: &str, unit: &str, (cpu, wall): &(Duration, Duration), per: f64) {
        for (clock, time) in [("CPU", cpu), ("wall", wall)] {
            self.line(what, &format!("{clock} {unit}"), time.as_secs_f64() / per);
        }
    }

    fn other(&self, what: &str, unit: &str, value: f64) {
        self.line(what, unit, value);
    }

    fn line(&self, what: &str, unit: &str, value: f64) {
        println!("{} {what}\t{unit}\t{value}", self.workload);
    }
}

/// The rounds' values of one figure.
struct Figure {
    /// Its name and unit.
    key: (String, String),
    values: Vec<f64>,
}

fn main() -> ExitCode {
    let args: Vec<String> = env::args().skip(1).collect();
    if let [run, name, shrink] = &args[..]
        && run == "--run"
    {
        return child(name, shrink);
    }
    if args.iter().any(|arg| arg == "--list") {
        return ExitCode::SUCCESS; // asked by a test runner: there are no tests here
    }
    // `cargo test --benches` only wants to see that it works.
    let in_earnest = args.iter().any(|arg| arg == "--bench");
    let (rounds, shrink) = if in_earnest { (3, 1) } else { (1, 1000) };
    let rounds = args
        .iter()
        .find_map(|arg| arg.strip_prefix("--rounds=")?.parse().ok())
        .unwrap_or(rounds);
    let names: Vec<&String> = args.iter().filter(|arg| !arg.starts_with("--")).collect();
    let chosen: Vec<&str> = WORKLOADS
        .iter()
        .map(|(name, _)| *name)
        .filter(|name| names.is_empty() || names.iter().any(|part| name.contains(part.as_str())))
        .collect();
    let mut figures = Vec::new();
    for round in 1..=rounds {
        for name in &chosen {
            eprintln!("round {round} of {rounds}: {name}");
            if let Err(error) = measure(name, shrink, &mut figures) {
                eprintln!("{name}: {error}");
                return ExitCode::FAILURE;
            }
        }
    }
    print(&mut figures);
    ExitCode::SUCCESS
}

fn child(name: &str, shrink: &str) -> ExitCode {
    let Some((workload, run)) = WORKLOADS.iter().find(|(n, _)| *n == name) else {
        eprintln!("there is no workload {name}");
        return ExitCode::FAILURE;
    };
    let shrink = shrink.parse().unwrap_or(1);
    // Starts the runtime, which is not to be measured.
    go!({}).wait().expect("an empty block ends");
    run(&mut Report { workload, shrink });
    ExitCode::SUCCESS
}

/// Runs a workload in a fresh process, and adds its figures to those of the rounds before.
fn measure(name: &str, shrink: u32, figures: &mut Vec<Figure>) -> Result<(), String> {
    let program = env::current_exe().map_err(|e| e.to_string())?;
    let output = Command::new(program)
        .args(["--run", name, &shrink.to_string()])
        .stderr(Stdio::inherit())
        .output()
        .map_err(|e| e.to_string())?;
    if !output.status.success() {
        return Err(format!("its process ended with {}", output.status));
    }
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let mut fields = line.split('\t');
        let (Some(what), Some(unit), Some(value)) = (fields.next(), fields.next(), fields.next())
        else {
            return Err(format!("it printed {line:?}"));
        };
        let key = (what.trim().to_owned(), unit.to_owned());
        let value = value.parse().map_err(|e| format!("{value:?}: {e}"))?;
        match figures.iter_mut().find(|figure| figure.key == key) {
            Some(figure) => figure.values.push(value),
            None => figures.push(Figure {
                key,
                values: vec![value],
            }),
        }
    }
    Ok(())
}

fn print(figures: &mut [Figure]) {
    println!(
        "{:<32} {:<16} {:>10} {:>10} {:>10}",
        "", "", "least", "median", "most"
    );
    for Figure { key, values } in figures {
        values.sort_by(f64::total_cmp);
        let at = |i: usize| values[i];
        println!(
            "{:<32} {:<16} {:>10.1} {:>10.1} {:>10.1}",
            key.0,
            key.1,
            at(0),
            at((values.len() - 1) / 2),
            at(values.len() - 1)
        );
    }
}
