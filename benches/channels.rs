//! One channel, with one or many at either end.

mod usage;
mod workloads;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use usage::measurement::{CpuTime, criterion};
use workloads::channels::stream;

fn channels(c: &mut Criterion<CpuTime>) {
    let mut group = c.benchmark_group("channels");
    let rows = [
        ("spsc_1024", 1, 1, 1024, 200_000),
        ("spsc_1", 1, 1, 1, 50_000),
        ("spsc_0", 1, 1, 0, 50_000),
        ("mpsc_1024", 8, 1, 1024, 200_000),
        ("mpmc_1024", 8, 8, 1024, 200_000),
        ("mpmc_0", 8, 8, 0, 50_000),
    ];
    for (name, putters, takers, capacity, messages) in rows {
        group.throughput(Throughput::Elements(messages));
        group.bench_function(name, |b| {
            b.iter(|| stream(putters, takers, capacity, messages));
        });
    }
}

criterion_group! {
    name = benches;
    config = criterion();
    targets = channels
}
criterion_main!(benches);
