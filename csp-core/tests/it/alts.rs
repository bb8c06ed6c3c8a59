//! `alts!` over a few arms: what is chosen, what the others leave behind.

use std::pin::{Pin, pin};

use csp_core::{Closed, Of1, Of2, Of3, Receiver, alts, chan, park, promise_buffer, sliding};

use crate::util::{Counter, Ledger, id, one, parks, ready};

/// GO-043
#[test]
fn go_043_a_loop_with_default_fills_two_buffers_and_then_defaults() {
    let (a_tx, a) = chan(1);
    let (b_tx, b) = chan(1);
    let (mut sent, mut round) = (0, 0);
    loop {
        round += 1;
        match ready(pin!(async {
            alts!(a_tx.put(round), b_tx.put(round), default)
        })) {
            Some(Of2::A(result) | Of2::B(result)) => {
                result.unwrap();
                sent += 1;
            }
            None => break,
        }
    }
    assert_eq!((sent, round), (2, 3));
    let mut got = [a.try_take().unwrap(), b.try_take().unwrap()];
    got.sort_unstable();
    assert_eq!(got, [1, 2]);
}

/// GO-052, GO-055: nothing ready, no default: it parks
#[test]
fn go_055_nothing_ready_parks() {
    let (tx, rx) = chan::<u32>(0);
    parks(pin!(one(rx.take())));
    parks(pin!(one(tx.put(1))));
    let (tx2, rx2) = chan::<u32>(1);
    tx2.try_put(1).unwrap();
    parks(pin!(async { alts!(rx.take(), tx2.put(2)) }));
    assert_eq!(rx2.try_take(), Ok(1));
}

/// GO-057, GO-058, GO-059, GO-060, GO-056, CA-154, CA-155
#[test]
fn go_056_to_060_a_ready_arm_beats_default() {
    for _ in 0..100 {
        let (tx, rx) = chan(1);
        assert_eq!(one(rx.take()).now(), None);
        assert_eq!(one(tx.put(1)).now(), Some(Of1::A(Ok(()))));
        assert_eq!(one(tx.put(2)).now(), None);
        assert_eq!(one(rx.take()).now(), Some(Of1::A(Some(1))));
        tx.close();
        assert_eq!(one(rx.take()).now(), Some(Of1::A(None)));
        assert_eq!(one(tx.put(3)).now(), Some(Of1::A(Err(Closed(3)))));
    }
}

/// GO-057, GO-058 on rendezvous channels: a parked partner is ready
#[test]
fn a_parked_partner_beats_default() {
    let (tx, rx) = chan(0);
    let mut take = pin!(rx.take());
    parks(take.as_mut());
    assert_eq!(one(tx.put(1)).now(), Some(Of1::A(Ok(()))));
    assert_eq!(ready(take), Some(1));
    let mut put = pin!(tx.put(2));
    parks(put.as_mut());
    assert_eq!(one(rx.take()).now(), Some(Of1::A(Some(2))));
    assert_eq!(ready(put), Ok(()));
}

/// GO-061, CA-192: an alts never meets itself, and is not resumed twice
#[test]
fn go_061_an_alts_that_takes_and_puts_one_channel_never_meets_itself() {
    for capacity in [0, 1, 2] {
        for swapped in [false, true] {
            let ledger = Ledger::new();
            let (tx, rx) = chan(capacity);
            for _ in 0..capacity {
                tx.try_put(ledger.value(0)).unwrap();
            }
            if capacity > 0 {
                // A full buffer: the take arm is ready, and the put arm is not.
                let out = ready(pin!(async { alts!(tx.put(ledger.value(9)), rx.take()) }));
                assert!(matches!(out, Of2::B(Some(v)) if v == 0));
                while rx.try_take().is_ok() {}
                // Empty: the other way round.
                let out = ready(pin!(async { alts!(rx.take(), tx.put(ledger.value(9))) }));
                assert!(matches!(out, Of2::B(Ok(()))));
                assert_eq!(id(rx.try_take().ok()), Some(9));
                continue;
            }
            let waker = Counter::new();
            let mut block: Pin<Box<dyn Future<Output = Option<u32>>>> = if swapped {
                let value = ledger.value(1);
                Box::pin(async {
                    match alts!(tx.put(value), rx.take()) {
                        Of2::A(_) => None,
                        Of2::B(value) => id(value),
                    }
                })
            } else {
                let value = ledger.value(1);
                Box::pin(async {
                    match alts!(rx.take(), tx.put(value)) {
                        Of2::B(_) => None,
                        Of2::A(value) => id(value),
                    }
                })
            };
            assert!(waker.poll(block.as_mut()).is_pending());
            assert!(waker.poll(block.as_mut()).is_pending());
            assert_eq!(waker.wakes(), 0);
            // Both its arms are there for others; one ends it.
            assert_eq!(id(rx.try_take().ok()), Some(1));
            assert!(tx.try_put(ledger.value(2)).is_err());
            assert_eq!(waker.wakes(), 1);
            assert_eq!(ready(block), None);
            assert_eq!(ledger.live(), 0);
        }
    }
}

