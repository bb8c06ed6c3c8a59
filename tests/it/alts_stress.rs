//! Alts under load: exactly one arm, no self-match, one instant, O(1) leaving.

use csp::prelude::*;

use crate::util::{on_one_worker, runtime, value};

/// GO-070: an alts of four puts never commits two: a hundred thousand rounds, no duplicate.
#[test]
fn stress_no_round_commits_twice() {
    const ROUNDS: usize = 100_000;
    let rt = runtime(4);
    let (txs, rxs): (Vec<_>, Vec<_>) = (0..4).map(|_| chan::<usize>(0)).unzip();
    let (out_tx, out) = chan::<usize>(0);
    for rx in rxs {
        let out = out_tx.clone();
        rt.go(async move {
            while let Some(n) = take!(rx) {
                put!(out, n).unwrap();
            }
        });
    }
    drop(out_tx);
    rt.go(async move {
        for n in 0..ROUNDS {
            alt! {
                ok = put!(txs[0], n) => ok.unwrap(),
                ok = put!(txs[1], n) => ok.unwrap(),
                ok = put!(txs[2], n) => ok.unwrap(),
                ok = put!(txs[3], n) => ok.unwrap(),
            }
        }
    });
    let seen = rt.go(async move {
        let mut seen = vec![0_u8; ROUNDS];
        while let Some(n) = take!(out) {
            seen[n] += 1;
        }
        seen
    });
    assert!(value(seen).iter().all(|&times| times == 1));
}

/// GO-073: two blocks, each `{put own id, take}` on one channel: no deadlock, and without a buffer nobody
/// takes its own.
#[test]
fn stress_two_alts_on_one_channel() {
    for capacity in [0, 10] {
        let rt = runtime(2);
        let (tx, rx) = chan(capacity);
        let blocks: Vec<_> = (0..2)
            .map(|id| {
                let (tx, rx) = (tx.clone(), rx.clone());
                rt.go(async move {
                    for round in 0..1_000 {
                        if round % 2 == id {
                            alt! {
                                ok = put!(tx, id) => ok.unwrap(),
                                v = take!(rx) => assert!(capacity > 0 || v != Some(id)),
                            }
                        } else {
                            alt! {
                                v = take!(rx) => assert!(capacity > 0 || v != Some(id)),
                                ok = put!(tx, id) => ok.unwrap(),
                            }
                        }
                    }
                })
            })
            .collect();
        // One may end while the other still has rounds to go: then this is its partner.
        let stop = rt.go(async move {
            loop {
                alt! {
                    priority;
                    _ = take!(timeout(ms(20))) => {}
                }
                while rx.try_take().is_ok() || tx.try_put(9).is_ok() {}
            }
        });
        blocks.into_iter().for_each(value);
        stop.cancel();
    }
}

/// GO-074: per channel a putter and a taker, and an alts-putter and an alts-taker over all four.
#[test]
fn stress_alts_over_four_channels() {
    const ROUNDS: usize = 10_000;
    let rt = runtime(4);
    let (txs, rxs): (Vec<_>, Vec<_>) = [0, 0, 2, 3].map(chan::<usize>).into_iter().unzip();
    let mut blocks = Vec::new();
    for at in 0..4 {
        let (tx, rx) = (txs[at].clone(), rxs[at].clone());
        blocks.push(rt.go(async move {
            for _ in 0..ROUNDS {
                put!(tx, at).unwrap();
            }
        }));
        blocks.push(rt.go(async move {
            for _ in 0..ROUNDS {
                assert_eq!(take!(rx), Some(at));
            }
        }));
    }
    blocks.push(rt.go(async move {
        let mut left = [ROUNDS; 4];
        while left != [0; 4] {
            alt! {
                ok = put!(txs[0], 0), if left[0] > 0 => { ok.unwrap(); left[0] -= 1 }
                ok = put!(txs[1], 1), if left[1] > 0 => { ok.unwrap(); left[1] -= 1 }
                ok = put!(txs[2], 2), if left[2] > 0 => { ok.unwrap(); left[2] -= 1 }
                ok = put!(txs[3], 3), if left[3] > 0 => { ok.unwrap(); left[3] -= 1 }
            }
        }
    }));
    blocks.push(rt.go(async move {
        let mut left = [ROUNDS; 4];
        while left != [0; 4] {
            let (at, v) = alt! {
                v = take!(rxs[0]), if left[0] > 0 => (0, v),
                v = take!(rxs[1]), if left[1] > 0 => (1, v),
                v = take!(rxs[2]), if left[2] > 0 => (2, v),
                v = take!(rxs[3]), if left[3] > 0 => (3, v),
            };
            assert_eq!(v, Some(at));
            left[at] -= 1;
        }
    }));
    blocks.into_iter().for_each(value);
}

/// GO-071, GO-072: of two channels at least one is ready at every instant: default is never taken.
#[test]
fn stress_default_sees_one_instant() {
    let rt = runtime(2);
    for by_close in [false, true] {
        let default_taken = rt.go(async move {
            for _ in 0..20_000 {
                let (a, b) = (chan::<u32>(1), chan::<u32>(1));
                a.0.try_put(1).unwrap();
                let (a_rx, b_tx) = (a.1.clone(), b.0.clone());
                let mover = go!({
                    if by_close {
                        b_tx.close();
                    } else {
                        b_tx.try_put(1).unwrap();
                    }
                    a_rx.try_take().is_ok()
                });
                let got = alt! { _ = take!(a.1) => true, _ = take!(b.1) => true, default => false };
                mover.await.unwrap();
                if !got {
                    return true;
                }
            }
            false
        });
        assert!(!value(default_taken), "by_close: {by_close}");
    }
}

/// GO-079: taking a loser out of a long queue is not linear in its length: waking all through their own
/// channels while they stand in one queue.
#[test]
fn losers_leave_a_long_queue_at_once_stress() {
    let time = |n: usize| {
        on_one_worker(async move {
            let (_shared_tx, shared) = chan::<()>(0);
            let (txs, blocks): (Vec<_>, Vec<_>) = (0..n)
                .map(|_| {
                    let (tx, own) = chan::<()>(0);
                    let shared = shared.clone();
                    let block = go!({
                        for _ in 0..5 {
                            alt! { _ = take!(shared) => unreachable!(), v = take!(own) => v.unwrap() }
                        }
                    });
                    (tx, block)
                })
                .unzip();
            let start = std::time::Instant::now();
            for _ in 0..5 {
                for tx in &txs {
                    put!(tx, ()).unwrap();
                }
            }
            for block in blocks {
                block.await.unwrap();
            }
            start.elapsed()
        })
    };
    let (few, many) = (time(500), time(16_000));
    // 32 times as many: linear is 32, quadratic 1000.
    assert!(many < 250 * few, "{few:?} for 500, {many:?} for 16000");
}
