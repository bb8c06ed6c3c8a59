//! A go block and its handle.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use csp::{Local, Op, prelude::*};

use crate::util::{
    Census, collect, on_one_worker, outcome, parked, run_idle, runtime, sorted, until, value,
};

/// CA-142: what a block takes can be its value.
#[test]
fn value_is_what_the_block_took() {
    let (tx, rx) = chan(1);
    tx.try_put(42).unwrap();
    assert_eq!(value(go!({ take!(rx) })), Some(42));
}

/// CA-143.
#[test]
fn put_to_a_new_channel_and_take_back() {
    let block = go!({
        let (tx, rx) = chan(1);
        put!(tx, 42).unwrap();
        take!(rx)
    });
    assert_eq!(value(block), Some(42));
}

/// CA-145: core.async's channel just closes for nil; here nothing is a value like any other.
#[test]
fn nothing_false_and_unit_are_values() {
    assert_eq!(value(go!({ None::<u32> })), None);
    assert!(!value(go!({ false })));
    value(go!({}));
}

/// CA-148: try forms in a block.
#[test]
fn try_put_and_try_take_in_a_block() {
    let block = go!({
        let (tx, rx) = chan(2);
        let puts = (
            tx.try_put(5).is_ok(),
            tx.try_put(6).is_ok(),
            tx.try_put(7).is_ok(),
        );
        (puts, rx.try_take(), rx.try_take(), rx.try_take())
    });
    let nothing = Err(TryTakeError::Empty);
    assert_eq!(value(block), ((true, true, false), Ok(5), Ok(6), nothing));
}

/// CA-149, GO-006: a parked put goes on when it is taken, and the block then gives its value.
#[test]
fn parked_put_resumes_when_taken() {
    on_one_worker(async {
        let (tx, rx) = chan(0);
        let block = go!({
            put!(tx, 1).unwrap();
            "done"
        });
        parked(&block).await;
        assert!(!block.is_finished());
        assert_eq!(rx.try_take(), Ok(1));
        assert_eq!(block.await, Ok("done"));
    });
}

/// CA-150, GO-005: a parked take goes on when something is put.
#[test]
fn parked_take_resumes_when_put() {
    on_one_worker(async {
        let (tx, rx) = chan(0);
        let block = go!({ take!(rx) });
        parked(&block).await;
        assert_eq!(tx.try_put(1), Ok(()));
        assert_eq!(block.await, Ok(Some(1)));
    });
}

/// CA-151: four puts and a take in one block, three takes outside: each value is seen once.
#[test]
fn block_competes_with_outside_takers() {
    let (tx, rx) = chan(1);
    let outside = rx.clone();
    let block = go!({
        for n in 0..4 {
            put!(tx, n).unwrap();
        }
        take!(rx)
    });
    let mut seen: Vec<_> = (0..3).map(|_| outside.take_blocking().unwrap()).collect();
    seen.push(value(block).unwrap());
    assert_eq!(sorted(seen), [0, 1, 2, 3]);
}

/// CA-166: a block started by a block, which captures the outer one's variables; its handle is a value.
#[test]
fn nested_block_captures_and_its_handle_travels() {
    let outer = go!({
        let (tx, rx) = chan(0);
        let base = 40;
        let inner = go!({ base + take!(rx).unwrap() });
        put!(tx, 2).unwrap();
        inner
    });
    assert_eq!(value(value(outer)), 42);
}

/// CA-168: captures that hold nothing.
#[test]
fn capturing_nothing_and_unit() {
    let (nothing, unit) = (None::<String>, ());
    let block = go!({
        yield_now().await;
        (nothing.is_none(), unit)
    });
    assert_eq!(value(block), (true, ()));
}

#[test]
fn body_never_runs_on_the_thread_that_starts_it() {
    let here = std::thread::current().id();
    assert_ne!(value(go!({ std::thread::current().id() })), here);
    // Nor inside the turn of the block that starts it.
    on_one_worker(async {
        let ran = Arc::new(AtomicBool::new(false));
        let there = Arc::clone(&ran);
        let inner = go!({ there.store(true, Ordering::SeqCst) });
        assert!(!ran.load(Ordering::SeqCst));
        inner.await.unwrap();
        assert!(ran.load(Ordering::SeqCst));
    });
}

#[test]
fn dropping_the_handle_detaches_the_block() {
    let (tx, rx) = chan(0);
    drop(go!({
        for n in 0..3 {
            put!(tx, n).unwrap();
        }
    }));
    assert_eq!(rx.into_iter().collect::<Vec<_>>(), [0, 1, 2]);
}

#[test]
fn value_that_nobody_wants_is_dropped() {
    let census = Census::default();
    on_one_worker({
        let census = census.clone();
        async move {
            // Dropped before the block ends, and after.
            let of = census.clone();
            drop(go!({ of.item() }));
            let of = census.clone();
            let ended = go!({ of.item() });
            until(|| ended.is_finished()).await;
            assert_eq!(
                census.living(),
                1,
                "the second one's value is in its handle"
            );
            drop(ended);
        }
    });
    assert_eq!(census.living(), 0);
}

