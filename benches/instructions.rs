//! Runs one workload once, on one worker, so that its instructions can be counted: `ci/instructions.py` does.
//! `cargo bench --bench instructions -- NAME N`; without a NAME it prints the names.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program that is run by a script"
)]

mod workloads;

use std::{env, process::ExitCode};

use csp::Runtime;
use workloads::{
    alts, blocks, channels,
    connectors::{self, By},
    eventual, parked, timers,
};

/// A name, how many operations are counted, and the workload.
type Workload = (&'static str, u64, fn(u64));

const WORKLOADS: &[Workload] = &[
    ("spawn_join", 20_000, |n| blocks::spawn_join(n, 1_000)),
    ("pingpong", 20_000, blocks::pingpong),
    ("ring", 20_000, |n| blocks::ring(503, n)),
    ("spsc_1024", 50_000, |n| channels::stream(1, 1, 1024, n)),
    ("spsc_1", 20_000, |n| channels::stream(1, 1, 1, n)),
    ("spsc_0", 20_000, |n| channels::stream(1, 1, 0, n)),
    ("mpsc_1024", 50_000, |n| channels::stream(8, 1, 1024, n)),
    ("mpmc_1024", 50_000, |n| channels::stream(8, 8, 1024, n)),
    ("mpmc_0", 20_000, |n| channels::stream(8, 8, 0, n)),
    ("select_8", 20_000, |n| alts::alt_of_eight(0, n)),
    ("select_8_buf", 20_000, |n| alts::alt_of_eight(128, n)),
    ("select_8_set", 20_000, |n| alts::set_of_eight(0, n)),
    ("select_8_buf_set", 20_000, |n| alts::set_of_eight(128, n)),
    ("select_1000", 20_000, alts::set_of_thousand),
    ("take_timeout", 20_000, alts::take_timeout),
    ("pipeline_10", 5_000, |n| blocks::line(10, 16, n)),
    ("broadcast_64", 20_000, |n| {
        connectors::mult(By::Connector, 64, n / 64);
    }),
    ("cancel", 10_000, parked::cancelled),
    ("timeouts", 20_000, timers::made_and_dropped),
    ("promise_wait", 10_000, eventual::promise_wait),
    ("channel", 20_000, channels::made_and_dropped),
];

fn main() -> ExitCode {
    // (Cargo adds `--bench`.)
    let words: Vec<_> = env::args()
        .skip(1)
        .filter(|word| word != "--bench")
        .collect();
    let [name, n] = words.as_slice() else {
        for (name, n, _) in WORKLOADS {
            println!("{name} {n}");
        }
        return ExitCode::SUCCESS;
    };
    let workload = WORKLOADS.iter().find(|(known, ..)| known == name);
    let (Some((_, _, run)), Ok(n)) = (workload, n.parse()) else {
        eprintln!("there is no workload `{name}` with `{n}` operations");
        return ExitCode::FAILURE;
    };
    let runtime = Runtime::builder().workers(1).build();
    let _entered = runtime.enter();
    run(n);
    ExitCode::SUCCESS
}
