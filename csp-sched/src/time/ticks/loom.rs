//! Models of the ticks. Run with `ci/loom.sh`.

use std::time::Duration;

use loom::{sync::Arc, thread};

use super::Ticks;
use crate::sync::{Mutex, model};

const TICK: Duration = Duration::from_millis(10);

/// A timeout is set while another thread ends those that are due: it is ended by that, or there is a
/// next deadline to end it at. It is never forgotten.
#[test]
fn loom_ticks_set_against_expire() {
    model(|| {
        let ticks = Arc::new(Ticks::new(TICK));
        let (first, second) = (ticks.origin + TICK, ticks.origin + TICK * 2);
        let (early, _) = ticks.at(0, Some(first), ticks.origin);
        let keeper = thread::spawn({
            let ticks = Arc::clone(&ticks);
            move || ticks.expire(first)
        });
        let (late, _) = ticks.at(0, Some(second), ticks.origin);
        keeper.join().unwrap();
        assert!(early.is_closed() && !late.is_closed());
        assert_eq!(ticks.next_deadline(), Some(second));
        assert!(ticks.expire(second));
        assert!(late.is_closed());
    });
}

/// Two threads set timeouts of one tick, and one drops its own, while the tick ends.
#[test]
fn loom_ticks_shared_entry_against_expire_and_drop() {
    model(|| {
        let ticks = Arc::new(Ticks::new(TICK));
        let deadline = ticks.origin + TICK;
        let other = thread::spawn({
            let ticks = Arc::clone(&ticks);
            move || drop(ticks.at(0, Some(deadline), ticks.origin))
        });
        let (mine, _) = ticks.at(0, Some(deadline), ticks.origin);
        ticks.expire(deadline);
        assert!(mine.is_closed());
        other.join().unwrap();
    });
}

/// The executor ends while a timeout is set: it is over by that, whichever comes first, for nobody keeps its time any
/// more. (Without `ended`, one that is set afterwards waits for ever.)
#[test]
fn loom_ticks_set_against_end() {
    model(|| {
        let ticks = Arc::new(Ticks::new(TICK));
        let deadline = ticks.origin + TICK;
        let other = thread::spawn({
            let ticks = Arc::clone(&ticks);
            move || ticks.at(0, Some(deadline), ticks.origin).0
        });
        ticks.end();
        let over = other.join().unwrap();
        assert!(over.is_closed());
        assert_eq!(ticks.next_deadline(), None);
    });
}

/// Who ends all timeouts, and finds that nobody has any in hand, finds all closed that `other` has taken out.
fn nothing_is_in_hand(other: impl Fn(&Ticks) + Send + Sync + 'static) {
    let other = std::sync::Arc::new(other);
    model(move || {
        let ticks = Arc::new(Ticks::new(TICK));
        let (timeout, _) = ticks.at(0, Some(ticks.origin + TICK), ticks.origin);
        let other = thread::spawn({
            let (ticks, other) = (Arc::clone(&ticks), std::sync::Arc::clone(&other));
            move || other(&ticks)
        });
        ticks.end();
        if !ticks.is_ending() {
            assert!(timeout.is_closed());
        }
        other.join().unwrap();
        assert!(timeout.is_closed() && !ticks.is_ending());
    });
}

/// Two end all timeouts, each its own part. (Without the count, or with a Relaxed one, some are still open when one finds
/// that nobody has any in hand.)
#[test]
fn loom_ticks_end_against_end() {
    nothing_is_in_hand(Ticks::end);
}

/// As above, against those that are due.
#[test]
fn loom_ticks_end_against_expire() {
    nothing_is_in_hand(|ticks| {
        ticks.expire(ticks.origin + TICK);
    });
}

/// Timeouts are set in two tables while another thread ends those that are due: afterwards the first of those that are
/// left is known, and it ends in its turn.
#[test]
fn loom_ticks_of_two_tables_against_expire() {
    model(|| {
        let ticks = Arc::new(Ticks::with_tables(2, TICK));
        let at = |n| ticks.origin + TICK * n;
        let (early, _) = ticks.at(0, Some(at(1)), ticks.origin);
        let keeper = thread::spawn({
            let (ticks, now) = (Arc::clone(&ticks), at(1));
            move || ticks.expire(now)
        });
        let other = thread::spawn({
            let (ticks, deadline) = (Arc::clone(&ticks), at(2));
            move || drop(ticks.at(1, Some(deadline), ticks.origin))
        });
        let (late, _) = ticks.at(0, Some(at(3)), ticks.origin);
        keeper.join().unwrap();
        other.join().unwrap();
        assert!(early.is_closed() && !late.is_closed());
        assert_eq!(ticks.next_deadline(), Some(at(2)));
        assert!(ticks.expire(at(2)));
        assert_eq!(ticks.next_deadline(), Some(at(3)));
    });
}

/// Who keeps the time lies down for the first deadline while one of another table ends and one more is set: it is woken
/// for the new one, or gets up in time by itself. (It does not if an expiry hides what is left for a moment, or takes
/// what is first in its table for the first of all.)
#[test]
fn loom_ticks_set_against_who_keeps_the_time() {
    model(|| {
        let ticks = Arc::new(Ticks::with_tables(2, TICK));
        let at = |n| ticks.origin + TICK * n;
        let (over, new, later) = (at(1), at(2), at(3));
        drop([over, later].map(|deadline| ticks.at(0, Some(deadline), ticks.origin)));
        // Whether the keeper is where it can be woken.
        let lies = Arc::new(Mutex::new(false));
        let keeper = thread::spawn({
            let (ticks, lies) = (Arc::clone(&ticks), Arc::clone(&lies));
            move || {
                *lies.lock() = true;
                ticks.next_deadline()
            }
        });
        let other = thread::spawn({
            let ticks = Arc::clone(&ticks);
            move || ticks.expire(over)
        });
        let (_timeout, earlier) = ticks.at(1, Some(new), ticks.origin);
        let woken = earlier && *lies.lock();
        let until = keeper.join().unwrap();
        other.join().unwrap();
        assert!(woken || until.is_some_and(|until| until <= new));
        assert_eq!(ticks.next_deadline(), Some(new));
    });
}
