//! All that is known, as JSON.

use super::About;
use crate::{
    catalogue::Metric,
    figures::{Kind, Ratio, Row, Sample, Table},
    json::{number, string},
};

pub fn json(tables: &[Table], about: &About) -> String {
    let lines = list(about.lines.iter().map(|line| string(line)));
    let tables: Vec<String> = tables.iter().map(workload).collect();
    format!(
        "{{\"rounds\":{},\"scale\":{},\"about\":{lines},\"workloads\":[\n{}\n]}}\n",
        about.rounds,
        about.scale,
        tables.join(",\n"),
    )
}

fn workload(table: &Table) -> String {
    let rows: Vec<String> = table.sorted().into_iter().map(|r| row(table, r)).collect();
    format!(
        "{{\"name\":{},\"what\":{},\"operation\":{},\"by\":{},\"to_best_correct\":{},\"to_best\":{},\"rows\":[\n  {}\n]}}",
        string(table.workload.name),
        string(table.workload.what),
        string(table.workload.per),
        string(&table.workload.by.title(table.workload.per)),
        ratio(table.to_best_correct()),
        ratio(table.to_best()),
        rows.join(",\n  "),
    )
}

fn ratio(ratio: Option<Ratio<'_>>) -> String {
    ratio.map_or_else(
        || "null".into(),
        |r| {
            format!(
                "{{\"to\":{},\"ratio\":{}}}",
                string(&r.to.name),
                number(r.ratio)
            )
        },
    )
}

fn row(table: &Table, row: &Row) -> String {
    let kind = match &row.kind {
        Kind::Ours => "ours",
        Kind::Variant => "variant",
        Kind::Peer => "peer",
        Kind::Less(_) => "less",
    };
    let median = table.median(row).map_or_else(|| "null".into(), number);
    let remark = row.remark().map_or_else(|| "null".into(), |r| string(&r));
    let runs = list(row.samples.iter().map(sample));
    format!(
        "{{\"name\":{},\"kind\":{},\"right\":{},\"remark\":{remark},\"median\":{median},\"runs\":{runs}}}",
        string(&row.name),
        string(kind),
        row.is_right(),
    )
}

fn sample(sample: &Sample) -> String {
    let per = |metric| number(sample.get(metric).unwrap_or(f64::NAN));
    let mut text = format!(
        "{{\"operations\":{},\"cpu_ns_per_op\":{},\"wall_ns_per_op\":{},\"peak_bytes\":{},\"lost\":{},\"right\":{}",
        number(sample.operations),
        per(Metric::Cpu),
        per(Metric::Wall),
        number(sample.peak_bytes),
        number(sample.lost),
        sample.right,
    );
    for (name, value) in &sample.extra {
        text += &format!(",{}:{}", string(name), number(*value));
    }
    text + "}"
}

fn list(items: impl Iterator<Item = String>) -> String {
    format!("[{}]", items.collect::<Vec<_>>().join(","))
}
