//! `alt!` and `alts!` in go blocks: every form, who may be chosen, and what the others leave behind.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use csp::{Local, prelude::*};

use crate::util::{
    Census, collect, failure_of, on_one_worker, parked, run_idle, runtime, until, value,
};

/// Runs a block that does not have to wait for anything from outside.
#[track_caller]
fn run<T: Send + 'static>(block: impl Future<Output = T> + 'static) -> T {
    run_idle(block).expect("the block is parked for good")
}

/// CA-152, CA-165: one ready channel among others, and the macro by its path.
#[test]
fn alts_gives_the_ready_one() {
    run(async {
        let (tx, a) = chan(1);
        let (_kept, b) = chan::<()>(0);
        tx.try_put(42).unwrap();
        assert_eq!(csp::alts!(a.take(), b.take()), Of2::A(Some(42)));
        let (b_tx, b) = chan(0);
        go!({ put!(b_tx, "b").unwrap() });
        assert_eq!(alts!(a.take(), b.take()), Of2::B(Some("b")));
        drop(tx);
    });
}

/// CA-153: an arm binds what its operation gave.
#[test]
fn alt_binds_the_value() {
    let (tx, rx) = chan(0);
    go!({ put!(tx, 42).unwrap() });
    let block = go!({
        alt! {
            v = take!(rx) => v.map(|v| v + 1),
        }
    });
    assert_eq!(value(block), Some(43));
}

/// CA-154, CA-155, GO-056, GO-082: nothing is ready, and there is a default.
#[test]
fn default_when_nothing_is_ready() {
    run(async {
        let (tx, rx) = chan::<u32>(0);
        assert_eq!(alts!(rx.take(), tx.put(1), default), None);
        assert_eq!(alts!(rx.take(), tx.put(1), priority, default), None);
        let got = alt! { _ = take!(rx) => 1, default => 42 };
        assert_eq!(got, 42);
        let got = alt! { _ = take!(rx) => 1, _ = put!(tx, 1) => 2, default => 42 };
        assert_eq!(got, 42);
    });
}

/// CA-156: of three ready channels, twenty rounds, only these are chosen.
#[test]
fn ready_ones_only() {
    run(async {
        let (a, b, c) = (chan(20), chan(20), chan(20));
        let (never, quiet) = chan::<char>(0);
        for _ in 0..20 {
            a.0.try_put('a').unwrap();
            b.0.try_put('b').unwrap();
            c.0.try_put('c').unwrap();
        }
        for _ in 0..20 {
            let (expected, got) = alt! {
                v = take!(a.1) => ('a', v),
                v = take!(b.1) => ('b', v),
                v = take!(c.1) => ('c', v),
                v = take!(quiet) => ('-', v),
            };
            assert_eq!(got, Some(expected));
        }
        drop(never);
    });
}

/// CA-188: an alts on both ends of one channel, each with a timeout.
#[test]
fn alts_against_alts() {
    run(async {
        let (tx, rx) = chan(0);
        let putter = go!({
            alt! {
                ok = put!(tx, 5) => ok.is_ok(),
                _ = take!(timeout(secs(6))) => false,
            }
        });
        let taker = go!({
            alt! {
                v = take!(rx) => v,
                _ = take!(timeout(secs(6))) => None,
            }
        });
        assert_eq!((putter.await, taker.await), (Ok(true), Ok(Some(5))));
    });
}