/// CA-188, GO-068, GO-073: two alts that both take and put on one rendezvous meet each other
#[test]
fn ca_188_alts_meets_alts_on_one_channel() {
    let (tx, rx) = chan(0);
    let wakers = [Counter::new(), Counter::new()];
    let mut one = pin!(async { alts!(rx.take(), tx.put(1)) });
    let mut two = pin!(async { alts!(rx.take(), tx.put(2)) });
    assert!(wakers[0].poll(one.as_mut()).is_pending());
    let second = ready(two.as_mut());
    assert_eq!(wakers[0].wakes(), 1);
    match (ready(one), second) {
        (Of2::A(Some(2)), Of2::B(Ok(()))) | (Of2::B(Ok(())), Of2::A(Some(1))) => {}
        other => panic!("{other:?}"),
    }
    assert!(tx.try_put(3).is_err() && rx.try_take().is_err());
    // Taker against putter, each with a quiet arm.
    let (_quiet_tx, quiet) = chan::<u32>(0);
    let mut taker = pin!(async { alts!(quiet.take(), rx.take()) });
    let mut putter = pin!(async { alts!(tx.put(5), quiet.take()) });
    parks(taker.as_mut());
    assert_eq!(ready(putter.as_mut()), Of2::A(Ok(())));
    assert_eq!(ready(taker), Of2::B(Some(5)));
}

/// GO-067: the last in a queue leaves by another arm, and the queue stays sound
#[test]
fn go_067_leaving_a_queue_by_another_arm_keeps_it_sound() {
    let (tx, rx) = chan(0);
    let (other_tx, other) = chan(0);
    let waker = Counter::new();
    let mut before = pin!(rx.take());
    assert!(waker.poll(before.as_mut()).is_pending());
    let mut block = pin!(async {
        let first = alts!(rx.take(), other.take());
        let second = rx.take().await;
        (first, second)
    });
    parks(block.as_mut());
    other_tx.try_put(1).unwrap();
    parks(block.as_mut());
    tx.try_put(2).unwrap();
    tx.try_put(3).unwrap();
    assert_eq!(waker.wakes(), 1);
    assert_eq!(ready(before), Some(2));
    assert_eq!(ready(block), (Of2::B(Some(1)), Some(3)));
}

