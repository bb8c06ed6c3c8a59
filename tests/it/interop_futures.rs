//! Foreign combinators around our operations, and `Stream` and `Sink`.

use std::{pin::pin, time::Duration};

use csp::prelude::*;
use futures_lite::future;
use futures_util::{
    StreamExt,
    future::{join_all, select_all},
    stream::FuturesUnordered,
};

use crate::interop::on_tokio;
use crate::util::{Census, collect, on_one_worker, parked, runtime, sorted, until, value};

/// Takes inside others' combinators, whose wakers are their own.
#[test]
fn combinators_of_futures_util_in_blocks() {
    on_one_worker(async {
        let (txs, rxs): (Vec<_>, Vec<_>) = (0..20).map(|_| chan::<usize>(0)).unzip();
        let putter = go!({
            for (n, tx) in txs.iter().enumerate().rev() {
                put!(tx, n).unwrap();
            }
            for (n, tx) in txs.iter().enumerate() {
                put!(tx, 100 + n).unwrap();
            }
            for tx in &txs[..3] {
                put!(tx, 1_000).unwrap();
            }
            put!(txs[7], 7).unwrap();
        });
        let mut unordered: FuturesUnordered<_> = rxs.iter().map(Receiver::take).collect();
        let mut seen = Vec::new();
        while let Some(value) = unordered.next().await {
            seen.push(value.unwrap());
        }
        assert_eq!(sorted(seen), (0..20).collect::<Vec<_>>());
        let all = join_all(rxs.iter().map(Receiver::take)).await;
        assert_eq!(all, (100..120).map(Some).collect::<Vec<_>>());
        let three = futures_util::join!(rxs[0].take(), rxs[1].take(), rxs[2].take());
        assert_eq!(three, (Some(1_000), Some(1_000), Some(1_000)));
        let takes = rxs.iter().map(|rx| Box::pin(rx.take()));
        let (value, index, rest) = select_all(takes).await;
        assert_eq!((value, index, rest.len()), (Some(7), 7, 19));
        drop(rest);
        putter.await.unwrap();
        for rx in &rxs {
            assert!(format!("{rx:?}").contains("takers: 0"), "{rx:?}");
        }
    });
}

/// `select!` of futures-util drops the loser.
#[test]
fn select_of_futures_util_in_a_block() {
    on_one_worker(async {
        let (a_tx, a) = chan::<u32>(0);
        let (b_tx, b) = chan::<u32>(0);
        let block = go!({
            let mut sum = 0;
            for _ in 0..2 {
                let (first, second) = (pin!(a.take()), pin!(b.take()));
                sum += match futures_util::future::select(first, second).await {
                    futures_util::future::Either::Left((v, _)) => v.unwrap(),
                    futures_util::future::Either::Right((v, _)) => 10 * v.unwrap(),
                };
            }
            sum
        });
        yield_now().await;
        put!(b_tx, 1).unwrap();
        put!(a_tx, 2).unwrap();
        assert_eq!(block.await, Ok(12));
    });
}

/// A future polled in one block and then in another: the last waker counts.
#[test]
fn future_moves_from_block_to_block() {
    on_one_worker(async {
        let (tx, rx) = chan::<u32>(0);
        let (hand_tx, hand) = chan(0);
        let first = go!({
            let mut take = Box::pin(async move { rx.take().await });
            let early = future::poll_once(&mut take).await;
            put!(hand_tx, take).unwrap();
            early
        });
        let second = go!({ take!(hand).unwrap().await });
        assert_eq!(first.await, Ok(None));
        until(|| !second.is_finished()).await;
        yield_now().await;
        put!(tx, 5).unwrap();
        assert_eq!(second.await, Ok(Some(5)));
    });
}

/// The same between runtimes: a take polled in a block, awaited in tokio.
#[test]
fn future_moves_from_a_block_to_tokio() {
    let (tx, rx) = chan::<u32>(0);
    let take = value(go!({
        let mut take = Box::pin(async move { rx.take().await });
        assert!(future::poll_once(&mut take).await.is_none());
        take
    }));
    go!({
        sleep(ms(2)).await;
        put!(tx, 5).unwrap();
    });
    assert_eq!(on_tokio(0, take), Some(5));
}

/// A foreign waker that is kept and woken after the block has ended is harmless.
#[test]
fn waker_outlives_its_block() {
    on_one_worker(async {
        let (tx, rx) = chan(1);
        let block = go!({
            std::future::poll_fn(|cx| {
                tx.try_put(cx.waker().clone()).ok();
                std::task::Poll::Ready(())
            })
            .await;
            7
        });
        assert_eq!(block.await, Ok(7));
        let waker = take!(rx).unwrap();
        waker.wake_by_ref();
        let copy = waker.clone();
        assert!(copy.will_wake(&waker));
        std::thread::spawn(move || waker.wake()).join().unwrap();
        drop(copy);
    });
}

/// Handles of blocks in others' combinators.
#[test]
fn handles_in_combinators() {
    let sum = value(go!({
        let blocks = (0..50_u32).map(|n| go!({ n }));
        join_all(blocks)
            .await
            .into_iter()
            .map(Result::unwrap)
            .sum::<u32>()
    }));
    assert_eq!(sum, 1_225);
    let first = on_tokio(0, async {
        tokio::select! {
            v = go!({ 5 }) => v,
            () = tokio::time::sleep(Duration::from_secs(50)) => Ok(0),
        }
    });
    assert_eq!(first, Ok(5));
}

