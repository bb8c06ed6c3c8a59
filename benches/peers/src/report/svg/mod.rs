//! Charts, as SVG that any browser shows.

mod bars;
mod ratios;

use std::fmt::{Display, Write as _};

pub use bars::chart;
pub use ratios::summary_chart;

const WIDTH: f64 = 960.0;
const ROW: f64 = 22.0;
const FONT: &str = "font-family=\"Helvetica, Arial, sans-serif\"";

const OURS: &str = "#1f6fb2";
const VARIANT: &str = "#8fb8da";
const PEER: &str = "#7d8896";
const WORSE: &str = "#d9822b";
const INK: &str = "#222222";
const FAINT: &str = "#d5d9de";

/// A drawing under way.
struct Drawing {
    height: f64,
    body: String,
}

/// Where a text begins, ends or has its middle.
#[derive(Clone, Copy)]
enum Anchor {
    Start,
    Middle,
    End,
}

impl Drawing {
    fn new(height: f64) -> Self {
        Self {
            height,
            body: String::new(),
        }
    }

    fn add(&mut self, element: impl Display) {
        writeln!(self.body, "{element}").expect("a string takes any text");
    }

    fn text(&mut self, (x, y): (f64, f64), anchor: Anchor, size: u32, text: &str) {
        let anchor = match anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        let text = escaped(text);
        self.add(format_args!(
            "<text x=\"{x:.1}\" y=\"{y:.1}\" font-size=\"{size}\" text-anchor=\"{anchor}\" fill=\"{INK}\">{text}</text>"
        ));
    }

    /// A text on whose left there may be lines of the drawing.
    fn text_on_white(&mut self, (x, y): (f64, f64), size: u32, text: &str) {
        let width = width(text, size);
        let top = y - f64::from(size);
        self.add(format_args!(
            "<rect x=\"{:.1}\" y=\"{top:.1}\" width=\"{:.1}\" height=\"{}\" fill=\"white\" fill-opacity=\"0.85\"/>",
            x - 2.0,
            width + 4.0,
            size + 4
        ));
        self.text((x, y), Anchor::Start, size, text);
    }

    fn line(&mut self, (x1, y1): (f64, f64), (x2, y2): (f64, f64), colour: &str, width: f64) {
        self.add(format_args!(
            "<line x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\" stroke=\"{colour}\" stroke-width=\"{width}\"/>"
        ));
    }

    fn rect(&mut self, (x, y): (f64, f64), (width, height): (f64, f64), fill: &str) {
        self.add(format_args!(
            "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" fill=\"{fill}\"/>"
        ));
    }

    fn finish(self) -> String {
        let Self { height, body } = self;
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height}\" viewBox=\"0 0 {WIDTH} {height}\" {FONT}>\n\
             <defs><pattern id=\"hatched\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\">\
             <rect width=\"6\" height=\"6\" fill=\"#f2f3f5\"/><rect width=\"2\" height=\"6\" fill=\"#a9b1bb\"/></pattern></defs>\n\
             <rect width=\"{WIDTH}\" height=\"{height}\" fill=\"white\"/>\n{body}</svg>\n"
        )
    }
}

/// About as wide as browsers draw it: wider than most, so that what follows has room.
fn width(text: &str, size: u32) -> f64 {
    text.chars().map(|_| 0.58 * f64::from(size)).sum()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
