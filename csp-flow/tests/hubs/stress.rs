//! Hubs and buses under threads that come and go.

use std::{
    sync::{
        Arc, Barrier,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use csp::{HubOptions, Registry, Runtime, SlowConsumer, Topics, prelude::*};

use crate::util::blocks::{Dice, Ledger, have_no_gap, value, wait_until_empty};

fn rounds(debug: u64, release: u64) -> u64 {
    if cfg!(debug_assertions) {
        debug
    } else {
        release
    }
}

/// Subscribers that come and go in every way miss nothing while they are there; the one who stays has all, and
/// so does a tap; nothing is left behind.
#[test]
fn stress_subscribers_that_come_and_go() {
    for replay in [0, 3] {
        let rt = Runtime::builder().workers(3).build();
        let _entered = rt.enter();
        let (tx, rx) = chan(2);
        let options = HubOptions {
            replay,
            ..HubOptions::default()
        };
        let hub = csp::hub_with(rx, options);
        let last = rounds(10_000, 100_000);
        let whole = [hub.subscribe(3), hub.tap(0)].map(|rx| {
            go!({
                let mut all = Vec::new();
                while let Some(n) = take!(rx) {
                    all.push(n);
                }
                all
            })
        });
        let over = Arc::new(AtomicBool::new(false));
        let comers: Vec<_> = (1..=4_u64)
            .map(|seed| {
                let (hub, over) = (hub.clone(), Arc::clone(&over));
                thread::spawn(move || {
                    let mut dice = Dice(seed * 0x9e37_79b9);
                    while !over.load(Ordering::Relaxed) {
                        let buffer = usize::try_from(dice.below(3)).unwrap();
                        let rx = match dice.below(3) {
                            0 => hub.tap(buffer),
                            1 => hub.subscribe_with(buffer, SlowConsumer::Sever(secs(100))),
                            _ => hub.subscribe(buffer),
                        };
                        let takes = dice.below(20);
                        let mut values: Vec<u64> =
                            (0..takes).map_while(|_| rx.take_blocking()).collect();
                        if dice.below(2) == 0 {
                            rx.close();
                            values.extend(&rx);
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
        drop(hub);
        for comer in comers {
            comer.join().unwrap();
        }
        for all in whole {
            assert!(value(all).into_iter().eq(0..last));
        }
        wait_until_empty(&rt);
    }
}

/// One after another takes a few values and leaves, in the midst of whatever the hub does: together they
/// have had every value. (Each leaves with what is in its own buffer taken.)
#[test]
fn stress_nothing_is_lost_between_two_subscribers() {
    let rt = Runtime::builder().workers(2).build();
    let _entered = rt.enter();
    let ledger = Ledger::default();
    let (tx, rx) = chan(1);
    let hub = csp::hub(rx);
    let last = u32::try_from(rounds(20_000, 200_000)).unwrap();
    let values = ledger.clone();
    let putter = go!({
        for n in 100..last {
            let value = values.value(n);
            put!(tx, value).unwrap();
        }
    });
    let (mut dice, mut heard) = (Dice(0x5eed), Vec::new());
    loop {
        let sub = hub.subscribe(usize::try_from(dice.below(3)).unwrap());
        for _ in 0..dice.below(9) {
            heard.extend(sub.take_blocking().map(|value| value.n));
        }
        // Puts that are refused from here on are given back to the hub.
        let is_end = !sub.close();
        heard.extend(sub.iter_blocking().map(|value| value.n));
        if is_end {
            break;
        }
    }
    assert!(heard.into_iter().eq(100..last));
    value(putter);
    drop(hub);
    wait_until_empty(&rt);
    assert_eq!(ledger.live(), 0);
}

/// A hub that closes with its last subscriber, while that leaves: what was put is taken, given back, or left
/// with the hub.
#[test]
fn stress_the_last_leaves_while_values_come() {
    let rt = Runtime::builder().workers(2).build();
    let _entered = rt.enter();
    let mut dice = Dice(0xfeed);
    for _ in 0..rounds(2_000, 20_000) {
        let (tx, rx) = chan(usize::try_from(dice.below(3)).unwrap());
        let options = HubOptions {
            close_on_last: true,
            ..HubOptions::default()
        };
        let hub = csp::hub_with(rx, options);
        let sub = hub.subscribe(usize::try_from(dice.below(2)).unwrap());
        let takes = dice.below(4);
        let leaving = go!({
            let mut heard = 0;
            for _ in 0..takes {
                heard += u64::from(take!(sub).is_some());
            }
            sub.close();
            heard + sub.into_iter().count() as u64
        });
        let mut accepted = 0;
        while tx.put_blocking(()).is_ok() {
            accepted += 1;
        }
        let heard = value(leaving);
        while !hub.is_ended() {
            thread::yield_now();
        }
        let rest = hub.take_rest().len() as u64;
        assert_eq!(heard + rest, accepted);
    }
    wait_until_empty(&rt);
}

/// Links that are cut while values move, on several workers: nothing is lost, nothing twice.
#[test]
fn stress_links_that_are_cut() {
    let rt = Runtime::builder().workers(3).build();
    let _entered = rt.enter();
    let last = rounds(20_000, 200_000);
    let (tx, mut src) = chan(2);
    let (mut dst, rx) = chan(1);
    let putter = go!({
        for n in 0..last {
            put!(tx, n).unwrap();
        }
    });
    let taker = go!({
        let mut next = 0;
        while let Some(n) = take!(rx) {
            assert_eq!(n, next);
            next += 1;
        }
        next
    });
    let mut dice = Dice(0xabcd);
    loop {
        let link = csp::join(src, dst);
        for _ in 0..dice.below(50) {
            thread::yield_now();
        }
        link.disconnect();
        let end = link.wait().unwrap();
        let Some(open) = end.dst else { break };
        (src, dst) = (end.src.unwrap(), open);
        if let Some(value) = end.value {
            dst.put_blocking(value).unwrap();
        }
    }
    value(putter);
    assert_eq!(value(taker), last);
    wait_until_empty(&rt);
}

/// Publishers, subscribers and closers of few topics: what a subscriber hears from one publisher has no gap,
/// and what was accepted was heard.
#[test]
fn stress_a_bus_that_is_joined_and_left() {
    let rt = Runtime::builder().workers(3).build();
    let _entered = rt.enter();
    let bus = Topics::new();
    let over = Arc::new(AtomicBool::new(false));
    let comers: Vec<_> = (1..=4_u64)
        .map(|seed| {
            let (bus, over) = (bus.clone(), Arc::clone(&over));
            thread::spawn(move || {
                let mut dice = Dice(seed * 0x9e37_79b9);
                let mut heard = 0;
                while !over.load(Ordering::Relaxed) {
                    let sub = bus.subscribe(dice.below(3), 4);
                    // It may be closed before it was heard of.
                    let mut values: Vec<u64> = (0..dice.below(5))
                        .map_while(|_| sub.take_blocking_for(ms(1)).ok().flatten())
                        .collect();
                    if dice.below(8) == 0 {
                        bus.close(&dice.below(3));
                    }
                    sub.close();
                    values.extend(&sub);
                    assert!(have_no_gap(&values), "{values:?}");
                    heard += values.len();
                }
                heard
            })
        })
        .collect();
    let publishers: Vec<_> = (0..3_u64)
        .map(|topic| {
            let bus = bus.clone();
            let last = rounds(10_000, 100_000);
            go!({
                let mut accepted = 0;
                for n in 0..last {
                    accepted += bus.publish(&topic, n).await;
                }
                accepted
            })
        })
        .collect();
    let accepted: usize = publishers.into_iter().map(value).sum();
    over.store(true, Ordering::Relaxed);
    let heard: usize = comers.into_iter().map(|comer| comer.join().unwrap()).sum();
    assert_eq!(heard, accepted);
    wait_until_empty(&rt);
    assert!(bus.is_empty());
}

/// 10,000 subscribers come one by one, and leave one by one, in the order of coming and the other way, while
/// the hub waits for a value: no more work than their number, and nothing of them is left.
#[test]
fn many_come_and_go_while_nothing_is_put() {
    for newest_first in [false, true] {
        let stage = crate::util::blocks::Stage::new();
        let (tx, rx) = chan(1);
        let hub = stage.start(|| csp::hub(rx));
        let stays = hub.subscribe(9);
        let mut subs = Vec::new();
        for _ in 0..10_000 {
            subs.push(hub.subscribe(0));
            stage.idle();
        }
        if newest_first {
            subs.reverse();
        }
        for sub in subs {
            drop(sub);
            stage.idle();
        }
        stage.put(&tx, [1]);
        assert_eq!(stage.take_all(&stays), [1]);
        assert!(format!("{hub:?}").contains("subscribers: 1, taps: 0"));
    }
}

/// A topic that is swept away at the moment in which somebody subscribes to it: the subscription is found.
#[test]
fn stress_a_subscription_meets_a_sweep() {
    let bus = Topics::new();
    let threads: Vec<_> = (0..3_u64)
        .map(|who| {
            let bus = bus.clone();
            thread::spawn(move || {
                for n in 0..rounds(30_000, 300_000) {
                    // The same few again and again, and new ones, for which old ones are swept away.
                    for key in [(who, n % 8), (who, n + 100)] {
                        let sub = bus.subscribe(key, 1);
                        assert_eq!(bus.publish_blocking(&key, n), 1);
                        assert_eq!(sub.try_take(), Ok(n));
                    }
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
    assert!(bus.is_empty());
}

/// Threads that ask for a new name at the same moment get one channel, and it is told of once.
#[test]
fn stress_a_name_that_many_ask_for_first() {
    let registry = Registry::new();
    let start = Arc::new(Barrier::new(3));
    let threads: Vec<_> = (0..3)
        .map(|_| {
            let (registry, start) = (registry.clone(), Arc::clone(&start));
            thread::spawn(move || {
                let mut made = 0;
                for name in 0..rounds(5_000, 50_000) {
                    start.wait();
                    let channel = registry.named(name, 3, |_| made += 1);
                    channel.tx.try_put(()).unwrap();
                }
                made
            })
        })
        .collect();
    let made: u64 = threads
        .into_iter()
        .map(|thread| thread.join().unwrap())
        .sum();
    assert_eq!(made, rounds(5_000, 50_000));
    for name in 0..made {
        assert_eq!(registry.get(&name).unwrap().rx.len(), 3);
    }
}
