//! The reports, from fixed figures.

mod figures;
mod options;
mod reports;
mod runs;

use csp_peers::{
    catalogue,
    figures::{Kind, Row, Sample, Table},
};

/// A run of so many nanoseconds per operation.
fn sample(cpu_ns: f64, right: bool) -> Sample {
    Sample {
        operations: 1_000.0,
        cpu_ns: cpu_ns * 1_000.0,
        wall_ns: cpu_ns * 2_000.0,
        peak_bytes: 8e6,
        lost: if right { 0.0 } else { 7.0 },
        right,
        extra: Vec::new(),
    }
}

fn row(name: &str, kind: Kind, cpu_ns: &[f64]) -> Row {
    Row {
        name: name.into(),
        kind,
        samples: cpu_ns.iter().map(|&ns| sample(ns, true)).collect(),
        failure: None,
    }
}

/// csp, a peer that is better, one that is better still and loses messages, one that does less, one that is
/// worse by far, and one that did not finish.
fn table() -> Table {
    let mut wrong = row("loses <all>", Kind::Peer, &[30.0, 20.0]);
    wrong.samples[1] = sample(20.0, false);
    let mut hangs = row("hangs, says \"why\"", Kind::Peer, &[]);
    hangs.failure = Some("did not finish in 20 s".into());
    Table {
        workload: catalogue::find("select_8").expect("it is in the catalogue"),
        rows: vec![
            row("csp", Kind::Ours, &[100.0, 110.0, 90.0]),
            row("csp/AltSet", Kind::Variant, &[60.0]),
            row("better", Kind::Peer, &[80.0, 85.0, 50.0]),
            wrong,
            row("unbounded", Kind::Less("unbounded".into()), &[10.0]),
            row("worse", Kind::Peer, &[12_345.0]),
            hangs,
        ],
    }
}
