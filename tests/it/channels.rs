//! Whole programs over channels.

use std::sync::Arc;

use csp::{Local, prelude::*};

use crate::util::{collect, on_one_worker, parked, run_idle, sorted, until, value};

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
