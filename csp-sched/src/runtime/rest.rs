//! When a worker rests though there may be work: another core is not always of help.
//!
//! Blocks that only hand values to each other are served best by one core. On two they wait for each other's
//! locks and cache lines, and to wake a thread costs as much as some hundred messages. So each worker judges itself:
//!
//! * It *retires* if it has spent much of its time in waiting for locks, or in stealing short tasks one by one: its tasks
//!   go to the injector, where the other workers find them.
//! * It *dozes*, in place of its sleep, if what it was woken for took less time than the waking.
//!
//! A worker at rest is not woken for work; it gets up by itself, at the latest for the next deadline, and looks. What it
//! does then decides whether it rests again, and longer. It rests only beside a worker that is awake and gets on (its
//! turns are counted): work that waits behind a long turn has to be able to wake somebody. Only who is in the way of a
//! long turn retires beside it, if that turn makes tasks all the time: blocks that a loop starts cost
//! half as much if nobody takes them away at the same time. So work that gains by
//! another core has it after at most [`LONGEST`], and work that loses by it costs some percent of that core's time.
//! See also [`Idle::rest`](super::idle::Idle::rest).
//!
//! `docs/performance.md` has what it brings: with two cores on one channel half to a sixth of the CPU time, and
//! less time by the clock.

use std::time::{Duration, Instant};

use csp_core::__private::take_waited;

use crate::sync::now;

/// To wake a worker and to send it to sleep again takes about so much.
const WAKE_COST: Duration = Duration::from_micros(100);
/// A worker that waits for locks for more than this part of its time is in the others' way.
const FIGHTS: u32 = 32;
/// A worker that steals more than once in so many turns, and whose turns are shorter than this on average, costs the others more
/// than it does for them.
const FEW: u32 = 4;
const SHORT: Duration = Duration::from_nanos(1_500);
/// The first rest after a useful time; each that follows at once is twice as long.
const DOZE: Duration = Duration::from_micros(100);
const RETIREMENT: Duration = Duration::from_millis(1);
/// Dozing delays what others might wake it for; retirement only what two cores do slower than one.
const LONGEST_DOZE: Duration = Duration::from_millis(1);
const LONGEST: Duration = Duration::from_millis(4);

/// Marks that are others than before if some other worker has begun a turn, or has done that or made a task in its turn.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Progress {
    pub(super) turns: u32,
    pub(super) all: u32,
}

/// What a worker knows of its own use.
#[derive(Debug)]
pub(super) struct Rest {
    got_up: Instant,
    last: Duration,
    fights: bool,
    /// What the others had done when it last looked or lay down.
    others: Progress,
    /// Whether they had begun turns since the time before, and whether they had at least made tasks.
    others_turn: bool,
    others_get_on: bool,
}

impl Rest {
    pub(super) fn new() -> Self {
        Self {
            got_up: now(),
            last: Duration::ZERO,
            fights: false,
            others: Progress::default(),
            others_turn: false,
            others_get_on: false,
        }
    }

    /// What the others have done up to now.
    pub(super) fn see(&mut self, others: Progress) {
        let before = std::mem::replace(&mut self.others, others);
        self.others_turn = before.turns != others.turns;
        self.others_get_on = before.all != others.all;
    }

    /// The worker is awake from now on.
    pub(super) fn get_up(&mut self) {
        self.got_up = now();
        self.fights = false;
        take_waited();
    }

    /// To be asked now and then: the last time was so long ago, and since then it had so many turns and steals.
    pub(super) fn judge(&mut self, time: Duration, turns: u32, steals: u32) {
        self.judge_wait(take_waited(), time);
        self.judge_steals(time, turns, steals);
        if !self.fights {
            self.last /= 2;
        }
    }

    fn judge_steals(&mut self, time: Duration, turns: u32, steals: u32) {
        self.fights |= steals > turns / FEW && time < SHORT * turns;
    }

    fn judge_wait(&mut self, waited: Duration, time: Duration) {
        self.fights = waited > WAKE_COST / FIGHTS && waited * FIGHTS > time;
    }