/// GO-013: arms that are switched off once they fired: every event comes once, whatever the order.
#[test]
fn guards_switch_arms_off_one_by_one() {
    for _ in 0..20 {
        run(async {
            let outs = [chan(1), chan(1)];
            let ins = [chan(1), chan(1)];
            ins[0].0.try_put(10).unwrap();
            let late = ins[1].0.clone();
            go!({ put!(late, 20).unwrap() });
            let mut open = [true; 4];
            let mut events = Vec::new();
            while open.contains(&true) {
                alt! {
                    ok = put!(outs[0].0, 1), if open[0] => { ok.unwrap(); open[0] = false; events.push(0) }
                    ok = put!(outs[1].0, 2), if open[1] => { ok.unwrap(); open[1] = false; events.push(1) }
                    v = take!(ins[0].1), if open[2] => { open[2] = false; events.push(v.unwrap()) }
                    v = take!(ins[1].1), if open[3] => { open[3] = false; events.push(v.unwrap()) }
                }
            }
            assert_eq!(crate::util::sorted(events), [0, 1, 10, 20]);
            assert_eq!((outs[0].1.try_take(), outs[1].1.try_take()), (Ok(1), Ok(2)));
        });
    }
}

/// GO-042, GO-062, GO-065: channels, values and guards are evaluated once, in order, chosen or not; what
/// an arm does, only once it is chosen.
#[test]
fn expressions_are_evaluated_once_in_order() {
    run(async {
        let (tx, rx) = chan::<u32>(1);
        let (other_tx, other) = chan::<u32>(1);
        for round in 0..20 {
            let mut log = Vec::new();
            let log_of = std::cell::RefCell::new(&mut log);
            let note = |n: u32| log_of.borrow_mut().push(n);
            if round % 2 == 0 {
                other_tx.try_put(1).unwrap();
            }
            let chosen = alt! {
                v = take!({ note(1); &rx }) => { note(100); v.unwrap() }
                ok = put!({ note(2); &tx }, { note(3); 7 }), if { note(0); round % 2 == 1 } => {
                    note(200);
                    ok.unwrap();
                    7
                }
                v = take!({ note(4); &other }) => { note(300); v.unwrap() }
            };
            if round % 2 == 0 {
                assert_eq!((chosen, log), (1, vec![0, 1, 2, 3, 4, 300]));
            } else {
                assert_eq!((chosen, log), (7, vec![0, 1, 2, 3, 4, 200]));
                assert_eq!(rx.try_take(), Ok(7));
            }
        }
    });
}

/// GO-043: a loop of alts with default over two channels of one place puts exactly twice.
#[test]
fn default_loop_puts_exactly_twice() {
    run(async {
        let (a, b) = (chan(1), chan(1));
        let (mut next, mut rounds) = (0, 0);
        let put = loop {
            rounds += 1;
            next += 10;
            alt! {
                ok = put!(a.0, next + 1) => ok.unwrap(),
                ok = put!(b.0, next + 2) => ok.unwrap(),
                default => break next,
            }
        };
        assert_eq!((rounds, put), (3, 30));
        let (a, b) = (a.1.try_take().unwrap(), b.1.try_take().unwrap());
        assert!((a, b) == (11, 22) || (a, b) == (21, 12), "{a} {b}");
    });
}

/// GO-044, GO-048: an arm that is off is never chosen; here Go has nil channels, and we an `Option` too.
#[test]
fn arm_that_is_off_is_never_chosen() {
    run(async {
        let (tx, rx) = chan(1);
        let mut maybe: Option<Receiver<u32>> = Some(rx.clone());
        for _ in 0..50 {
            tx.try_put(1).unwrap();
            let got = alt! { _ = take!(rx), if false => 1, default => 2 };
            assert_eq!(got, 2);
            let got = alt! {
                v = take!(maybe.as_ref().unwrap_or(&rx)), if maybe.is_some() => v.unwrap(),
                default => 2,
            };
            assert_eq!(got, 1);
        }
        maybe = None;
        tx.try_put(1).unwrap();
        let got = alt! {
            v = take!(maybe.as_ref().unwrap_or(&rx)), if maybe.is_some() => v.unwrap(),
            default => 2,
        };
        assert_eq!(got, 2);
    });
}

