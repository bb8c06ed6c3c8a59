//! Whole programs over channels.

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, VecDeque},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use csp::{Local, prelude::*};

use crate::util::{
    Census, collect, on_one_worker, parked, run_idle, runtime, sorted, until, value,
};

/// GO-001: a channel of ten takes ten puts without waiting, and gives them back in order.
#[test]
fn buffered_channel_is_first_in_first_out() {
    let block = run_idle(async {
        let (tx, rx) = chan(10);
        for n in 0..10 {
            put!(tx, n).unwrap();
        }
        assert_eq!(tx.len(), 10);
        drop(tx);
        collect(rx).await
    });
    assert_eq!(block, Some((0..10).collect()));
}

/// GO-002: ten takers, released one after the other, each get exactly the next value in the order of the
/// puts.
#[test]
fn unbuffered_channel_is_first_in_first_out() {
    on_one_worker(async {
        let (tx, rx) = chan(0);
        let (mut before_tx, mut before) = chan::<()>(1);
        before_tx.try_put(()).unwrap();
        let mut takers = Vec::new();
        for expected in 0..10 {
            let (after_tx, after) = chan(1);
            let (rx, turn) = (rx.clone(), std::mem::replace(&mut before, after));
            before_tx = after_tx.clone();
            takers.push(go!({
                take!(turn).unwrap();
                assert_eq!(take!(rx), Some(expected));
                put!(after_tx, ()).unwrap();
            }));
        }
        for n in 0..10 {
            put!(tx, n).unwrap();
        }
        for taker in takers {
            taker.await.unwrap();
        }
        drop(before_tx);
    });
}

/// GO-014: channels of channels; the channel of an arm's put may itself come out of a take.
#[test]
fn channels_of_channels() {
    let got = run_idle(async {
        let (tx, rx) = chan::<u32>(1);
        let (ends_tx, ends) = chan(2);
        ends_tx.try_put(tx.clone()).unwrap();
        ends_tx.try_put(tx).unwrap();
        let put = alt! {
            ok = put!(take!(ends).unwrap(), 5) => ok.is_ok(),
            _ = take!(timeout(secs(50))) => false,
        };
        assert!(put);
        let first = take!(rx);
        put!(take!(ends).unwrap(), take_six().await).unwrap();
        (first, take!(rx), take!(rx))
    });
    assert_eq!(got, Some((Some(5), Some(6), None)));
}

async fn take_six() -> u32 {
    yield_now().await;
    6
}

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

/// GO-031: a value in a parked put stays what it is until it is taken, wherever the block's frame is.
#[test]
fn value_of_a_parked_put_stays_whole() {
    on_one_worker(async {
        let (tx, rx) = chan(0);
        let block = go!({
            let value = [7_u64; 32];
            let boxed: Box<dyn std::fmt::Debug + Send> = Box::new("boxed");
            put!(tx, (value, boxed)).is_ok()
        });
        parked(&block).await;
        let _churn: Vec<_> = (0..100).map(|n| go!({ [n; 64] })).collect();
        yield_now().await;
        let (value, boxed) = take!(rx).unwrap();
        assert_eq!(
            (value, format!("{boxed:?}").as_str()),
            ([7; 32], "\"boxed\"")
        );
        assert_eq!(block.await, Ok(true));
    });
}

/// GO-040, GO-010 (here a receiver may close as well): closing wakes all who are parked: takers with nothing; the receiving side's close, putters with
/// their values.
#[test]
fn close_wakes_all_parked_blocks() {
    on_one_worker(async {
        let (tx, rx) = chan::<usize>(0);
        let takers: Vec<_> = (0..50)
            .map(|_| {
                let rx = rx.clone();
                go!({ take!(rx) })
            })
            .collect();
        for taker in &takers {
            parked(taker).await;
        }
        tx.close();
        for taker in takers {
            assert_eq!(taker.await, Ok(None));
        }
        let (tx, rx) = chan(0);
        let putters: Vec<_> = (0..50)
            .map(|n| {
                let tx = tx.clone();
                go!({ put!(tx, n) })
            })
            .collect();
        for putter in &putters {
            parked(putter).await;
        }
        rx.close();
        for (n, putter) in putters.into_iter().enumerate() {
            assert_eq!(putter.await, Ok(Err(Closed(n))));
        }
    });
}

/// CA-191: what was parked before the putting side closed is still delivered, in order.
#[test]
fn parked_puts_survive_the_close_of_their_side() {
    on_one_worker(async {
        let (tx, rx) = chan(1);
        let mut putters = Vec::new();
        for n in 0..5 {
            let own = tx.clone();
            let putter = go!({ put!(own, n) });
            until(|| putter.is_finished() || putter.parked_at().is_some()).await;
            putters.push(putter);
        }
        assert!(putters[0].is_finished() && !putters[1].is_finished());
        tx.close();
        assert_eq!(collect(rx).await, [0, 1, 2, 3, 4]);
        for putter in putters {
            assert_eq!(putter.await, Ok(Ok(())));
        }
        assert_eq!(put!(tx, 9), Err(Closed(9)));
    });
}

