//! Small programs over channels in go blocks, and channels under load.

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, VecDeque},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use csp::prelude::*;

use crate::util::{Census, collect, runtime, sorted, value};

const PRIMES: [u32; 25] = [
    2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97,
];

/// GO-016: primes to 100 through a chain of filters; leaving with all filters still parked is clean.
#[test]
fn sieve_of_unbuffered_filters() {
    let rt = runtime(2);
    let primes = rt.go(async {
        let (tx, mut rx) = chan(0);
        go!({
            for n in 2.. {
                if put!(tx, n).is_err() {
                    break;
                }
            }
        });
        let mut primes = Vec::new();
        loop {
            let prime = take!(rx).unwrap();
            if prime > 100 {
                break primes;
            }
            primes.push(prime);
            let (tx, next) = chan(0);
            go!({
                while let Some(n) = take!(rx) {
                    if n % prime != 0 && put!(tx, n).is_err() {
                        break;
                    }
                }
            });
            rx = next;
        }
    });
    assert_eq!(value(primes), PRIMES);
    // Nobody wants more primes: the filters end by themselves.
    rt.shutdown(secs(50)).unwrap();
}

/// GO-017: a sieve with buffers, a merge by heap, and an elastic proxy: an alts that takes into a growing
/// queue, or puts its head, the put switched off while the queue is empty.
#[test]
fn sieve_with_heap_and_elastic_proxy() {
    /// The multiples of a prime from its square on.
    fn multiples(prime: u32) -> Receiver<u32> {
        let (tx, rx) = chan(10);
        go!({
            let mut n = prime * prime;
            while put!(tx, n).is_ok() {
                n += prime;
            }
        });
        rx
    }
    /// Passes values on as fast as they come, however slowly they are taken.
    fn elastic(rx: Receiver<u32>) -> Receiver<u32> {
        let (tx, out) = chan(0);
        go!({
            let (mut queue, mut open) = (VecDeque::new(), true);
            while open || !queue.is_empty() {
                let head = queue.front().copied().unwrap_or(0);
                alt! {
                    v = take!(rx), if open => match v {
                        Some(n) => queue.push_back(n),
                        None => open = false,
                    },
                    ok = put!(tx, head), if !queue.is_empty() => {
                        if ok.is_err() {
                            break;
                        }
                        queue.pop_front();
                    }
                }
            }
        });
        out
    }
    /// The composites: a merge of the multiples of all primes seen so far.
    fn composites(primes: Receiver<u32>) -> Receiver<u32> {
        let (tx, out) = chan(50);
        go!({
            let mut streams: Vec<Receiver<u32>> = Vec::new();
            let mut heads = BinaryHeap::new();
            let mut last = 0;
            let Some(first) = take!(primes) else { return };
            streams.push(multiples(first));
            heads.push(Reverse((first * first, 0)));
            let mut next_prime = take!(primes);
            while let Some(&Reverse((n, at))) = heads.peek() {
                // A stream joins before its first multiple can be the least.
                if let Some(prime) = next_prime
                    && prime * prime <= n
                {
                    streams.push(multiples(prime));
                    heads.push(Reverse((prime * prime, streams.len() - 1)));
                    next_prime = take!(primes);
                    continue;
                }
                heads.pop();
                heads.push(Reverse((take!(streams[at]).unwrap(), at)));
                if n > last {
                    last = n;
                    if put!(tx, n).is_err() {
                        return;
                    }
                }
            }
        });
        out
    }
    let rt = runtime(2);
    let primes = rt.go(async {
        let (known_tx, known) = chan(0);
        let others = composites(elastic(known));
        let mut primes = vec![2];
        put!(known_tx, 2).unwrap();
        put!(known_tx, 3).unwrap();
        let (mut n, mut composite) = (3, take!(others).unwrap());
        while n < 100 {
            while composite < n {
                composite = take!(others).unwrap();
            }
            if n != composite {
                primes.push(n);
                if n > 3 {
                    put!(known_tx, n).unwrap();
                }
            }
            n += 1;
        }
        primes
    });
    assert_eq!(value(primes), PRIMES);
    rt.shutdown(secs(50)).unwrap();
}