/// GO-045: a hundred thousand alts with a quiet channel leave nothing in its queue.
#[test]
fn losing_arms_leave_nothing() {
    on_one_worker(async {
        let (tx, rx) = chan(0);
        let (quiet_tx, quiet) = chan::<u32>(0);
        go!({
            for n in 0..100_000_u32 {
                put!(tx, n).unwrap();
            }
        });
        let mut rounds = 0;
        loop {
            alt! {
                Some(n) = take!(rx) => { assert_eq!(n, rounds); rounds += 1 }
                v = take!(quiet) => unreachable!("{v:?}"),
                else None => break,
            }
        }
        assert_eq!(rounds, 100_000);
        let text = format!("{quiet:?}");
        assert!(text.contains("takers: 0"), "{text}");
        drop(quiet_tx);
    });
}

/// GO-049, GO-050, GO-059: room in the buffer, and a closed channel, are ready.
#[test]
fn room_and_closed_channels_are_ready() {
    run(async {
        let (tx, rx) = chan::<u32>(10);
        for n in 0..10 {
            let put = alt! { ok = put!(tx, n) => ok.is_ok(), default => false };
            assert!(put);
        }
        let full = alt! { _ = put!(tx, 10) => false, default => true };
        assert!(full);
        drop(tx);
        for n in 0..10 {
            let got = alt! { v = take!(rx) => v, default => None };
            assert_eq!(got, Some(n));
        }
        for _ in 0..10 {
            let closed = alt! { v = take!(rx) => v.is_none(), default => false };
            assert!(closed);
            assert!(matches!(
                alts!(rx.take(), rx.take(), default),
                Some(Of2::A(None) | Of2::B(None))
            ));
        }
    });
}

/// GO-051, GO-060: a put to a closed channel is chosen, and gives its value back.
#[test]
fn put_arm_on_a_closed_channel_gives_the_value_back() {
    run(async {
        let (tx, rx) = chan::<String>(1);
        let (_quiet_tx, quiet) = chan::<u32>(0);
        rx.close();
        let one = alt! { ok = put!(tx, "a".to_owned()) => ok };
        assert_eq!(one, Err(Closed("a".to_owned())));
        let two = alt! {
            ok = put!(tx, "b".to_owned()) => ok,
            _ = take!(quiet) => Ok(()),
        };
        assert_eq!(two, Err(Closed("b".to_owned())));
        let kept = "c".to_owned();
        let three = alt! {
            ok = put!(tx, kept) => ok.unwrap_err().into_inner(),
            default => String::new(),
        };
        assert_eq!(three, "c");
    });
}

/// GO-046, GO-047, GO-052, GO-055: what is not ready parks.
#[test]
fn alt_with_nothing_ready_parks() {
    let local = Local::new();
    let (tx, rx) = chan::<u32>(0);
    let (own_rx, own_tx) = (rx.clone(), tx.clone());
    let taking = local.go(async move {
        alt! { v = take!(own_rx) => v }
    });
    let two = rx.clone();
    let (_quiet_tx, quiet) = chan::<u32>(0);
    let choosing = local.go(async move {
        alt! { v = take!(two) => v, v = take!(quiet) => v }
    });
    local.run_until_idle();
    assert!(!taking.is_finished() && !choosing.is_finished());
    drop((taking, choosing, local));

    let local = Local::new();
    let putting = local.go(async move {
        alt! { ok = put!(own_tx, 1) => ok.is_ok() }
    });
    local.run_until_idle();
    assert!(!putting.is_finished());
    assert_eq!(rx.try_take(), Ok(1));
    local.run_until_idle();
    assert!(value(putting));
    drop(tx);
}

/// GO-053, GO-054: an alts with nothing to wait for would wait for ever: it panics instead, and says so.
#[test]
fn alt_with_every_arm_off_panics() {
    let (tx, rx) = chan::<u32>(1);
    let block = go!({
        alt! {
            _ = take!(rx), if false => {}
            _ = put!(tx, 1), if false => {}
        }
    });
    let failure = failure_of(block);
    assert!(failure.contains("wait for ever"), "{failure}");
    let empty = failure_of(go!({ take_any::<u32>(&[]).await }));
    assert!(empty.contains("wait for ever"), "{empty}");
}

