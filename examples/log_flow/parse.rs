//! What a line says.

use std::{fmt, str::FromStr};

use csp::{
    Workload,
    flow::{Describe, Out, Outputs, Step},
};

use crate::tail::Line;

pub(crate) const EVENTS: Out<Event> = Out::new("events");

#[derive(Debug)]
pub(crate) struct Event {
    pub(crate) at: Second,
    pub(crate) is_error: bool,
    pub(crate) service: String,
}

/// A second of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Second(pub(crate) u32);

impl fmt::Display for Second {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(n) = self;
        write!(f, "{:02}:{:02}:{:02}", n / 3600, n / 60 % 60, n % 60)
    }
}

impl FromStr for Second {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts: Result<Vec<u32>, _> = text.split(':').map(str::parse).collect();
        match parts.as_deref() {
            Ok([h @ 0..24, m @ 0..60, s @ 0..60]) => Ok(Self(h * 3600 + m * 60 + s)),
            _ => Err(format!("`{text}` is no time of day")),
        }
    }
}

#[derive(Debug)]
pub(crate) struct Parse;

impl Parse {
    /// A line that makes no sense is an error of the step, and goes to the flow's error channel.
    #[expect(clippy::unused_self, reason = "a step's function gets its state")]
    fn line(&mut self, line: &Line, out: &mut Outputs) -> Result<(), String> {
        let mut words = line.text.split_whitespace();
        let (Some(time), Some(level), Some(service)) = (words.next(), words.next(), words.next())
        else {
            return Err("a line is: time, level, service, text".to_owned());
        };
        let event = Event {
            at: time.parse()?,
            is_error: level == "ERROR",
            service: service.to_owned(),
        };
        out.put(EVENTS, event);
        Ok(())
    }
}

impl Step for Parse {
    fn describe(&self) -> Describe<Self> {
        Describe::new("reads time, level and service")
            .input("lines", Self::line)
            .output(EVENTS)
            .workload(Workload::Compute)
    }
}
