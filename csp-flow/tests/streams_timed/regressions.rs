//! What once went wrong.

use std::time::Duration;

use csp::{Local, Runtime, prelude::*};

/// The end of a runtime does not look like the end of the sources.
#[test]
fn a_merge_fails_with_its_runtime() {
    let limit = secs(50);
    for others in [0, 1] {
        let rt = Runtime::builder().workers(1).build();
        let (tx, rx) = chan::<u32>(0);
        let others = (0..others).map(|_| stream::empty().receiver());
        let entered = rt.enter();
        let out = stream::merge([rx].into_iter().chain(others)).chan(0);
        drop(entered);
        drop(rt);
        assert_eq!(out.take_blocking_for(limit), Ok(None));
        assert!(out.failure().is_some());
        assert!(tx.is_closed());
    }
}

/// Beats that are always due, since the period is shorter than a turn, do not keep the values from coming.
#[test]
fn beats_that_are_always_due_starve_no_value() {
    let shortest = Duration::from_nanos(1);
    let samples = stream(to_chan(1..=3)).sample_every(shortest);
    assert_eq!(samples.chan(0).into_iter().last(), Some(3));
    let chunks = stream(to_chan(1..=3)).chunk_every(shortest);
    assert!(chunks.cat().chan(0).into_iter().eq(1..=3));
}

/// However many beats were missed: they are skipped.
#[test]
fn more_beats_than_fit_into_32_bits_are_skipped() {
    let shortest = Duration::from_nanos(1);
    Local::virtual_time().run_until(async {
        let start = csp::now();
        let ticks = stream::ticks(shortest).chan(0);
        assert_eq!(take!(ticks), Some(start + shortest));
        sleep(secs(100)).await; // another beat waits to be taken
        assert_eq!(take!(ticks), Some(start + 2 * shortest));
        assert!(take!(ticks).unwrap() >= start + secs(100));
    });
}