/// GO-084: reads until close or cancel, in order.
async fn read_all<T>(cancel: Receiver<()>, rx: Receiver<T>) -> Vec<T> {
    let mut all = Vec::new();
    loop {
        alt! {
            Some(value) = take!(rx) => all.push(value),
            _ = take!(cancel) => return all,
            else _ => return all,
        }
    }
}

/// GO-084.
#[test]
fn read_all_until_close_or_cancel() {
    on_one_worker(async {
        let (tx, rx) = chan(0);
        let (cancel_tx, cancel) = chan(0);
        let all = go!({ read_all(cancel, rx).await });
        for n in 0..3 {
            put!(tx, n).unwrap();
        }
        drop(tx);
        assert_eq!(all.await, Ok(vec![0, 1, 2]));
        drop(cancel_tx);

        let (tx, rx) = chan(0);
        let (cancel_tx, cancel) = chan(0);
        let all = go!({ read_all(cancel, rx).await });
        put!(tx, 7).unwrap();
        drop(cancel_tx);
        assert_eq!(all.await, Ok(vec![7]));
        assert_eq!(put!(tx, 8), Err(Closed(8)));
    });
}

/// GO-085: merges; the output closes once both inputs have, each switched off as it closes, or on cancel.
fn merge<T: Send + 'static>(cancel: Receiver<()>, a: Receiver<T>, b: Receiver<T>) -> Receiver<T> {
    let (tx, out) = chan(0);
    go!({
        let (mut a_open, mut b_open) = (true, true);
        while a_open || b_open {
            let got = alt! {
                v = take!(a), if a_open => { a_open = v.is_some(); v }
                v = take!(b), if b_open => { b_open = v.is_some(); v }
                _ = take!(cancel) => return,
            };
            if let Some(value) = got {
                alt! {
                    ok = put!(tx, value) => if ok.is_err() { return },
                    _ = take!(cancel) => return,
                }
            }
        }
    });
    out
}

/// GO-085.
#[test]
fn merge_closes_after_both_inputs_or_on_cancel() {
    on_one_worker(async {
        let (a_tx, a) = chan(0);
        let (b_tx, b) = chan(0);
        let (cancel_tx, cancel) = chan(0);
        let all = go!({ collect(merge(cancel, a, b)).await });
        put!(a_tx, 1).unwrap();
        put!(b_tx, 10).unwrap();
        drop(a_tx);
        put!(b_tx, 20).unwrap();
        put!(b_tx, 30).unwrap();
        drop(b_tx);
        assert_eq!(sorted(all.await.unwrap()), [1, 10, 20, 30]);
        drop(cancel_tx);

        let (a_tx, a) = chan::<u32>(0);
        let (_b_tx, b) = chan(0);
        let (cancel_tx, cancel) = chan(0);
        let out = merge(cancel, a, b);
        put!(a_tx, 1).unwrap();
        drop(cancel_tx);
        // Parked with a value in hand, it lets go.
        drop(out);
        until(|| a_tx.is_closed()).await;
    });
}

/// GO-086.
#[test]
fn filter_passes_what_matches_and_closes() {
    fn filter<T: Send + 'static>(keep: fn(&T) -> bool, rx: Receiver<T>) -> Receiver<T> {
        let (tx, out) = chan(0);
        go!({
            while let Some(value) = take!(rx) {
                if keep(&value) && put!(tx, value).is_err() {
                    break;
                }
            }
        });
        out
    }
    let rx = to_chan(0..10);
    assert_eq!(
        filter(|n| n % 2 == 0, rx).into_iter().collect::<Vec<_>>(),
        [0, 2, 4, 6, 8]
    );
}

/// GO-087: swallows until closed or cancelled; never holds a putter up.
#[test]
fn sink_never_holds_a_putter_up() {
    on_one_worker(async {
        let (tx, rx) = chan(0);
        let (cancel_tx, cancel) = chan::<()>(0);
        let sink = go!({ drop(read_all(cancel, rx).await) });
        for n in 0..10_000 {
            put!(tx, n).unwrap();
        }
        drop(cancel_tx);
        sink.await.unwrap();
        assert!(tx.is_closed());
    });
}

/// GO-088: a channel of one as a lock that owns the value.
struct Exclusive<T>(Sender<T>, Receiver<T>);

impl<T> Exclusive<T> {
    fn new(value: T) -> Self {
        let (tx, rx) = chan(1);
        tx.try_put(value).ok();
        Self(tx, rx)
    }
    async fn acquire(&self) -> T {
        take!(self.1).expect("the value is in the channel or with a user")
    }
    fn release(&self, value: T) {
        assert!(
            self.0.try_put(value).is_ok(),
            "released without being acquired"
        );
    }
}

