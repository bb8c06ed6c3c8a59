use super::{Anchor, Drawing, FAINT, INK, OURS, ROW, WIDTH, WORSE, width};
use crate::figures::Table;

const TOP: f64 = 84.0;
const BOTTOM: f64 = 44.0;
const BAR: f64 = 11.0;

/// csp against the best correct peer (bars) and against the best of all (rings) of each workload, on an axis of
/// powers of two. What is left of 1 is where csp needs less.
pub fn summary_chart(tables: &[Table]) -> String {
    let tables: Vec<&Table> = tables.iter().filter(|t| t.to_best().is_some()).collect();
    let height = TOP + ROW * f64::from(u32::try_from(tables.len()).unwrap_or(0)) + BOTTOM;
    let mut drawing = Drawing::new(height);
    drawing.text((16.0, 24.0), Anchor::Start, 17, "csp against its peers");
    let subtitle =
        "csp's median divided by the other's, in the same run: left of 1, csp needs less";
    drawing.text((16.0, 44.0), Anchor::Start, 12, subtitle);

    let labels = tables.iter().map(|table| width(table.workload.name, 12));
    let left = 24.0 + labels.fold(0.0, f64::max);
    let notes = tables.iter().map(|table| width(&note(table), 11));
    let right = WIDTH - 32.0 - notes.fold(0.0, f64::max).min(WIDTH / 2.5);
    let axis = Axis::of(&tables, left, right);
    axis.draw(&mut drawing, height - BOTTOM);
    let mut top = TOP;
    for table in tables {
        row(&mut drawing, table, &axis, top);
        top += ROW;
    }
    let legend = "bar: to the best correct peer, ring: to the best of all (also those that lose messages or do less)";
    drawing.text((16.0, height - 12.0), Anchor::Start, 11, legend);
    drawing.finish()
}

/// Powers of two, from the least to the most that is needed.
struct Axis {
    left: f64,
    right: f64,
    least: i32,
    most: i32,
}

impl Axis {
    fn of(tables: &[&Table], left: f64, right: f64) -> Self {
        let ratios = tables
            .iter()
            .flat_map(|table| [table.to_best_correct(), table.to_best()])
            .flatten()
            .map(|r| r.ratio.log2());
        let (mut least, mut most) = (-1.0_f64, 1.0_f64);
        for ratio in ratios.filter(|ratio| ratio.is_finite()) {
            least = least.min(ratio);
            most = most.max(ratio);
        }
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a logarithm, cut to bounds"
        )]
        let whole = |x: f64| x.clamp(-16.0, 16.0) as i32;
        Self {
            left,
            right,
            least: whole(least.floor()),
            most: whole(most.ceil()),
        }
    }

    fn at(&self, ratio: f64) -> f64 {
        let (least, most) = (f64::from(self.least), f64::from(self.most));
        let part = (ratio.log2().clamp(least, most) - least) / (most - least);
        self.left + part * (self.right - self.left)
    }

    fn draw(&self, drawing: &mut Drawing, bottom: f64) {
        // Not more of them than have room for a label.
        let every = ((self.most - self.least) / 10 + 1).max(1);
        for power in (self.least..=self.most).filter(|power| power % every == 0) {
            let x = self.at(2_f64.powi(power));
            let (colour, width) = if power == 0 { (INK, 1.5) } else { (FAINT, 1.0) };
            drawing.line((x, TOP - 6.0), (x, bottom), colour, width);
            let label = if power < 0 {
                format!("1/{}", 1_u32 << -power)
            } else {
                (1_u32 << power).to_string()
            };
            drawing.text((x, TOP - 12.0), Anchor::Middle, 11, &label);
        }
    }
}

fn note(table: &Table) -> String {
    let correct = table.to_best_correct();
    let best = table.to_best();
    let show = |ratio: f64| format!("{ratio:.2}");
    match (correct, best) {
        (Some(correct), Some(best)) if correct.to.name != best.to.name => format!(
            "{} {}; {} {}",
            show(correct.ratio),
            correct.to.name,
            show(best.ratio),
            best.to.name
        ),
        (Some(one), _) | (None, Some(one)) => format!("{} {}", show(one.ratio), one.to.name),
        (None, None) => String::new(),
    }
}

fn row(drawing: &mut Drawing, table: &Table, axis: &Axis, top: f64) {
    let (middle, base) = (top + ROW / 2.0, top + ROW / 2.0 + 4.0);
    drawing.text(
        (axis.left - 8.0, base),
        Anchor::End,
        12,
        table.workload.name,
    );
    let one = axis.at(1.0);
    let mut end = one;
    if let Some(correct) = table.to_best_correct() {
        let x = axis.at(correct.ratio);
        let colour = if correct.ratio <= 1.0 { OURS } else { WORSE };
        let corner = (x.min(one), top + (ROW - BAR) / 2.0);
        drawing.rect(corner, ((x - one).abs(), BAR), colour);
        end = end.max(x);
    }
    if let Some(best) = table.to_best() {
        let x = axis.at(best.ratio);
        drawing.add(format_args!(
            "<circle cx=\"{x:.1}\" cy=\"{middle:.1}\" r=\"4\" fill=\"white\" stroke=\"{INK}\" stroke-width=\"1.5\"/>"
        ));
        end = end.max(x + 4.0);
    }
    drawing.text_on_white((axis.right.max(end) + 10.0, base), 11, &note(table));
}
