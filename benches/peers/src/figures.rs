//! What the runs gave: samples, rows of them, and how rows compare.

use crate::catalogue::{Metric, Workload};

/// What an implementation is to the comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// csp, as its documentation says.
    Ours,
    /// csp in another of its forms.
    Variant,
    Peer,
    /// One that does less than the workload asks for, and in which way.
    Less(String),
}

/// One run that came to its end.
#[derive(Debug, Clone)]
pub struct Sample {
    pub operations: f64,
    pub cpu_ns: f64,
    pub wall_ns: f64,
    pub peak_bytes: f64,
    pub lost: f64,
    pub right: bool,
    pub extra: Vec<(String, f64)>,
}

impl Sample {
    pub fn get(&self, metric: Metric<'_>) -> Option<f64> {
        Some(match metric {
            Metric::Cpu => self.cpu_ns / self.operations,
            Metric::Wall => self.wall_ns / self.operations,
            Metric::Peak => self.peak_bytes,
            Metric::Lost => self.lost,
            Metric::Extra(name) => self.extra.iter().find(|(n, _)| n == name)?.1,
        })
    }
}

/// One implementation of a workload, and all its runs.
#[derive(Debug, Clone)]
pub struct Row {
    pub name: String,
    pub kind: Kind,
    pub samples: Vec<Sample>,
    /// Why there are no more of them.
    pub failure: Option<String>,
}

/// The least, the middle and the most of several values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spread {
    pub least: f64,
    pub median: f64,
    pub most: f64,
}

impl Spread {
    fn of(mut values: Vec<f64>) -> Option<Self> {
        values.sort_by(f64::total_cmp);
        let middle = values.len() / 2;
        let median = if values.len().is_multiple_of(2) {
            f64::midpoint(*values.get(middle.checked_sub(1)?)?, values[middle])
        } else {
            values[middle]
        };
        Some(Self {
            least: *values.first()?,
            median,
            most: *values.last()?,
        })
    }
}

impl Row {
    pub fn spread(&self, metric: Metric<'_>) -> Option<Spread> {
        Spread::of(self.samples.iter().filter_map(|s| s.get(metric)).collect())
    }

    /// Whether every run gave the right result.
    pub fn is_right(&self) -> bool {
        self.failure.is_none() && !self.samples.is_empty() && self.samples.iter().all(|s| s.right)
    }

    /// What is to be said about it, if anything.
    pub fn remark(&self) -> Option<String> {
        if let Some(failure) = &self.failure {
            return Some(failure.clone());
        }
        if !self.is_right() {
            return Some("WRONG".into());
        }
        match &self.kind {
            Kind::Less(why) => Some(format!("does less: {why}")),
            _ => None,
        }
    }

    /// A peer that has done all that the workload asks for.
    fn is_correct_peer(&self) -> bool {
        self.kind == Kind::Peer && self.is_right()
    }

    pub fn is_ours(&self) -> bool {
        matches!(self.kind, Kind::Ours | Kind::Variant)
    }
}

/// A workload, and all its implementations that ran.
#[derive(Debug, Clone)]
pub struct Table {
    pub workload: &'static Workload,
    pub rows: Vec<Row>,
}

/// csp against another implementation.
#[derive(Debug, Clone, Copy)]
pub struct Ratio<'a> {
    pub to: &'a Row,
    /// csp's figure divided by the other's, medians both: less than 1 means that csp needs less.
    pub ratio: f64,
}

impl Table {
    /// The figure by which rows are compared.
    pub fn median(&self, row: &Row) -> Option<f64> {
        Some(row.spread(self.workload.by)?.median)
    }

    pub fn ours(&self) -> Option<&Row> {
        self.rows
            .iter()
            .find(|row| row.kind == Kind::Ours && row.is_right())
    }

    /// Against the best peer whose results were right.
    pub fn to_best_correct(&self) -> Option<Ratio<'_>> {
        self.ratio(Row::is_correct_peer)
    }

    /// Against the best of all others, though it lost messages or does less.
    pub fn to_best(&self) -> Option<Ratio<'_>> {
        self.ratio(|row| !row.is_ours())
    }

    fn ratio(&self, which: impl Fn(&Row) -> bool) -> Option<Ratio<'_>> {
        let ours = self.median(self.ours()?)?;
        let others = self.rows.iter().filter(|row| which(row));
        let (to, best) = others
            .filter_map(|row| Some((row, self.median(row)?)))
            .min_by(|(_, a), (_, b)| a.total_cmp(b))?;
        Some(Ratio {
            to,
            ratio: ours / best,
        })
    }

    /// From the best to the worst, then those without a figure.
    pub fn sorted(&self) -> Vec<&Row> {
        let mut rows: Vec<&Row> = self.rows.iter().collect();
        let key = |row: &Row| self.median(row).unwrap_or(f64::INFINITY);
        rows.sort_by(|a, b| key(a).total_cmp(&key(b)));
        rows
    }

    /// The figures that only this workload has.
    pub fn extras(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for sample in self.rows.iter().flat_map(|row| &row.samples) {
            for (name, _) in &sample.extra {
                if !names.contains(name) {
                    names.push(name.clone());
                }
            }
        }
        names
    }
}
