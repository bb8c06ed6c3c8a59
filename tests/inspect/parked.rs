//! Every kind of thing that a block can be parked on.

use std::pin::pin;

use csp::{
    Local, Op,
    inspect::{BlockState, On, dump},
    prelude::*,
    promise::promise,
    put_all_or_none,
};

use crate::util::{named, on, waits};

#[test]
fn a_take_and_a_put() {
    let _on = on();
    let local = Local::new();
    let (jobs_tx, jobs) = chan::<u32>(0);
    let (results, results_rx) = chan::<u32>(1);
    let (jobs, results) = (jobs.named("jobs"), results.named("results"));
    results.try_put(0).unwrap();
    let result_id = results.id();
    let _taker = local.go(async move { take!(jobs) }).named("taker");
    let _putter = local.go(async move { put!(results, 1) }).named("putter");
    local.run_until_idle();

    let dump = dump();
    let taker = named(&dump, "taker");
    assert_eq!(taker.state, BlockState::Parked);
    assert_eq!(waits(taker), [(None, On::Take(jobs_tx.id()))]);
    let site = taker.parked_at.unwrap();
    assert_eq!((site.op(), site.text()), (Op::Take, "jobs"));
    assert_eq!(site.file(), file!());
    let channel = dump.channel(jobs_tx.id()).unwrap();
    assert_eq!(channel.name.as_deref(), Some("jobs"));
    assert_eq!((channel.takers, channel.putters), (1, 0));
    assert_eq!((channel.senders, channel.receivers), (1, 1));
    assert_eq!(channel.buffer, None);
    assert_eq!(channel.created.file(), file!());

    let putter = named(&dump, "putter");
    assert_eq!(waits(putter), [(None, On::Put(result_id))]);
    assert_eq!(putter.parked_at.unwrap().op(), Op::Put);
    let channel = dump.channel(result_id).unwrap();
    assert_eq!((channel.takers, channel.putters), (0, 1));
    assert_eq!(
        (channel.buffer, channel.len, channel.capacity),
        (Some("fixed"), Some(1), Some(1))
    );
    drop(results_rx);
}

/// Each arm of an alts is told, with the state of its channel.
#[test]
fn an_alts_of_take_put_timeout_and_promise() {
    let _on = on();
    let local = Local::virtual_time();
    let (in_tx, input) = chan::<u32>(0);
    let (output, _out_rx) = chan::<u32>(0);
    let (output, out_id) = (output.clone(), output.id());
    let (resolver, answer) = promise::<u32, csp::Error>();
    let _block = local
        .go(async move {
            alt! {
                _ = take!(input) => 0,
                _ = put!(output, 5) => 1,
                _ = take!(timeout(secs(7))) => 2,
                _ = park!(answer) => 3,
            }
        })
        .named("chooser");
    local.run_until_idle();

    let dump = dump();
    let chooser = named(&dump, "chooser");
    assert_eq!(chooser.parked_at.unwrap().op(), Op::Alt);
    let promise = &dump.promises[0];
    assert_eq!(promise.waiters, [chooser.id]);
    let mut arms = waits(chooser);
    arms.sort_by_key(|(arm, _)| arm.map_or(9, |arm| arm));
    let timer = &dump.timers[0];
    assert_eq!((timer.due, timer.waiters), (Some(secs(7)), Some(1)));
    assert_eq!(
        arms,
        [
            (Some(0), On::Take(in_tx.id())),
            (Some(1), On::Put(out_id)),
            (Some(2), On::Timer(timer.channel)),
            (None, On::Promise(promise.id)),
        ]
    );
    assert_eq!(dump.channel(in_tx.id()).unwrap().takers, 1);
    assert_eq!(dump.channel(out_id).unwrap().putters, 1);
    // What is a timer's is not listed among the channels.
    assert!(dump.channel(timer.channel).is_none());
    drop(resolver);
}

/// An alts that has been committed, and one that was dropped, leave nothing to be seen.
#[test]
fn an_alts_that_is_over() {
    let _on = on();
    let local = Local::new();
    let (a_tx, a) = chan::<u32>(0);
    let (b_tx, b) = chan::<u32>(0);
    let block = local
        .go(async move {
            alt! { v = take!(a) => v, v = take!(b) => v }
        })
        .named("chooser");
    local.run_until_idle();
    a_tx.try_put(1).unwrap();
    // It has been woken, and has not run.
    let dump = dump();
    let chooser = named(&dump, "chooser");
    assert_eq!(chooser.state, BlockState::Runnable);
    assert_eq!(waits(chooser), []);
    let channel = dump.channel(b_tx.id()).unwrap();
    assert_eq!(channel.takers, 0, "a dead arm counts");
    local.run_until_idle();
    assert_eq!(block.wait(), Ok(Some(1)));
}

