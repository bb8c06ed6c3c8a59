//! Raises an alarm when there are too many errors in a second, and calls it off when that is over.

use csp::flow::{Describe, Out, Outputs, Step};

use crate::{parse::Second, per_second::Count};

pub(crate) const ALARMS: Out<Change> = Out::new("alarms");

#[derive(Debug)]
pub(crate) enum Change {
    Raised {
        at: Second,
        errors: u64,
        /// Which service has the most.
        worst: Option<String>,
    },
    Over {
        at: Second,
    },
}

#[derive(Debug)]
pub(crate) struct Alarm {
    above: u64,
    is_raised: bool,
}

impl Alarm {
    pub(crate) fn above(above: u64) -> Self {
        Self {
            above,
            is_raised: false,
        }
    }

    fn count(&mut self, count: &Count, out: &mut Outputs) {
        let (at, errors) = (count.second, count.errors);
        let too_many = errors > self.above;
        if too_many && !self.is_raised {
            let worst = count.by_service.iter().max_by_key(|&(_, errors)| errors);
            let worst = worst.map(|(service, _)| service.clone());
            out.put(ALARMS, Change::Raised { at, errors, worst });
        } else if !too_many && self.is_raised {
            out.put(ALARMS, Change::Over { at });
        }
        self.is_raised = too_many;
    }
}

impl Step for Alarm {
    fn describe(&self) -> Describe<Self> {
        Describe::new("raises an alarm at too many errors")
            .param("above", "how many errors in a second are not too many yet")
            .input("counts", Self::count)
            .output(ALARMS)
            .in_place()
    }
}
