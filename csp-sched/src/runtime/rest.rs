//! When a worker rests though there may be work: another core is not always of help.
//!
//! Blocks that only hand values to each other are served best by one core. On two they wait for each other's
//! locks and cache lines, and to wake a thread costs as much as some hundred messages. So each worker judges itself:
//!
//! * It *retires* if it has spent much of its time in waiting for locks: its tasks go to the injector, where the
//!   other workers find them.
//! * It *dozes*, in place of its sleep, if it was busy for less time than it took to wake it.
//!
//! A worker at rest is not woken for work; it gets up by itself and looks. What it does then decides whether it
//! rests again, and longer. So work that gains by another core has it after at most [`LONGEST`] (and mostly after a
//! tenth of that), and work that loses by it costs two percent of that core's time. At least one worker does not
//! rest: see [`Idle::begin_rest`](super::idle::Idle::begin_rest).
//!
//! On two cores (`figures` of the benches, CPU time of a message in ns; the wall time is less, too):
//!
//! ```text
//!              spsc_1024  mpsc_1024  mpmc_1024   mpmc_0  select_8  select_8_buf
//! without         63–110    117–200     93–165  240–390       420           345
//! with                26         29         25       55       160            75
//! ```
//!
//! Pairs of blocks that work 1 µs or more on each message use both cores as before.

use std::time::{Duration, Instant};

use csp_core::__private::take_waited;

use crate::sync::now;

/// To wake a worker and to send it to sleep again takes about so much.
const WAKE_COST: Duration = Duration::from_micros(100);
/// A worker that waits for locks for more than this part of its time is in the others' way.
const FIGHTS: u32 = 16;
/// The first rest after a useful time; each that follows at once is twice as long.
const DOZE: Duration = Duration::from_micros(100);
const RETIREMENT: Duration = Duration::from_millis(1);
/// Dozing delays what others might wake it for; retirement only what two cores do slower than one.
const LONGEST_DOZE: Duration = Duration::from_millis(1);
pub(super) const LONGEST: Duration = Duration::from_millis(16);

/// What a worker knows of its own use.
#[derive(Debug)]
pub(super) struct Rest {
    got_up: Instant,
    last: Duration,
    fights: bool,
}

impl Rest {
    pub(super) fn new() -> Self {
        Self {
            got_up: now(),
            last: Duration::ZERO,
            fights: false,
        }
    }

    /// The worker is awake from now on.
    pub(super) fn get_up(&mut self) {
        self.got_up = now();
        self.fights = false;
        take_waited();
    }

    /// To be asked now and then: the last time was so long ago.
    pub(super) fn judge(&mut self, time: Duration) {
        self.judge_wait(take_waited(), time);
    }

    fn judge_wait(&mut self, waited: Duration, time: Duration) {
        self.fights = waited > WAKE_COST / FIGHTS && waited * FIGHTS > time;
        if !self.fights {
            self.last /= 2;
        }
    }

    /// For how long it is to retire.
    pub(super) fn retirement(&mut self) -> Option<Duration> {
        std::mem::take(&mut self.fights).then(|| self.longer(RETIREMENT, LONGEST))
    }

    /// For how long it is to doze before it sleeps.
    pub(super) fn doze(&mut self) -> Option<Duration> {
        if now().saturating_duration_since(self.got_up) > WAKE_COST {
            self.last = Duration::ZERO;
            return None;
        }
        Some(self.longer(DOZE, LONGEST_DOZE))
    }

    fn longer(&mut self, first: Duration, longest: Duration) -> Duration {
        self.last = (self.last * 2).clamp(first, longest);
        self.last
    }
}

#[cfg(all(test, not(any(csp_loom, csp_shuttle))))]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn who_waits_for_locks_retires_longer_each_time() {
        let mut rest = Rest::new();
        let mut lengths = Vec::new();
        for _ in 0..6 {
            rest.judge_wait(SECOND / 10, SECOND);
            lengths.push(
                rest.retirement()
                    .expect("a tenth of the time is much")
                    .as_millis(),
            );
            assert_eq!(rest.retirement(), None, "once for each look");
        }
        assert_eq!(lengths, [1, 2, 4, 8, 16, 16]);
        rest.judge_wait(SECOND / 100, SECOND);
        assert_eq!(rest.retirement(), None, "a hundredth of the time is little");
        rest.judge_wait(SECOND / 10, SECOND);
        assert_eq!(
            rest.retirement(),
            Some(LONGEST),
            "it was of use for one look only"
        );
    }

    #[test]
    fn a_wait_shorter_than_a_wake_up_costs_says_nothing() {
        let mut rest = Rest::new();
        rest.judge_wait(Duration::from_micros(5), Duration::from_micros(6));
        assert_eq!(rest.retirement(), None);
    }

    #[test]
    fn who_was_awake_for_long_does_not_doze() {
        let mut rest = Rest::new();
        rest.got_up = now().checked_sub(SECOND).expect("the clock is older");
        assert_eq!(rest.doze(), None);
    }
}
