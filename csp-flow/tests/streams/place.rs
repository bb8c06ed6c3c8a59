//! Buffers, names, and where blocks run.

use std::thread;

use csp::{Buffer, Runtime, chan, dropping, sliding, stream};

use crate::{
    rules::Rules,
    util::blocks::{Stage, all, drain, eventually, ready},
};

#[test]
fn ev_151_buffer_runs_ahead() {
    for n in [1, 3] {
        Rules::of("buffer")
            .in_hand(n + 1)
            .check(|s| s.buffer(n).receiver(), Iterator::collect);
    }
    Rules::of("map, buffer").in_hand(3).check(
        |s| s.map(|n| n + 1).buffer(2).receiver(),
        |v| v.map(|n| n + 1).collect(),
    );
    Rules::of("buffer(0)").check(|s| s.buffer(0).receiver(), Iterator::collect);
}

/// Such a buffer never holds the source back.
#[test]
fn ev_156_sliding_and_dropping_buffers() {
    let kept = |buffer: Buffer<u32>| {
        let stage = Stage::new();
        let out = stage.with(|| stream(ready(1..=9)).buffer(buffer).receiver());
        drain(&out)
    };
    assert_eq!(kept(dropping(3)), [1, 2, 3]);
    assert_eq!(kept(sliding(3)), [7, 8, 9]);
}

#[test]
fn ev_151_buffer_by_weight() {
    // 1 + 2 + 3 are held, and 4 waits.
    Rules::of("buffer_by").in_hand(4).check(
        |s| s.buffer_by(|n| *n as usize, 6).receiver(),
        Iterator::collect,
    );
    Rules::of("buffer_by, all too heavy").in_hand(2).check(
        |s| s.buffer_by(|_| usize::MAX, 6).receiver(),
        Iterator::collect,
    );
    Rules::of("buffer_by, no weight")
        .in_hand(13)
        .check(|s| s.buffer_by(|_| 0, 6).receiver(), Iterator::collect);
}

/// The put that crosses the limit waits until there is room, and no longer.
#[test]
fn ev_151_a_put_that_crosses_the_limit_waits_for_room() {
    let stage = Stage::new();
    let (tx, rx) = chan(0);
    let out = stage.with(|| stream(rx).buffer_by(|n| *n, 10).receiver());
    let put = |n: usize| {
        let accepted = tx.try_put(n).is_ok();
        stage.idle();
        accepted
    };
    assert!(put(4) && put(6), "exactly the limit");
    assert!(put(5), "in hand");
    assert!(!put(1), "and behind it");
    assert_eq!(out.len(), 2);
    assert_eq!(out.try_take(), Ok(4));
    stage.idle();
    assert_eq!(out.len(), 1, "6 + 5 are too much");
    assert!(!put(1));
    assert_eq!(out.try_take(), Ok(6));
    stage.idle();
    assert_eq!(out.len(), 1);
    assert!(put(5) && put(30), "one alone, in hand");
    assert_eq!((out.try_take(), out.try_take()), (Ok(5), Ok(5)));
    stage.idle();
    assert_eq!(out.try_take(), Ok(30));
    // A taker that waits gets what comes, whatever its weight.
    let taker = stage.with(|| {
        let out = out.clone();
        csp::go(async move { out.take().await })
    });
    assert!(put(50));
    assert_eq!(taker.wait(), Ok(Some(50)));
    assert!(out.is_empty() && put(10) && put(1));
    assert_eq!(drain(&out), [10, 1]);
}

#[test]
#[should_panic(expected = "give it a limit of 1 or more")]
fn a_buffer_of_no_weight_says_so() {
    drop(stream(ready([1])).buffer_by(|_| 1, 0));
}

#[test]
fn on_says_where_blocks_run() {
    let first = Runtime::builder().workers(1).name("first").build();
    let second = Runtime::builder().workers(1).name("second").build();
    let here = |()| {
        let thread = thread::current();
        let name = thread.name().unwrap_or_default();
        ["first", "second"]
            .into_iter()
            .find(|rt| name.starts_with(rt))
            .unwrap_or("elsewhere")
    };
    let at = move |log: Vec<&'static str>| {
        let mut log = log;
        log.push(here(()));
        log
    };
    let out = stream(ready([Vec::new()]))
        .then(move |log| async move { at(log) })
        .on(&first)
        .map(at)
        .then(move |log| async move { at(log) })
        .par_map(1, move |log| async move { at(log) })
        .on(&second)
        .map(at)
        .buffer(1)
        .blocking_map(1, at)
        .map(at)
        .chan(0);
    let log = out.take_blocking().unwrap();
    assert_eq!(log[..5], ["elsewhere", "first", "first", "first", "second"]);
    assert_eq!(log[6], "second");
    let sum = stream(ready([()])).on(&first).map(here).collect::<Vec<_>>();
    assert_eq!(sum.wait().unwrap().unwrap(), ["first"]);
}

/// A stream that is cut short does not look as if it had ended.
#[test]
fn a_runtime_that_shuts_down_fails_its_streams() {
    let rt = Runtime::builder().workers(1).build();
    let (tx, rx) = chan(1);
    let out = stream(rx).on(&rt).map(|n: u32| n + 1).chan(1);
    tx.try_put(1).unwrap();
    eventually("a value", || out.len() == 1);
    drop(rt);
    assert_eq!(all(&out), [2]);
    assert!(out.failure().is_some());
    assert!(tx.is_closed());
}

#[test]
fn named_names_the_channel_in_which_it_ends() {
    let name = |out: csp::Receiver<u32>| out.name().map(|name| name.to_string());
    let source = || stream(ready([1]));
    assert_eq!(
        name(source().map(|n| n).named("a").chan(0)).as_deref(),
        Some("a")
    );
    assert_eq!(
        name(source().named("a").map(|n| n).chan(0)).as_deref(),
        Some("a")
    );
    assert_eq!(
        name(source().named("a").map(|n| n).named("b").chan(0)).as_deref(),
        Some("b")
    );
    let then = || source().then(async |n| n).named("a");
    assert_eq!(name(then().chan(0)).as_deref(), Some("a"));
    assert_eq!(name(then().receiver()).as_deref(), Some("a"));
    assert_eq!(name(then().chan(1)), None, "that is another one");
    assert_eq!(name(then().named("b").chan(0)).as_deref(), Some("b"));
    assert_eq!(
        name(source().buffer(2).named("a").receiver()).as_deref(),
        Some("a")
    );
    // The source has the name that its owner gave it.
    let rx = ready([1]).named("source");
    assert_eq!(
        name(stream(rx).named("a").receiver()).as_deref(),
        Some("source")
    );
}
