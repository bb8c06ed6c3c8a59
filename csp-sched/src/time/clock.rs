//! Where an executor's time comes from.

use std::time::{Duration, Instant};

use crate::sync::{
    atomic::{AtomicU64, Ordering},
    now,
};

/// The clock of one executor.
#[derive(Debug)]
pub(crate) enum Clock {
    /// The system's monotonic clock.
    Real,
    /// It stands still until it is told to go on.
    Virtual {
        origin: Instant,
        /// How far it is since then, in nanoseconds.
        passed: AtomicU64,
    },
}

impl Clock {
    pub(crate) fn virtual_from(origin: Instant) -> Self {
        Self::Virtual {
            origin,
            passed: AtomicU64::new(0),
        }
    }

    pub(crate) fn is_virtual(&self) -> bool {
        matches!(self, Self::Virtual { .. })
    }

    #[inline]
    pub(crate) fn now(&self) -> Instant {
        match self {
            Self::Real => now(),
            // Ordering: only a time. What happened before it was set is known by other means.
            Self::Virtual { origin, passed } => {
                *origin + Duration::from_nanos(passed.load(Ordering::Relaxed))
            }
        }
    }

    /// The time in `time` from now; `None` beyond the range of the clock.
    pub(crate) fn after(&self, time: Duration) -> Option<Instant> {
        let at = self.now().checked_add(time)?;
        match self {
            Self::Real => Some(at),
            Self::Virtual { origin, .. } => {
                let last = Duration::from_nanos(u64::MAX);
                (at.saturating_duration_since(*origin) <= last).then_some(at)
            }
        }
    }

    /// Sets a virtual clock back to its beginning.
    pub(crate) fn restart(&self) {
        if let Self::Virtual { passed, .. } = self {
            // Ordering: as above.
            passed.store(0, Ordering::Relaxed);
        }
    }

    /// Lets a virtual clock go on to `at`. It never goes back; a real one goes by itself.
    pub(crate) fn set(&self, at: Instant) {
        if let Self::Virtual { origin, passed } = self {
            let to = at.saturating_duration_since(*origin).as_nanos();
            let to = u64::try_from(to).unwrap_or(u64::MAX);
            // Ordering: as above.
            passed.fetch_max(to, Ordering::Relaxed);
        }
    }
}
