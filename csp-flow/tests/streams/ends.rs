//! Ends that wait for each value.

use csp::{
    Failure, chan,
    ops::{StopReason, Stopped},
    stream,
    stream::ForEachError,
};

use crate::{
    rules::boom,
    util::blocks::{Census, Stage, drain, failing, outcome, ready, value},
};

/// EV-037: `receive-in-order`, `consume-async`.
#[test]
fn ev_153_for_each_async_waits_for_each() {
    let stage = Stage::new();
    let (begun, log) = chan(8);
    let (gate_tx, gate) = chan::<()>(0);
    let each = stage.with(|| {
        stream(ready(1..=4))
            .mapcat(|n| [n, n])
            .skip(1)
            .for_each_async(move |n| {
                begun.try_put(n).unwrap();
                let gate = gate.clone();
                async move {
                    gate.take().await;
                }
            })
    });
    for n in [1, 2, 2, 3, 3, 4, 4] {
        assert_eq!(drain(&log), [n]);
        assert!(!each.is_finished());
        gate_tx.try_put(()).unwrap();
        stage.idle();
    }
    assert!(value(each).is_ok());
}

#[test]
fn ev_202_for_each_async_says_that_the_source_failed() {
    let (seen, log) = chan(8);
    let each = stream(failing(1..=2, "no disk")).for_each_async(move |n| {
        let seen = seen.clone();
        async move { seen.try_put(n).unwrap() }
    });
    assert_eq!(value(each).unwrap_err().cause.to_string(), "no disk");
    assert_eq!(drain(&log), [1, 2]);
}

#[test]
fn ev_153_try_for_each_async_stops_at_an_error_and_leaves_the_rest() {
    let rx = ready(1..=5);
    let each = stream(rx.clone())
        .mapcat(|n| [n, n])
        .try_for_each_async(async |n| {
            csp::yield_now().await;
            if n == 2 { Err("two") } else { Ok(()) }
        });
    assert!(matches!(value(each), Err(ForEachError::Stopped("two"))));
    assert_eq!(drain(&rx), [3, 4, 5]);
    let failed = stream(failing([1], "no disk")).try_for_each_async(async |_| Ok::<_, &str>(()));
    let error = value(failed).unwrap_err();
    assert_eq!(error.to_string(), "the source channel failed: no disk");
    let well = stream(ready([1])).try_for_each_async(async |_| Ok::<_, &str>(()));
    assert!(value(well).is_ok());
}

/// The sole consumer: its failing closes the source, which its putter learns at once.
#[test]
fn ev_155_a_panic_or_an_error_lets_the_source_go() {
    let stage = Stage::new();
    let (tx, rx) = chan(8);
    tx.try_put(3).unwrap();
    let each = stage.with(|| {
        stream(rx).for_each_async(async |n| {
            boom(n);
        })
    });
    assert!(matches!(outcome(each), Err(Failure::Panicked(_))));
    assert!(tx.is_closed());
    let (tx, rx) = chan(8);
    tx.try_put(3).unwrap();
    let each = stage.with(|| stream(rx).try_for_each_async(async |n| Err::<(), u32>(n)));
    assert!(matches!(value(each), Err(ForEachError::Stopped(3))));
    assert!(tx.is_closed());
}

#[test]
fn ev_153_drain_into_leaves_its_target_open() {
    let (tx, rx) = chan(16);
    let first = stream(ready(1..=2)).map(|n| n * 10).drain_into(tx.clone());
    assert!(value(first).is_ok());
    let Err(Stopped {
        reason: StopReason::SourceFailed(cause),
        inputs,
        outputs,
        ..
    }) = value(stream(failing(3..=4, "no disk")).drain_into(tx.clone()))
    else {
        panic!("its source failed");
    };
    assert_eq!(cause.to_string(), "no disk");
    assert_eq!((inputs, outputs), (vec![], vec![]));
    assert!(!tx.is_closed());
    assert!(value(stream(ready(5..=9)).take(1).drain_into(tx)).is_ok());
    assert!(rx.into_iter().eq([10, 20, 3, 4, 5]));
}

/// What came of one value, what a group holds, and what the target refused: all of it comes back, and the rest
/// is in the source.
#[test]
fn ev_153_drain_into_gives_back_what_a_closed_target_refuses() {
    let stage = Stage::new();
    let census = Census::default();
    let (tx, rx) = chan(8);
    for n in 1..=4 {
        tx.try_put(census.of(n)).unwrap();
    }
    let others = rx.clone();
    let (to, out) = chan(0);
    let draining = stage.with(|| {
        stream(rx)
            .partition_all(3)
            .mapcat(|group| group)
            .drain_into(to)
    });
    assert_eq!(out.try_take().unwrap().value, 1);
    stage.idle();
    out.close();
    stage.idle();
    let Err(Stopped {
        reason: StopReason::TargetClosed,
        outputs,
        ..
    }) = value(draining)
    else {
        panic!("its target closed");
    };
    assert!(outputs.iter().map(|item| item.value).eq([2, 3]));
    assert_eq!(census.living(), 3);
    assert!(drain(&others).into_iter().map(|item| item.value).eq([4]));
}

/// Also while it waits for a value, with a group that is not complete.
#[test]
fn ev_217_drain_into_notices_the_close_at_once() {
    let stage = Stage::new();
    let (tx, rx) = chan(8);
    tx.try_put(1).unwrap();
    let (to, out) = chan::<Vec<u32>>(0);
    let draining = stage.with(|| stream(rx).partition_all(3).drain_into(to));
    drop(out);
    stage.idle();
    assert!(tx.is_closed());
    assert_eq!(value(draining).unwrap_err().outputs, [vec![1]]);
}

#[test]
fn ev_204_cancelling_for_each_async_drops_its_call_alone() {
    let stage = Stage::new();
    let census = Census::default();
    let (tx, rx) = chan(8);
    for n in 1..=3 {
        tx.try_put(census.of(n)).unwrap();
    }
    let others = rx.clone();
    let each = stage.with(|| {
        stream(rx).for_each_async(async |item| {
            std::future::pending::<()>().await;
            drop(item);
        })
    });
    each.cancel();
    stage.idle();
    assert_eq!((census.living(), others.len()), (2, 2));
}
