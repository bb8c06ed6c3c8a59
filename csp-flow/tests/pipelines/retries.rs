//! Restarts after failures: how often, after what pause.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use csp::{
    Error,
    pipeline::{Backoff, Pipeline, Recover, next, restart},
    prelude::*,
    promise::go_try,
};

use crate::{
    errors::fails,
    util::promises::{Stage, failure, value},
};

/// AX-15: fails 0, 3, 10,000 times; works the next time.
#[test]
fn ax_15_retry_until_success() {
    for times in [0, 3, 10_000] {
        let (f, calls) = fails(times);
        let pipeline = Pipeline::<u32, u32>::builder()
            .stage(f)
            .on_error(|_, _| Recover::Restart(None))
            .build();
        assert_eq!(value(pipeline.run(0)), 1);
        assert_eq!(calls.load(Ordering::SeqCst), times + 1);
    }
}

/// AX-15: a limit; the failure of the last attempt is the outcome.
#[test]
fn ax_15_max_restarts() {
    for (times, limit) in [(3, 3), (4, 3), (1, 0)] {
        let (f, calls) = fails(times);
        let pipeline = Pipeline::<u32, u32>::builder()
            .stage(f)
            .on_error(|_, _| Recover::Restart(None))
            .max_restarts(limit, Backoff::None)
            .build();
        if times <= limit {
            assert_eq!(value(pipeline.run(0)), 1);
        } else {
            assert_eq!(failure(pipeline.run(0)), format!("failure {limit}"));
        }
        assert_eq!(calls.load(Ordering::SeqCst), limit + 1);
    }
}

/// The limit is on restarts one after the other: one that a step asks for begins anew, and other runs count for
/// themselves.
#[test]
fn max_restarts_counts_failures_in_a_row() {
    let turns = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&turns);
    let pipeline = Pipeline::<u32, u32>::builder()
        .step(move |n| match counter.fetch_add(1, Ordering::SeqCst) {
            turn if turn % 3 != 2 => Err(Error::from("no")), // twice in a row
            _ if n == 10 => Ok(next(n)),
            _ => Ok(restart(n + 1)),
        })
        .on_error(|_, _| Recover::Restart(None))
        .max_restarts(2, Backoff::None)
        .build();
    assert_eq!(value(pipeline.run(0)), 10);
    assert_eq!(value(pipeline.run(10)), 10);
    assert_eq!(turns.load(Ordering::SeqCst), 36);
    // A restart within the limit does not reset the count by itself.
    let never = Pipeline::<u32, u32>::builder()
        .stage(|_| Err::<u32, _>("never".into()))
        .on_error(|_, _| Recover::Later(go_try(async { Ok(Recover::Restart(Some(0))) })))
        .max_restarts(100, Backoff::Constant(Duration::from_micros(1)))
        .build();
    assert_eq!(failure(never.run(0)), "never");
}

/// How long it waits.
#[test]
fn backoff() {
    assert_eq!(Backoff::default().pause(1), Duration::ZERO);
    assert_eq!(Backoff::Constant(ms(5)).pause(100), ms(5));
    let doubling = Backoff::exponential(ms(1), secs(60));
    assert_eq!(doubling.pause(0), ms(1));
    assert_eq!(doubling.pause(1), ms(1));
    assert_eq!(doubling.pause(11), ms(1024));
    assert_eq!(doubling.pause(17), secs(60));
    assert_eq!(doubling.pause(usize::MAX), secs(60));
    assert_eq!(
        Backoff::exponential(secs(1), Duration::MAX).pause(33),
        secs(u64::from(u32::MAX))
    );
}

/// It waits parked: others run meanwhile, and a cancel ends it.
#[test]
fn a_pause_parks() {
    let stage = Stage::new();
    let (f, calls) = fails(1);
    let pipeline = Pipeline::<u32, u32>::builder()
        .stage(f)
        .on_error(|_, _| Recover::Restart(None))
        .max_restarts(1, Backoff::Constant(Duration::MAX))
        .build();
    let run = stage.with(|| pipeline.run(0));
    assert!(!run.is_settled());
    assert_eq!(calls.load(Ordering::SeqCst), 1);
    run.cancel();
    stage.idle();
    assert!(run.is_cancelled());
}