#[test]
fn what_a_block_holds_is_dropped_before_its_handle_is_ready() {
    let census = Census::default();
    for _ in 0..200 {
        let held = census.item();
        let block = go!({
            yield_now().await;
            let _held = &held;
        });
        value(block);
        assert_eq!(census.living(), 0);
    }
}

#[test]
fn waiting_for_a_limited_time_gives_the_handle_back() {
    let (tx, rx) = chan(0);
    let block = go!({ take!(rx) });
    let block = block.wait_for(ms(1)).expect_err("nothing was put");
    tx.put_blocking(3).unwrap();
    assert_eq!(value(block), Some(3));
}

#[test]
fn dropping_a_wait_loses_nothing() {
    on_one_worker(async {
        let (tx, rx) = chan(0);
        let mut block = go!({ take!(rx) });
        let over = alt! {
            _ = park!(&mut block) => false,
            _ = take!(timeout(ms(0))) => true,
        };
        assert!(over);
        put!(tx, 3).unwrap();
        assert_eq!((&mut block).await, Ok(Some(3)));
    });
}

#[test]
#[should_panic(expected = "the value of this go block was taken before")]
fn value_can_be_taken_once() {
    let mut block = go!({ 1 });
    assert_eq!(csp::block_on(&mut block), Ok(1));
    drop(csp::block_on(&mut block));
}

#[test]
fn many_wait_for_one_block_through_a_promise_channel() {
    on_one_worker(async {
        let (tx, rx) = chan(promise_buffer());
        let waiters: Vec<_> = (0..10)
            .map(|_| {
                let rx = rx.clone();
                go!({ take!(rx) })
            })
            .collect();
        go!({ put!(tx, 7).unwrap() });
        for waiter in waiters {
            assert_eq!(waiter.await, Ok(Some(7)));
        }
    });
}

#[test]
fn handle_as_an_arm() {
    on_one_worker(async {
        let (tx, rx) = chan::<u32>(0);
        let block = go!({ 5 });
        let got = alt! {
            v = take!(rx) => v,
            v = park!(block) => v.ok(),
        };
        assert_eq!(got, Some(5));
        drop(tx);
    });
}

#[test]
fn every_form_of_starting_a_block() {
    async fn helper(n: u32) -> u32 {
        yield_now().await;
        n
    }
    let rt = runtime(1);
    assert_eq!(value(go!({ helper(1).await })), 1);
    assert_eq!(value(go!(async move { helper(2).await })), 2);
    assert_eq!(value(go! { helper(3).await }), 3);
    assert_eq!(value(go(helper(4))), 4);
    assert_eq!(value(go(Box::pin(helper(5)))), 5);
    assert_eq!(value(rt.go(helper(6))), 6);
}

