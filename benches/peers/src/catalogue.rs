//! What is measured: the workloads, in the order of the reports.

use crate::figures::Spread;

/// One workload, as reports show it.
#[derive(Debug, Clone, Copy)]
pub struct Workload {
    pub name: &'static str,
    /// What is done.
    pub what: &'static str,
    /// What one operation is.
    pub per: &'static str,
    /// By which implementations are compared.
    pub by: Metric<'static>,
}

/// A figure of a run. Of each, less is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Metric<'a> {
    /// CPU time per operation, system and user, of the whole process.
    Cpu,
    /// Time by the clock per operation.
    Wall,
    /// The most memory that was in use.
    Peak,
    /// Messages that were put and never taken.
    Lost,
    /// A figure of this workload alone, by its name.
    Extra(&'a str),
}

/// What values of a metric are divided by before they are shown, and what follows them.
type Unit = (f64, &'static str);

impl Metric<'_> {
    /// As headings name it.
    pub fn title(self, per: &str) -> String {
        match self {
            Self::Cpu => format!("CPU time per {per}"),
            Self::Wall => format!("time per {per}"),
            Self::Peak => "peak memory".into(),
            Self::Lost => "messages lost".into(),
            Self::Extra(name) => {
                let name = self.suffix().map_or(name, |(name, _)| name);
                name.replace('_', " ")
            }
        }
    }

    /// A value of it, with its unit.
    pub fn show(self, value: f64) -> String {
        let (divisor, unit) = self.unit(value);
        number(value / divisor) + unit
    }

    /// The middle one of several values, and the least and most if they show.
    pub fn show_spread(self, spread: Spread) -> String {
        let (divisor, _) = self.unit(spread.median);
        let [least, most] = [spread.least, spread.most].map(|value| number(value / divisor));
        let median = self.show(spread.median);
        if least == most {
            median
        } else {
            format!("{median} ({least}–{most})")
        }
    }

    fn unit(self, value: f64) -> Unit {
        match self {
            Self::Cpu | Self::Wall => unit_of_time(value),
            Self::Peak => (1e6, " MB"),
            Self::Lost => (1.0, ""),
            Self::Extra(_) => match self.suffix() {
                Some((_, unit)) => (1.0, unit),
                None => (1.0, ""),
            },
        }
    }

    /// The name and the unit, where the name ends with one.
    fn suffix(&self) -> Option<(&str, &'static str)> {
        let Self::Extra(name) = self else { return None };
        let (name, unit) = name.rsplit_once('_')?;
        let units = [("ms", " ms"), ("us", " us"), ("ns", " ns")];
        let (_, shown) = units.into_iter().find(|(u, _)| *u == unit)?;
        Some((name, shown))
    }
}

/// One that leaves few digits of so many nanoseconds.
fn unit_of_time(ns: f64) -> Unit {
    match ns {
        ..1e4 => (1.0, " ns"),
        ..1e7 => (1e3, " us"),
        _ => (1e6, " ms"),
    }
}

/// Three digits at least, no more than needed, thousands apart.
fn number(value: f64) -> String {
    if value != 0.0 && value.abs() < 9.995 {
        return format!("{value:.2}");
    }
    if value != 0.0 && value.abs() < 99.95 {
        return format!("{value:.1}");
    }
    let digits = format!("{value:.0}");
    let mut text = String::new();
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) && !text.ends_with('-') {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The workload of this name.
pub fn find(name: &str) -> Option<&'static Workload> {
    WORKLOADS.iter().find(|workload| workload.name == name)
}

const fn cpu(name: &'static str, per: &'static str, what: &'static str) -> Workload {
    Workload {
        name,
        what,
        per,
        by: Metric::Cpu,
    }
}

const fn by(metric: Metric<'static>, workload: Workload) -> Workload {
    Workload {
        by: metric,
        ..workload
    }
}