    /// For how long it is to retire.
    pub(super) fn retirement(&mut self) -> Option<Duration> {
        let retires = std::mem::take(&mut self.fights) && self.others_get_on;
        retires.then(|| (self.last * 2).clamp(RETIREMENT, LONGEST))
    }

    /// For how long it is to doze before it sleeps.
    pub(super) fn doze(&mut self) -> Option<Duration> {
        if now().saturating_duration_since(self.got_up) > WAKE_COST {
            self.last = Duration::ZERO;
            return None;
        }
        let doze = (self.last * 2).clamp(DOZE, LONGEST_DOZE);
        self.others_turn.then_some(doze)
    }

    /// It has rested for `length`.
    pub(super) fn rested(&mut self, length: Duration) {
        self.last = length;
    }
}

#[cfg(all(test, not(any(csp_loom, csp_shuttle))))]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// One beside a worker that gets on.
    fn beside_others() -> Rest {
        let mut rest = Rest::new();
        rest.see(Progress { turns: 1, all: 1 });
        rest
    }

    #[test]
    fn who_waits_for_locks_retires_longer_each_time() {
        let mut rest = beside_others();
        let mut lengths = Vec::new();
        for _ in 0..4 {
            rest.judge_wait(SECOND / 10, SECOND);
            let length = rest.retirement().expect("a tenth of the time is much");
            assert_eq!(rest.retirement(), None, "once for each look");
            rest.rested(length);
            lengths.push(length.as_millis());
        }
        assert_eq!(lengths, [1, 2, 4, 4]);
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
    fn who_steals_short_tasks_one_by_one_retires() {
        let mut rest = beside_others();
        let mut judge = |turns: u32, steals, time| {
            rest.judge_steals(time, turns, steals);
            rest.retirement()
        };
        assert_eq!(judge(60, 60, SHORT * 30), Some(RETIREMENT));
        assert_eq!(judge(60, 60, SHORT * 60), None, "they are long");
        assert_eq!(judge(60, 15, SHORT * 30), None, "four at a time");
        assert_eq!(judge(60, 16, SHORT * 30), Some(RETIREMENT));
        assert_eq!(judge(0, 0, Duration::ZERO), None, "it has just got up");
    }

    #[test]
    fn a_wait_shorter_than_a_wake_up_costs_says_nothing() {
        let mut rest = beside_others();
        rest.judge_wait(Duration::from_micros(2), Duration::from_micros(6));
        assert_eq!(rest.retirement(), None);
    }

    #[test]
    fn who_was_woken_for_little_dozes_longer_each_time() {
        let mut rest = beside_others();
        rest.got_up = now() + SECOND; // (however slow this test is)
        assert_eq!(rest.doze(), Some(DOZE));
        rest.rested(DOZE);
        assert_eq!(rest.doze(), Some(2 * DOZE));
        rest.got_up = now().checked_sub(SECOND).expect("the clock is older");
        assert_eq!(rest.doze(), None, "it was of use");
        rest.got_up = now() + SECOND;
        assert_eq!(rest.doze(), Some(DOZE));
    }

    #[test]
    fn beside_long_turns_nobody_rests() {
        let mut rest = beside_others();
        rest.see(Progress { turns: 1, all: 1 });
        rest.got_up = now() + SECOND;
        assert_eq!(rest.doze(), None);
        rest.judge_wait(SECOND / 10, SECOND);
        assert_eq!(rest.retirement(), None);
    }

    /// A task that is made in a long turn is to be run at once by who has nothing else to do; but not by one who is in the
    /// way of the turn that makes them.
    #[test]
    fn beside_a_turn_that_makes_tasks_nobody_dozes() {
        let mut rest = beside_others();
        rest.see(Progress { turns: 1, all: 2 });
        rest.got_up = now() + SECOND;
        assert_eq!(rest.doze(), None);
        rest.judge_wait(SECOND / 10, SECOND);
        assert_eq!(rest.retirement(), Some(RETIREMENT));
    }
}
