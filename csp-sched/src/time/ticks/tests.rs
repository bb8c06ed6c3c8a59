#![allow(
    clippy::unchecked_time_subtraction,
    reason = "instants of the test's own making"
)]

use std::time::Duration;

use super::{BATCH, FEW, Instant, Ticks};

const TICK: Duration = Duration::from_millis(10);

/// Timeouts that end in the same tick share its entry.
#[test]
fn one_tick_is_one_entry() {
    let ticks = Ticks::new(TICK);
    let deadline = ticks.origin + TICK * 7;
    let handles: Vec<_> = (0_u32..1000)
        .map(|micros| {
            ticks.at(
                Some(deadline - Duration::from_micros(micros.into())),
                ticks.origin,
            )
        })
        .collect();
    assert_eq!(ticks.entries(), 1);
    assert!(handles[0].1, "the first is earlier than any before");
    assert!(handles[1..].iter().all(|(_, earlier)| !earlier));
}

/// GO-090, CA-091: never before the deadline, at the latest a tick after it.
#[test]
fn ends_in_the_tick_after_the_deadline() {
    let ticks = Ticks::new(TICK);
    for micros in [1, 9_999, 10_000, 10_001, 123_456] {
        let deadline = ticks.origin + Duration::from_micros(micros);
        let (over, _) = ticks.at(Some(deadline), ticks.origin);
        ticks.expire(deadline - Duration::from_nanos(1));
        assert!(!over.is_closed(), "{micros} µs: early");
        let due = ticks.next_deadline().expect("one is set");
        assert!(
            due >= deadline && due < deadline + TICK,
            "{micros} µs: {due:?}"
        );
        assert!(ticks.expire(due));
        assert!(over.is_closed(), "{micros} µs: late");
        assert_eq!(ticks.next_deadline(), None);
    }
}

/// Zero is over at once; beyond the clock's range is never over.
#[test]
fn extremes() {
    let ticks = Ticks::new(TICK);
    let (over, earlier) = ticks.at(Some(ticks.origin), ticks.origin);
    assert!(over.is_closed() && !earlier);
    let (never, _) = ticks.at(None, ticks.origin);
    ticks.expire(ticks.origin + Duration::from_hours(24 * 365 * 100));
    assert!(!never.is_closed());
}

/// GO-099: timeouts that are dropped long before their time leave next to nothing behind.
#[test]
fn dropped_timeouts_leave_few_entries() {
    let ticks = Ticks::new(TICK);
    let (kept, _) = ticks.at(Some(ticks.origin + Duration::from_hours(1)), ticks.origin);
    for n in 1_u32..=100_000 {
        drop(ticks.at(Some(ticks.origin + TICK * n), ticks.origin));
    }
    assert!(ticks.entries() <= FEW + 1, "{} entries", ticks.entries());
    assert!(ticks.expire(Instant::now() + Duration::from_hours(2)));
    assert!(kept.is_closed(), "the sweeps leave the used ones alone");
}

/// A few entries without a use are not worth a sweep; and what is in use is not swept over and over.
#[test]
fn sweeps_are_rare() {
    let ticks = Ticks::new(TICK);
    let timeout = |n| ticks.at(Some(ticks.origin + TICK * n), ticks.origin).0;
    drop((timeout(1), timeout(2)));
    assert_eq!(ticks.entries(), 2);
    let kept: Vec<_> = (1_u32..=200).map(timeout).collect();
    assert_eq!(ticks.state.lock().sweep_above, 4 * FEW);
    assert!(kept.iter().all(|timeout| !timeout.is_closed()));
}

/// A look gives every timeout once, with its time, however many there are.
#[test]
fn a_look_sees_all() {
    let ticks = Ticks::virtual_time();
    let (never, _) = ticks.at(None, ticks.origin);
    let kept: Vec<_> = (1..=u32::try_from(2 * BATCH + 1).unwrap())
        .map(|n| ticks.at(Some(ticks.origin + TICK * n), ticks.origin).0)
        .collect();
    let mut seen = Vec::new();
    ticks.look(|channel, due| {
        assert!(seen.len() <= kept.len(), "more than there are");
        seen.push((channel, due));
    });
    let mut expected: Vec<_> = (1_u32..)
        .zip(&kept)
        .map(|(n, timeout)| (timeout.id(), Some(TICK * n)))
        .collect();
    expected.push((never.id(), None));
    assert_eq!(seen, expected);
    assert!(ticks.is_tick(never.id()) && ticks.is_tick(kept[7].id()));
    let (_tx, rx) = csp_core::chan::<()>(0);
    assert!(!ticks.is_tick(rx.id()));
}

/// After the end there are no timeouts to wait for, until it begins anew: with none, and its clock at the beginning.
#[test]
fn after_a_restart_it_is_as_new() {
    let ticks = Ticks::virtual_time();
    let deadline = ticks.origin + TICK;
    let (old, _) = ticks.at(Some(deadline), ticks.origin);
    ticks.end();
    assert!(old.is_closed());
    assert!(ticks.at(Some(deadline), ticks.origin).0.is_closed());
    ticks.restart();
    let (new, earlier) = ticks.at(Some(deadline), ticks.now());
    assert!(!new.is_closed() && earlier);
    assert_eq!(ticks.next_deadline(), Some(deadline));
    assert!(ticks.expire(deadline) && new.is_closed());
}

/// A clock that is far beyond all that a number of ticks can say ends no timeout that never ends.
#[test]
fn never_is_later_than_any_time() {
    let ticks = Ticks::virtual_time();
    let (never, _) = ticks.at(None, ticks.origin);
    assert_eq!(ticks.next_deadline(), None);
    ticks.expire(ticks.origin + Duration::from_hours(24 * 365 * 600));
    assert!(!never.is_closed());
}
