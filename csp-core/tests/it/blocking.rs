//! The blocking forms, on plain threads.

use std::{
    thread,
    time::{Duration, Instant},
};

use csp_core::{Closed, Elapsed, PutTimeoutError, alt_blocking, alts_blocking, block_on, chan};

use crate::util::{Ledger, id, until_shows};

const LONG: Duration = Duration::from_hours(1);
const SHORT: Duration = Duration::from_millis(5);

/// CA-005, GO-121
#[test]
fn ca_005_a_blocked_taker_gets_what_another_thread_puts() {
    for capacity in [0, 1] {
        let (tx, rx) = chan(capacity);
        let taker = thread::spawn(move || rx.take_blocking());
        until_shows(&tx, "takers: 1");
        tx.put_blocking(42).unwrap();
        assert_eq!(taker.join().unwrap(), Some(42));
    }
}

/// CA-006
#[test]
fn ca_006_a_second_put_on_a_full_buffer_stays_blocked() {
    let (tx, rx) = chan(1);
    tx.put_blocking(1).unwrap();
    let putter = thread::spawn(move || tx.put_blocking(2));
    until_shows(&rx, "putters: 1");
    assert!(!putter.is_finished());
    assert_eq!(rx.take_blocking(), Some(1));
    assert_eq!(putter.join().unwrap(), Ok(()));
    assert_eq!(rx.take_blocking(), Some(2));
    assert_eq!(rx.take_blocking(), None);
}

/// CA-007
#[test]
fn ca_007_one_put_wakes_one_of_two_blocked_threads() {
    let (tx, rx) = chan(0);
    thread::scope(|scope| {
        let takers: Vec<_> = (0..2).map(|_| scope.spawn(|| rx.take_blocking())).collect();
        until_shows(&tx, "takers: 2");
        tx.put_blocking(42).unwrap();
        until_shows(&tx, "takers: 1");
        tx.close();
        let mut got: Vec<_> = takers
            .into_iter()
            .map(|taker| taker.join().unwrap())
            .collect();
        got.sort_unstable();
        assert_eq!(got, [None, Some(42)]);
    });
}

/// CA-029
#[test]
fn ca_029_threads_form_a_chain_over_three_channels() {
    let (a_tx, a) = chan(0);
    let (b_tx, b) = chan(0);
    let (c_tx, c) = chan(0);
    thread::spawn(move || b_tx.put_blocking(a.take_blocking().unwrap() + 1).unwrap());
    thread::spawn(move || c_tx.put_blocking(b.take_blocking().unwrap() + 1).unwrap());
    a_tx.put_blocking(40).unwrap();
    assert_eq!((c.take_blocking(), c.take_blocking()), (Some(42), None));
}

/// Close and last handles end blocked threads.
#[test]
fn closing_ends_blocked_threads() {
    let (tx, rx) = chan::<u32>(0);
    let taker = thread::spawn(move || rx.take_blocking());
    until_shows(&tx, "takers: 1");
    drop(tx);
    assert_eq!(taker.join().unwrap(), None);
    let (tx, rx) = chan(0);
    let putter = thread::spawn(move || tx.put_blocking(5));
    until_shows(&rx, "putters: 1");
    drop(rx);
    assert_eq!(putter.join().unwrap(), Err(Closed(5)));
}

/// A limit that passes: never early, nothing taken, nothing put, nothing left behind.
#[test]
fn a_limit_that_passes_leaves_everything_as_it_was() {
    let ledger = Ledger::new();
    let (tx, rx) = chan(0);
    let start = Instant::now();
    assert_eq!(rx.take_blocking_for(SHORT).err(), Some(Elapsed));
    assert!(start.elapsed() >= SHORT);
    let start = Instant::now();
    let error = tx.put_blocking_for(ledger.value(1), SHORT).unwrap_err();
    assert!(start.elapsed() >= SHORT);
    assert!(error.is_elapsed());
    assert_eq!(error.into_inner(), 1);
    assert_eq!(rx.take_blocking_for(Duration::ZERO).err(), Some(Elapsed));
    assert!(format!("{tx:?}").contains("takers: 0, putters: 0"));
    assert_eq!(ledger.live(), 0);
}

