//! Intervals: beats at a period, which may be missed.

use std::time::{Duration, Instant};

use csp::{Elapsed, Local, Runtime, prelude::*, within};

use crate::util::{compute, failure_of, on_one_worker, value};

/// GO-105: beats come no faster than the period, and say when they were due.
#[test]
fn interval_beats_at_its_period() {
    on_one_worker(async {
        let start = Instant::now();
        let mut every = interval(ms(20));
        assert_eq!(every.period(), ms(20));
        let mut last = start;
        for n in 1..=5_u32 {
            let due = every.beat().await;
            let now = Instant::now();
            assert!(
                due <= now && due > last && due >= start + ms(20) * n,
                "beat {n}"
            );
            assert_eq!(
                (due - start).as_nanos() / 20_000_000,
                (due - start).as_millis() / 20
            );
            last = due;
        }
        every.reset();
        let reset = Instant::now();
        assert!(every.beat().await >= reset + ms(19));
    });
}

/// GO-105: a slow block loses beats, rather than get them all at once afterwards.
#[test]
fn interval_skips_missed_beats() {
    on_one_worker(async {
        let mut every = interval(ms(10));
        let first = every.beat().await;
        compute(ms(45));
        let before = Instant::now();
        // Due while we computed, so at once.
        let second = every.beat().await;
        assert!(second > first && second < before);
        // What else was due by then is not made up for.
        let third = every.beat().await;
        assert!(third > before && third <= Instant::now());
        let beats = [second - first, third - first].map(|time| time.as_nanos() % 10_000_000);
        assert_eq!(beats, [0, 0]);
    });
}

/// Dropping a beat that is waited for loses nothing.
#[test]
fn interval_survives_a_cancelled_beat() {
    on_one_worker(async {
        let before = Instant::now();
        let mut every = interval(ms(30));
        let after = Instant::now();
        assert_eq!(within(ms(5), every.beat()).await, Err(Elapsed));
        let due = every.beat().await;
        assert!(due >= before + ms(30) && due <= after + ms(30));
    });
}

/// GO-106.
#[test]
fn interval_of_zero_panics_and_says_so() {
    let failure = failure_of(go!({ interval(Duration::ZERO).period() }));
    assert!(
        failure.contains("an interval of 0ns makes no sense"),
        "{failure}"
    );
}

/// GO-111: a very long period never beats, rather than always.
#[test]
fn interval_of_a_huge_period_does_not_overflow() {
    for period in [
        Duration::MAX,
        Duration::MAX / 2,
        Duration::from_hours(24 * 365 * 500),
    ] {
        let local = Local::new();
        let block = local.go(async move { interval(period).beat().await });
        local.run_until_idle();
        assert!(
            !block.is_finished(),
            "an interval of {period:?} beat at once"
        );
    }
}

/// GO-107: many blocks with intervals far below the tick, and more work than they can do.
#[test]
fn stress_intervals_below_the_tick() {
    let rt = Runtime::builder()
        .workers(4)
        .tick(Duration::from_micros(100))
        .build();
    let blocks: Vec<_> = (0..200)
        .map(|_| {
            rt.go(async {
                let mut every = interval(Duration::from_micros(1));
                for _ in 0..50 {
                    every.beat().await;
                    every.reset();
                }
            })
        })
        .collect();
    blocks.into_iter().for_each(value);
}