/// GO-024: four putters of a thousand and four takers: each value exactly four times.
#[test]
fn stress_four_putters_and_four_takers() {
    for capacity in [0, 1, 10] {
        let rt = runtime(4);
        let (tx, rx) = chan::<usize>(capacity);
        for _ in 0..4 {
            let tx = tx.clone();
            rt.go(async move {
                for n in 0..1_000 {
                    put!(tx, n).unwrap();
                }
            });
        }
        drop(tx);
        let takers: Vec<_> = (0..4).map(|_| rt.go(collect(rx.clone()))).collect();
        let all = sorted(takers.into_iter().flat_map(value).collect());
        assert!(all.iter().enumerate().all(|(at, n)| at / 4 == *n) && all.len() == 4_000);
    }
}

/// GO-027: 23 workers take from q and forward to r; the feeder closes q after 271,828 values, and r closes
/// when the workers are done.
#[test]
fn stress_many_consumers() {
    let rt = runtime(4);
    let (q_tx, q) = chan::<u32>(69);
    let (r_tx, r) = chan::<u32>(0);
    for n in 0..23 {
        let (q, r_tx) = (q.clone(), r_tx.clone());
        rt.go(async move {
            while let Some(value) = take!(q) {
                if value % 23 == n {
                    yield_now().await;
                }
                put!(r_tx, value).unwrap();
            }
        });
    }
    drop(r_tx);
    let primes = [2_u32, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31];
    let feeder = rt.go(async move {
        let mut expected = 0_u64;
        for n in 0..271_828 {
            let value = primes[n % primes.len()];
            expected += u64::from(value);
            put!(q_tx, value).unwrap();
        }
        expected
    });
    let consumer = rt.go(async move {
        let (mut count, mut sum) = (0_u32, 0);
        while let Some(value) = take!(r) {
            count += 1;
            sum += u64::from(value);
        }
        (count, sum)
    });
    let expected = value(feeder);
    assert_eq!(value(consumer), (271_828, expected));
}

/// GO-028: ten takers in alts of one arm, a thousand values: each is seen once, after it was marked as put.
#[test]
fn stress_every_message_is_seen_once_after_it_was_sent() {
    let rt = runtime(4);
    let sent: Arc<Vec<AtomicBool>> = Arc::new((0..1_000).map(|_| AtomicBool::new(false)).collect());
    let seen: Arc<Vec<AtomicUsize>> = Arc::new((0..1_000).map(|_| AtomicUsize::new(0)).collect());
    let (tx, rx) = chan::<usize>(2);
    let takers: Vec<_> = (0..10)
        .map(|_| {
            let (rx, sent, seen) = (rx.clone(), Arc::clone(&sent), Arc::clone(&seen));
            rt.go(async move {
                loop {
                    alt! {
                        Some(n) = take!(rx) => {
                            assert!(sent[n].load(Ordering::SeqCst));
                            seen[n].fetch_add(1, Ordering::SeqCst);
                        }
                        else None => break,
                    }
                }
            })
        })
        .collect();
    let putter = rt.go(async move {
        for n in 0..1_000 {
            sent[n].store(true, Ordering::SeqCst);
            put!(tx, n).unwrap();
        }
    });
    value(putter);
    takers.into_iter().for_each(value);
    assert!(seen.iter().all(|times| times.load(Ordering::SeqCst) == 1));
}

