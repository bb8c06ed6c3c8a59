//! Our channels in other runtimes, and other runtimes' futures in go blocks.

use std::{
    pin::pin,
    sync::OnceLock,
    time::{Duration, Instant},
};

use async_io::{Async, Timer};
use csp::{Runtime, prelude::*};
use futures_lite::{AsyncReadExt, AsyncWriteExt, future};
use futures_util::{
    StreamExt,
    future::{join_all, select_all},
    stream::FuturesUnordered,
};

use crate::util::{Census, collect, on_one_worker, parked, runtime, sorted, until, value};

/// Runs a future on a tokio runtime of either flavour.
fn on_tokio<T>(threads: usize, future: impl Future<Output = T>) -> T {
    let mut builder = match threads {
        0 => tokio::runtime::Builder::new_current_thread(),
        _ => tokio::runtime::Builder::new_multi_thread(),
    };
    if threads > 0 {
        builder.worker_threads(threads);
    }
    let rt = builder.enable_all().build().unwrap();
    rt.block_on(future)
}

const FLAVOURS: [usize; 2] = [0, 2];

#[test]
fn async_io_timer_in_a_block() {
    on_one_worker(async {
        let start = Instant::now();
        let (tx, rx) = chan::<u32>(0);
        let first = alt! {
            v = take!(rx) => v.is_some(),
            _ = park!(Timer::after(Duration::from_millis(10))) => true,
        };
        assert!(first && start.elapsed() >= ms(10));
        Timer::after(Duration::from_millis(5)).await;
        drop(tx);
    });
}

#[test]
fn tcp_streams_of_async_io_in_blocks() {
    let rt = runtime(2);
    let listener = Async::<std::net::TcpListener>::bind(([127, 0, 0, 1], 0)).unwrap();
    let address = listener.get_ref().local_addr().unwrap();
    let server = rt.go(async move {
        let mut handled = Vec::new();
        for _ in 0..10 {
            let (mut stream, _) = listener.accept().await.unwrap();
            handled.push(go!({
                let mut text = String::new();
                stream.read_to_string(&mut text).await.unwrap();
                stream
                    .write_all(text.to_uppercase().as_bytes())
                    .await
                    .unwrap();
                text.len()
            }));
        }
        let mut sum = 0;
        for block in handled {
            sum += block.await.unwrap();
        }
        sum
    });
    let clients: Vec<_> = (0..10)
        .map(|n| {
            rt.go(async move {
                let mut stream = Async::<std::net::TcpStream>::connect(address)
                    .await
                    .unwrap();
                stream
                    .write_all(format!("client {n}").as_bytes())
                    .await
                    .unwrap();
                stream
                    .get_ref()
                    .shutdown(std::net::Shutdown::Write)
                    .unwrap();
                let mut answer = String::new();
                stream.read_to_string(&mut answer).await.unwrap();
                assert_eq!(answer, format!("CLIENT {n}"));
            })
        })
        .collect();
    clients.into_iter().for_each(value);
    assert_eq!(value(server), 80);
}

/// smol's executor and a thread's `block_on`.
#[test]
fn channels_in_smol_tasks() {
    let executor = async_executor::Executor::new();
    let (tx, rx) = chan(0);
    let (out_tx, out) = chan(0);
    let block = go!({
        while let Some(n) = take!(rx) {
            put!(out_tx, n * 2_u32).ok();
        }
    });
    let sum = async_io::block_on(executor.run(async {
        let putter = executor.spawn(async move {
            for n in 0..500 {
                put!(tx, n).unwrap();
            }
        });
        let sum = executor.spawn(async move {
            let mut sum = 0;
            loop {
                let over = Timer::after(Duration::from_secs(50));
                match future::or(async { Some(out.take().await) }, async {
                    over.await;
                    None
                })
                .await
                {
                    Some(Some(n)) => sum += n,
                    Some(None) => break sum,
                    None => panic!("hung"),
                }
            }
        });
        putter.await;
        sum.await
    }));
    assert_eq!(sum, 499 * 500);
    value(block);
}

#[test]
fn channels_in_tokio_tasks() {
    for threads in FLAVOURS {
        let (tx, rx) = chan(0);
        let (out_tx, out) = chan(0);
        let block = go!({
            while let Some(n) = take!(rx) {
                put!(out_tx, n + 1_u32).ok();
            }
        });
        let sum = on_tokio(threads, async move {
            let putter = tokio::spawn(async move {
                for n in 0..500 {
                    put!(tx, n).unwrap();
                }
            });
            let taker = tokio::spawn(async move {
                let mut sum = 0;
                while let Some(n) = take!(out) {
                    sum += n;
                }
                sum
            });
            putter.await.unwrap();
            taker.await.unwrap()
        });
        assert_eq!(sum, 500 * 501 / 2);
        value(block);
    }
}

