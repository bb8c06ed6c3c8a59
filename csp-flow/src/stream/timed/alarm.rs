//! Waiting for a value and for a time, whichever comes first.

use std::time::{Duration, Instant};

use csp_core::{Of2, Receiver, alts};
use csp_sched::{Timeout, deadline, now};

use crate::ops::outlet::{Target, unless_closed};

/// For ever, and yet within the range of every clock: a century.
const LONG: Duration = Duration::from_hours(100 * 365 * 24);

/// What an operator was given.
pub(super) enum Came<T> {
    Time,
    Value(T),
    /// The source has ended.
    Ended,
    /// The target is closed.
    Unwanted,
}

/// A time to wait for. It can be moved for the cost of a comparison: a timeout that comes too early for it
/// is followed by another.
pub(super) struct Alarm {
    at: Option<Instant>,
    timeout: Option<Timeout>,
}

impl Alarm {
    pub(super) fn off() -> Self {
        Self {
            at: None,
            timeout: None,
        }
    }

    pub(super) fn at(at: Instant) -> Self {
        let mut alarm = Self::off();
        alarm.set(at);
        alarm
    }

    pub(super) fn set(&mut self, at: Instant) {
        self.at = Some(at);
    }

    pub(super) fn set_in(&mut self, time: Duration) {
        self.set(after(now(), time));
    }

    /// Nothing more is waited for but values.
    pub(super) fn clear(&mut self) {
        self.at = None;
    }

    /// The time, if it has come, else the next value. Once it rang the alarm is off.
    pub(super) async fn or_value<T>(
        &mut self,
        out: &mut impl Target,
        from: &Receiver<T>,
    ) -> Came<T> {
        while let Some(at) = self.at {
            let timeout = timeout_by(&mut self.timeout, at);
            let exact = timeout.deadline() == Some(at);
            let first = async { alts!(timeout.take(), from.take(), priority) };
            match unless_closed(out, first).await {
                None => return Came::Unwanted,
                Some(Of2::B(value)) => return value.map_or(Came::Ended, Came::Value),
                Some(Of2::A(_)) => self.rang(exact),
            }
            if exact {
                return Came::Time;
            }
        }
        match unless_closed(out, from.take()).await {
            None => Came::Unwanted,
            Some(value) => value.map_or(Came::Ended, Came::Value),
        }
    }

    /// Waits for the time alone. False: the target closed first.
    pub(super) async fn ring(&mut self, out: &mut impl Target) -> bool {
        while let Some(at) = self.at {
            let timeout = timeout_by(&mut self.timeout, at);
            let exact = timeout.deadline() == Some(at);
            if unless_closed(out, timeout.take()).await.is_none() {
                return false;
            }
            self.rang(exact);
        }
        true
    }

    /// The timeout is over: the alarm as well, if it was for that time.
    fn rang(&mut self, exact: bool) {
        self.timeout = None;
        if exact {
            self.at = None;
        }
    }
}

/// The timeout that stands, if it comes in time.
fn timeout_by(timeout: &mut Option<Timeout>, at: Instant) -> &Timeout {
    let in_time = |timeout: &Timeout| timeout.deadline().is_some_and(|due| due <= at);
    if !timeout.as_ref().is_some_and(in_time) {
        *timeout = Some(deadline(at));
    }
    timeout.as_ref().expect("it was made")
}

pub(super) fn after(at: Instant, time: Duration) -> Instant {
    at + time.min(LONG)
}

/// The first beat that is still to come, after that which was due at `due`.
pub(super) fn next_beat(due: Instant, period: Duration) -> Instant {
    let late = now().saturating_duration_since(due);
    let missed = late.as_nanos() / period.as_nanos();
    let nanos = period.as_nanos().saturating_mul(missed + 1);
    let next = u64::try_from(nanos).map_or(Duration::MAX, Duration::from_nanos);
    after(due, next)
}

/// Parameters of time that make no sense.
#[track_caller]
pub(super) fn check_period(what: &str, period: Duration) {
    assert!(
        !period.is_zero(),
        "{what} with a period of zero: it would never let go; give it a period above zero"
    );
}
