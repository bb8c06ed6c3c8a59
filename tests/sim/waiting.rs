//! Promises, streams in time, locks, scopes, flows, under random schedules.

use std::{future::Future, pin::Pin, sync::Arc, task::Poll};

use csp::{
    Local, Promise, Runtime,
    flow::{self, FlowDef},
    lock,
    pipeline::{Pipeline, complete, restart},
    prelude::*,
    promise::{all, any, promise, race},
    sim::Sim,
};

use crate::util::explore;

fn late(after: u64, value: u32) -> Promise<u32> {
    csp::promise::go_try(async move {
        sleep(secs(after)).await;
        Ok::<_, csp::Error>(value)
    })
}

#[test]
fn promises_chain() {
    explore(|| {
        let (resolver, answer) = promise::<u32, csp::Error>();
        let answer = answer.map(|n| n + 1).and_then(|n| late(1, 10 * n));
        go!({ resolver.fulfill(3).unwrap() });
        assert_eq!(answer.wait().unwrap(), 40);
    });
}

#[test]
fn all_race_and_any() {
    explore(|| {
        assert_eq!(all([late(2, 1), late(1, 2)]).wait().unwrap(), [1, 2]);
        assert_eq!(race([late(2, 1), late(1, 2)]).wait().unwrap(), (1, 2));
        let none = late(1, 1).and_then(|_| Promise::<u32>::failed("no"));
        assert_eq!(any([none, late(3, 2)]).wait().unwrap(), (1, 2));
    });
}

#[test]
fn limits_are_kept_in_virtual_time() {
    explore(|| {
        let start = csp::now();
        assert!(late(9, 1).timeout(secs(2)).wait().is_err());
        assert_eq!(late(9, 1).timeout_or(secs(2), 5).wait().unwrap(), 5);
        assert_eq!(csp::now() - start, secs(4));
        let promise = late(9, 1).wait_for(secs(3)).unwrap_err();
        assert_eq!(csp::now() - start, secs(7));
        assert_eq!(promise.wait().unwrap(), 1);
    });
}

/// A blocking wait that is woken for nothing does not begin its time anew.
#[test]
fn a_limit_outlasts_idle_wakes() {
    explore(|| {
        let start = csp::now();
        let (resolver, mut answer) = promise::<u32, csp::Error>();
        // Leaves this thread's waker in the promise.
        csp::block_on(std::future::poll_fn(|cx| {
            assert!(Pin::new(&mut answer).poll(cx).is_pending());
            Poll::Ready(())
        }));
        go!({
            sleep(secs(2)).await;
            resolver.fulfill(1).unwrap();
        });
        let (_tx, rx) = chan::<u32>(0);
        assert!(rx.take_blocking_for(secs(3)).is_err());
        assert_eq!(csp::now() - start, secs(3));
        assert_eq!(answer.wait().unwrap(), 1);
    });
}

#[test]
fn shared_promises_tell_everybody() {
    explore(|| {
        let shared = late(1, 7).shared();
        let all: Vec<_> = (0..3)
            .map(|n| {
                let shared = shared.clone();
                go!({ shared.map(move |v| v + n).await.unwrap() })
            })
            .collect();
        for (n, block) in (0..).zip(all) {
            assert_eq!(block.wait(), Ok(7 + n));
        }
        assert_eq!(shared.wait().unwrap(), 7);
    });
}

/// Settled or cancelled, whichever was first; never both, never neither.
#[test]
fn cancel_and_settle_exclude_each_other() {
    explore(|| {
        let (resolver, answer) = promise::<u32, csp::Error>();
        let settles = go!({ resolver.fulfill(1).is_ok() });
        let cancelled = answer.cancel();
        let outcome = answer.wait();
        let settled = settles.wait().unwrap();
        assert_eq!(settled, outcome.is_ok());
        assert_eq!(cancelled, outcome.is_err());
    });
}

#[test]
fn streams_in_time() {
    explore(|| {
        let (tx, rx) = chan(0);
        let groups = stream(rx).batch(2, secs(5)).chan(0);
        go!({
            for n in 1..=3 {
                put!(tx, n).unwrap();
                sleep(secs(1)).await;
            }
            sleep(secs(10)).await;
            put!(tx, 4).unwrap();
        });
        let all: Vec<_> = groups.into_iter().collect();
        assert_eq!(all, [vec![1, 2], vec![3], vec![4]]);
    });
    explore(|| {
        let (tx, rx) = chan(0);
        let quiet = stream(rx).debounce(secs(2)).chan(0);
        go!({
            for (n, pause) in [(1, 1), (2, 5), (3, 1)] {
                put!(tx, n).unwrap();
                sleep(secs(pause)).await;
            }
        });
        assert!(quiet.into_iter().eq([2, 3]));
    });
    explore(|| {
        let start = csp::now();
        let paced = stream(to_chan(1..=3)).throttle(1, secs(1), 1).chan(0);
        for (n, due) in [(1, 0), (2, 1), (3, 2)] {
            assert_eq!(paced.take_blocking(), Some(n));
            assert_eq!(csp::now() - start, secs(due));
        }
        assert_eq!(paced.take_blocking(), None);
    });
}

