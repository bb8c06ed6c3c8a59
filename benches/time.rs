//! Timeouts: one for each message, and many at once.

mod usage;
mod workloads;

use std::time::Duration;

use criterion::{Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use usage::measurement::{CpuTime, criterion};
use workloads::{
    alts::take_timeout,
    timers::{Begin, timers},
};

const MESSAGES: u64 = 40_000;
const SLEEPERS: u32 = 50_000;
const LONGEST: Duration = Duration::from_millis(100);

fn timeouts(c: &mut Criterion<CpuTime>) {
    let mut group = c.benchmark_group("time");
    group.throughput(Throughput::Elements(MESSAGES));
    group.bench_function("take_timeout", |b| b.iter(|| take_timeout(MESSAGES)));
    group.sampling_mode(SamplingMode::Flat);
    group.throughput(Throughput::Elements(SLEEPERS.into()));
    group.bench_function("timers_50k", |b| {
        b.iter(|| timers(SLEEPERS, LONGEST, Begin::AtOnce));
    });
    group.bench_function("timers_50k_together", |b| {
        b.iter(|| timers(SLEEPERS, LONGEST, Begin::Together));
    });
}

criterion_group! {
    name = benches;
    config = criterion();
    targets = timeouts
}
criterion_main!(benches);