/// GO-057, GO-058, GO-063, GO-064: what is ready beats default, wherever it stands and whatever stands
/// beside it.
#[test]
fn ready_arm_beats_default_in_every_combination() {
    run(async {
        let (_quiet_tx, quiet) = chan::<u32>(0);
        let (full, _full_rx) = chan::<u32>(0);
        for bits in 0..16_u32 {
            let on = |bit: u32| bits & 1 << bit != 0;
            let (tx, rx) = chan(1);
            tx.try_put(7).unwrap();
            let got = alt! {
                _ = take!(quiet), if on(0) => None,
                _ = put!(full, 1), if on(1) => None,
                v = take!(rx) => v,
                _ = take!(quiet), if on(2) => None,
                _ = put!(full, 1), if on(3) => None,
                default => None,
            };
            assert_eq!(got, Some(7));
            let got = alt! {
                _ = take!(quiet), if on(0) => false,
                _ = put!(full, 1), if on(1) => false,
                ok = put!(tx, 8) => ok.is_ok(),
                _ = take!(quiet), if on(2) => false,
                _ = put!(full, 1), if on(3) => false,
                default => false,
            };
            assert!(got);
            // Without default, parked: the same arms, and a partner that comes later.
            let (late_tx, late) = chan(0);
            go!({ put!(late_tx, 9).unwrap() });
            let got = alt! {
                _ = take!(quiet), if on(0) => None,
                _ = put!(full, 1), if on(1) => None,
                v = take!(late) => v,
                _ = take!(quiet), if on(2) => None,
                _ = put!(full, 1), if on(3) => None,
            };
            assert_eq!(got, Some(9));
        }
    });
}

/// GO-061, CA-192: one alts with both ends of one channel never meets itself.
#[test]
fn alts_never_meets_itself() {
    let local = Local::new();
    let (tx, rx) = chan(0);
    let (own_tx, own_rx) = (tx.clone(), rx.clone());
    let block = local.go(async move {
        alt! {
            ok = put!(own_tx, 1) => ok.map(|()| 0).ok(),
            v = take!(own_rx) => v,
        }
    });
    local.run_until_idle();
    assert!(!block.is_finished(), "it met itself");
    // It is there for others, from both sides.
    assert_eq!(tx.try_put(5), Ok(()));
    local.run_until_idle();
    assert_eq!(value(block), Some(5));
    assert_eq!(rx.try_take(), Err(TryTakeError::Empty));
}

/// GO-066: with nothing ready no arm's code runs.
#[test]
fn no_arm_runs_beside_default() {
    run(async {
        let (_tx, rx) = chan::<u32>(0);
        let mut touched = false;
        alt! {
            v = take!(rx) => touched = v.is_some() || v.is_none(),
            default => {}
        }
        assert!(!touched);
    });
}

/// GO-067: an alts that stands last in a queue and leaves through another arm leaves a sound queue.
#[test]
fn leaving_the_end_of_a_queue_keeps_it_sound() {
    run(async {
        let (tx, rx) = chan::<u32>(0);
        let (other_tx, other) = chan::<u32>(0);
        let before = rx.clone();
        let first = go!({ take!(before) });
        parked(&first).await;
        let twice = go!({
            let one = alt! { v = take!(rx) => v, v = take!(other) => v };
            (one, take!(rx))
        });
        parked(&twice).await;
        other_tx.try_put(1).unwrap();
        until(|| twice.parked_at().is_some_and(|at| at.op() == csp::Op::Take)).await;
        tx.try_put(2).unwrap();
        tx.try_put(3).unwrap();
        assert_eq!(first.await, Ok(Some(2)));
        assert_eq!(twice.await, Ok((Some(1), Some(3))));
    });
}

