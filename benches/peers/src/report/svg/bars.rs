use super::{Anchor, Drawing, FAINT, INK, OURS, PEER, ROW, VARIANT, WIDTH, width};
use crate::figures::{Kind, Row, Table};

const TOP: f64 = 64.0;
const BOTTOM: f64 = 30.0;
const BAR: f64 = 13.0;
/// A bar that is so many times the shortest is cut off.
const LONGEST: f64 = 12.0;

/// The chart of one workload: a bar for the median of each implementation, with a whisker from the least to the
/// most; hatched where the result was wrong, or less was done than the workload asks for.
pub fn chart(table: &Table) -> String {
    let rows = table.sorted();
    let height = TOP + ROW * f64::from(u32::try_from(rows.len()).unwrap_or(0)) + BOTTOM;
    let mut drawing = Drawing::new(height);
    let workload = table.workload;
    drawing.text((16.0, 24.0), Anchor::Start, 17, workload.name);
    let subtitle = format!("{}: {}", workload.by.title(workload.per), workload.what);
    drawing.text((16.0, 44.0), Anchor::Start, 12, &subtitle);

    let labels = rows.iter().map(|row| width(&row.name, 12));
    let left = 24.0 + labels.fold(0.0, f64::max);
    let notes = rows.iter().map(|row| width(&note(table, row), 12));
    let right = WIDTH - 24.0 - notes.fold(0.0, f64::max).min(WIDTH / 2.5);
    let scale = Scale::of(table, left, right);
    drawing.line((left, TOP), (left, height - BOTTOM), INK, 1.0);
    let mut top = TOP;
    for row in rows {
        bar(&mut drawing, table, row, &scale, top);
        top += ROW;
    }
    let legend =
        "bar: median, whisker: least to most, hatched: wrong, or does less. Less is better.";
    drawing.text((16.0, height - 10.0), Anchor::Start, 11, legend);
    drawing.finish()
}

/// From values to the width of the drawing.
struct Scale {
    left: f64,
    right: f64,
    most: f64,
}

impl Scale {
    fn of(table: &Table, left: f64, right: f64) -> Self {
        let spreads = table
            .rows
            .iter()
            .filter_map(|r| r.spread(table.workload.by));
        let (mut most, mut least) = (0.0_f64, f64::INFINITY);
        for spread in spreads {
            most = most.max(spread.most);
            least = least.min(spread.median);
        }
        Self {
            left,
            right,
            most: most.min(least * LONGEST),
        }
    }

    fn at(&self, value: f64) -> f64 {
        let part = if self.most > 0.0 {
            value / self.most
        } else {
            0.0
        };
        self.left + part.clamp(0.0, 1.0) * (self.right - self.left)
    }

    fn is_cut(&self, value: f64) -> bool {
        value > self.most
    }
}

/// What is written beside a bar.
fn note(table: &Table, row: &Row) -> String {
    let value = table.median(row).map(|value| table.workload.by.show(value));
    let remark = row.remark();
    let mut note: Vec<String> = value.into_iter().chain(remark).collect();
    if let [_, remark] = &mut note[..] {
        *remark = format!("({remark})");
    }
    // A reason can be long.
    note.join(" ").chars().take(60).collect()
}

fn bar(drawing: &mut Drawing, table: &Table, row: &Row, scale: &Scale, top: f64) {
    let base = top + ROW / 2.0 + 4.0;
    drawing.text((scale.left - 8.0, base), Anchor::End, 12, &row.name);
    let mut end = scale.left;
    if let Some(spread) = row.spread(table.workload.by) {
        end = scale.at(spread.median);
        let corner = (scale.left, top + (ROW - BAR) / 2.0);
        drawing.rect(corner, (end - scale.left, BAR), fill(row));
        let middle = top + ROW / 2.0;
        let (least, most) = (scale.at(spread.least), scale.at(spread.most));
        if most - least > 1.0 {
            drawing.line((least, middle), (most, middle), INK, 1.0);
            for x in [least, most] {
                drawing.line((x, middle - 3.0), (x, middle + 3.0), INK, 1.0);
            }
        }
        if scale.is_cut(spread.median) {
            for x in [end - 12.0, end - 8.0] {
                drawing.line((x, top + ROW - 3.0), (x + 5.0, top + 3.0), "white", 2.0);
            }
        }
        end = end.max(most);
    } else {
        drawing.line(
            (scale.left, top + ROW / 2.0),
            (scale.left + 6.0, top + ROW / 2.0),
            FAINT,
            2.0,
        );
    }
    drawing.text((end + 8.0, base), Anchor::Start, 12, &note(table, row));
}

fn fill(row: &Row) -> &'static str {
    match row.kind {
        _ if !row.is_right() => "url(#hatched)",
        Kind::Less(_) => "url(#hatched)",
        Kind::Ours => OURS,
        Kind::Variant => VARIANT,
        Kind::Peer => PEER,
    }
}
