//! Mult, publication and mix under threads that come and go.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
};

use csp::{Runtime, prelude::*};

use crate::util::blocks::{Dice, have_no_gap, value, wait_until_empty};

/// CA-198 under threads: a tap goes, in any of the ways, while the mult is parked on it, or just is
/// not yet, or not any more.
#[test]
fn stress_a_tap_goes_while_the_mult_waits_in_it() {
    let rt = Runtime::builder().workers(2).build();
    let _entered = rt.enter();
    let (tx, rx) = chan(0);
    let mult = csp::mult(rx);
    let all = mult.subscribe(0);
    let rounds = if cfg!(debug_assertions) {
        3_000
    } else {
        30_000
    };
    let mut dice = Dice(0x5eed_1234);
    for round in 0..rounds {
        let (slow_tx, slow) = chan::<u64>(0);
        mult.tap(slow_tx.clone());
        tx.put_blocking(round).unwrap();
        let (how, mult) = (dice.below(6), mult.clone());
        let leaving = go!({
            match how {
                0 => drop(slow),
                1 => assert!(slow.close()),
                2 => assert!(slow_tx.close()),
                3 => mult.untap(&slow_tx),
                // It goes after it was served, with the next value perhaps on its way.
                4 => assert_eq!(take!(slow), Some(round)),
                _ => {
                    // Served or not, but once at most.
                    mult.untap(&slow_tx);
                    drop(slow_tx);
                    let got = take!(slow);
                    assert!(got.is_none_or(|got| got == round));
                    assert_eq!(take!(slow), None);
                }
            }
        });
        assert_eq!(all.take_blocking(), Some(round));
        value(leaving);
    }
    drop((tx, mult));
    wait_until_empty(&rt);
}

/// While a tap is tapped it gets every value, each once, in order; whatever others do.
#[test]
fn stress_taps_that_come_and_go_miss_nothing_while_they_are_there() {
    let rt = Runtime::builder().workers(3).build();
    let _entered = rt.enter();
    let (tx, rx) = chan(2);
    let mult = csp::mult(rx);
    let last = if cfg!(debug_assertions) {
        20_000
    } else {
        200_000
    };
    let whole = mult.subscribe(3);
    let counted = go!({
        let mut all = Vec::new();
        while let Some(n) = take!(whole) {
            all.push(n);
        }
        all
    });
    let over = Arc::new(AtomicBool::new(false));
    let comers: Vec<_> = (1..=4_u64)
        .map(|seed| {
            let (mult, over) = (mult.clone(), Arc::clone(&over));
            thread::spawn(move || {
                let mut dice = Dice(seed * 0x9e37_79b9);
                while !over.load(Ordering::Relaxed) {
                    let buffer = usize::try_from(dice.below(3)).unwrap();
                    let (tap_tx, tap) = chan(buffer);
                    mult.tap(tap_tx.clone());
                    let mut values: Vec<u64> = (0..dice.below(20))
                        .map_while(|_| tap.take_blocking())
                        .collect();
                    if dice.below(2) == 0 {
                        mult.untap(&tap_tx);
                        drop(tap_tx);
                        values.extend(&tap);
                    }
                    assert!(have_no_gap(&values), "{values:?}");
                }
            })
        })
        .collect();
    let putter = go!({
        for n in 0..last {
            put!(tx, n).unwrap();
        }
    });
    value(putter);
    over.store(true, Ordering::Relaxed);
    drop(mult);
    for comer in comers {
        comer.join().unwrap();
    }
    assert!(value(counted).into_iter().eq(0..last));
    wait_until_empty(&rt);
}

