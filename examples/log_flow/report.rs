//! Prints what was found.

use std::io::{self, Write};

use csp::flow::{self, Describe, Outputs, Step, Transition};

use crate::{alarm::Change, per_second::Count};

/// How wide the bar of a second gets at most.
const WIDEST: u64 = 40;

#[derive(Debug, Default)]
pub(crate) struct Report {
    lines: u64,
    errors: u64,
    alarms: u64,
}

impl Report {
    fn count(&mut self, count: &Count, _: &mut Outputs) -> io::Result<()> {
        self.lines += count.lines;
        self.errors += count.errors;
        let bar = "#".repeat(usize::try_from(count.errors.min(WIDEST)).unwrap_or(0));
        let Count {
            second,
            lines,
            errors,
            ..
        } = count;
        writeln!(
            io::stdout().lock(),
            "{second} {lines:>7} lines {errors:>5} errors  {bar}"
        )
    }

    fn alarm(&mut self, change: &Change, _: &mut Outputs) -> io::Result<()> {
        let mut out = io::stdout().lock();
        match change {
            Change::Raised { at, errors, worst } => {
                self.alarms += 1;
                let worst = worst.as_deref().unwrap_or("?");
                writeln!(
                    out,
                    "{at} ALARM: {errors} errors in a second, most of them in {worst}"
                )
            }
            Change::Over { at } => writeln!(out, "{at} the alarm is over"),
        }
    }
}

impl Step for Report {
    fn describe(&self) -> Describe<Self> {
        Describe::new("prints seconds and alarms")
            .input("counts", Self::count)
            .input("alarms", Self::alarm)
    }

    fn transition(&mut self, to: Transition) -> Result<(), flow::Error> {
        if to == Transition::Stop && self.lines > 0 {
            let Self {
                lines,
                errors,
                alarms,
            } = self;
            let mut out = io::stdout().lock();
            writeln!(out, "{lines} lines, {errors} errors, {alarms} alarms")?;
        }
        Ok(())
    }
}