/// GO-068: plain, one-arm alts, two-arm alts on either side: all nine pairs meet
#[test]
fn go_068_nine_ways_to_take_and_put_meet() {
    type Taking = Pin<Box<dyn Future<Output = Option<u32>>>>;
    type Putting = Pin<Box<dyn Future<Output = bool>>>;
    for take_form in 0..3 {
        for put_form in 0..3 {
            for take_first in [false, true] {
                let (tx, rx) = chan(0);
                let (quiet_tx, quiet) = chan::<u32>(0);
                let _open = quiet_tx.clone();
                let mut take: Taking = match take_form {
                    0 => Box::pin(async move { rx.take().await }),
                    1 => Box::pin(async move {
                        let Of1::A(value) = one(rx.take()).await;
                        value
                    }),
                    _ => Box::pin(async move {
                        match alts!(quiet.take(), rx.take()) {
                            Of2::B(value) => value,
                            Of2::A(_) => None,
                        }
                    }),
                };
                let mut put: Putting = match put_form {
                    0 => Box::pin(async move { tx.put(7).await.is_ok() }),
                    1 => Box::pin(async move { one(tx.put(7)).await == Of1::A(Ok(())) }),
                    _ => {
                        let (nobody, kept) = chan::<u32>(0);
                        Box::pin(async move {
                            let done = alts!(tx.put(7), nobody.put(8)) == Of2::A(Ok(()));
                            drop(kept);
                            done
                        })
                    }
                };
                if take_first {
                    parks(take.as_mut());
                    assert!(ready(put));
                    assert_eq!(ready(take), Some(7));
                } else {
                    parks(put.as_mut());
                    assert_eq!(ready(take), Some(7));
                    assert!(ready(put));
                }
            }
        }
    }
}

/// GO-077, GO-078: one channel in two arms; leaving by a third takes both registrations out
#[test]
fn go_077_one_channel_in_several_arms() {
    let (tx, rx) = chan::<u32>(0);
    let (other_tx, other) = chan(0);
    let mut block = pin!(async { alts!(rx.take(), other.take(), rx.take()) });
    parks(block.as_mut());
    other_tx.try_put(1).unwrap();
    assert_eq!(ready(block), Of3::B(Some(1)));
    let waker = Counter::new();
    let mut take = pin!(rx.take());
    assert!(waker.poll(take.as_mut()).is_pending());
    assert!(format!("{rx:?}").contains("takers: 1"));
    tx.try_put(2).unwrap();
    assert_eq!((waker.wakes(), ready(take)), (1, Some(2)));
    // GO-078: ended by close, with duplicates.
    let waker = Counter::new();
    let mut block = pin!(async { alts!(rx.take(), rx.take()) });
    assert!(waker.poll(block.as_mut()).is_pending());
    tx.close();
    assert_eq!(waker.wakes(), 1);
    assert!(matches!(ready(block), Of2::A(None) | Of2::B(None)));
}

/// GO-033, GO-076: two puts to one channel, each value at least 10 %
#[test]
fn go_076_two_puts_to_one_channel_are_a_coin() {
    for capacity in [0, 100] {
        let (tx, rx) = chan(capacity);
        let mut counts = [0; 2];
        for _ in 0..1000 {
            let mut take = pin!(rx.take());
            if capacity == 0 {
                parks(take.as_mut());
            }
            let done = ready(pin!(async { alts!(tx.put(0), tx.put(1)) }));
            assert!(matches!(done, Of2::A(Ok(())) | Of2::B(Ok(()))));
            counts[ready(take).unwrap()] += 1;
        }
        assert!(counts.iter().all(|n| *n > 100), "{counts:?}");
    }
}

/// GO-075: two ready arms split evenly, two others never fire
#[test]
fn go_075_ready_arms_are_chosen_uniformly() {
    const ROUNDS: u32 = 100_000;
    let (a_tx, a) = chan::<()>(0);
    let (b_tx, b) = chan::<()>(0);
    a_tx.close();
    b_tx.close();
    let (_c_tx, c) = chan::<()>(0);
    let (d_tx, _d) = chan::<()>(0);
    let mut counts = [0_i64; 2];
    for _ in 0..ROUNDS {
        match ready(pin!(async {
            alts!(c.take(), a.take(), d_tx.put(()), b.take())
        })) {
            csp_core::Of4::B(None) => counts[0] += 1,
            csp_core::Of4::D(None) => counts[1] += 1,
            other => panic!("{other:?}"),
        }
    }
    // Sigma is 1,265, since a thread keeps to what it threw for 16 rounds.
    assert!((counts[0] - counts[1]).abs() < 10_000, "{counts:?}");
    // Three ready ones: a third each.
    let mut counts = [0_i64; 3];
    for _ in 0..ROUNDS {
        match ready(pin!(async { alts!(a.take(), b.take(), a.take(), default) })) {
            Some(Of3::A(None)) => counts[0] += 1,
            Some(Of3::B(None)) => counts[1] += 1,
            Some(Of3::C(None)) => counts[2] += 1,
            other => panic!("{other:?}"),
        }
    }
    assert!(
        counts.iter().all(|n| (n - 33_333).abs() < 5_000),
        "{counts:?}"
    );
}