/// A limit that does not pass, even one past the end of time.
#[test]
fn a_limit_that_does_not_pass_gives_what_comes() {
    for limit in [LONG, Duration::MAX] {
        let ledger = Ledger::new();
        let (tx, rx) = chan(0);
        let other = rx.clone();
        let taker = thread::spawn(move || other.take_blocking_for(limit));
        until_shows(&tx, "takers: 1");
        tx.put_blocking_for(ledger.value(1), limit).unwrap();
        assert_eq!(id(taker.join().unwrap().unwrap()), Some(1));
        let other = tx.clone();
        let value = ledger.value(2);
        let putter = thread::spawn(move || other.put_blocking_for(value, limit));
        until_shows(&rx, "putters: 1");
        assert_eq!(id(rx.take_blocking_for(limit).unwrap()), Some(2));
        putter.join().unwrap().unwrap();
        rx.close();
        assert!(matches!(rx.take_blocking_for(limit), Ok(None)));
        let closed = tx.put_blocking_for(ledger.value(3), limit);
        assert!(matches!(closed, Err(PutTimeoutError::Closed(value)) if value == 3));
        assert_eq!(ledger.live(), 0);
    }
}

/// A hand-over that races with the end of the limit: either it was taken, or it is still there.
#[test]
fn a_hand_over_at_the_last_moment_is_not_lost() {
    for round in 0..300_u64 {
        let ledger = Ledger::new();
        let (tx, rx) = chan(0);
        let limit = Duration::from_micros(round % 60);
        thread::scope(|scope| {
            let taker = scope.spawn(|| rx.take_blocking_for(limit));
            let put = tx.put_blocking_for(ledger.value(1), limit);
            match (taker.join().unwrap(), put) {
                (Ok(Some(value)), Ok(())) => assert_eq!(value, 1),
                // The taker had gone when the put was done: it went back.
                (Err(Elapsed), Ok(())) => assert_eq!(id(rx.try_take().ok()), Some(1)),
                (Err(Elapsed), Err(error)) => assert!(error.is_elapsed()),
                other => panic!("{other:?}"),
            }
        });
        assert!(rx.try_take().is_err());
        assert_eq!(ledger.live(), 0);
    }
}

/// Alts of threads, against each other and against futures.
#[test]
fn blocking_alts_meet_each_other() {
    let (a_tx, a) = chan(0);
    let (b_tx, b) = chan(0);
    thread::scope(|scope| {
        let taker = scope.spawn(|| {
            (0..100)
                .map(|_| alts_blocking!(a.take(), b.take()))
                .map(|which| match which {
                    csp_core::Of2::A(value) | csp_core::Of2::B(value) => value.unwrap(),
                })
                .sum::<u32>()
        });
        for n in 0..100 {
            alt_blocking! {
                done = csp_core::put!(a_tx, n) => done.unwrap(),
                done = csp_core::put!(b_tx, n) => done.unwrap(),
            }
        }
        assert_eq!(taker.join().unwrap(), 4950);
    });
}

/// `block_on` inside a future that is blocked on.
#[test]
fn block_on_nests() {
    let (tx, rx) = chan(0);
    let putter = thread::spawn(move || {
        tx.put_blocking(1).unwrap();
        tx.put_blocking(2).unwrap();
    });
    let sum = block_on(async {
        let inner = block_on(async { rx.take().await.unwrap() });
        inner + rx.take().await.unwrap()
    });
    assert_eq!(sum, 3);
    putter.join().unwrap();
}

/// A panic inside `block_on` leaves the thread fit for the next.
#[test]
fn block_on_survives_a_panic() {
    let text = crate::util::panic_of(|| block_on(async { panic!("inside") }));
    assert_eq!(text, "inside");
    assert_eq!(block_on(async { 3 }), 3);
}

/// Iterators end with the channel, and leave what they did not take.
#[test]
fn blocking_iterators_end_with_the_channel() {
    let (tx, rx) = chan(4);
    for n in 0..4 {
        tx.try_put(n).unwrap();
    }
    let mut first = Vec::new();
    for n in &rx {
        first.push(n);
        if n == 1 {
            break;
        }
    }
    drop(tx);
    assert_eq!(first, [0, 1]);
    assert!(rx.into_iter().eq([2, 3]));
}