/// Our alts, blocks and timeouts awaited by tokio's tasks.
#[test]
fn alts_blocks_and_timeouts_in_tokio_tasks() {
    for threads in FLAVOURS {
        let log = on_tokio(threads, async {
            let (tx, rx) = chan::<u32>(0);
            let mut log = Vec::new();
            let block = go!({ put!(tx, 1).is_ok() });
            log.push(alt! { v = take!(rx) => v, _ = take!(timeout(secs(50))) => None });
            assert_eq!(block.await, Ok(true));
            log.push(alt! { v = take!(rx) => v, _ = take!(timeout(secs(50))) => Some(9) });
            sleep(ms(1)).await;
            let task = tokio::spawn(async { go!({ 5 }).await });
            log.push(task.await.unwrap().ok());
            log
        });
        assert_eq!(log, [Some(1), None, Some(5)]);
    }
}

/// `select!` and `timeout` drop takes in the middle: no value is lost.
#[test]
fn tokio_select_and_timeout_lose_no_value() {
    for threads in FLAVOURS {
        let (tx, rx) = chan(0);
        let putter = go!({
            for n in 0..300_u64 {
                if n % 50 == 0 {
                    sleep(ms(2)).await;
                }
                put!(tx, n).unwrap();
            }
        });
        let all = on_tokio(threads, async move {
            let mut all = Vec::new();
            loop {
                let got = if all.len() % 2 == 0 {
                    tokio::select! {
                        biased;
                        () = tokio::task::yield_now() => continue,
                        v = rx.take() => v,
                    }
                } else {
                    match tokio::time::timeout(Duration::from_micros(100), rx.take()).await {
                        Ok(v) => v,
                        Err(_) => continue,
                    }
                };
                match got {
                    Some(n) => all.push(n),
                    None => return all,
                }
            }
        });
        assert_eq!(all, (0..300).collect::<Vec<_>>());
        value(putter);
    }
}

/// A put that tokio's timeout drops takes its value with it.
#[test]
fn tokio_timeout_withdraws_a_put() {
    let census = Census::default();
    for threads in FLAVOURS {
        let (tx, rx) = chan(0);
        let item = census.item();
        on_tokio(threads, async {
            let put = tokio::time::timeout(Duration::from_millis(1), tx.put(item)).await;
            assert!(put.is_err());
        });
        assert_eq!(census.living(), 0);
        assert!(rx.try_take().is_err());
    }
}

/// A tokio task that is aborted in a take gives the value back.
#[test]
fn stress_aborted_tokio_tasks_lose_no_value() {
    let (tx, rx) = chan(0);
    let putter = go!({
        for n in 0..2_000_u64 {
            put!(tx, n).unwrap();
        }
    });
    let all = on_tokio(2, async move {
        let mut all = Vec::new();
        while !rx.is_closed() {
            let own = rx.clone();
            let task = tokio::spawn(async move { own.take().await });
            if all.len() % 3 == 0 {
                tokio::task::yield_now().await;
            }
            task.abort();
            if let Ok(Some(n)) = task.await {
                all.push(n);
            } else if let Ok(n) = rx.try_take() {
                all.push(n);
            }
        }
        while let Ok(n) = rx.try_take() {
            all.push(n);
        }
        all
    });
    assert_eq!(sorted(all), (0..2_000).collect::<Vec<_>>());
    value(putter);
}

/// tokio's timers and sockets in go blocks, with its handle entered on each worker.
#[test]
fn tokio_timers_and_sockets_in_blocks() {
    static TOKIO: OnceLock<tokio::runtime::Runtime> = OnceLock::new();
    let tokio = TOKIO.get_or_init(|| {
        tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap()
    });
    let rt = Runtime::builder()
        .workers(2)
        .on_worker(|| TOKIO.get().unwrap().enter())
        .build();
    let start = Instant::now();
    let slept = rt.go(async {
        tokio::time::sleep(Duration::from_millis(10)).await;
        // On another thread than the first, perhaps.
        go!({
            tokio::time::timeout(Duration::from_millis(5), std::future::pending::<()>())
                .await
                .is_err()
        })
        .await
    });
    assert!(value(slept).unwrap() && start.elapsed() >= ms(15));
    let (port_tx, port) = chan(0);
    let server = rt.go(async move {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0))
            .await
            .unwrap();
        put!(port_tx, listener.local_addr().unwrap()).unwrap();
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut text = [0; 4];
        stream.read_exact(&mut text).await.unwrap();
        stream.write_all(&text).await.unwrap();
    });
    let client = rt.go(async move {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let mut stream = tokio::net::TcpStream::connect(take!(port).unwrap())
            .await
            .unwrap();
        stream.write_all(b"ping").await.unwrap();
        let mut text = [0; 4];
        stream.read_exact(&mut text).await.unwrap();
        text
    });
    assert_eq!(&value(client), b"ping");
    value(server);
    assert_eq!(tokio.block_on(async { 1 }), 1);
}

/// tokio's own channels between a task and a block.
#[test]
fn tokio_channels_in_blocks() {
    let (tx, mut rx) = tokio::sync::mpsc::channel::<u32>(2);
    let block = go!({
        let mut sum = 0;
        while let Some(n) = rx.recv().await {
            sum += n;
        }
        sum
    });
    on_tokio(0, async move {
        for n in 0..100 {
            tx.send(n).await.unwrap();
        }
    });
    assert_eq!(value(block), 4_950);
}

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