#[test]
fn streams_of_many() {
    explore(|| {
        let groups = stream(to_chan(1..=4)).group_by(|n| n % 2).chan(0);
        let mut sums = vec![];
        while let Some((key, group)) = groups.take_blocking() {
            sums.push(go!({
                let mut sum = 0;
                while let Some(n) = take!(group) {
                    sum += n;
                }
                (key, sum)
            }));
        }
        let sums: Vec<_> = sums.into_iter().map(|sum| sum.wait().unwrap()).collect();
        assert_eq!(sums, [(1, 4), (0, 6)]);
        let rows = stream::zip((to_chan(1..), to_chan(["a", "b"]))).chan(0);
        assert!(rows.into_iter().eq([(1, "a"), (2, "b")]));
    });
}

#[test]
fn dataflow_waits_for_what_it_names() {
    explore(|| {
        let (tx, rx) = chan(0);
        go!({ put!(tx, 20).unwrap() });
        let sum = go!({
            flow! {
                let a = take!(rx);
                let b = late(1, 1).await;
                a.unwrap() + b.unwrap()
            }
            .await
        });
        assert_eq!(sum.wait(), Ok(21));
    });
}

#[test]
fn pipelines_restart_and_redirect() {
    explore(|| {
        let to_five = Pipeline::<u32, u32>::builder()
            .stage(|n| late(1, n))
            .step(|n| if n < 5 { restart(n + 1) } else { complete(n) })
            .build();
        let both = [to_five.run(0), to_five.run(3)].map(|run| run.wait().unwrap());
        assert_eq!(both, [5, 5]);
        let other = Pipeline::<u32, u32>::builder().map(|n| n + 100).build();
        let turned = Pipeline::<u32, u32>::builder()
            .step(move |n| csp::pipeline::redirect(other.redirect(n)))
            .build();
        assert_eq!(turned.run(1).wait().unwrap(), 101);
    });
}

#[test]
fn locks_exclude() {
    explore(|| {
        let total = Arc::new(lock::Mutex::new(0));
        let blocks: Vec<_> = (1..=3)
            .map(|n| {
                let total = Arc::clone(&total);
                go!({
                    let mut total = total.lock().await;
                    let before = *total;
                    yield_now().await;
                    *total = before + n;
                })
            })
            .collect();
        for block in blocks {
            block.wait().unwrap();
        }
        assert_eq!(*total.lock_blocking(), 6);
    });
    explore(|| {
        let permits = Arc::new(lock::Semaphore::new(2));
        let blocks: Vec<_> = (0..3)
            .map(|_| {
                let permits = Arc::clone(&permits);
                go!({
                    let _permit = permits.acquire().await;
                    yield_now().await;
                    assert!(permits.available() <= 1);
                })
            })
            .collect();
        for block in blocks {
            block.wait().unwrap();
        }
        assert_eq!(permits.available(), 2);
    });
    explore(|| {
        let house = lock::Bulkhead::new(1, 1);
        let inside: Vec<_> = (0..3)
            .map(|_| {
                let house = house.clone();
                go!({ house.run(async || yield_now().await).await.is_ok() })
            })
            .collect();
        let let_in = inside
            .into_iter()
            .filter(|_| true)
            .map(|b| b.wait().unwrap());
        assert!((2..=3).contains(&let_in.filter(|&ok| ok).count()));
        assert_eq!(house.inside(), 0);
    });
    explore(|| {
        let queue = Arc::new(lock::Queue::new(3, 2));
        let takers: Vec<_> = (0..2)
            .map(|_| {
                let queue = Arc::clone(&queue);
                go!({ queue.take().unwrap().await })
            })
            .collect();
        for n in 1..=3 {
            queue.try_put(n).unwrap();
        }
        let sum: u32 = takers.into_iter().map(|taker| taker.wait().unwrap()).sum();
        assert_eq!(sum + queue.try_take().unwrap(), 6);
    });
}

#[test]
fn event_loops_run_in_the_world() {
    explore(|| {
        let events = csp::EventLoop::new();
        let handle = events.handle();
        let (tx, seen) = chan(8);
        let emit = handle.clone();
        let mut n = 0_u32;
        handle
            .every(secs(1), move |_missed| {
                n += 1;
                tx.try_put(n).unwrap();
                if n == 3 {
                    emit.stop();
                }
            })
            .unwrap();
        let start = csp::now();
        events.run();
        assert_eq!(csp::now() - start, secs(3));
        assert!(seen.into_iter().eq([1, 2, 3]));
    });
}

#[test]
fn flows_of_processes() {
    Sim::random(1).schedules(60).progress(false).explore(|| {
        let flow = FlowDef::new("word lengths")
            .process(
                "words",
                flow::source(|| ["take", "put", "alt"].map(str::to_owned)),
            )
            .process("length", flow::map(|word: &String| word.len()))
            .connect(("words", "out"), ("length", "in"))
            .out_port::<usize>(("length", "out"), 1)
            .build()
            .unwrap();
        let mut run = flow.start().unwrap();
        let lengths = run.out_port::<usize>(("length", "out")).unwrap();
        assert_eq!(
            lengths.into_iter().map(|n| *n).collect::<Vec<_>>(),
            [4, 3, 3]
        );
    });
}

#[test]
fn runtimes_and_locals_side_by_side() {
    explore(|| {
        let rt = Runtime::builder().workers(1).build();
        let (tx, rx) = chan(0);
        rt.go(async move {
            for n in 0..3 {
                put!(tx, n).unwrap();
            }
        });
        let local = Local::new();
        let sum = local.run_until(async move {
            let mut sum = 0;
            while let Some(n) = take!(rx) {
                sum += n;
            }
            sum
        });
        assert_eq!(sum, 3);
        rt.shutdown(secs(1)).unwrap();
    });
}