/// CA-156, CA-152: only what is ready appears, each at some time
#[test]
fn ca_156_three_ready_channels_twenty_rounds() {
    let mut seen = std::collections::HashSet::new();
    for _ in 0..200 {
        let chans: Vec<_> = (0..3).map(|_| chan(1)).collect();
        for (n, (tx, _)) in chans.iter().enumerate() {
            tx.try_put(n).unwrap();
        }
        let [a, b, c] = [&chans[0].1, &chans[1].1, &chans[2].1];
        let (arm, value) = match ready(pin!(async { alts!(a.take(), b.take(), c.take()) })) {
            Of3::A(value) => (0, value),
            Of3::B(value) => (1, value),
            Of3::C(value) => (2, value),
        };
        assert_eq!(value, Some(arm));
        seen.insert(arm);
        // The others still have theirs.
        assert_eq!(chans.iter().map(|(_, rx)| rx.len()).sum::<usize>(), 2);
    }
    assert_eq!(seen.len(), 3);
}

/// `priority`: the first ready arm in order, always
#[test]
fn priority_takes_the_first_ready_arm_in_order() {
    let (a_tx, a) = chan(1);
    let (b_tx, b) = chan(1);
    for _ in 0..200 {
        b_tx.try_put(2).unwrap();
        assert_eq!(
            ready(pin!(async { alts!(a.take(), b.take(), priority) })),
            Of2::B(Some(2))
        );
        a_tx.try_put(1).unwrap();
        b_tx.try_put(2).unwrap();
        assert_eq!(
            ready(pin!(async { alts!(a.take(), b.take(), priority, default) })),
            Some(Of2::A(Some(1)))
        );
        assert_eq!(b.try_take(), Ok(2));
    }
}

/// CA-065: 10,000 alts of an open take and a put on a closed channel leave no pending take behind
#[test]
fn ca_065_a_put_on_a_closed_channel_commits() {
    let (_open_tx, open) = chan::<u32>(0);
    let (closed, _rx) = chan(0);
    closed.close();
    for n in 0..10_000 {
        let out = ready(pin!(async { alts!(open.take(), closed.put(n), priority) }));
        assert_eq!(out, Of2::B(Err(Closed(n))));
    }
    assert!(format!("{open:?}").contains("takers: 0"));
}

/// CA-184, CA-185: alts with default leave nothing behind
#[test]
fn ca_184_alts_with_default_leave_nothing_pending() {
    let (tx, rx) = chan(0);
    for n in 0..2000 {
        assert_eq!(one(tx.put(n)).now(), None);
        assert_eq!(one(rx.take()).now(), None);
    }
    assert!(format!("{rx:?}").contains("takers: 0, putters: 0"));
    tx.put_then(1, |_| {}).unwrap();
    assert_eq!(rx.try_take(), Ok(1));
}

/// CA-200: 200 losing alts on an idle channel leave nothing, even before anybody touches it
#[test]
fn ca_200_losing_alts_are_gone_from_an_idle_channel() {
    let (_idle_tx, idle) = chan::<u32>(0);
    let (tx, rx) = chan(0);
    let mut blocks: Vec<_> = (0..200)
        .map(|_| Box::pin(async { alts!(idle.take(), rx.take()) }))
        .collect();
    blocks.iter_mut().for_each(|block| parks(block.as_mut()));
    assert!(format!("{idle:?}").contains("takers: 200"));
    for n in 0..200 {
        tx.try_put(n).unwrap();
    }
    for (n, block) in (0..).zip(&mut blocks) {
        assert_eq!(ready(block.as_mut()), Of2::B(Some(n)));
    }
    assert!(format!("{idle:?}").contains("takers: 0"));
}

