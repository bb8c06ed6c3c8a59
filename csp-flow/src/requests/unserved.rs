//! [`Unserved`]: a server's end before its requests'.

use std::{error::Error as StdError, fmt};

use csp_core::Cause;

/// Why a server ended before its requests did.
pub struct Unserved<Resp> {
    /// What happened.
    pub why: WhyUnserved,
    /// Answers that were ready and could not be delivered, in order.
    pub answers: Vec<Resp>,
    /// How many requests were taken and have no answer.
    pub unfinished: usize,
}

/// What ended a server.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum WhyUnserved {
    /// Nobody takes answers any more.
    Closed,
    /// The channel of the requests failed. All that it had given was answered.
    Requests(Cause),
    /// A handler failed, and there was nothing to make an answer of that.
    Handler(Cause),
}

impl<Resp> Unserved<Resp> {
    pub(super) fn of(why: WhyUnserved) -> Self {
        Self {
            why,
            answers: Vec::new(),
            unfinished: 0,
        }
    }
}

impl<Resp> fmt::Debug for Unserved<Resp> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unserved")
            .field("why", &self.why)
            .field("answers", &self.answers.len())
            .field("unfinished", &self.unfinished)
            .finish()
    }
}

impl<Resp> fmt::Display for Unserved<Resp> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.why {
            WhyUnserved::Closed => f.write_str("nobody takes answers any more")?,
            WhyUnserved::Requests(cause) => write!(f, "the requests failed: {cause}")?,
            WhyUnserved::Handler(cause) => write!(f, "a handler failed: {cause}")?,
        }
        let undelivered = self.answers.len();
        if undelivered > 0 {
            write!(f, "; {undelivered} answers were not delivered")?;
        }
        match self.unfinished {
            0 => Ok(()),
            n => write!(f, "; {n} requests were not answered"),
        }
    }
}

impl<Resp> StdError for Unserved<Resp> {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match &self.why {
            WhyUnserved::Closed => None,
            WhyUnserved::Requests(cause) | WhyUnserved::Handler(cause) => Some(&**cause),
        }
    }
}
