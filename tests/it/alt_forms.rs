//! Every form of `alt!` and `alts!` in go blocks: control flow, `else`, put values that come back, futures, sets.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use csp::prelude::*;

use crate::alts::run;
use crate::util::{Census, collect, on_one_worker, parked};

/// GO-069: `break`, `continue`, `return` and `?` in an arm, as in a `match`.
#[test]
fn control_flow_leaves_an_arm_as_a_match() {
    run(async {
        let (tx, rx) = chan::<u32>(8);
        for n in 0..6 {
            tx.try_put(n).unwrap();
        }
        let mut seen = Vec::new();
        let last = 'outer: loop {
            for _ in 0..2 {
                alt! {
                    Some(n) = take!(rx) => match n {
                        1 => continue,
                        2 => break,
                        3 => continue 'outer,
                        5 => break 'outer n,
                        n => seen.push(n),
                    },
                    else _ => unreachable!(),
                }
            }
        };
        assert_eq!((last, seen), (5, vec![0, 4]));
        async fn failing(rx: &Receiver<u32>) -> Result<u32, &'static str> {
            alt! {
                v = take!(rx) => Err(if v.is_none() { "closed" } else { "value" })?,
                _ = take!(timeout(secs(5))) => Ok(1),
            }
        }
        drop(tx);
        assert_eq!(failing(&rx).await, Err("closed"));
    });
}

/// Arms park, and nest.
#[test]
fn arms_park_and_nest() {
    run(async {
        let (a, b, c) = (chan(1), chan(1), chan(1));
        a.0.try_put(1).unwrap();
        b.0.try_put(2).unwrap();
        c.0.try_put(3).unwrap();
        let (a, b, c, quiet) = (a.1, b.1, c.1, chan::<i32>(0));
        let sum = alt! {
            x = take!(a) => {
                let y = alt! {
                    y = take!(b) => y.unwrap() + take!(c).unwrap(),
                    _ = take!(quiet.1) => 0,
                };
                yield_now().await;
                x.unwrap() + y
            }
            _ = take!(quiet.1) => 0,
        };
        assert_eq!(sum, 6);
    });
}

