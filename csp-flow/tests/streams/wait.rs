//! Operators that wait for each value, or may fail at it; several values at a time.

use std::convert::Infallible;

use csp::{Failure, Promise, chan, ops::to_chan, promise::promise, stream};

use crate::{
    rules::{Rules, boom, collect, panics},
    util::blocks::{Census, Stage, all, cause, drain, eventually, ready},
};

async fn twice(n: u32) -> u32 {
    csp::yield_now().await;
    2 * n
}

#[test]
fn ev_037_then_emits_in_order() {
    Rules::of("then").check(|s| s.then(twice).receiver(), |v| v.map(|n| 2 * n).collect());
    Rules::of("then, at once").check(|s| s.then(async |n| n).receiver(), Iterator::collect);
    Rules::of("a run and then").in_hand(2).check(
        |s| {
            s.filter(|n| n % 2 == 0)
                .mapcat(|n| [n, n])
                .then(twice)
                .receiver()
        },
        |v| {
            v.filter(|n| n % 2 == 0)
                .flat_map(|n| [2 * n, 2 * n])
                .collect()
        },
    );
    // It begins with the next when the result of the last was accepted.
    let stage = Stage::new();
    let (begun, log) = chan(8);
    let (gate_tx, gate) = chan::<()>(0);
    let out = stage.with(|| {
        stream(ready([1, 2, 3]))
            .then(move |n| {
                begun.try_put(n).unwrap();
                let gate = gate.clone();
                async move {
                    gate.take().await;
                    n
                }
            })
            .chan(0)
    });
    assert_eq!(drain(&log), [1]);
    gate_tx.close();
    stage.idle();
    assert_eq!(drain(&log), [], "nobody has taken the first result");
    assert_eq!(collect(&stage, &out), [1, 2, 3]);
}

/// A call that is under way when nobody wants its result is dropped, and the source let go, at once.
#[test]
fn ev_217_then_drops_its_call_when_the_target_closes() {
    let stage = Stage::new();
    let census = Census::default();
    let (tx, rx) = chan(8);
    for n in 1..=3 {
        tx.try_put(census.of(n)).unwrap();
    }
    let others = rx.clone();
    let out = stage.with(|| {
        stream(rx)
            .then(async |item| {
                std::future::pending::<()>().await;
                item
            })
            .chan(0)
    });
    assert_eq!((census.living(), others.len()), (3, 2));
    out.close();
    stage.idle();
    assert_eq!((census.living(), others.len()), (2, 2), "one was in hand");
    assert_eq!(others.receiver_count(), 1);
}

#[test]
fn ev_155_try_map_fails_with_its_first_error_and_lets_the_source_go() {
    Rules::of("try_map").check(
        |s| s.try_map(|n| Ok::<_, Infallible>(2 * n)).receiver(),
        |v| v.map(|n| 2 * n).collect(),
    );
    let stage = Stage::new();
    let (tx, rx) = chan(8);
    for n in 1..=5 {
        tx.try_put(n).unwrap();
    }
    let others = rx.clone();
    let out = stage.with(|| {
        stream(rx)
            .mapcat(|n| [n, n])
            .try_map(|n| if n == 3 { Err("three") } else { Ok(n) })
            .chan(0)
    });
    assert_eq!(collect(&stage, &out), [1, 1, 2, 2]);
    assert_eq!(cause(&out), "three");
    assert_eq!(drain(&others), [4, 5]);
    drop(others);
    assert!(tx.is_closed());
}

/// The cause is the error itself, not only its text.
#[test]
fn the_cause_of_try_map_is_the_error() {
    let out = stream(ready(["1", "x"]))
        .try_map(str::parse::<u32>)
        .map(|n| n + 1)
        .chan(0);
    assert_eq!(all(&out), [2]);
    assert!(out.failure().unwrap().is::<std::num::ParseIntError>());
}

#[test]
fn ev_155_realize_waits_in_order_and_fails_with_the_first_that_fails() {
    Rules::of("realize").check(
        |s| {
            s.map(|n| Promise::<_, csp::Error>::ready(2 * n))
                .realize()
                .receiver()
        },
        |v| v.map(|n| 2 * n).collect(),
    );
    Rules::of("realize of blocks").check(
        |s| s.map(|n| csp::go(twice(n))).realize().receiver(),
        |v| v.map(|n| 2 * n).collect(),
    );
    let stage = Stage::new();
    let (first, p1) = promise::<u32, csp::Error>();
    let (second, p2) = promise::<u32, csp::Error>();
    let (third, p3) = promise::<u32, csp::Error>();
    let (tx, rx) = chan(8);
    for p in [p1, p2, p3] {
        tx.try_put(p).unwrap();
    }
    let out = stage.with(|| stream(rx).realize().chan(0));
    second.fail("no paper").unwrap();
    stage.idle();
    assert!(
        out.try_take().is_err() && !out.is_closed(),
        "the first comes first"
    );
    first.fulfill(1).unwrap();
    assert_eq!(collect(&stage, &out), [1]);
    assert_eq!(cause(&out), "no paper");
    assert!(tx.is_closed());
    assert!(
        !third.is_wanted(),
        "what is behind it is let go with the source"
    );
}

/// Without `realize` a failed promise is a value like any other.
#[test]
fn ev_155_a_failing_value_is_no_failure_of_the_stream() {
    let out = stream(ready([Promise::<u32>::failed("a value")]))
        .map(Promise::ignore)
        .chan(0);
    assert_eq!(all(&out), [()]);
    assert!(out.failure().is_none());
}