/// GO-088.
#[test]
fn exclusive_value_in_a_channel() {
    on_one_worker(async {
        let lock = Arc::new(Exclusive::new(0));
        let users: Vec<_> = (0..2)
            .map(|_| {
                let lock = Arc::clone(&lock);
                go!({
                    for _ in 0..10 {
                        let value = lock.acquire().await;
                        yield_now().await;
                        lock.release(value + 1);
                    }
                })
            })
            .collect();
        for user in users {
            user.await.unwrap();
        }
        let value = lock.acquire().await;
        assert_eq!(value, 20);
        assert_eq!(lock.1.try_take(), Err(TryTakeError::Empty));
        lock.release(value);
        let panicking = go!({ lock.release(5) });
        assert!(
            panicking
                .await
                .unwrap_err()
                .to_string()
                .contains("released without")
        );
    });
}

/// GO-089: a putter learns at once that the last receiver has gone; no finalizer is needed.
#[test]
fn putter_learns_that_the_receiver_has_gone() {
    on_one_worker(async {
        let (tx, rx) = chan(0);
        let ranger = go!({
            let mut put = 0;
            while put!(tx, put).is_ok() {
                put += 1;
            }
            put
        });
        let mut taken = 0;
        while taken < 10 {
            take!(rx).unwrap();
            taken += 1;
        }
        drop(rx);
        assert_eq!(ranger.await, Ok(10));
        // Also while it does not put: `closed` tells.
        let (tx, rx) = chan::<u32>(0);
        let told = go!({ tx.closed().await });
        yield_now().await;
        assert!(!told.is_finished());
        drop(rx);
        assert_eq!(told.await, Ok(()));
    });
}

/// GO-019 to GO-023, GO-025, as blocks see them, for many capacities.
#[test]
fn every_capacity_parks_and_resumes_where_it_should() {
    for capacity in (0..10).chain([31, 64, 199]) {
        let local = Local::new();
        let (tx, rx) = chan::<usize>(capacity);
        let waiting = [rx.clone(), rx.clone()].map(|rx| local.go(async move { take!(rx) }));
        local.run_until_idle();
        assert!(
            waiting.iter().all(|block| !block.is_finished()),
            "takes of an empty channel"
        );
        for block in &waiting {
            block.cancel();
        }
        local.run_until_idle();
        let filler = tx.clone();
        let put = local.go(async move {
            for n in 0..=capacity {
                put!(filler, n).unwrap();
            }
        });
        local.run_until_idle();
        assert!(!put.is_finished(), "the put past a full buffer");
        assert_eq!((tx.len(), tx.capacity()), (capacity, capacity));
        assert!(tx.try_put(0).is_err());
        assert_eq!(rx.try_take(), Ok(0));
        local.run_until_idle();
        assert!(put.is_finished(), "one take lets it go on");
        drop(tx);
        let all = local.go(collect(rx.clone()));
        local.run_until_idle();
        assert_eq!(value(all), (1..=capacity).collect::<Vec<_>>());
        let again = local.go(async move { (take!(rx), take!(rx)) });
        local.run_until_idle();
        assert_eq!(value(again), (None, None));
    }
}

/// `to_chan`, and channels as blocking iterators.
#[test]
fn to_chan_gives_all_and_stops_with_its_receiver() {
    assert_eq!(to_chan(0..100).into_iter().sum::<i32>(), 4_950);
    let rx = to_chan(0..);
    assert_eq!(rx.iter_blocking().take(3).collect::<Vec<_>>(), [0, 1, 2]);
    drop(rx);
    assert_eq!(to_chan(Vec::<u32>::new()).take_blocking(), None);
}

/// Callbacks that go through blocks: puts and takes with a callback against parked blocks.
#[test]
fn callbacks_against_blocks() {
    on_one_worker(async {
        let (tx, rx) = chan(0);
        let (seen_tx, seen) = chan(8);
        let taker = go!({ (take!(rx), take!(rx), rx) });
        for n in 0..2 {
            let seen_tx = seen_tx.clone();
            tx.put_then(n, move |ok| seen_tx.try_put((n, ok.is_ok())).unwrap())
                .unwrap();
        }
        let (first, second, rx) = taker.await.unwrap();
        assert_eq!((first, second), (Some(0), Some(1)));
        assert_eq!(
            (take!(seen), take!(seen)),
            (Some((0, true)), Some((1, true)))
        );
        rx.take_then(move |value| seen_tx.try_put((value.unwrap(), false)).unwrap())
            .unwrap();
        put!(tx, 5).unwrap();
        assert_eq!(take!(seen), Some((5, false)));
    });
}
