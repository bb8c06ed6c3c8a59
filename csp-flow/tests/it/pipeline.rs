//! Pipelines: what comes out, and in which order. Files beside it: `pipeline_flight`,
//! `pipeline_stop`, `pipeline_panic`, `pipeline_stress`.

use std::sync::{Arc, Mutex};

use csp::{
    Receiver, Sender, Transducer, chan, go,
    ops::{pipeline, pipeline_async, pipeline_async_many, pipeline_blocking},
    put, thread, xf,
};

use crate::{
    pipeline_util::next,
    util::blocks::{all, ready, sorted, value},
};

/// Parallelism and number of values, as in core.async's tests.
const SIZES: [(usize, usize); 5] = [(1, 0), (1, 10), (10, 10), (20, 10), (5, 1000)];

#[test]
fn ca_067_pipeline_gives_all_values_in_order_and_closes() {
    for (n, size) in SIZES {
        let (tx, out) = chan(0);
        let done = pipeline(n, csp::to_chan(0..size), xf::identity()).into(tx);
        assert!(all(&out).into_iter().eq(0..size), "{n}, {size}");
        assert!(value(done).is_ok());
        assert!(out.failure().is_none());
    }
}

#[test]
fn ca_068_pipeline_blocking_gives_all_values_in_order_and_closes() {
    for (n, size) in SIZES {
        let (tx, out) = chan(0);
        let done = pipeline_blocking(n, csp::to_chan(0..size), xf::identity()).into(tx);
        assert!(all(&out).into_iter().eq(0..size), "{n}, {size}");
        assert!(value(done).is_ok());
    }
}

#[test]
fn ca_069_pipeline_async_gives_all_values_in_order_and_closes() {
    for (n, size) in SIZES {
        let (tx, out) = chan(0);
        let work = |v| async move { thread(move || v).await.unwrap() };
        let done = pipeline_async(n, csp::to_chan(0..size), work).into(tx);
        assert!(all(&out).into_iter().eq(0..size), "{n}, {size}");
        assert!(value(done).is_ok());

        // As core.async has it: the function returns at once, and a thread puts.
        let work = |v, tx: Sender<usize>| async move {
            thread(move || tx.put_blocking(v).unwrap());
        };
        let out = pipeline_async_many(n, csp::to_chan(0..size), work).chan(0);
        assert!(all(&out).into_iter().eq(0..size), "{n}, {size}, many");
    }
}

#[test]
fn unordered_gives_every_value_once() {
    for (n, size) in SIZES {
        let from = || csp::to_chan(0..size);
        let outs = [
            pipeline(n, from(), xf::identity()).unordered().chan(0),
            pipeline_blocking(n, from(), xf::identity())
                .unordered()
                .chan(0),
            pipeline_async(n, from(), |v| async move { v })
                .unordered()
                .chan(0),
            pipeline_async_many(n, from(), |v, tx: Sender<usize>| async move {
                put!(tx, v).unwrap();
            })
            .unordered()
            .chan(0),
        ];
        for out in outs {
            assert!(sorted(all(&out)).into_iter().eq(0..size), "{n}, {size}");
        }
    }
}

#[test]
fn ca_070_the_target_closes_after_the_last_value() {
    // Also for those who have a sender of it.
    let check = |start: fn(Receiver<u32>, Sender<u32>)| {
        let (tx, out) = chan(0);
        let other = tx.clone();
        start(ready([1, 2, 3]), tx);
        assert_eq!(all(&out), [1, 2, 3]);
        assert!(other.is_closed());
    };
    check(|from, tx| drop(pipeline(2, from, xf::identity()).into(tx)));
    check(|from, tx| drop(pipeline_blocking(2, from, xf::identity()).into(tx)));
    check(|from, tx| drop(pipeline_async(2, from, |v| async move { v }).into(tx)));
}

/// core.async has two ways to say so, `false` and `nil`.
#[test]
fn ca_071_072_keep_open_leaves_the_target_open() {
    let (tx, out) = chan(1);
    let kinds = [
        pipeline(2, ready([1, 2]), xf::identity())
            .keep_open()
            .into(tx.clone()),
        pipeline_blocking(2, ready([3]), xf::identity())
            .keep_open()
            .into(tx.clone()),
    ];
    assert!(
        sorted(vec![next(&out), next(&out), next(&out)])
            .into_iter()
            .eq([1, 2, 3].map(Some))
    );
    for done in kinds {
        assert!(value(done).is_ok());
    }
    assert_eq!(tx.try_put(4), Ok(()));
    assert_eq!(out.try_take(), Ok(4));
    assert!(!tx.is_closed());
    // Nothing of the pipelines is left: this is the last sender.
    drop(tx);
    assert_eq!(next(&out), None);
}

#[test]
fn ca_073_the_handlers_value_comes_in_place_of_the_panicked_one() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let seen_too = Arc::clone(&seen);
    let step = xf::map(|n: i32| if n == 3 { panic!("no {n}") } else { n });
    let out = pipeline(2, ready([1, 2, 3, 4]), step).on_panic(move |panic| {
        seen_too.lock().unwrap().push(panic.message().to_owned());
        Some(-1)
    });
    let out = out.chan(0);
    assert_eq!(all(&out), [1, 2, -1, 4]);
    assert_eq!(*seen.lock().unwrap(), ["no 3"]);
    assert!(out.failure().is_none());

    let step = xf::map(|n: i32| if n == 3 { panic!() } else { n });
    let out = pipeline_blocking(2, ready([1, 2, 3, 4]), step);
    assert_eq!(all(&out.on_panic(|_| Some(-1)).chan(0)), [1, 2, -1, 4]);
}