/// One whose types were written out was the value of its block, and never ran.
#[test]
fn calls_are_run_also_with_their_types_written_out() {
    async fn helper<T>(value: T) -> T {
        yield_now().await;
        value
    }
    struct Wrap<T>(T);
    impl<T> Wrap<T> {
        async fn make(value: T) -> Self {
            yield_now().await;
            Self(value)
        }
    }
    let rt = runtime(1);
    let _entered = rt.enter();
    let small = 3_u8;
    assert_eq!(value(go!(helper(1))), 1);
    assert_eq!(value(go!(helper::<u32>(2))), 2);
    assert_eq!(
        value(go!(helper::<Option<(u8, &'static [u8; 2])>>(None))),
        None
    );
    assert_eq!(value(go!(Wrap::<Vec<u8>>::make(vec![3]))).0, [3]);
    assert_eq!(value(go!("7".parse::<u32>())), Ok(7));
    assert!(value(go!(small < u8::from(true) + 4)));
    assert!(value(go!(small < u8::max(4, 5))));
}

#[test]
fn ids_differ_and_sites_tell_the_place() {
    let rt = runtime(2);
    let _entered = rt.enter();
    let line = line!();
    let blocks = [
        go!({}),
        go!({}),
        go(async {}),
        thread(|| {}),
        rt.go(async {}),
    ];
    let mut ids: Vec<_> = blocks.iter().map(Go::id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), blocks.len());
    for block in blocks {
        assert!(block.site().file().ends_with("go_blocks.rs"), "{block:?}");
        assert!(
            (line + 1..line + 9).contains(&block.site().line()),
            "{block:?}"
        );
        value(block);
    }
}

/// What a parked block says of itself: operation, text, line, state. The arms of an alts have numbers too.
#[test]
fn parked_block_tells_where() {
    on_one_worker(async {
        let (tx, rx) = chan::<u32>(0);
        let (start, go_on) = chan::<()>(0);
        let (step, line) = (start.clone(), line!());
        let block = go!({
            take!(rx);
            put!(step, ()).unwrap();
            alt! { _ = take!(rx) => {}, _ = put!(step, ()) => {} }
        });
        parked(&block).await;
        let at = block.parked_at().unwrap();
        assert_eq!((at.op(), at.text(), at.state()), (Op::Take, "rx", Some(0)));
        assert_eq!(at.line(), line + 2);
        assert_eq!(
            at.block().unwrap().park_sites().len(),
            5,
            "{:?}",
            at.block()
        );
        assert!(
            at.to_string()
                .ends_with("parked at take!(rx), state 0 of 5"),
            "{at}"
        );

        tx.try_put(1).unwrap();
        until(|| block.parked_at().is_some_and(|at| at.op() == Op::Put)).await;
        let at = block.parked_at().unwrap();
        assert_eq!(
            (at.text(), at.state(), at.line()),
            ("step", Some(1), line + 3)
        );

        go_on.try_take().unwrap();
        until(|| block.parked_at().is_some_and(|at| at.op() == Op::Alt)).await;
        assert_eq!(block.parked_at().unwrap().state(), Some(2));

        assert!(block.cancel());
        assert_eq!(block.await, Err(Failure::Cancelled));
        drop(start);
    });
}

#[test]
fn debug_shows_id_site_and_state() {
    let block = go!({});
    let text = format!("{block:?}");
    assert!(
        text.starts_with("Go { id: ") && text.contains("go_blocks.rs"),
        "{text}"
    );
    value(block);
}

/// GO-116: the count of live blocks rises with them, and falls back.
#[test]
fn live_counts_the_blocks() {
    let rt = runtime(2);
    let (tx, rx) = chan::<()>(0);
    let blocks: Vec<_> = (0..100)
        .map(|_| {
            let rx = rx.clone();
            rt.go(async move { take!(rx) })
        })
        .collect();
    assert_eq!(rt.live(), 100);
    drop(tx);
    for block in blocks {
        assert_eq!(value(block), None);
    }
    assert_eq!(rt.live(), 0);
}

/// GO-003: a chain of 10,000 blocks, each passing one value from right to left.
#[test]
fn daisy_chain_of_ten_thousand_blocks() {
    let (leftmost_tx, leftmost) = chan::<u64>(0);
    let mut left = leftmost_tx;
    for _ in 0..10_000 {
        let (tx, rx) = chan(0);
        go!({ put!(left, 1 + take!(rx).unwrap()).unwrap() });
        left = tx;
    }
    go!({ put!(left, 1).unwrap() });
    assert_eq!(leftmost.take_blocking(), Some(10_001));
}

#[test]
fn huge_and_empty_frames_and_values() {
    let big = [7_u8; 16_000];
    let block = go!({
        yield_now().await;
        big
    });
    assert!(value(block).iter().all(|&b| b == 7));
    let local = Local::new();
    let empty = local.go(std::future::ready(()));
    local.run_until_idle();
    value(empty);
}

#[test]
fn awaiting_a_block_from_a_block_many_levels_deep() {
    fn nest(depth: u32) -> Go<u32> {
        go!({
            if depth == 0 {
                0
            } else {
                1 + nest(depth - 1).await.unwrap()
            }
        })
    }
    assert_eq!(value(nest(2_000)), 2_000);
}

/// A block is not `Unpin`, nor is its future polled again after it ended: many short ones end cleanly.
#[test]
fn stress_spawn_and_join_from_many_sides() {
    let rt = runtime(2);
    let spawners: Vec<_> = (0..4_u64)
        .map(|n| {
            rt.go(async move {
                let mut sum = 0;
                for i in 0..5_000 {
                    let inner = go!({ n * i });
                    if i % 3 == 0 {
                        yield_now().await;
                    }
                    if i % 5 != 0 {
                        sum += inner.await.unwrap();
                    }
                }
                sum
            })
        })
        .collect();
    for (n, spawner) in (0..).zip(spawners) {
        let expected: u64 = (0..5_000).filter(|i| i % 5 != 0).map(|i| n * i).sum();
        assert_eq!(value(spawner), expected);
    }
    rt.shutdown(secs(50)).unwrap();
}

#[test]
fn block_that_never_parks_ends_in_one_turn() {
    assert_eq!(run_idle(async { 1 + 1 }), Some(2));
}

#[test]
fn outcome_of_a_block_that_fails_is_told_by_value() {
    let block = go!({ "x".parse::<u32>() });
    assert!(outcome(block).unwrap().is_err());
}

#[test]
fn all_values_of_many_blocks_arrive() {
    let (tx, rx) = chan(0);
    for n in 0..100 {
        let tx = tx.clone();
        go!({ put!(tx, n).unwrap() });
    }
    drop(tx);
    let all = value(go!({ collect(rx).await }));
    assert_eq!(sorted(all), (0..100).collect::<Vec<_>>());
}
