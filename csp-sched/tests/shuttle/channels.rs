//! Many putters and takers, alts on both sides, close in between.

use csp::prelude::*;

use crate::util::{Ledger, Value, World, explore};

/// Takes from both until both have ended.
fn take_from_both(ledger: &Ledger, a: &Receiver<Value>, b: &Receiver<Value>) -> Go<()> {
    let (ledger, a, b) = (ledger.clone(), a.clone(), b.clone());
    go!({
        let (mut a_open, mut b_open) = (true, true);
        while a_open || b_open {
            alt! {
                v = take!(a), if a_open => match v {
                    Some(v) => ledger.taken(v),
                    None => a_open = false,
                },
                v = take!(b), if b_open => match v {
                    Some(v) => ledger.taken(v),
                    None => b_open = false,
                },
            }
        }
    })
}

/// Puts two values, each into whichever channel takes it first.
fn put_into_either(ledger: &Ledger, first: u32, a: &Sender<Value>, b: &Sender<Value>) -> Go<()> {
    let (ledger, a, b) = (ledger.clone(), a.clone(), b.clone());
    go!({
        for n in first..first + 2 {
            let (to_a, to_b) = (ledger.value(n), ledger.value(n + 100));
            alt! {
                done = put!(a, to_a) => ledger.put(n, &done),
                done = put!(b, to_b) => ledger.put(n + 100, &done),
            };
        }
    })
}

/// Three putters and two takers, all with alts over the same two channels: each value is chosen by one putter's
/// arm, and taken by one taker's.
fn alts_on_both_sides(buffer: usize, workers: usize) {
    let world = World::new(workers);
    let ledger = Ledger::default();
    let (a_tx, a) = chan(0);
    let (b_tx, b) = chan(buffer);
    let takers = [(); 2].map(|()| take_from_both(&ledger, &a, &b));
    let putters = [0, 10, 20].map(|first| put_into_either(&ledger, first, &a_tx, &b_tx));
    drop((a, b, a_tx, b_tx));
    for block in putters.into_iter().chain(takers) {
        block.wait().unwrap();
    }
    drop(world);
    assert_eq!(ledger.seen().len(), 6);
    ledger.assert_balanced();
}

#[test]
fn alts_on_both_sides_of_two_channels() {
    explore(3000, || alts_on_both_sides(0, 2));
}

#[test]
fn alts_on_both_sides_with_a_buffer_and_three_workers() {
    explore(3000, || alts_on_both_sides(1, 3));
}

/// Four putters and two takers on one channel, which one block closes in the middle, from the one end or the other:
/// whatever was accepted before is taken (from the putting end), or dropped with the channel (from the other).
fn close_race(close: fn(&Sender<Value>, &Receiver<Value>), drains: bool) {
    let world = World::new(2);
    let ledger = Ledger::default();
    let (tx, rx) = chan(1);
    let mut blocks = Vec::new();
    for n in 0..4 {
        let (tx, ledger) = (tx.clone(), ledger.clone());
        blocks.push(go!({
            let value = ledger.value(n);
            ledger.put(n, &put!(tx, value));
        }));
    }
    for _ in 0..2 {
        let (rx, ledger) = (rx.clone(), ledger.clone());
        blocks.push(go!({
            while let Some(value) = take!(rx) {
                ledger.taken(value);
            }
        }));
    }
    blocks.push(go!({ close(&tx, &rx) }));
    for block in blocks {
        block.wait().unwrap();
    }
    drop(world);
    if drains {
        ledger.assert_balanced();
    } else {
        ledger.assert_gone();
    }
}

#[test]
fn the_senders_close_while_all_are_busy() {
    explore(3000, || {
        close_race(|tx, _| assert!(tx.close()), true);
    });
}

#[test]
fn the_receivers_close_while_all_are_busy() {
    explore(3000, || {
        close_race(|_, rx| assert!(rx.close()), false);
    });
}

/// A pipeline of three blocks between a thread outside and another: order is kept, and each is woken.
#[test]
fn a_chain_of_blocks_between_threads() {
    explore(3000, || {
        let world = World::new(2);
        let (tx, mut rx) = chan(0);
        for _ in 0..3 {
            let (out, next) = chan(0);
            let source = std::mem::replace(&mut rx, next);
            go!({
                while let Some(n) = take!(source) {
                    if put!(out, n + 1_u32).is_err() {
                        break;
                    }
                }
            });
        }
        let putter = shuttle::thread::spawn(move || {
            for n in [0, 10, 20] {
                tx.put_blocking(n).unwrap();
            }
        });
        assert!(rx.iter_blocking().eq([3, 13, 23]));
        putter.join().unwrap();
        drop(world);
    });
}
