//! Choosing among channels.

mod usage;
mod workloads;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use usage::measurement::{CpuTime, criterion};
use workloads::alts::{alt_of_eight, set_of_eight};

const MESSAGES: u64 = 40_000;

fn choosing(c: &mut Criterion<CpuTime>) {
    let mut group = c.benchmark_group("alts");
    group.throughput(Throughput::Elements(MESSAGES));
    for (name, capacity) in [("select_8", 0), ("select_8_buf", 128)] {
        group.bench_function(name, |b| b.iter(|| alt_of_eight(capacity, MESSAGES)));
        group.bench_function(format!("{name}_set"), |b| {
            b.iter(|| set_of_eight(capacity, MESSAGES));
        });
    }
}

criterion_group! {
    name = benches;
    config = criterion();
    targets = choosing
}
criterion_main!(benches);