#[rustfmt::skip]
pub const WORKLOADS: &[Workload] = &[
    cpu("spawn_join", "block", "1,000,000 blocks that give a number, joined in waves of 10,000"),
    cpu("pingpong", "round trip", "two blocks, two unbuffered channels, 1,000,000 round trips"),
    cpu("ring", "hop", "a token round 503 blocks, unbuffered, 2,000,000 hops"),
    cpu("spsc_1024", "message", "one putter, one taker, room for 1,024, 5,000,000 messages"),
    cpu("spsc_1", "message", "one putter, one taker, room for 1, 1,000,000 messages"),
    cpu("spsc_0", "message", "one putter, one taker, unbuffered, 1,000,000 messages"),
    cpu("mpsc_1024", "message", "8 putters, one taker, room for 1,024, 4,000,000 messages"),
    cpu("mpmc_1024", "message", "8 putters, 8 takers, room for 1,024, 4,000,000 messages"),
    cpu("mpmc_0", "message", "8 putters, 8 takers, unbuffered, 1,000,000 messages"),
    cpu("select_8", "message", "8 putters with a channel each, unbuffered, one taker selects over them, 1,000,000 messages"),
    cpu("select_8_buf", "message", "the same with room for 128 in each channel"),
    cpu("select_puts", "message", "one block selects over 4 takes and 4 puts, unbuffered, 1,000,000 messages through it"),
    cpu("select_1000", "message", "1,000 putters with a channel each, unbuffered, one taker selects over them, 200,000 messages"),
    cpu("skynet", "run", "a tree with 1,000,000 leaves; each node sums its ten children through a channel"),
    cpu("sieve", "run", "the first 1,500 primes by a chain of blocks, unbuffered"),
    cpu("pipeline_10", "message", "10 blocks in a row, room for 16 between them, 1,000,000 messages"),
    cpu("broadcast_64", "delivery", "one putter, 64 subscribers with room for 16 each, back pressure, 50,000 messages"),
    by(Metric::Extra("bytes_per_block"), cpu("parked_1m", "block", "1,000,000 blocks, each parked on a take from its own channel, then woken")),
    cpu("cancel_1m", "block", "1,000,000 blocks, each parked on a take from its own channel, then cancelled"),
    cpu("cancel_1m_shared", "take", "1,000,000 blocks parked on takes from one channel, then cancelled in random order"),
    cpu("timers_1m", "sleep", "1,000,000 sleeps of 1 to 1,000 ms, each from its own start"),
    cpu("timers_1m_together", "sleep", "1,000,000 sleeps of 1 to 1,000 ms, all from after the last start"),
    cpu("take_timeout", "message", "unbuffered, each take with a fresh timeout of 1 s, 1,000,000 messages"),
    cpu("timeouts_churn", "message", "100,000 timeouts of 1 s made and dropped in each of two seconds, beside 4,000,000 messages"),
    by(Metric::Wall, cpu("uneven", "block", "1,000,000 blocks with about 0.4 us of work, one in a hundred with 40 us")),
    by(Metric::Extra("p99_us"), cpu("latency", "request", "16 clients ask 4 servers, 5,000 requests a second, beside a stream of messages and a process that spins")),
    cpu("bridge", "message", "a thread puts, a block passes on, another thread takes, room for 64, 1,000,000 messages"),
    cpu("thr_spsc_1024", "message", "spsc_1024 between threads"),
    cpu("thr_spsc_0", "message", "spsc_0 between threads"),
    cpu("thr_pingpong", "round trip", "pingpong between threads"),
    cpu("thr_mpsc4_1024", "message", "4 threads put, one takes, room for 1,024, 4,000,000 messages"),
    cpu("thr_mpmc4x4_1024", "message", "4 threads put, 4 take, room for 1,024, 4,000,000 messages"),
    cpu("thr_futures_1024", "message", "spsc_1024 between futures that two threads block on, 5,000,000 messages"),
    cpu("thr_select_8", "message", "select_8 between threads"),
    cpu("thr_select_8_buf", "message", "select_8_buf between threads"),
    cpu("thr_take_timeout", "message", "take_timeout between threads"),
];
