//! Tables in Markdown, in columns for those who read it as it is.

use crate::{
    catalogue::Metric,
    figures::{Ratio, Row, Table},
};

/// The table of one workload, from the best to the worst.
pub fn table(table: &Table) -> String {
    let workload = table.workload;
    let extras = table.extras();
    let metrics: Vec<Metric<'_>> = [Metric::Cpu, Metric::Wall, Metric::Peak, Metric::Lost]
        .into_iter()
        .chain(extras.iter().map(|name| Metric::Extra(name)))
        .collect();
    let mut lines = vec![heading(workload.per, &metrics)];
    let ours = table.ours().and_then(|row| table.median(row));
    for row in table.sorted() {
        let mut line = vec![name(row)];
        line.extend(metrics.iter().map(|&metric| cell(row, metric)));
        let times = table.median(row).zip(ours).map(|(its, ours)| its / ours);
        line.push(times.map_or(String::new(), |times| format!("{times:.2}")));
        line.push(row.remark().unwrap_or_default());
        lines.push(line);
    }
    let by = workload.by.title(workload.per);
    let mut text = format!("## {}\n\n{}. By {by}.\n\n", workload.name, workload.what);
    text += &aligned(&lines);
    text += "\n";
    for (which, ratio) in ratios(table) {
        let line = ratio.map_or_else(
            || format!("No ratio of csp to the {which}.\n"),
            |r| format!("csp to the {which} ({}): {:.2}\n", r.to.name, r.ratio),
        );
        text += &line;
    }
    text
}

fn ratios(table: &Table) -> [(&'static str, Option<Ratio<'_>>); 2] {
    [
        ("best correct peer", table.to_best_correct()),
        ("best of all", table.to_best()),
    ]
}

fn heading(per: &str, metrics: &[Metric<'_>]) -> Vec<String> {
    let mut line = vec!["implementation".to_owned()];
    line.extend(metrics.iter().map(|metric| metric.title(per)));
    line.extend(["to csp", ""].map(str::to_owned));
    line
}

fn name(row: &Row) -> String {
    if row.is_ours() {
        format!("**{}**", row.name)
    } else {
        row.name.clone()
    }
}

fn cell(row: &Row, metric: Metric<'_>) -> String {
    row.spread(metric)
        .map_or_else(String::new, |spread| metric.show_spread(spread))
}

/// A line for each workload: csp's ratios.
pub fn summary(tables: &[Table]) -> String {
    let mut lines = vec![
        [
            "workload",
            "by",
            "csp",
            "to the best correct peer",
            "",
            "to the best of all",
            "",
        ]
        .map(str::to_owned)
        .to_vec(),
    ];
    for table in tables {
        let workload = table.workload;
        let mut line = vec![workload.name.to_owned(), workload.by.title(workload.per)];
        line.push(
            table
                .ours()
                .map_or_else(|| "none".to_owned(), |ours| cell(ours, workload.by)),
        );
        for (_, ratio) in ratios(table) {
            let (number, name) = ratio.map_or_else(Default::default, |r| {
                (format!("{:.2}", r.ratio), r.to.name.clone())
            });
            line.extend([number, name]);
        }
        lines.push(line);
    }
    format!("## Summary\n\n{}", aligned(&lines))
}

/// A Markdown table whose columns are as wide as their widest cell.
fn aligned(lines: &[Vec<String>]) -> String {
    let columns = lines.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        let cells = lines.iter().filter_map(|line| line.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for (at, line) in lines.iter().enumerate() {
        let cells = line.iter().zip(&widths);
        let cells: Vec<String> = cells.map(|(c, &width)| format!("{c:<width$}")).collect();
        text += &format!("| {} |\n", cells.join(" | "));
        if at == 0 {
            let rules: Vec<String> = widths.iter().map(|&width| "-".repeat(width)).collect();
            text += &format!("|-{}-|\n", rules.join("-|-"));
        }
    }
    text
}