/// A pattern that does not match gives what it was to `else`: no message is dropped silently.
#[test]
fn else_receives_what_did_not_match() {
    #[derive(Debug, PartialEq)]
    enum Message {
        Add(u32),
        Other(&'static str),
    }
    run(async {
        let (tx, rx) = chan(4);
        let (_quiet_tx, quiet) = chan::<()>(0);
        tx.try_put(Message::Add(1)).unwrap();
        tx.try_put(Message::Other("kept")).unwrap();
        drop(tx);
        let mut log = Vec::new();
        for _ in 0..3 {
            let entry = alt! {
                Some(Message::Add(n)) = take!(rx) => format!("add {n}"),
                _ = take!(quiet) => unreachable!(),
                else other => format!("{other:?}"),
            };
            log.push(entry);
        }
        assert_eq!(log, ["add 1", "Some(Other(\"kept\"))", "None"]);
    });
}

/// A plain variable is there again when its put loses; `mut` brings it back into the variable itself.
#[test]
fn value_of_a_losing_put_comes_back() {
    let census = Census::default();
    let items = census.clone();
    run(async move {
        let (full, full_rx) = chan(0);
        let (tx, rx) = chan(3);
        for n in 0..3 {
            tx.try_put(n).unwrap();
        }
        let item = items.of("value");
        let back = alt! {
            _ = put!(full, item) => None,
            _ = take!(rx) => Some(item),
        };
        assert_eq!(
            format!("{:?}", back.as_ref().map(|item| &item.value)),
            "Some(\"value\")"
        );
        let mut item = back.unwrap();
        for _ in 0..2 {
            alt! {
                _ = put!(full, mut item) => unreachable!(),
                v = take!(rx) => { v.unwrap(); }
            }
            assert_eq!((item.value, items.living()), ("value", 1));
        }
        // Another expression's value is dropped.
        alt! {
            _ = put!(full, items.of("other")) => unreachable!(),
            default => {}
        }
        assert_eq!(items.living(), 1);
        // It moves only if its arm is chosen.
        let taker = go!({ take!(full_rx).map(|item| item.value) });
        parked(&taker).await;
        let put = alt! {
            ok = put!(full, item) => ok.is_ok(),
            _ = take!(rx) => { drop(item); false }
        };
        assert!(put);
        assert_eq!(taker.await, Ok(Some("value")));
    });
    assert_eq!(census.living(), 0);
}

/// Futures and blocks as arms, kept for another round with `&mut`.
#[test]
fn futures_as_arms() {
    on_one_worker(async {
        let (tx, rx) = chan::<u32>(0);
        let mut block = go!({
            yield_now().await;
            5
        });
        let first = alt! {
            v = park!(&mut block) => v.ok(),
            _ = take!(rx), if false => None,
            default => None,
        };
        assert_eq!(first, None);
        let second = alt! {
            v = park!(&mut block) => v.ok(),
            v = take!(rx) => v,
        };
        assert_eq!(second, Some(5));
        assert_eq!(alts!(rx.take(), park(std::future::ready(3))), Of2::B(3));
        let ready = alt! {
            v = take!(rx) => v.is_some(),
            () = park!(async { yield_now().await }) => true,
        };
        assert!(ready);
        drop(tx);
    });
}

/// `alts!` over two, three, four operations tells which, with its own type.
#[test]
fn alts_over_operations_of_different_types() {
    run(async {
        let (tx, rx) = chan::<u32>(1);
        let (texts, text_rx) = chan::<String>(0);
        assert_eq!(alts!(text_rx.take(), tx.put(1)), Of2::B(Ok(())));
        assert_eq!(
            alts!(text_rx.take(), rx.take(), texts.put("x".to_owned())),
            Of3::B(Some(1))
        );
        let which = alts!(
            text_rx.take(),
            rx.take(),
            timeout(ms(0)).take(),
            texts.put(String::new()),
            priority
        );
        assert_eq!(which, Of4::C(None));
    });
}

/// `alts!` over a set that is known at run time.
#[test]
fn alts_over_a_set() {
    run(async {
        let (txs, rxs): (Vec<_>, Vec<_>) = (0..5).map(|_| chan::<usize>(0)).unzip();
        let mut set = AltSet::new();
        for rx in &rxs {
            set.take(rx);
        }
        for (n, tx) in txs.into_iter().enumerate() {
            go!({
                for round in 0..20 {
                    put!(tx, round * 5 + n).unwrap();
                }
            });
        }
        let (mut open, mut seen) = (5, vec![0; 5]);
        while open > 0 {
            match alts!(&mut set) {
                (n, Event::Took(Some(value))) => {
                    assert_eq!(value, seen[n] * 5 + n, "each channel's values are in order");
                    seen[n] += 1;
                }
                (n, Event::Took(None)) => {
                    set.disable(n);
                    open -= 1;
                }
                (n, Event::Put(_)) => unreachable!("{n}"),
            }
        }
        assert_eq!(seen, [20; 5]);
        assert_eq!(alts!(&mut AltSet::<u32>::new(), default), None);
    });
}

#[test]
fn take_any_in_a_block() {
    run(async {
        let (txs, rxs): (Vec<_>, Vec<_>) = (0..3).map(|_| chan::<u32>(0)).unzip();
        let tx = txs[1].clone();
        go!({ put!(tx, 7).unwrap() });
        assert_eq!(take_any(&rxs).await, (1, Some(7)));
        txs[2].close();
        assert_eq!(take_any(&rxs).await, (2, None));
    });
}

/// GO-033, GO-077: the same channel in two arms; leaving through a third takes both out.
#[test]
fn same_channel_in_two_arms() {
    run(async {
        let (tx, rx) = chan::<u32>(0);
        let (other_tx, other) = chan::<u32>(0);
        let own = rx.clone();
        let block = go!({
            alt! {
                v = take!(own) => (1, v),
                v = take!(own) => (2, v),
                v = take!(other) => (3, v),
            }
        });
        parked(&block).await;
        other_tx.try_put(5).unwrap();
        assert_eq!(block.await, Ok((3, Some(5))));
        let kept = rx.clone();
        let next = go!({ take!(rx) });
        parked(&next).await;
        tx.try_put(6).unwrap();
        assert_eq!(next.await, Ok(Some(6)));
        // Two puts on one channel with a default compile and run (GO-033).
        let put = alt! { _ = put!(tx, 1) => 1, _ = put!(tx, 2) => 2, default => 3 };
        assert_eq!((put, kept.is_closed()), (3, false));
    });
}

/// GO-078: a close wakes an alts with the channel in two arms once.
#[test]
fn close_wakes_duplicate_arms_once() {
    run(async {
        let (tx, rx) = chan::<u32>(0);
        let block = go!({
            // A second wake-up would be one for the take after it.
            let got = alt! { v = take!(rx) => v, v = take!(rx) => v };
            (got, take!(rx))
        });
        parked(&block).await;
        drop(tx);
        assert_eq!(block.await, Ok((None, None)));
    });
}

/// GO-075: two ready arms share evenly, within ten sigma, and the quiet ones are never chosen.
#[test]
fn choice_is_even() {
    run(async {
        const ROUNDS: i64 = 10_000;
        let a = chan::<()>(0).1;
        let b = chan::<()>(0).1;
        let (_quiet_tx, quiet) = chan::<()>(0);
        let mut counts = [0_i64; 2];
        for _ in 0..ROUNDS {
            alt! {
                _ = take!(quiet) => unreachable!(),
                _ = take!(a) => counts[0] += 1,
                _ = take!(quiet) => unreachable!(),
                _ = take!(b) => counts[1] += 1,
            }
        }
        // Sigma is 50.
        assert!((counts[0] - ROUNDS / 2).abs() < 500, "{counts:?}");
        let mut first = 0;
        for _ in 0..ROUNDS {
            if let Of2::A(_) = alts!(a.take(), b.take()) {
                first += 1;
            }
        }
        assert!((first - ROUNDS / 2).abs() < 500, "{first}");
    });
}

/// A thread looks at the arms one by one, and each that is ready is as likely as any other; of few arms, which are not
/// tossed for, as well as of more.
#[test]
fn choice_is_even_on_a_thread() {
    const ROUNDS: i32 = 100_000;
    let closed = || chan::<()>(0).1;
    let (_open, quiet) = chan::<()>(0);
    let (a, b, c) = (closed(), closed(), closed());
    let mut counts = [[0; 3]; 2];
    for _ in 0..ROUNDS {
        let of_three = alt_blocking! { _ = take!(a) => 0, _ = take!(quiet) => unreachable!(), _ = take!(b) => 1 };
        counts[0][of_three] += 1;
        let of_six = alt_blocking! {
            _ = take!(quiet) => unreachable!(),
            _ = take!(a) => 0,
            _ = take!(quiet) => unreachable!(),
            _ = take!(b) => 1,
            _ = take!(c), if false => unreachable!(),
            _ = take!(c) => 2,
        };
        counts[1][of_six] += 1;
    }
    // Sigma is 158; of the six it is 596, since a thread keeps to what it threw for 16 rounds.
    let is_even = |count: i32, among: i32| (count - ROUNDS / among).abs() < 5_000;
    assert!(
        counts[0][..2].iter().all(|count| is_even(*count, 2)),
        "{counts:?}"
    );
    assert!(
        counts[1].iter().all(|count| is_even(*count, 3)),
        "{counts:?}"
    );
}

/// Of eight arms four are ready, closed ones among them: each is chosen a fourth of the time, and no other. So
/// also with a future.
#[test]
fn choice_is_even_among_those_that_are_ready() {
    const ROUNDS: i32 = 10_000;
    run(async {
        let closed = || chan::<()>(0).1;
        let (_open, quiet) = chan::<()>(0);
        let (tx, full) = chan(1);
        let (kept, from) = chan(1);
        let rx = [closed(), closed(), closed()];
        for with_future in [false, true] {
            let mut counts = [0; 8];
            for _ in 0..ROUNDS {
                tx.try_put(()).ok();
                let chosen = if with_future {
                    alt! {
                        _ = take!(quiet) => 0,
                        _ = take!(rx[0]) => 1,
                        _ = take!(rx[1]), if false => 2,
                        v = take!(full) => { assert_eq!(v, Some(())); 3 },
                        _ = put!(tx, ()) => 4,
                        _ = park!(std::future::ready(())) => 5,
                        ok = put!(kept, ()) => { ok.unwrap(); 6 },
                    }
                } else {
                    alt! {
                        _ = take!(quiet) => 0,
                        _ = take!(rx[0]) => 1,
                        _ = take!(rx[1]), if false => 2,
                        v = take!(full) => { assert_eq!(v, Some(())); 3 },
                        _ = put!(tx, ()) => 4,
                        _ = take!(rx[2]) => 5,
                        ok = put!(kept, ()) => { ok.unwrap(); 6 },
                        _ = take!(quiet) => 7,
                    }
                };
                from.try_take().ok();
                counts[chosen] += 1;
            }
            for never in [0, 2, 4, 7] {
                assert_eq!(counts[never], 0, "{counts:?}");
            }
            for ready in [1, 3, 5, 6] {
                assert!((counts[ready] - ROUNDS / 4).abs() < 300, "{counts:?}");
            }
        }
    });
}

/// GO-076: a pseudo-random bit, through no buffer and a large one.
#[test]
fn random_bits_of_put_arms() {
    for capacity in [0, 100] {
        run(async move {
            let (tx, rx) = chan(capacity);
            go!({
                for _ in 0..1_000 {
                    alt! { ok = put!(tx, 0) => ok.unwrap(), ok = put!(tx, 1) => ok.unwrap() }
                }
            });
            let ones: usize = collect(rx).await.into_iter().sum();
            assert!((100..=900).contains(&ones), "{ones} ones of 1000");
        });
    }
}

/// With `priority` the first ready arm in order, always.
#[test]
fn priority_is_the_order() {
    run(async {
        let (a, b) = (chan::<()>(0).1, chan::<()>(0).1);
        for _ in 0..200 {
            let got = alt! { priority; _ = take!(a) => 1, _ = take!(b) => 2 };
            assert_eq!(got, 1);
            let got =
                alt! { priority; _ = take!(b), if false => 1, _ = take!(a) => 2, default => 3 };
            assert_eq!(got, 2);
            assert_eq!(alts!(b.take(), a.take(), priority), Of2::A(None));
            assert_eq!(
                alts!(a.take(), b.take(), priority, default),
                Some(Of2::A(None))
            );
        }
    });
}

/// One of many that wait through alts gets it; closing wakes the rest.
#[test]
fn one_of_many_waiting_alts_is_served() {
    on_one_worker(async {
        let (tx, rx) = chan::<u32>(0);
        let served = Arc::new(AtomicUsize::new(0));
        let blocks: Vec<_> = (0..100)
            .map(|_| {
                let (rx, served) = (rx.clone(), Arc::clone(&served));
                go!({
                    alt! {
                        Some(_) = take!(rx) => { served.fetch_add(1, Ordering::SeqCst); }
                        _ = take!(timeout(secs(1_000))) => {}
                        else _ => {}
                    }
                })
            })
            .collect();
        for block in &blocks {
            parked(block).await;
        }
        tx.try_put(1).unwrap();
        drop(tx);
        for block in blocks {
            block.await.unwrap();
        }
        assert_eq!(served.load(Ordering::SeqCst), 1);
    });
}

/// CA-161 to CA-164: variables with the names of operations, of words, and of what other macros would use
/// inside, in and around a block.
#[test]
fn names_of_variables_disturb_nothing() {
    let (take, put, park, alt, default, priority) = (1, 2, 3, 4, 5, 6);
    let (__r, __x, __back0, __guard0, __csp_go) = (10, 20, 30, 40, 50);
    let got = run(async move {
        let (tx, rx) = chan(1);
        put!(tx, take).unwrap();
        let priority = take!(rx).unwrap() + priority;
        let value = 7;
        let default = alt! {
            put = take!(rx) => put,
            ok = put!(tx, value) => ok.map(|()| value + __x + __back0 + default).ok(),
            default = park!(std::future::pending::<i32>()), if alt == put + take => Some(default),
        };
        let block = go!({ __r + __guard0 + __csp_go + park });
        (
            priority,
            default,
            alt! { take = take!(rx) => take },
            block.await,
        )
    });
    assert_eq!(got, (7, Some(62), Some(7), Ok(103)));
}