/// The same for the topics of a publication, half of which have a buffer of their own.
#[test]
fn stress_subscribers_that_come_and_go_miss_nothing_while_they_are_there() {
    const TOPICS: u64 = 4;
    let rt = Runtime::builder().workers(3).build();
    let _entered = rt.enter();
    let (tx, rx) = chan(2);
    let topic = |n: &u64| n % TOPICS;
    let publication = csp::publish(rx, topic, |&topic| usize::from(topic % 2 == 0) * 3);
    let last = if cfg!(debug_assertions) {
        20_000
    } else {
        200_000
    };
    let whole: Vec<_> = (0..TOPICS)
        .map(|topic| {
            let rx = publication.subscribe(topic, 1);
            go!({
                let mut all = Vec::new();
                while let Some(n) = take!(rx) {
                    all.push(n / TOPICS);
                }
                all
            })
        })
        .collect();
    let over = Arc::new(AtomicBool::new(false));
    let comers: Vec<_> = (1..=4_u64)
        .map(|seed| {
            let (publication, over) = (publication.clone(), Arc::clone(&over));
            thread::spawn(move || {
                let mut dice = Dice(seed * 0x9e37_79b9);
                while !over.load(Ordering::Relaxed) {
                    let topic = dice.below(TOPICS);
                    let (sub_tx, sub) = chan(usize::try_from(dice.below(3)).unwrap());
                    publication.sub(topic, sub_tx.clone());
                    let mut values: Vec<u64> = (0..dice.below(20))
                        .map_while(|_| sub.take_blocking())
                        .collect();
                    if dice.below(2) == 0 {
                        publication.unsub(topic, &sub_tx);
                        drop(sub_tx);
                        values.extend(&sub);
                    }
                    assert!(values.iter().all(|n| n % TOPICS == topic));
                    let rounds: Vec<_> = values.iter().map(|n| n / TOPICS).collect();
                    assert!(have_no_gap(&rounds), "{values:?}");
                }
            })
        })
        .collect();
    let putter = go!({
        for n in 0..last {
            put!(tx, n).unwrap();
        }
    });
    value(putter);
    over.store(true, Ordering::Relaxed);
    drop(publication);
    for comer in comers {
        comer.join().unwrap();
    }
    for all in whole {
        assert!(value(all).into_iter().eq(0..last / TOPICS));
    }
    wait_until_empty(&rt);
}

/// Inputs that come and go: what they do not give to the mix stays in them, and nothing comes twice.
#[test]
fn stress_what_a_mix_does_not_take_stays_in_its_inputs() {
    let rt = Runtime::builder().workers(2).build();
    let _entered = rt.enter();
    let (out, heard) = chan(1);
    let mix = csp::mix(out);
    let rounds = if cfg!(debug_assertions) { 300 } else { 3_000 };
    let comers: Vec<_> = (0..4_u64)
        .map(|seed| {
            let mix = mix.clone();
            thread::spawn(move || {
                let mut dice = Dice((seed + 1) * 0x9e37_79b9);
                let (mut put, mut back) = (0_u64, 0_u64);
                for _ in 0..rounds {
                    let (tx, rx) = chan(3);
                    mix.admix(rx.clone());
                    for _ in 0..dice.below(8) {
                        put += u64::from(tx.put_blocking(1_u64).is_ok());
                    }
                    if dice.below(2) == 0 {
                        // After this the mix takes no more.
                        let rx = mix.unmix(&rx).wait().expect("it is an input");
                        while let Ok(one) = rx.try_take() {
                            back += one;
                        }
                        tx.try_put(1).unwrap();
                        assert_eq!(rx.try_take(), Ok(1));
                    }
                }
                (put, back)
            })
        })
        .collect();
    drop(mix);
    let total = Arc::new(AtomicU64::new(0));
    let sum = Arc::clone(&total);
    let listener = go!({
        while let Some(one) = take!(heard) {
            sum.fetch_add(one, Ordering::Relaxed);
        }
    });
    let (mut put, mut back) = (0, 0);
    for comer in comers {
        let (its_put, its_back) = comer.join().unwrap();
        put += its_put;
        back += its_back;
    }
    // The last handle is gone: the mix reads what is left, and ends.
    value(listener);
    assert_eq!(total.load(Ordering::Relaxed) + back, put);
    wait_until_empty(&rt);
}