/// Threads, tokio, smol and blocks on one channel.
#[test]
fn stress_everybody_on_one_channel() {
    const EACH: u64 = 1_000;
    for capacity in [0, 4] {
        let (tx, rx) = chan::<u64>(capacity);
        let rt = runtime(2);
        let by_block = tx.clone();
        let block = rt.go(async move {
            for n in 0..EACH {
                put!(by_block, n).unwrap();
            }
        });
        let by_thread = tx.clone();
        let thread =
            std::thread::spawn(move || (0..EACH).for_each(|n| by_thread.put_blocking(n).unwrap()));
        let by_tokio = std::thread::spawn(move || {
            on_tokio(2, async move {
                for n in 0..EACH {
                    tx.put(n).await.unwrap();
                }
            });
        });
        let takers = [rx.clone(), rx.clone()].map(|rx| rt.go(collect(rx)));
        let smol = rx.clone();
        let by_smol = std::thread::spawn(move || async_io::block_on(collect(smol)));
        let mut all: Vec<u64> = rx.into_iter().collect();
        all.extend(by_smol.join().unwrap());
        all.extend(takers.into_iter().flat_map(value));
        assert_eq!(all.len() as u64, 3 * EACH);
        assert_eq!(all.iter().sum::<u64>(), 3 * EACH * (EACH - 1) / 2);
        value(block);
        thread.join().unwrap();
        by_tokio.join().unwrap();
    }
}

#[cfg(feature = "futures")]
mod stream {
    use futures_util::{SinkExt, StreamExt, TryStreamExt, stream};

    use super::{Census, chan, collect, on_one_worker, runtime, value, yield_now};
    use csp::prelude::*;

    #[test]
    fn receiver_as_a_stream() {
        on_one_worker(async {
            let (tx, rx) = chan(0);
            go!({
                for n in 0..10 {
                    put!(tx, n).unwrap();
                }
            });
            let even: Vec<u32> = rx
                .stream()
                .filter(|n| std::future::ready(n % 2 == 0))
                .map(|n| n * 10)
                .collect()
                .await;
            assert_eq!(even, [0, 20, 40, 60, 80]);
        });
    }

    #[test]
    fn sender_as_a_sink() {
        on_one_worker(async {
            let (tx, rx) = chan(0);
            let all = go!({ collect(rx).await });
            let mut sink = tx.sink();
            sink.send(1).await.unwrap();
            sink.feed(2).await.unwrap();
            sink.flush().await.unwrap();
            sink.send_all(&mut stream::iter([Ok(3), Ok(4)]))
                .await
                .unwrap();
            sink.close().await.unwrap();
            drop(sink);
            assert_eq!(all.await, Ok(vec![1, 2, 3, 4]));
        });
    }

    #[test]
    fn forwarding_a_stream_into_a_sink() {
        let rt = runtime(2);
        let (tx, rx) = chan(0);
        let (out_tx, out) = chan(2);
        let forward = rt.go(async move { rx.stream().map(Ok).forward(out_tx.sink()).await });
        let putter = rt.go(async move {
            for n in 0..1_000_u32 {
                put!(tx, n).unwrap();
            }
        });
        let all = rt.go(collect(out));
        value(putter);
        assert_eq!(value(forward), Ok(()));
        assert_eq!(value(all), (0..1_000).collect::<Vec<_>>());
    }

    #[test]
    fn sink_on_a_closed_channel_gives_the_value_back() {
        on_one_worker(async {
            let (tx, rx) = chan(0);
            let mut sink = tx.sink();
            let sending = go!({ sink.send("back").await });
            yield_now().await;
            drop(rx);
            assert_eq!(sending.await, Ok(Err(Closed("back"))));
        });
    }

    /// Dropping a stream that waits gives the value to the next taker.
    #[test]
    fn dropping_a_waiting_stream_loses_nothing() {
        let census = Census::default();
        let items = census.clone();
        on_one_worker(async move {
            let (tx, rx) = chan(0);
            let mut stream = rx.clone().stream();
            let waiting = go!({ stream.next().await.is_some() });
            yield_now().await;
            assert!(tx.try_put(items.item()).is_ok());
            waiting.cancel();
            assert!(waiting.await.is_err());
            assert_eq!(items.living(), 1);
            assert!(rx.try_take().is_ok());
        });
        assert_eq!(census.living(), 0);
    }

    #[test]
    fn streams_merge_and_fail() {
        on_one_worker(async {
            let (a_tx, a) = chan::<Result<u32, &str>>(2);
            let (b_tx, b) = chan(2);
            a_tx.try_put(Ok(1)).unwrap();
            a_tx.try_put(Err("broken")).unwrap();
            b_tx.try_put(Ok(2)).unwrap();
            drop((a_tx, b_tx));
            let sum = stream::select(a.stream(), b.stream())
                .try_fold(0, |sum, n| async move { Ok(sum + n) })
                .await;
            assert_eq!(sum, Err("broken"));
        });
    }
}

/// Parked in a foreign future, a block is woken from any thread.
#[test]
fn foreign_wake_from_another_thread() {
    on_one_worker(async {
        let (tx, rx) = chan::<u32>(0);
        let block = go!({ take!(rx) });
        parked(&block).await;
        std::thread::spawn(move || tx.put_blocking(3).unwrap());
        assert_eq!(block.await, Ok(Some(3)));
    });
}
