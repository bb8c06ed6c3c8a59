//! What a connector costs per value, beside the loop written by hand.

mod usage;
mod workloads;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use usage::measurement::{CpuTime, criterion};
use workloads::connectors::{self, By};

const VALUES: u64 = 100_000;

fn connectors(c: &mut Criterion<CpuTime>) {
    type Run = fn(By, u64);
    let rows: [(&str, u64, Run); 5] = [
        ("pipe", 1, connectors::pipe),
        ("pipeline_of_3", 1, connectors::three_stages),
        ("mult_64", 64, |by, n| connectors::mult(by, 64, n)),
        ("pub_16", 1, |by, n| connectors::publication(by, 16, n)),
        ("transducers_3", 1, connectors::three_transducers),
    ];
    for (name, copies, run) in rows {
        let mut group = c.benchmark_group(name);
        let n = VALUES / copies;
        // Per value that comes out, or would without a filter.
        group.throughput(Throughput::Elements(n * copies));
        for (how, by) in [("connector", By::Connector), ("by_hand", By::Hand)] {
            group.bench_function(how, |b| b.iter(|| run(by, n)));
        }
        group.finish();
    }
}

criterion_group! {
    name = benches;
    config = criterion();
    targets = connectors
}
criterion_main!(benches);
