//! Counts events by the second.

use std::collections::BTreeMap;

use csp::flow::{Describe, Out, Outputs, Step};

use crate::parse::{Event, Second};

pub(crate) const COUNTS: Out<Count> = Out::new("counts");

/// How many seconds the files may be apart: so long a second stays open for what comes late.
const LATE: u32 = 1;

#[derive(Debug)]
pub(crate) struct Count {
    pub(crate) second: Second,
    pub(crate) lines: u64,
    pub(crate) errors: u64,
    /// How many errors each service has.
    pub(crate) by_service: BTreeMap<String, u64>,
}

impl Count {
    fn new(second: Second) -> Self {
        Self {
            second,
            lines: 0,
            errors: 0,
            by_service: BTreeMap::new(),
        }
    }
}

#[derive(Debug, Default)]
pub(crate) struct PerSecond {
    open: BTreeMap<Second, Count>,
    latest: Option<Second>,
    too_late: u64,
}

impl PerSecond {
    fn event(&mut self, event: &Event, out: &mut Outputs) {
        let latest = self.latest.map_or(event.at, |latest| latest.max(event.at));
        self.latest = Some(latest);
        if event.at.0 + LATE < latest.0 {
            self.too_late += 1;
            return;
        }
        let new = || Count::new(event.at);
        let count = self.open.entry(event.at).or_insert_with(new);
        count.lines += 1;
        if event.is_error {
            count.errors += 1;
            *count.by_service.entry(event.service.clone()).or_default() += 1;
        }
        while let Some(oldest) = self.open.first_entry()
            && oldest.key().0 + LATE < latest.0
        {
            out.put(COUNTS, oldest.remove());
        }
    }

    /// No more events: the open seconds are complete.
    fn end(&mut self, out: &mut Outputs) {
        for (_, count) in std::mem::take(&mut self.open) {
            out.put(COUNTS, count);
        }
    }
}

impl Step for PerSecond {
    fn describe(&self) -> Describe<Self> {
        Describe::new("counts events by the second")
            .input("events", Self::event)
            .closed("events", Self::end)
            .output(COUNTS)
            .in_place()
    }
}
