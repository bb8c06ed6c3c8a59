#![allow(
    clippy::unchecked_time_subtraction,
    reason = "instants of the test's own making"
)]

use std::time::Duration;

use super::{
    Instant, Receiver, Ticks,
    table::{BATCH, FEW},
};
use crate::sync::{Arc, Mutex};

const TICK: Duration = Duration::from_millis(10);

/// Timeouts that end in the same tick share its entry.
#[test]
fn one_tick_is_one_entry() {
    let ticks = Ticks::new(TICK);
    let deadline = ticks.origin + TICK * 7;
    let handles: Vec<_> = (0_u32..1000)
        .map(|micros| {
            ticks.at(
                0,
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
        let (over, _) = ticks.at(0, Some(deadline), ticks.origin);
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
    let (over, earlier) = ticks.at(0, Some(ticks.origin), ticks.origin);
    assert!(over.is_closed() && !earlier);
    let (never, _) = ticks.at(0, None, ticks.origin);
    ticks.expire(ticks.origin + Duration::from_hours(24 * 365 * 100));
    assert!(!never.is_closed());
}

/// GO-099: timeouts that are dropped long before their time leave next to nothing behind.
#[test]
fn dropped_timeouts_leave_few_entries() {
    let ticks = Ticks::new(TICK);
    let (kept, _) = ticks.at(
        0,
        Some(ticks.origin + Duration::from_hours(1)),
        ticks.origin,
    );
    for n in 1_u32..=100_000 {
        drop(ticks.at(0, Some(ticks.origin + TICK * n), ticks.origin));
    }
    assert!(ticks.entries() <= FEW + 1, "{} entries", ticks.entries());
    assert!(ticks.expire(Instant::now() + Duration::from_hours(2)));
    assert!(kept.is_closed(), "the sweeps leave the used ones alone");
}

/// A few entries without a use are not worth a sweep; and what is in use is not swept over and over.
#[test]
fn sweeps_are_rare() {
    let ticks = Ticks::new(TICK);
    let timeout = |n| ticks.at(0, Some(ticks.origin + TICK * n), ticks.origin).0;
    drop((timeout(1), timeout(2)));
    assert_eq!(ticks.entries(), 2);
    let kept: Vec<_> = (1_u32..=200).map(timeout).collect();
    assert_eq!(ticks.tables[0].lock().sweep_above, 4 * FEW);
    assert!(kept.iter().all(|timeout| !timeout.is_closed()));
}

/// A look gives every timeout once, with its time, however many there are.
#[test]
fn a_look_sees_all() {
    let ticks = Ticks::virtual_time();
    let (never, _) = ticks.at(0, None, ticks.origin);
    let kept: Vec<_> = (1..=u32::try_from(2 * BATCH + 1).unwrap())
        .map(|n| ticks.at(0, Some(ticks.origin + TICK * n), ticks.origin).0)
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
    let (old, _) = ticks.at(0, Some(deadline), ticks.origin);
    ticks.end();
    assert!(old.is_closed());
    assert!(ticks.at(0, Some(deadline), ticks.origin).0.is_closed());
    ticks.restart();
    let (new, earlier) = ticks.at(0, Some(deadline), ticks.now());
    assert!(!new.is_closed() && earlier);
    assert_eq!(ticks.next_deadline(), Some(deadline));
    assert!(ticks.expire(deadline) && new.is_closed());
}

/// A clock that is far beyond all that a number of ticks can say ends no timeout that never ends.
#[test]
fn never_is_later_than_any_time() {
    let ticks = Ticks::virtual_time();
    let (never, _) = ticks.at(0, None, ticks.origin);
    assert_eq!(ticks.next_deadline(), None);
    ticks.expire(ticks.origin + Duration::from_hours(24 * 365 * 600));
    assert!(!never.is_closed());
}

/// Tables are of no consequence for who waits: what is over first ends first, whoever made it.
#[test]
fn timeouts_of_all_tables_end_in_the_order_of_their_ticks() {
    let ticks = Ticks::with_tables(4, TICK);
    let ended = Arc::new(Mutex::new(Vec::new()));
    let order = [7, 3, 5, 1, 1, 8, 2, 2, 6, 4_u32];
    let _kept: Vec<_> = order
        .into_iter()
        .enumerate()
        .map(|(n, tick)| {
            let (over, _) = ticks.at(n % 4, Some(ticks.origin + TICK * tick), ticks.origin);
            let ended = Arc::clone(&ended);
            over.take_then(move |_| ended.lock().push(tick)).unwrap();
            over
        })
        .collect();
    assert!(ticks.expire(ticks.origin + TICK * 6));
    assert_eq!(*ended.lock(), [1, 1, 2, 2, 3, 4, 5, 6]);
    assert_eq!(ticks.next_deadline(), Some(ticks.origin + TICK * 7));
    ticks.end();
    assert_eq!(ended.lock().len(), order.len(), "the end is for all tables");
    for table in 0..4 {
        let (over, earlier) = ticks.at(table, Some(ticks.origin + TICK * 9), ticks.origin);
        assert!(over.is_closed() && !earlier);
    }
}

/// Timeouts come and go in many tables as chance has it: what is closed is what is over, the first deadline is known, and
/// one that is earlier than it is told so.
#[test]
fn tables_together_are_as_one() {
    let mut random = 0x9E37_79B9_u32;
    let mut below = |bound: u32| {
        random ^= random << 13;
        random ^= random >> 17;
        random ^= random << 5;
        random % bound
    };
    for tables in [1, 2, 65] {
        let ticks = Ticks::with_tables(tables, TICK);
        let at = |tick| ticks.origin + TICK * tick;
        let mut now = 0;
        let mut kept: Vec<(u32, Receiver<()>)> = Vec::new();
        for _ in 0..20_000 {
            if below(10) == 0 {
                now += below(4);
                let due = kept.iter().any(|&(tick, _)| tick <= now);
                assert!(ticks.expire(at(now)) >= due);
                assert!(
                    kept.iter()
                        .all(|(tick, over)| over.is_closed() == (*tick <= now))
                );
                // (Some of those that are left are dropped too.)
                kept.retain(|&(tick, _)| tick > now && below(8) != 0);
                continue;
            }
            let tick = now + 1 + below(200);
            let before = ticks.next_deadline();
            let table = below(u32::try_from(tables).unwrap());
            let (over, earlier) = ticks.at(table as usize, Some(at(tick)), at(now));
            assert_eq!(earlier, before.is_none_or(|before| at(tick) < before));
            kept.push((tick, over));
            let first = kept.iter().map(|&(tick, _)| tick).min();
            assert!(
                ticks.next_deadline() <= first.map(at),
                "a timeout is forgotten"
            );
            assert!(
                ticks.next_deadline() > Some(at(now)),
                "one that is over is left"
            );
        }
    }
}

/// What one thread makes and drops is swept in its own table.
#[test]
fn each_table_is_swept() {
    let ticks = Ticks::with_tables(8, TICK);
    for n in 1_u32..=20_000 {
        let table = (n % 8) as usize;
        drop(ticks.at(table, Some(ticks.origin + TICK * n), ticks.origin));
    }
    assert!(
        ticks.entries() <= 8 * (FEW + 1),
        "{} entries",
        ticks.entries()
    );
}
