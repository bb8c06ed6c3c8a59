//! On several workers: values are counted.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use csp::{Closed, Runtime, chan, stream};

use crate::util::blocks::{Census, all, eventually, value};

const ROUNDS: u32 = 300;

/// Somebody takes some and goes in the middle: what was put came out, or is in the source, or was in hand, which
/// is one value at most; and nothing lives on.
#[test]
fn ev_217_nothing_is_lost_when_the_taker_goes() {
    let rt = Runtime::builder().workers(3).build();
    for round in 0..ROUNDS {
        let census = Census::default();
        let (tx, rx) = chan(round as usize % 3);
        let others = rx.clone();
        let source = stream(rx).on(&rt);
        let out = if round % 2 == 0 {
            source.map(|item| item).chan(0)
        } else {
            source.then(async |item| item).receiver()
        };
        let items = census.clone();
        let putter = rt.go(async move {
            for n in 0..20 {
                if let Err(Closed(item)) = tx.put(items.of(n)).await {
                    return (n, Some(item));
                }
            }
            (20, None)
        });
        let mut seen = Vec::new();
        for _ in 0..round % 17 {
            seen.push(out.take_blocking().unwrap().value);
        }
        drop(out);
        seen.extend(std::iter::from_fn(|| {
            others.take_blocking().map(|item| item.value)
        }));
        let number = seen.len();
        let (put, refused) = value(putter);
        assert_eq!(
            (put, refused.is_none()),
            (20, true),
            "there was always a taker"
        );
        // (A value that the operator was about to take when its taker went comes later: it is back at the front, but
        // another may have gone to `others` already.)
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), number, "round {round}: none comes twice");
        assert!(seen.len() >= 19, "round {round}: {seen:?}");
        drop(others);
        eventually("nothing lives on", || census.living() == 0);
    }
}

/// The putter learns of it at once, and has its value back.
#[test]
fn ev_217_the_last_receiver_gone_closes_the_source() {
    let rt = Runtime::builder().workers(3).build();
    for round in 0..ROUNDS {
        let (tx, rx) = chan::<u32>(0);
        let out = stream(rx)
            .on(&rt)
            .filter(|n| n % 2 == 0)
            .chan(round as usize % 2);
        let putter = rt.go(async move {
            let mut n = 0;
            while tx.put(n).await.is_ok() {
                n += 1;
            }
            n
        });
        for n in 0..round % 5 {
            assert_eq!(out.take_blocking(), Some(2 * n));
        }
        drop(out);
        assert!(value(putter) >= 2 * (round % 5).saturating_sub(1));
    }
}

/// A panic somewhere in the middle, on several workers: both neighbours end.
#[test]
fn ev_155_a_panic_under_load_ends_both_neighbours() {
    let rt = Runtime::builder().workers(3).build();
    for round in 0..ROUNDS {
        let (tx, rx) = chan(2);
        let calls = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&calls);
        let out = stream(rx)
            .on(&rt)
            .then(async |n: u32| n)
            .map(move |n| {
                counted.fetch_add(1, Ordering::SeqCst);
                assert!(n < round % 7, "boom");
                n
            })
            .buffer(1)
            .receiver();
        let putter = rt.go(async move {
            let mut n = 0;
            while tx.put(n).await.is_ok() {
                n += 1;
            }
        });
        assert!(all(&out).into_iter().eq(0..round % 7));
        assert!(out.failure().is_some());
        value(putter);
        assert_eq!(calls.load(Ordering::SeqCst), round as usize % 7 + 1);
    }
}
