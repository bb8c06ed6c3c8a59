//! Every run as a line of CSV.

use crate::{catalogue::Metric, figures::Table};

/// All runs of all tables. What only some workloads have is in the last column, as `name=value` pairs.
pub fn csv(tables: &[Table]) -> String {
    let mut text = String::from(
        "workload,implementation,run,operations,cpu_ns_per_op,wall_ns_per_op,peak_bytes,lost,right,remark,extra\n",
    );
    for table in tables {
        for row in &table.rows {
            let head = format!("{},{}", table.workload.name, quoted(&row.name));
            let remark = quoted(&row.remark().unwrap_or_default());
            for (run, sample) in (1..).zip(&row.samples) {
                let per = |metric| sample.get(metric).unwrap_or(f64::NAN);
                let extra: Vec<String> = sample
                    .extra
                    .iter()
                    .map(|(name, value)| format!("{name}={value}"))
                    .collect();
                text += &format!(
                    "{head},{run},{},{:.3},{:.3},{},{},{},{remark},{}\n",
                    sample.operations,
                    per(Metric::Cpu),
                    per(Metric::Wall),
                    sample.peak_bytes,
                    sample.lost,
                    sample.right,
                    quoted(&extra.join(" ")),
                );
            }
            if row.samples.is_empty() {
                text += &format!("{head},,,,,,,,{remark},\n");
            }
        }
    }
    text
}

fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\n']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}
