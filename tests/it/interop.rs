//! Our channels in other runtimes, and other runtimes' futures in go blocks.

use std::{
    sync::OnceLock,
    time::{Duration, Instant},
};

use async_io::{Async, Timer};
use csp::{Runtime, prelude::*};
use futures_lite::{AsyncReadExt, AsyncWriteExt, future};

use crate::util::{Census, on_one_worker, runtime, sorted, value};

/// Runs a future on a tokio runtime of either flavour.
pub(crate) fn on_tokio<T>(threads: usize, future: impl Future<Output = T>) -> T {
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
