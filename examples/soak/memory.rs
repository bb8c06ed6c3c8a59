//! How much memory the process has, over time, and whether that is flat.

use std::{fmt, time::Duration};

/// How much the second half may grow: what an allocator keeps of peaks.
const GROWTH: f64 = 4.0 * 1024.0 * 1024.0;
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// Looks at the resident set, in bytes. None where there is no `/proc`.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    looks: Vec<(Duration, f64)>,
}

fn resident() -> Option<f64> {
    let statm = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: f64 = statm.split_whitespace().nth(1)?.parse().ok()?;
    Some(pages * 4096.0)
}

impl Memory {
    pub(crate) fn look(&mut self, at: Duration) {
        let last = self.looks.last().map_or(Duration::ZERO, |look| look.0);
        if (self.looks.is_empty() || at >= last + LOOK_EVERY)
            && let Some(bytes) = resident()
        {
            self.looks.push((at, bytes));
        }
    }

    /// The line through the second half must not climb.
    pub(crate) fn is_flat(&self) -> Result<(), String> {
        let half = &self.looks[self.looks.len() / 2..];
        let (Some(first), Some(last)) = (half.first(), half.last()) else {
            return Ok(());
        };
        let time = last.0.saturating_sub(first.0).as_secs_f64();
        let growth = slope(half) * time;
        if growth > GROWTH {
            return Err(format!(
                "memory grew by {growth:.0} bytes in the last {time:.0} s"
            ));
        }
        Ok(())
    }
}

/// Bytes a second, by least squares.
fn slope(looks: &[(Duration, f64)]) -> f64 {
    let count = f64::from(u32::try_from(looks.len()).unwrap_or(u32::MAX));
    let mean_time = looks.iter().map(|look| look.0.as_secs_f64()).sum::<f64>() / count;
    let mean_bytes = looks.iter().map(|look| look.1).sum::<f64>() / count;
    let (mut above, mut below) = (0.0, 0.0);
    for (at, bytes) in looks {
        let time = at.as_secs_f64() - mean_time;
        above += time * (bytes - mean_bytes);
        below += time * time;
    }
    if below > 0.0 { above / below } else { 0.0 }
}

impl fmt::Display for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.looks.last() {
            Some((_, bytes)) => write!(f, "{:.1} MB resident", bytes / 1e6),
            None => f.write_str("memory unknown"),
        }
    }
}