/// GO-068: three ways to take against three ways to put.
#[test]
fn all_pairs_of_ways_to_put_and_take() {
    for way in 0..9 {
        run(async move {
            let (tx, rx) = chan(0);
            let (dummy_tx, dummy) = chan::<u32>(0);
            let putter = go!({
                match way % 3 {
                    0 => put!(tx, 1).is_ok(),
                    1 => alt! { ok = put!(tx, 1) => ok.is_ok() },
                    _ => alt! { ok = put!(tx, 1) => ok.is_ok(), _ = take!(dummy) => false },
                }
            });
            let taker = go!({
                match way / 3 {
                    0 => take!(rx),
                    1 => alt! { v = take!(rx) => v },
                    _ => alt! { v = take!(rx) => v, _ = put!(dummy_tx, 1) => None },
                }
            });
            // The dummies are each other's partners too: then neither of the others is served.
            let (put, took) = (putter.await.unwrap(), taker.await.unwrap());
            assert_eq!(put, took == Some(1), "way {way}");
            assert!(way == 8 || put, "way {way}");
        });
    }
}

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

/// GO-070: an alts of four puts never commits two: a hundred thousand rounds, no duplicate.
#[test]
fn stress_no_round_commits_twice() {
    const ROUNDS: usize = 100_000;
    let rt = runtime(4);
    let (txs, rxs): (Vec<_>, Vec<_>) = (0..4).map(|_| chan::<usize>(0)).unzip();
    let (out_tx, out) = chan::<usize>(0);
    for rx in rxs {
        let out = out_tx.clone();
        rt.go(async move {
            while let Some(n) = take!(rx) {
                put!(out, n).unwrap();
            }
        });
    }
    drop(out_tx);
    rt.go(async move {
        for n in 0..ROUNDS {
            alt! {
                ok = put!(txs[0], n) => ok.unwrap(),
                ok = put!(txs[1], n) => ok.unwrap(),
                ok = put!(txs[2], n) => ok.unwrap(),
                ok = put!(txs[3], n) => ok.unwrap(),
            }
        }
    });
    let seen = rt.go(async move {
        let mut seen = vec![0_u8; ROUNDS];
        while let Some(n) = take!(out) {
            seen[n] += 1;
        }
        seen
    });
    assert!(value(seen).iter().all(|&times| times == 1));
}

/// GO-073: two blocks, each `{put own id, take}` on one channel: no deadlock, and without a buffer nobody
/// takes its own.
#[test]
fn stress_two_alts_on_one_channel() {
    for capacity in [0, 10] {
        let rt = runtime(2);
        let (tx, rx) = chan(capacity);
        let blocks: Vec<_> = (0..2)
            .map(|id| {
                let (tx, rx) = (tx.clone(), rx.clone());
                rt.go(async move {
                    for round in 0..1_000 {
                        if round % 2 == id {
                            alt! {
                                ok = put!(tx, id) => ok.unwrap(),
                                v = take!(rx) => assert!(capacity > 0 || v != Some(id)),
                            }
                        } else {
                            alt! {
                                v = take!(rx) => assert!(capacity > 0 || v != Some(id)),
                                ok = put!(tx, id) => ok.unwrap(),
                            }
                        }
                    }
                })
            })
            .collect();
        // One may end while the other still has rounds to go: then this is its partner.
        let stop = rt.go(async move {
            loop {
                alt! {
                    priority;
                    _ = take!(timeout(ms(20))) => {}
                }
                while rx.try_take().is_ok() || tx.try_put(9).is_ok() {}
            }
        });
        blocks.into_iter().for_each(value);
        stop.cancel();
    }
}

