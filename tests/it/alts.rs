//! `alt!` and `alts!` in go blocks: every form, who may be chosen, and what the others leave behind.

use csp::{Local, prelude::*};

use crate::util::{failure_of, on_one_worker, parked, run_idle, until, value};

/// Runs a block that does not have to wait for anything from outside.
#[track_caller]
pub(crate) fn run<T: Send + 'static>(block: impl Future<Output = T> + 'static) -> T {
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

/// `default` is for when nothing is ready, not for when the turn has used up its operations: a future that is ready is
/// chosen at whatever point of the budget.
#[test]
fn default_does_not_win_because_the_turn_is_long() {
    on_one_worker(async {
        let (tx, rx) = chan(1);
        let (_, closed) = chan::<()>(0);
        for n in 0..300 {
            put!(tx, n).unwrap();
            // Three operations a round, so that the budget, a power of two, runs out at each of them.
            assert_eq!(take!(closed), None);
            let took = alt! { v = park!(async { take!(rx) }) => v, default => None };
            assert_eq!(took, Some(n));
        }
    });
}
