//! How a hub is set up, and what it does with those who are slow.

use std::{error::Error, fmt, time::Duration};

use csp_core::{Buffer, dropping, fixed, sliding};

use crate::sync::Arc;

/// What [`hub_with`](super::hub_with) is told.
///
/// ```
/// use csp::HubOptions;
/// let options = HubOptions { replay: 3, name: Some("prices".into()), ..HubOptions::default() };
/// assert_eq!(options.begin_with, 1);
/// ```
#[derive(Debug, Clone)]
pub struct HubOptions {
    /// How many of the last values somebody who comes later gets first. 0 without it.
    pub replay: usize,
    /// How many subscribers there must be before the first value goes out, so that they all begin with
    /// it. 1 without it. Taps do not count.
    pub begin_with: usize,
    /// The hub ends, and lets go of its source, when the last subscriber leaves. False without it: it
    /// holds what comes for the next one.
    pub close_on_last: bool,
    /// A name, to be shown. The source's name without it.
    pub name: Option<Arc<str>>,
}

impl Default for HubOptions {
    fn default() -> Self {
        Self {
            replay: 0,
            begin_with: 1,
            close_on_last: false,
            name: None,
        }
    }
}

/// What a hub does about a subscriber that is slower than the others.
///
/// | | others wait | it misses values | it is cut off |
/// |---|---|---|---|
/// | `Backpressure` | yes | no | no |
/// | `Sever(limit)` | for at most `limit` | no | yes, with a [`Severed`] as the cause |
/// | `Drop` | no | the newest | no |
/// | `Slide` | no | the oldest | no |
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SlowConsumer {
    /// Everybody waits for it.
    #[default]
    Backpressure,
    /// It may make the others wait for so long, with each value; then it [fails](csp_core::Sender::fail).
    /// What it has in its buffer can still be taken. Manifold's `:timeout`.
    Sever(Duration),
    /// It has a [`dropping`] buffer.
    Drop,
    /// It has a [`sliding`] buffer.
    Slide,
}

impl SlowConsumer {
    #[track_caller]
    pub(super) fn buffer<T>(self, n: usize) -> Buffer<T> {
        match self {
            Self::Backpressure => fixed(n),
            Self::Sever(limit) => {
                assert!(
                    !limit.is_zero(),
                    "`Sever` after no time at all: give the longest time that the others may wait for \
                     this subscriber"
                );
                fixed(n)
            }
            Self::Drop => dropping(n),
            Self::Slide => sliding(n),
        }
    }

    pub(super) fn limit(self) -> Option<Duration> {
        match self {
            Self::Sever(limit) => Some(limit),
            _ => None,
        }
    }
}

/// A consumer was cut off, since it was too slow: the cause that its channel failed with.
///
/// ```
/// let severed = csp::Severed { after: csp::secs(5) };
/// assert_eq!(severed.to_string(), "cut off: it took nothing for 5s");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Severed {
    /// How long a value had waited for it.
    pub after: Duration,
}

impl fmt::Display for Severed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cut off: it took nothing for {:?}", self.after)
    }
}

impl Error for Severed {}