/// GO-074: per channel a putter and a taker, and an alts-putter and an alts-taker over all four.
#[test]
fn stress_alts_over_four_channels() {
    const ROUNDS: usize = 10_000;
    let rt = runtime(4);
    let (txs, rxs): (Vec<_>, Vec<_>) = [0, 0, 2, 3].map(chan::<usize>).into_iter().unzip();
    let mut blocks = Vec::new();
    for at in 0..4 {
        let (tx, rx) = (txs[at].clone(), rxs[at].clone());
        blocks.push(rt.go(async move {
            for _ in 0..ROUNDS {
                put!(tx, at).unwrap();
            }
        }));
        blocks.push(rt.go(async move {
            for _ in 0..ROUNDS {
                assert_eq!(take!(rx), Some(at));
            }
        }));
    }
    blocks.push(rt.go(async move {
        let mut left = [ROUNDS; 4];
        while left != [0; 4] {
            alt! {
                ok = put!(txs[0], 0), if left[0] > 0 => { ok.unwrap(); left[0] -= 1 }
                ok = put!(txs[1], 1), if left[1] > 0 => { ok.unwrap(); left[1] -= 1 }
                ok = put!(txs[2], 2), if left[2] > 0 => { ok.unwrap(); left[2] -= 1 }
                ok = put!(txs[3], 3), if left[3] > 0 => { ok.unwrap(); left[3] -= 1 }
            }
        }
    }));
    blocks.push(rt.go(async move {
        let mut left = [ROUNDS; 4];
        while left != [0; 4] {
            let (at, v) = alt! {
                v = take!(rxs[0]), if left[0] > 0 => (0, v),
                v = take!(rxs[1]), if left[1] > 0 => (1, v),
                v = take!(rxs[2]), if left[2] > 0 => (2, v),
                v = take!(rxs[3]), if left[3] > 0 => (3, v),
            };
            assert_eq!(v, Some(at));
            left[at] -= 1;
        }
    }));
    blocks.into_iter().for_each(value);
}

/// GO-071, GO-072: of two channels at least one is ready at every instant: default is never taken.
#[test]
fn stress_default_sees_one_instant() {
    let rt = runtime(2);
    for by_close in [false, true] {
        let default_taken = rt.go(async move {
            for _ in 0..20_000 {
                let (a, b) = (chan::<u32>(1), chan::<u32>(1));
                a.0.try_put(1).unwrap();
                let (a_rx, b_tx) = (a.1.clone(), b.0.clone());
                let mover = go!({
                    if by_close {
                        b_tx.close();
                    } else {
                        b_tx.try_put(1).unwrap();
                    }
                    a_rx.try_take().is_ok()
                });
                let got = alt! { _ = take!(a.1) => true, _ = take!(b.1) => true, default => false };
                mover.await.unwrap();
                if !got {
                    return true;
                }
            }
            false
        });
        assert!(!value(default_taken), "by_close: {by_close}");
    }
}

/// GO-079: taking a loser out of a long queue is not linear in its length: waking all through their own
/// channels while they stand in one queue.
#[test]
fn losers_leave_a_long_queue_at_once_stress() {
    let time = |n: usize| {
        on_one_worker(async move {
            let (_shared_tx, shared) = chan::<()>(0);
            let (txs, blocks): (Vec<_>, Vec<_>) = (0..n)
                .map(|_| {
                    let (tx, own) = chan::<()>(0);
                    let shared = shared.clone();
                    let block = go!({
                        for _ in 0..5 {
                            alt! { _ = take!(shared) => unreachable!(), v = take!(own) => v.unwrap() }
                        }
                    });
                    (tx, block)
                })
                .unzip();
            let start = std::time::Instant::now();
            for _ in 0..5 {
                for tx in &txs {
                    put!(tx, ()).unwrap();
                }
            }
            for block in blocks {
                block.await.unwrap();
            }
            start.elapsed()
        })
    };
    let (few, many) = (time(500), time(16_000));
    // 32 times as many: linear is 32, quadratic 1000.
    assert!(many < 250 * few, "{few:?} for 500, {many:?} for 16000");
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
