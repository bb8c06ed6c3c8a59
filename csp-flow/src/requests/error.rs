//! Why a request has no answer, and why a conversation was given up.

use std::{error::Error as StdError, fmt, time::Duration};

use csp_core::Cause;

/// Why a call has no answer. What could not be sent is inside.
///
/// [`was_sent`](Self::was_sent) tells what matters most: if not, the peer has certainly not done it, and it
/// can be called again. If so, it may have been done or not.
///
/// ```
/// use csp::{Failure, prelude::*, requests::{client, Why}};
///
/// let nobody = || async { Err::<(Sender<&str>, Receiver<u32>), _>("no such host") };
/// let client = client(nobody).timeout(ms(20)).start();
/// let Err(Failure::Error(error)) = client.call("ping").wait() else { panic!() };
/// assert_eq!(error.to_string(), "not sent within 20ms: not connected: no such host");
/// assert!(matches!(error.why(), Why::TimedOut { .. }) && !error.was_sent());
/// assert_eq!(error.into_request(), Some("ping"));
/// ```
pub struct CallError<Req> {
    pub(super) request: Option<Req>,
    pub(super) sent: bool,
    pub(super) why: Why,
}

/// What kept the answer of a call away.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Why {
    /// As many requests as may wait were waiting.
    Full {
        /// How many may.
        limit: usize,
    },
    /// The time for it was over.
    TimedOut {
        /// How long it was.
        limit: Duration,
        /// Why the client had no conversation then, if that is why.
        down: Option<Cause>,
    },
    /// The conversation broke after the request was sent and before its answer came.
    Lost(Option<Cause>),
    /// The client is closed, or its block has gone for this cause.
    Closed(Option<Cause>),
}

impl<Req> CallError<Req> {
    pub(super) fn unsent(request: Req, why: Why) -> Self {
        let (request, sent) = (Some(request), false);
        Self { request, sent, why }
    }

    /// What happened.
    pub fn why(&self) -> &Why {
        &self.why
    }

    /// True if the conversation had accepted the request: nobody knows whether it was done.
    pub fn was_sent(&self) -> bool {
        self.sent
    }

    /// The request: always there if it was not sent, and also if the client keeps a copy, since it is to
    /// [repeat](super::Setup::repeat_lost) what was lost.
    pub fn request(&self) -> Option<&Req> {
        self.request.as_ref()
    }

    /// Gives the request back, if it is there.
    pub fn into_request(self) -> Option<Req> {
        self.request
    }
}

impl<Req> fmt::Debug for CallError<Req> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallError")
            .field("sent", &self.sent)
            .field("why", &self.why)
            .finish_non_exhaustive()
    }
}

impl<Req> fmt::Display for CallError<Req> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sent = self.sent;
        match &self.why {
            Why::Full { limit } => write!(f, "{limit} requests wait already, the client's limit"),
            Why::TimedOut { limit, .. } if sent => write!(f, "no answer within {limit:?}"),
            Why::TimedOut { limit, down } => {
                write!(f, "not sent within {limit:?}")?;
                because(": not connected: ", down.as_ref(), f)
            }
            Why::Lost(cause) => {
                f.write_str("the conversation broke before the answer came")?;
                because(": ", cause.as_ref(), f)
            }
            Why::Closed(cause) => {
                f.write_str("the client is closed")?;
                because(": ", cause.as_ref(), f)
            }
        }
    }
}

fn because(before: &str, cause: Option<&Cause>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match cause {
        Some(cause) => write!(f, "{before}{cause}"),
        None => Ok(()),
    }
}

impl<Req> StdError for CallError<Req> {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match &self.why {
            Why::TimedOut { down: cause, .. } | Why::Lost(cause) | Why::Closed(cause) => cause
                .as_ref()
                .map(|cause| -> &(dyn StdError + 'static) { &**cause }),
            Why::Full { .. } => None,
        }
    }
}

/// Why the client itself gave a conversation up. It is the cause of [`Why::Lost`] then.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum GivenUp {
    /// Nothing came for so long while an answer to the heartbeat was due.
    Silent(Duration),
    /// The answer to the heartbeat was not the expected one.
    WrongBeat,
    /// The heartbeat's own code panicked, with this message.
    Panicked(String),
    /// The peer sent an answer that nobody had asked for: from there on no answer could be told from
    /// another's.
    Unasked,
    /// By [`Client::reset`](super::Client::reset).
    Reset,
}

impl fmt::Display for GivenUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Silent(limit) => write!(f, "the heartbeat had no answer within {limit:?}"),
            Self::WrongBeat => f.write_str("the heartbeat had a wrong answer"),
            Self::Panicked(message) => write!(f, "the heartbeat panicked: {message}"),
            Self::Unasked => f.write_str("the peer sent an answer that nobody had asked for"),
            Self::Reset => f.write_str("it was reset"),
        }
    }
}

impl StdError for GivenUp {}