#[test]
fn realize_says_how_a_block_failed() {
    let out = stream(ready([1, 3]))
        .map(|n| csp::go(async move { boom(n) }))
        .realize()
        .chan(0);
    assert_eq!(all(&out), [1]);
    let cause = out.failure().unwrap();
    assert!(
        matches!(
            cause.downcast_ref(),
            Some(Failure::<Infallible>::Panicked(_))
        ),
        "{cause}"
    );
}

/// Lets go of what it waits for when nobody wants it any more.
#[test]
fn ev_217_realize_lets_its_promise_go() {
    let stage = Stage::new();
    let (resolver, promise) = promise::<u32, csp::Error>();
    let (tx, rx) = chan(1);
    tx.try_put(promise).unwrap();
    let out = stage.with(|| stream(rx).realize().chan(0));
    assert!(resolver.is_wanted());
    drop(out);
    stage.idle();
    assert!(!resolver.is_wanted());
    assert!(tx.is_closed());
}

#[test]
fn ev_150_concat_inverts_what_parts_a_stream() {
    Rules::of("concat").check(
        |s| s.map(|n| ready([n, 2 * n])).concat().receiver(),
        |v| v.flat_map(|n| [n, 2 * n]).collect(),
    );
    let out = stream(to_chan(1..=50_u32))
        .partition_by(|n| n / 7)
        .map(to_chan)
        .concat()
        .chan(0);
    assert!(all(&out).into_iter().eq(1..=50));
    // One that fails fails the whole, and the rest is let go.
    let (tx, last) = chan::<u32>(1);
    let parts = [
        ready([1]),
        crate::util::blocks::failing([2], "no disk"),
        last,
    ];
    let out = stream(ready(parts)).concat().chan(0);
    assert_eq!(all(&out), [1, 2]);
    assert_eq!(cause(&out), "no disk");
    eventually("the last is let go", || tx.is_closed());
}

/// Also while it waits for a value of the receiver at hand.
#[test]
fn ev_217_concat_lets_the_receiver_at_hand_go() {
    let stage = Stage::new();
    let (inner, part) = chan::<u32>(0);
    let (tx, rx) = chan(1);
    tx.try_put(part).unwrap();
    let out = stage.with(|| stream(rx).concat().chan(0));
    assert!(!inner.is_closed());
    drop(out);
    stage.idle();
    assert!(inner.is_closed() && tx.is_closed());
}

#[test]
fn ev_043_par_map_keeps_the_order() {
    for n in [1, 3] {
        Rules::of("par_map").in_hand(n).check(
            |s| s.par_map(n, twice).receiver(),
            |v| v.map(|n| 2 * n).collect(),
        );
    }
    Rules::of("a run and par_map").in_hand(3).check(
        // The run has a block of its own here, and one value in hand.
        |s| s.map(|n| n + 1).par_map(2, twice).receiver(),
        |v| v.map(|n| 2 * (n + 1)).collect(),
    );
    // A thousand calls that take turns as it happens.
    let out = stream(to_chan(0..1000_u32))
        .par_map(16, async |n| {
            for _ in 0..(n * 7919) % 13 {
                csp::yield_now().await;
            }
            n
        })
        .chan(0);
    assert!(all(&out).into_iter().eq(0..1000));
}

#[test]
fn ev_043_par_map_unordered_gives_all() {
    Rules::of("par_map_unordered").in_hand(1).check(
        |s| s.par_map_unordered(1, twice).receiver(),
        |v| v.map(|n| 2 * n).collect(),
    );
    let (slow_tx, slow) = chan::<()>(0);
    let out = stream(ready([1, 2, 3]))
        .par_map_unordered(2, move |n| {
            let slow = slow.clone();
            async move {
                if n == 1 {
                    slow.take().await;
                }
                n
            }
        })
        .chan(0);
    assert_eq!(
        [out.take_blocking(), out.take_blocking()],
        [Some(2), Some(3)]
    );
    drop(slow_tx);
    assert_eq!(all(&out), [1]);
}

#[test]
fn ev_043_blocking_map_keeps_the_order() {
    Rules::of("blocking_map").in_hand(3).threads().check(
        |s| s.blocking_map(3, |n| 2 * n).receiver(),
        |v| v.map(|n| 2 * n).collect(),
    );
}

#[test]
fn ev_155_a_panic_in_what_waits_fails_the_derived_channel() {
    panics(
        "then, in the call",
        |s| s.then(|n| std::future::ready(boom(n))).receiver(),
        &[1, 2],
    );
    panics(
        "then, later",
        |s| {
            s.then(async |n| {
                csp::yield_now().await;
                boom(n)
            })
            .receiver()
        },
        &[1, 2],
    );
    panics(
        "before then",
        |s| s.map(boom).then(twice).receiver(),
        &[2, 4],
    );
    panics(
        "try_map",
        |s| s.try_map(|n| Ok::<_, Infallible>(boom(n))).receiver(),
        &[1, 2],
    );
    panics(
        "realize",
        |s| {
            s.map(|n| async move { Ok::<_, Infallible>(boom(n)) })
                .realize()
                .receiver()
        },
        &[1, 2],
    );
    panics(
        "buffer_by",
        |s| s.buffer_by(|n| boom(*n) as usize, 10).receiver(),
        &[1, 2],
    );
    panics("buffer", |s| s.map(boom).buffer(2).receiver(), &[1, 2]);
}

#[test]
fn ev_155_a_panic_in_a_pipeline_fails_the_derived_channel() {
    let parallel = stream(ready(1..=5)).par_map(2, async |n| boom(n)).chan(0);
    let blocking = stream(ready(1..=5)).blocking_map(2, boom).chan(0);
    for out in [parallel, blocking] {
        assert_eq!(all(&out), [1, 2]);
        assert!(cause(&out).contains("boom"), "{}", cause(&out));
    }
}