#[test]
fn a_join_with_and_without_a_macro() {
    let _on = on();
    let local = Local::new();
    let (tx, rx) = chan::<u32>(0);
    let inner = local.go(async move { take!(rx) }).named("inner");
    let inner_id = inner.id();
    let outer = local.go(async move { park!(inner) }).named("outer");
    let outer_id = outer.id();
    let _outermost = local.go(outer).named("outermost");
    local.run_until_idle();

    let dump = dump();
    let outer = named(&dump, "outer");
    assert_eq!(waits(outer), [(None, On::Block(inner_id))]);
    assert_eq!(outer.parked_at.unwrap().op(), Op::Park);
    let outermost = named(&dump, "outermost");
    assert_eq!(waits(outermost), [(None, On::Block(outer_id))]);
    assert!(named(&dump, "inner").is_awaited && !outermost.is_awaited);
    drop(tx);
}

/// What a block noted at a take does not stand for a later plain await.
#[test]
fn an_await_after_a_take_is_not_shown_as_the_take() {
    let _on = on();
    let local = Local::new();
    let (tx, rx) = chan::<u32>(0);
    let _other = tx.clone();
    let never = local.go(std::future::pending::<()>());
    let _block = local
        .go(async move {
            take!(rx);
            never.await
        })
        .named("moved on");
    local.run_until_idle();
    tx.try_put(1).unwrap();
    local.run_until_idle();

    let dump = dump();
    let block = named(&dump, "moved on");
    assert_eq!(block.state, BlockState::Parked);
    assert!(block.parked_at.is_none(), "{dump}");
    assert!(matches!(block.waits_for[0].on, On::Block(_)));
}

#[test]
fn promises_of_both_kinds() {
    let _on = on();
    let local = Local::new();
    let (resolver, answer) = promise::<u32, csp::Error>();
    let (other, shared) = promise::<u32, csp::Error>();
    let shared = shared.shared();
    let made = line!() - 3;
    let _one = local.go(async move { park!(answer).is_ok() }).named("one");
    let readers: Vec<_> = (0..2)
        .map(|n| {
            let shared = shared.clone();
            local
                .go(async move { park!(shared).is_ok() })
                .named(format!("reader {n}"))
        })
        .collect();
    local.run_until_idle();

    let seen = dump();
    let one = named(&seen, "one");
    let of_one = seen
        .promises
        .iter()
        .find(|promise| promise.waiters == [one.id])
        .unwrap();
    assert_eq!((of_one.kind, of_one.state), ("promise", "pending"));
    assert_eq!(
        (of_one.created.file(), of_one.created.line()),
        (file!(), made)
    );
    assert_eq!(waits(one), [(None, On::Promise(of_one.id))]);
    let ids: Vec<u64> = readers.iter().map(Go::id).collect();
    let of_readers = seen
        .promises
        .iter()
        .find(|promise| promise.kind == "shared promise")
        .unwrap();
    assert_eq!(of_readers.waiters, ids);

    // What is settled, or given up, is not pending any more.
    resolver.fulfill(1).unwrap();
    drop((other, shared, readers));
    local.run_until_idle();
    assert!(dump().promises.is_empty(), "{}", dump());
}

#[test]
fn a_sleep_and_an_interval() {
    let _on = on();
    let local = Local::virtual_time();
    let _sleeper = local.go(async { sleep(secs(20)).await }).named("sleeper");
    let _ticker = local
        .go(async { interval(secs(30)).beat().await })
        .named("ticker");
    local.run_until_idle();
    local.advance(secs(5));

    let dump = dump();
    let due = |name: &str| {
        let On::Timer(channel) = named(&dump, name).waits_for[0].on else {
            panic!("{name} waits for no timer:\n{dump}");
        };
        let timer = dump.timers.iter().find(|t| t.channel == channel).unwrap();
        timer.due
    };
    assert_eq!(due("sleeper"), Some(secs(15)));
    assert_eq!(due("ticker"), Some(secs(25)));
}

