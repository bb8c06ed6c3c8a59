//! [`Backoff`]: how long to wait before a restart.

use std::time::Duration;

/// How long a pipeline waits before it restarts after a failure: see
/// [`max_restarts`](super::Stages::max_restarts).
///
/// ```
/// use csp::{pipeline::Backoff, prelude::*};
/// let backoff = Backoff::exponential(ms(100), secs(1));
/// let pauses: Vec<_> = (1..=6).map(|nth| backoff.pause(nth).as_millis()).collect();
/// assert_eq!(pauses, [100, 200, 400, 800, 1000, 1000]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Backoff {
    /// It does not wait.
    #[default]
    None,
    /// Always as long.
    Constant(Duration),
    /// Twice as long each time.
    Exponential {
        /// Before the first restart.
        first: Duration,
        /// It never waits longer than this.
        cap: Duration,
    },
}

impl Backoff {
    /// Twice as long each time: `first`, and at most `cap`.
    pub const fn exponential(first: Duration, cap: Duration) -> Self {
        Self::Exponential { first, cap }
    }

    /// How long to wait before the `nth` restart, from 1.
    pub fn pause(self, nth: usize) -> Duration {
        match self {
            Self::None => Duration::ZERO,
            Self::Constant(pause) => pause,
            Self::Exponential { first, cap } => {
                let doubled = u32::try_from(nth.saturating_sub(1)).unwrap_or(u32::MAX);
                let factor = 2_u32.checked_pow(doubled).unwrap_or(u32::MAX);
                first.saturating_mul(factor).min(cap)
            }
        }
    }
}
