use std::fs;

use csp_peers::report::{self, About};

use crate::table;

fn about() -> About {
    About {
        lines: vec!["made up".into()],
        rounds: 3,
        scale: 1,
    }
}

#[test]
fn the_table_has_all_rows_from_the_best_to_the_worst() {
    let text = report::table(&table());
    let rows: Vec<&str> = text.lines().filter(|line| line.starts_with('|')).collect();
    assert_eq!(rows.len(), 2 + 7);
    assert!(rows[0].contains("CPU time per message"));
    assert!(rows[2].contains("unbounded") && rows[2].contains("does less: unbounded"));
    assert!(rows[3].contains("25.0 ns (20.0–30.0)") && rows[3].contains("WRONG"));
    assert!(rows[6].contains("**csp** ") && rows[6].contains("100 ns (90.0–110)"));
    assert!(rows[7].contains("12.3 us") && rows[7].contains("123.45"));
    assert!(rows[8].contains("did not finish in 20 s"));
    assert!(text.contains("csp to the best correct peer (better): 1.25"));
    assert!(text.contains("csp to the best of all (unbounded): 10.00"));
}

#[test]
fn all_lines_of_a_table_are_of_one_width() {
    let text = report::table(&table());
    let mut widths = text
        .lines()
        .filter(|line| line.starts_with('|'))
        .map(|line| line.chars().count());
    let first = widths.next().expect("there is a heading");
    assert!(widths.all(|width| width == first), "{text}");
}

#[test]
fn the_summary_has_both_ratios() {
    let text = report::summary(&[table()]);
    let line = text.lines().last().expect("it has lines");
    for part in ["select_8", "100 ns", "1.25", "better", "10.00", "unbounded"] {
        assert!(line.contains(part), "{part}: {line}");
    }
}

#[test]
fn csv_has_a_line_for_each_run_and_for_what_has_none() {
    let text = report::csv(&[table()]);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 1 + 11 + 1);
    assert_eq!(
        lines[1],
        "select_8,csp,1,1000,100.000,200.000,8000000,0,true,,"
    );
    assert!(lines[lines.len() - 1].contains("\"hangs, says \"\"why\"\"\",,"));
    let fields = lines[0].split(',').count();
    for line in &lines[1..lines.len() - 1] {
        assert_eq!(line.split(',').count(), fields, "{line}");
    }
}

#[test]
fn json_is_well_formed_and_has_the_ratios() {
    let text = report::json(&[table()], &about());
    assert!(text.contains(r#""to_best_correct":{"to":"better","ratio":1.25}"#));
    assert!(text.contains(r#""to_best":{"to":"unbounded","ratio":10}"#));
    assert!(text.contains(r#""name":"hangs, says \"why\"""#));
    balanced(&text);
}

/// Brackets and quotes close as they open.
fn balanced(text: &str) {
    let mut open = Vec::new();
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        match c {
            '"' => loop {
                match characters.next().expect("a string ends") {
                    '\\' => drop(characters.next()),
                    '"' => break,
                    _ => {}
                }
            },
            '{' => open.push('}'),
            '[' => open.push(']'),
            '}' | ']' => assert_eq!(open.pop(), Some(c), "{text}"),
            _ => {}
        }
    }
    assert!(open.is_empty());
}

#[test]
fn charts_show_every_row_and_escape_names() {
    let chart = report::chart(&table());
    for part in [
        "loses &lt;all&gt;",
        "url(#hatched)",
        ">100 ns<",
        "did not finish in 20 s",
    ] {
        assert!(chart.contains(part), "{part}");
    }
    assert!(!chart.contains("<all>"));
    // Axis, seven names and notes, title, subtitle, legend.
    assert_eq!(chart.matches("<text").count(), 2 * 7 + 3);
}

#[test]
fn bars_stay_in_the_chart_and_a_long_one_is_cut() {
    let chart = report::chart(&table());
    let numbers = |name: &str| -> Vec<f64> {
        let attribute = format!(" {name}=\"");
        let parts = chart.split(&attribute).skip(1);
        parts
            .map_while(|part| part.split('"').next()?.parse().ok())
            .collect()
    };
    for x in ["x", "x1", "x2"].iter().flat_map(|name| numbers(name)) {
        assert!((0.0..=960.0).contains(&x), "{x}");
    }
    assert_eq!(chart.matches("stroke=\"white\"").count(), 2);
}

#[test]
fn the_summary_chart_has_a_bar_and_a_ring_for_each_workload() {
    let chart = report::summary_chart(&[table(), table()]);
    assert_eq!(chart.matches("<circle").count(), 2);
    assert_eq!(chart.matches("1.25 better; 10.00 unbounded").count(), 2);
}

#[test]
fn empty_reports_can_be_written() {
    let dir = std::env::temp_dir().join(format!("csp-peers-{}", std::process::id()));
    report::write(&dir, &[], &about()).expect("it can be written");
    let summary = fs::read_to_string(dir.join("summary.svg")).expect("it is there");
    assert!(summary.starts_with("<svg"));
    fs::remove_dir_all(&dir).expect("it can be removed");
}
