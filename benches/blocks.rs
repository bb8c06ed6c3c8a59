//! Starting blocks, passing the turn from one to the next, structures of blocks.

mod usage;
mod workloads;

use criterion::{Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use usage::measurement::{CpuTime, criterion};
use workloads::{blocks, parked};

fn starting(c: &mut Criterion<CpuTime>) {
    let mut group = c.benchmark_group("blocks");
    group.throughput(Throughput::Elements(50_000));
    group.bench_function("spawn_join", |b| {
        b.iter(|| blocks::spawn_join(50_000, 10_000));
    });
    group.sampling_mode(SamplingMode::Flat);
    group.throughput(Throughput::Elements(111_111));
    group.bench_function("skynet_100k", |b| b.iter(|| blocks::skynet(100_000, 10)));
    group.throughput(Throughput::Elements(100_000));
    group.bench_function("parked_100k", |b| {
        b.iter(|| parked::parked(100_000, |_| ()));
    });
}

fn turns(c: &mut Criterion<CpuTime>) {
    let mut group = c.benchmark_group("blocks");
    group.throughput(Throughput::Elements(50_000));
    group.bench_function("pingpong", |b| b.iter(|| blocks::pingpong(50_000)));
    group.throughput(Throughput::Elements(100_000));
    group.bench_function("ring", |b| b.iter(|| blocks::ring(503, 100_000)));
    group.throughput(Throughput::Elements(300));
    group.bench_function("sieve_300", |b| b.iter(|| blocks::sieve(300)));
}

criterion_group! {
    name = benches;
    config = criterion();
    targets = starting, turns
}
criterion_main!(benches);
