#![allow(
    clippy::unchecked_time_subtraction,
    reason = "instants of the test's own making"
)]

use std::time::Duration;

use super::{FEW, Instant, Ticks};

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