#[test]
fn the_close_of_a_channel_and_room_in_several() {
    let _on = on();
    let local = Local::new();
    let (tx, _rx) = chan::<u32>(0);
    let closes = tx.id();
    let _closing = local.go(async move { tx.closed().await }).named("closing");
    let (a, _a_rx) = chan::<u32>(0);
    let (b, _b_rx) = chan::<u32>(1);
    let full = a.id();
    let _both = local
        .go(async move {
            let both = put_all_or_none((a.put(1), b.put(2))).await;
            both.is_ok()
        })
        .named("both");
    local.run_until_idle();

    let dump = dump();
    assert_eq!(waits(named(&dump, "closing")), [(None, On::Close(closes))]);
    let both = waits(named(&dump, "both"));
    assert!(both.contains(&(None, On::Room(full))), "{both:?}");
    assert_eq!(dump.channel(full).unwrap().watchers, 1);
}

/// Who is no block of ours counts as an outsider.
#[test]
fn other_async_code_and_callbacks() {
    let _on = on();
    let (tx, rx) = chan::<u32>(0);
    let (rx2, rx3) = (rx.clone(), rx.clone());
    rx.take_then(|_| ()).unwrap();
    let mut take = pin!(rx2.take());
    let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
    assert!(take.as_mut().poll(&mut cx).is_pending());
    let local = Local::new();
    let _block = local.go(async move { take!(rx3) }).named("block");
    local.run_until_idle();

    let dump = dump();
    let channel = dump.channel(tx.id()).unwrap();
    assert_eq!((channel.takers, channel.outsiders), (3, 2));
}

/// Blocking work is shown as such, and a thread that waits for a channel as a taker.
#[test]
fn a_thread() {
    let _on = on();
    let (tx, rx) = chan::<u32>(0);
    let (started, has_started) = chan(1);
    let work = thread(move || {
        started.put_blocking(()).unwrap();
        rx.take_blocking()
    })
    .named("work");
    has_started.take_blocking();
    while dump().channel(tx.id()).unwrap().takers == 0 {
        std::thread::yield_now();
    }
    let seen = dump();
    assert_eq!(named(&seen, "work").state, BlockState::Thread);
    assert_eq!(seen.channel(tx.id()).unwrap().outsiders, 1);
    tx.put_blocking(1).unwrap();
    assert_eq!(work.wait(), Ok(Some(1)));
}

/// On a runtime's workers as on a `Local`.
#[test]
fn a_block_of_a_runtime() {
    let _on = on();
    let rt = csp::Runtime::builder().workers(2).name("two").build();
    let (tx, rx) = chan::<u32>(0);
    let block = rt.go(async move { take!(rx) }).named("there");
    while block.parked_at().is_none() {
        std::thread::yield_now();
    }
    let dump = dump();
    let there = named(&dump, "there");
    assert_eq!(waits(there), [(None, On::Take(tx.id()))]);
    let executor = &dump.executors[there.executor];
    assert_eq!((executor.name.as_str(), executor.workers), ("two", 2));
    assert_eq!(executor.live, 1);
    assert!(!executor.is_local);
    drop(tx);
    block.wait().unwrap();
}

/// Buffers of all kinds, ends, transducers.
#[test]
fn what_is_told_of_a_channel() {
    let _on = on();
    let (sliding_tx, _a) = chan(sliding::<u32>(2));
    let (dropping_tx, _b) = chan(dropping::<u32>(3));
    let (promise_tx, _c) = chan(promise_buffer::<u32>());
    let (xf_tx, xf_rx) = chan_with(4, xf::map(|n: u32| n + 1));
    let (closed_tx, _e) = chan::<u32>(1);
    let (failed_tx, _f) = chan::<u32>(1);
    xf_tx.try_put(1).unwrap();
    closed_tx.close();
    failed_tx.fail("no reason");
    let dump = dump();
    let of = |id| dump.channel(id).unwrap();
    assert_eq!(of(sliding_tx.id()).buffer, Some("sliding"));
    assert_eq!(of(dropping_tx.id()).capacity, Some(3));
    assert_eq!(of(promise_tx.id()).buffer, Some("promise"));
    let xf = of(xf_tx.id());
    assert!(xf.has_transducer && xf.len == Some(1) && xf.capacity == Some(4));
    assert!(of(closed_tx.id()).is_closed && !of(closed_tx.id()).is_failed);
    assert!(of(failed_tx.id()).is_failed);
    let id = xf_tx.id();
    drop((xf_tx, xf_rx));
    assert!(
        csp::inspect::dump().channel(id).is_none(),
        "it has been freed"
    );
}
