//! The reports: a table for each workload and a summary, as text, JSON, CSV and charts.

mod csv;
mod json;
mod svg;
mod text;

use std::{fs, io, path::Path};

use crate::{figures::Table, options::Options, programs::Program};

pub use csv::csv;
pub use json::json;
pub use svg::{chart, summary_chart};
pub use text::{summary, table};

/// What the reports say of the run as a whole.
#[derive(Debug)]
pub struct About {
    /// Versions, and what was skipped.
    pub lines: Vec<String>,
    pub rounds: u32,
    pub scale: u32,
}

impl About {
    pub fn new(programs: &[Program], skipped: &[String], options: &Options) -> Self {
        let mut lines: Vec<String> = programs.iter().flat_map(|p| p.about.clone()).collect();
        lines.extend_from_slice(skipped);
        if cfg!(debug_assertions) {
            lines.push("Not optimised: the figures of the Rust programs mean nothing.".into());
        }
        Self {
            lines,
            rounds: options.rounds,
            scale: options.scale,
        }
    }
}

/// Writes all reports into a directory.
///
/// # Errors
/// If it cannot be written.
pub fn write(out: &Path, tables: &[Table], about: &About) -> io::Result<()> {
    fs::create_dir_all(out)?;
    fs::write(out.join("figures.json"), json(tables, about))?;
    fs::write(out.join("figures.csv"), csv(tables))?;
    let texts: Vec<String> = tables.iter().map(table).collect();
    let text = format!("{}\n{}", texts.join("\n"), summary(tables));
    fs::write(out.join("tables.md"), text)?;
    for table in tables {
        let name = format!("{}.svg", table.workload.name);
        fs::write(out.join(name), chart(table))?;
    }
    fs::write(out.join("summary.svg"), summary_chart(tables))
}
