//! What a workload has cost this process, and what it says of its result.

use std::{
    fmt::Write as _,
    fs,
    time::{Duration, Instant},
};

use rustix::time::{ClockId, clock_gettime};

/// What a workload tells of itself.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// By which its cost is divided.
    pub(crate) operations: u64,
    /// Messages that were put and never taken.
    pub(crate) lost: u64,
    pub(crate) right: bool,
    /// CPU time and time in nanoseconds, if not those of all that was done.
    pub(crate) taken: Option<(f64, f64)>,
    /// Figures of its own, by name with unit.
    pub(crate) extra: Vec<(&'static str, f64)>,
}

impl Outcome {
    /// One that has no other result than its end, or has checked it by itself.
    pub(crate) fn of(operations: u64) -> Self {
        Self {
            operations,
            right: true,
            ..Self::default()
        }
    }

    /// One that has `operations` numbers, from 0 on, sent and counted.
    pub(crate) fn counted(operations: u64, tally: Tally) -> Self {
        Self::copied(operations, 1, tally)
    }

    /// The same where each number comes `copies` times, and each of them is an operation.
    pub(crate) fn copied(numbers: u64, copies: u64, tally: Tally) -> Self {
        Self {
            operations: numbers * copies,
            lost: (numbers * copies).saturating_sub(tally.count),
            right: tally.count == numbers * copies && tally.sum == sum_below(numbers) * copies,
            ..Self::default()
        }
    }

    pub(crate) fn and(mut self, extra: impl IntoIterator<Item = (&'static str, f64)>) -> Self {
        self.extra.extend(extra);
        self
    }
}

/// How many numbers came, and their sum.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Tally {
    pub(crate) count: u64,
    pub(crate) sum: u64,
}

impl Tally {
    pub(crate) fn add(&mut self, n: u64) {
        self.count += 1;
        self.sum = self.sum.wrapping_add(n);
    }

    pub(crate) fn plus(self, other: Self) -> Self {
        Self {
            count: self.count + other.count,
            sum: self.sum.wrapping_add(other.sum),
        }
    }
}

/// The sum of the numbers below `n`.
pub(crate) const fn sum_below(n: u64) -> u64 {
    n * n.saturating_sub(1) / 2
}

/// The numbers from 0 to `n`, dealt out to `players`: the part of player `at`.
pub(crate) fn share(n: u64, players: u64, at: u64) -> std::ops::Range<u64> {
    n * at / players..n * (at + 1) / players
}

/// Both clocks at one time.
#[derive(Debug)]
pub(crate) struct Clocks {
    cpu: Duration,
    wall: Instant,
}

impl Clocks {
    pub(crate) fn now() -> Self {
        // System and user, of all threads, also of those that have ended.
        let cpu = clock_gettime(ClockId::ProcessCPUTime);
        Self {
            cpu: cpu.try_into().expect("CPU time is not negative"),
            wall: Instant::now(),
        }
    }

    /// CPU time and time since then, in nanoseconds.
    pub(crate) fn elapsed(&self) -> (f64, f64) {
        let now = Self::now();
        let cpu = now.cpu.saturating_sub(self.cpu);
        let wall = now.wall.duration_since(self.wall);
        (cpu.as_secs_f64() * 1e9, wall.as_secs_f64() * 1e9)
    }
}

/// The memory now in use, in bytes.
pub(crate) fn resident() -> f64 {
    status("VmRSS:")
}

fn status(key: &str) -> f64 {
    let status = fs::read_to_string("/proc/self/status").expect("this program runs on Linux");
    let line = status.lines().find_map(|line| line.strip_prefix(key));
    let kib = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<f64>().ok());
    kib.expect("Linux tells the memory") * 1024.0
}

/// Runs a workload, and gives the line that says what it took.
pub(crate) fn measured(run: impl FnOnce() -> Outcome) -> String {
    let clocks = Clocks::now();
    let outcome = run();
    let all = clocks.elapsed();
    let Outcome {
        operations,
        lost,
        right,
        taken,
        extra,
    } = outcome;
    let (cpu, wall) = taken.unwrap_or(all);
    let peak = status("VmHWM:");
    let mut line = format!(
        r#"{{"operations":{operations},"cpu_ns":{cpu:.0},"wall_ns":{wall:.0},"peak_rss":{peak:.0},"lost":{lost},"right":{right}"#
    );
    for (name, value) in extra {
        write!(line, r#","{name}":{value:.3}"#).expect("a string takes any text");
    }
    line + "}"
}