/// GO-029: direct puts and takes, direct puts against an alts, an alts against direct takes, with random
/// yields: the totals agree.
#[test]
fn stress_direct_and_alts_in_every_pairing() {
    const EACH: usize = 500;
    for capacity in [0, 1, 10, 100] {
        for pairing in 0..3 {
            let rt = runtime(4);
            let (txs, rxs): (Vec<_>, Vec<_>) = (0..4).map(|_| chan::<usize>(capacity)).unzip();
            let mut putters = Vec::new();
            if pairing < 2 {
                for (at, tx) in txs.into_iter().enumerate() {
                    putters.push(rt.go(async move {
                        for n in 0..EACH {
                            if (n * 7 + at).is_multiple_of(5) {
                                yield_now().await;
                            }
                            put!(tx, n).unwrap();
                        }
                    }));
                }
            } else {
                putters.push(rt.go(async move {
                    let mut next = [0; 4];
                    while next != [EACH; 4] {
                        alt! {
                            ok = put!(txs[0], next[0]), if next[0] < EACH => { ok.unwrap(); next[0] += 1 }
                            ok = put!(txs[1], next[1]), if next[1] < EACH => { ok.unwrap(); next[1] += 1 }
                            ok = put!(txs[2], next[2]), if next[2] < EACH => { ok.unwrap(); next[2] += 1 }
                            ok = put!(txs[3], next[3]), if next[3] < EACH => { ok.unwrap(); next[3] += 1 }
                        }
                    }
                }));
            }
            let mut takers = Vec::new();
            if pairing == 1 {
                takers.push(rt.go(async move {
                    let (mut sum, mut open) = (0, [true; 4]);
                    while open.contains(&true) {
                        let (at, got) = alt! {
                            v = take!(rxs[0]), if open[0] => (0, v),
                            v = take!(rxs[1]), if open[1] => (1, v),
                            v = take!(rxs[2]), if open[2] => (2, v),
                            v = take!(rxs[3]), if open[3] => (3, v),
                        };
                        match got {
                            Some(n) => sum += n,
                            None => open[at] = false,
                        }
                    }
                    sum
                }));
            } else {
                for rx in rxs {
                    takers.push(rt.go(async move {
                        let mut next = 0;
                        let mut sum = 0;
                        while let Some(n) = take!(rx) {
                            assert_eq!(n, next);
                            next += 1;
                            sum += n;
                        }
                        sum
                    }));
                }
            }
            putters.into_iter().for_each(value);
            let total: usize = takers.into_iter().map(value).sum();
            assert_eq!(
                total,
                4 * EACH * (EACH - 1) / 2,
                "capacity {capacity}, pairing {pairing}"
            );
        }
    }
}

/// GO-030: many blocks, requests and answers with boxed payloads under pressure: each is dropped exactly
/// once, and none is damaged. Direct, and through alts.
#[test]
fn stress_requests_and_answers_with_payloads() {
    const BLOCKS: usize = 100;
    const ROUNDS: usize = 100;
    let census = Census::default();
    for with_alts in [false, true] {
        let rt = runtime(4);
        let (server_tx, server_rx) = chan::<(Vec<u8>, Sender<Vec<u8>>)>(0);
        let server = rt.go(async move {
            while let Some((mut payload, answer)) = take!(server_rx) {
                payload.reverse();
                put!(answer, payload).ok();
            }
        });
        let blocks: Vec<_> = (0..BLOCKS)
            .map(|id| {
                let (server_tx, census) = (server_tx.clone(), census.clone());
                rt.go(async move {
                    let (tx, rx) = chan(0);
                    let (_quiet_tx, quiet) = chan::<()>(0);
                    for round in 0..ROUNDS {
                        let _pressure = (census.item(), vec![0_u8; 10 * (round + 1)]);
                        let payload: Vec<u8> = (0..=50).map(|n| u8::try_from((n * id + round) % 256).unwrap()).collect();
                        let mut expected = payload.clone();
                        expected.reverse();
                        let request = (payload, tx.clone());
                        if with_alts {
                            alt! { ok = put!(server_tx, request) => assert!(ok.is_ok()), _ = take!(quiet) => {} }
                            let answer = alt! { v = take!(rx) => v, _ = take!(quiet) => None };
                            assert_eq!(answer, Some(expected));
                        } else {
                            put!(server_tx, request).unwrap();
                            assert_eq!(take!(rx), Some(expected));
                        }
                    }
                })
            })
            .collect();
        drop(server_tx);
        blocks.into_iter().for_each(value);
        value(server);
    }
    assert_eq!(census.living(), 0);
}