#[test]
fn ca_074_each_value_has_any_number_of_outputs_in_its_place() {
    let expected = [0, 0, 1, 0, 1, 2, 0, 1, 2, 3];
    let out = pipeline_async_many(2, ready(1..=4), |n, tx: Sender<u32>| async move {
        for i in 0..n {
            put!(tx, i).unwrap();
        }
    });
    assert_eq!(all(&out.chan(0)), expected);

    let out = pipeline(2, ready(1..=4), xf::mapcat(|n: u32| 0..n)).chan(0);
    assert_eq!(all(&out), expected);
    let out = pipeline_blocking(2, ready(1..=4), xf::mapcat(|n: u32| 0..n)).chan(0);
    assert_eq!(all(&out), expected);
    // None is a number, too.
    let out = pipeline(3, ready(1..=9), xf::filter(|n: &u32| n.is_multiple_of(4))).chan(0);
    assert_eq!(all(&out), [4, 8]);
}

/// core.async sleeps 2000, 50, 1000 and 100 ms; here the steps end in the order 1, 0, 3, 2.
#[test]
fn ca_075_slow_values_keep_their_places() {
    let (gates, waits): (Vec<_>, Vec<_>) = (0..4).map(|_| chan::<()>(0)).unzip();
    let (ended_tx, ended) = chan(4);
    let step = xf::map(move |i: usize| {
        waits[i].take_blocking().unwrap();
        ended_tx.try_put(i).unwrap();
        i
    });
    let out = pipeline_blocking(2, ready(0..4), step).chan(0);
    for (first, second) in [(1, 0), (3, 2)] {
        gates[first].put_blocking(()).unwrap();
        assert_eq!(next(&ended), Some(first));
        assert!(out.try_take().is_err(), "{first} overtook {second}");
        gates[second].put_blocking(()).unwrap();
        assert_eq!(next(&ended), Some(second));
        assert_eq!(next(&out), Some(second));
        assert_eq!(next(&out), Some(first));
    }
    assert_eq!(next(&out), None);
}

#[test]
fn ca_076_the_last_output_is_that_of_the_last_value() {
    fn fib(n: u64) -> u64 {
        if n < 2 { n } else { fib(n - 1) + fib(n - 2) }
    }
    let jobs = (0..50).map(|i| (i, 15 + i % 7));
    let out = pipeline(8, csp::to_chan(jobs), xf::map(|(i, n)| (i, fib(n)))).chan(0);
    assert_eq!(all(&out).last(), Some(&(49, fib(15))));
}

#[test]
fn ca_077_async_with_one_at_a_time_keeps_the_order() {
    let out = pipeline_async(1, csp::to_chan(1..=100), |n| async move {
        go!({ n }).await.unwrap()
    });
    assert!(all(&out.chan(0)).into_iter().eq(1..=100));
}

/// core.async takes `n + 2`.
/// Four at a time wait for each other: fewer would wait for ever.
/// And the outputs of one value keep their order.
#[test]
fn unordered_keeps_the_order_within_a_value() {
    let out = pipeline(
        4,
        ready(0..100),
        xf::mapcat(|v: u32| (0..5).map(move |i| (v, i))),
    );
    let mut next = [0; 100];
    for (v, i) in all(&out.unordered().chan(0)) {
        assert_eq!(i, next[v as usize]);
        next[v as usize] += 1;
    }
    assert_eq!(next, [5; 100]);
}

#[test]
fn the_transducer_is_applied_to_each_value_afresh() {
    // Two of each, not two in all; and what is held back comes at the end of each value.
    let step = xf::mapcat(|v: u32| [v; 3]).take(2);
    assert_eq!(all(&pipeline(2, ready([1, 2]), step).chan(0)), [1, 1, 2, 2]);
    let step = xf::mapcat(|v: u32| [v; 3]).partition_all(2);
    let out = pipeline_blocking(2, ready([1, 2]), step).chan(0);
    assert_eq!(all(&out), [vec![1, 1], vec![1], vec![2, 2], vec![2]]);
}

#[test]
fn a_stage_feeds_the_next() {
    let halved = pipeline(
        3,
        csp::to_chan(0..1000),
        xf::filter(|n: &u64| n.is_multiple_of(2)).map(|n| n / 2),
    );
    let squared = pipeline_async(3, halved.chan(0), |n| async move { n * n });
    let text = pipeline_blocking(3, squared.chan(4), xf::map(|n: u64| n.to_string()));
    let out = all(&text.chan(0));
    assert!(
        out.into_iter()
            .eq((0..500_u64).map(|n| (n * n).to_string()))
    );
}

#[test]
fn parallelism_zero_is_refused_with_a_message() {
    let message = |f: fn()| -> String {
        let payload = std::panic::catch_unwind(f).unwrap_err();
        payload.downcast_ref::<String>().unwrap().clone()
    };
    let texts = [
        message(|| drop(pipeline(0, ready([1]), xf::identity()))),
        message(|| drop(pipeline_blocking(0, ready([1]), xf::identity()))),
        message(|| drop(pipeline_async(0, ready([1]), |v| async move { v }))),
        message(|| {
            drop(pipeline_async_many(
                0,
                ready([1]),
                |_, _: Sender<()>| async {},
            ));
        }),
    ];
    let names = [
        "pipeline",
        "pipeline_blocking",
        "pipeline_async",
        "pipeline_async_many",
    ];
    for (text, name) in texts.iter().zip(names) {
        assert!(text.starts_with(&format!("{name}(0, ..)")), "{text}");
        assert!(text.contains("csp::workers()"), "{text}");
    }
}
