//! What grows: one function for each dimension. It does its work once with `n` things, and tells the meter what
//! each part of it took.

pub(crate) mod blocks;
pub(crate) mod channels;
pub(crate) mod hubs;
pub(crate) mod waiters;

use std::{thread, time::Duration};

use crate::usage;

/// A part of a dimension: what all its operations took.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) name: &'static str,
    pub(crate) time: Duration,
    pub(crate) operations: u64,
    /// Bytes for each thing, from the first time.
    pub(crate) bytes: Option<u64>,
}

/// Reads the CPU time, part by part.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    pub(crate) parts: Vec<Part>,
    begun: Duration,
    resident: u64,
}

/// Fewer things than this are lost in the pages of what else there is.
const FEW: u64 = 10_000;

impl Meter {
    /// The next part begins.
    pub(crate) fn begin(&mut self) {
        self.resident = usage::resident().unwrap_or(0);
        self.begun = cpu_time();
    }

    /// The part ends, after so many operations. The next begins.
    pub(crate) fn end(&mut self, name: &'static str, operations: u64) {
        let time = cpu_time().saturating_sub(self.begun);
        self.add(name, operations, time, None);
        self.begun = cpu_time();
    }

    /// The part ends, in which `n` things were made. The next begins.
    pub(crate) fn end_made(&mut self, name: &'static str, n: u64) {
        let time = cpu_time().saturating_sub(self.begun);
        let grown = usage::resident().unwrap_or(0).saturating_sub(self.resident);
        self.add(name, n, time, (n >= FEW).then(|| grown / n));
        self.begun = cpu_time();
    }

    /// CPU time of all parts.
    pub(crate) fn total(&self) -> Duration {
        self.parts.iter().map(|part| part.time).sum()
    }

    fn add(&mut self, name: &'static str, operations: u64, time: Duration, bytes: Option<u64>) {
        if let Some(part) = self.parts.iter_mut().find(|part| part.name == name) {
            part.time += time;
            part.operations += operations;
            return;
        }
        self.parts.push(Part {
            name,
            time,
            operations,
            bytes,
        });
    }
}

/// The system brings a thread's account up to date when it stops running: all do for a moment.
fn cpu_time() -> Duration {
    thread::sleep(Duration::from_micros(500));
    usage::cpu_time().expect("this bench reads the CPU time from Linux's /proc")
}

fn size(n: u64) -> usize {
    usize::try_from(n).expect("what fits into memory can be counted")
}

/// The numbers below `n` in an order without order, the same each time.
fn shuffled(n: u64) -> Vec<usize> {
    let mut all: Vec<usize> = (0..size(n)).collect();
    let mut random = 0x9E37_79B9_7F4A_7C15_u64;
    for at in (1..all.len()).rev() {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        all.swap(at, size(random % (at as u64 + 1)));
    }
    all
}