/// A committed alts that has not run yet is no partner: values go to live takers behind it.
#[test]
fn dead_arms_are_passed_over() {
    let ledger = Ledger::new();
    let (a_tx, a) = chan(0);
    let (b_tx, b) = chan(0);
    let mut block = pin!(async { alts!(a.take(), b.take()) });
    parks(block.as_mut());
    let mut behind = pin!(b.take());
    parks(behind.as_mut());
    a_tx.try_put(ledger.value(1)).unwrap();
    b_tx.try_put(ledger.value(2)).unwrap();
    assert!(b_tx.try_put(ledger.value(3)).is_err());
    assert_eq!(id(ready(behind)), Some(2));
    assert!(matches!(ready(block), Of2::A(Some(v)) if v == 1));
    assert_eq!(ledger.live(), 0);
}

/// A future as an arm; it is polled only while no channel arm can be committed.
#[test]
fn futures_are_arms_too() {
    let (tx, rx) = chan::<u32>(0);
    let (done_tx, done) = chan::<u32>(0);
    let waker = Counter::new();
    let mut block = pin!(async { alts!(rx.take(), park(async { done.take().await })) });
    assert!(waker.poll(block.as_mut()).is_pending());
    done_tx.try_put(9).unwrap();
    assert_eq!(waker.wakes(), 1);
    assert_eq!(ready(block), Of2::B(Some(9)));
    // The other way: the future has taken a value of its own when a channel arm is committed.
    let mut inner = Box::pin(done.take());
    {
        let mut block = pin!(async { alts!(rx.take(), park(&mut inner)) });
        parks(block.as_mut());
        tx.try_put(1).unwrap();
        done_tx.try_put(2).unwrap();
        assert_eq!(ready(block), Of2::A(Some(1)));
    }
    assert_eq!(ready(inner), Some(2));
    // Ready at once, with default; and pending, with default.
    assert_eq!(one(park(std::future::ready(3))).now(), Some(Of1::A(3)));
    assert_eq!(one(park(rx.take())).now(), None);
}

/// Promises and policies in arms.
#[test]
fn promise_arms_are_served_without_taking_it_away() {
    let (tx, rx) = chan(promise_buffer());
    let (_quiet_tx, quiet) = chan::<u32>(0);
    let mut blocks: Vec<_> = (0..100)
        .map(|_| Box::pin(async { alts!(quiet.take(), rx.take()) }))
        .collect();
    blocks.iter_mut().for_each(|block| parks(block.as_mut()));
    tx.try_put(1).unwrap();
    for block in &mut blocks {
        assert_eq!(ready(block.as_mut()), Of2::B(Some(1)));
    }
    let (tx, rx) = chan(sliding(1));
    for n in 0..3 {
        assert_eq!(
            ready(pin!(async { alts!(quiet.take(), tx.put(n)) })),
            Of2::B(Ok(()))
        );
    }
    assert_eq!(rx.try_take(), Ok(2));
}

/// Sixteen arms, and a block of code that moves between polls of others.
#[test]
fn sixteen_arms() {
    let chans: Vec<_> = (0..16).map(|_| chan::<usize>(0)).collect();
    let rx: Vec<&Receiver<usize>> = chans.iter().map(|(_, rx)| rx).collect();
    for (n, (tx, _)) in chans.iter().enumerate() {
        let mut block = pin!(async {
            alts!(
                rx[0].take(),
                rx[1].take(),
                rx[2].take(),
                rx[3].take(),
                rx[4].take(),
                rx[5].take(),
                rx[6].take(),
                rx[7].take(),
                rx[8].take(),
                rx[9].take(),
                rx[10].take(),
                rx[11].take(),
                rx[12].take(),
                rx[13].take(),
                rx[14].take(),
                rx[15].take()
            )
        });
        parks(block.as_mut());
        tx.try_put(n).unwrap();
        let text = format!("{:?}", ready(block));
        let letter = char::from(b'A' + u8::try_from(n).unwrap());
        assert_eq!(text, format!("{letter}(Some({n}))"));
    }
}
