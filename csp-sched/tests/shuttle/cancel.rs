//! Blocks that are cancelled while they park, are being woken, or run.

use csp::prelude::*;

use crate::util::{Ledger, World, explore};

/// Two of three takers are cancelled while values come: what was accepted was taken, or is still there.
#[test]
fn takers_are_cancelled_while_values_come() {
    explore(3000, || {
        let world = World::new(2);
        let ledger = Ledger::default();
        let (tx, rx) = chan(1);
        let takers = [(); 3].map(|()| {
            let (rx, ledger) = (rx.clone(), ledger.clone());
            go!({
                while let Some(value) = take!(rx) {
                    ledger.taken(value);
                }
            })
        });
        let putter = {
            let ledger = ledger.clone();
            go!({
                for n in 0..4 {
                    let value = ledger.value(n);
                    ledger.put(n, &put!(tx, value));
                }
            })
        };
        for taker in &takers[1..] {
            taker.cancel();
        }
        putter.wait().unwrap();
        for taker in takers {
            drop(taker.wait());
        }
        while let Some(value) = rx.take_blocking() {
            ledger.taken(value);
        }
        drop((rx, world));
        assert_eq!(ledger.seen().len(), 4, "the third taker lives on");
        ledger.assert_balanced();
    });
}

/// Putters are cancelled while they park: their value was accepted and is taken, or goes with them.
#[test]
fn putters_are_cancelled_while_they_park() {
    explore(3000, || {
        let world = World::new(2);
        let ledger = Ledger::default();
        let (tx, rx) = chan(0);
        let putters = [0, 1, 2].map(|n| {
            let (tx, ledger) = (tx.clone(), ledger.clone());
            go!({
                let value = ledger.value(n);
                put!(tx, value).is_ok()
            })
        });
        drop(tx);
        let taker = {
            let ledger = ledger.clone();
            go!({
                while let Some(value) = take!(rx) {
                    ledger.taken(value);
                }
            })
        };
        putters[0].cancel();
        putters[2].cancel();
        for (putter, n) in putters.into_iter().zip(0..) {
            let outcome = putter.wait();
            let arrived = ledger.seen().contains(&n);
            match outcome {
                Ok(accepted) => assert!(accepted),
                // It may have been taken a moment before the block was ended.
                Err(_) => assert!(n != 1 || arrived),
            }
        }
        taker.wait().unwrap();
        drop(world);
        assert!(ledger.seen().contains(&1));
        ledger.assert_gone();
    });
}

/// A block with an alts over three channels is cancelled while all three are served: nothing is lost.
#[test]
fn an_alts_is_cancelled_while_its_arms_are_served() {
    explore(3000, || {
        let world = World::new(2);
        let ledger = Ledger::default();
        let pairs = [(); 3].map(|()| chan(1));
        let [a, b, c] = [0, 1, 2].map(|at: usize| pairs[at].1.clone());
        let block = {
            let ledger = ledger.clone();
            go!({
                loop {
                    alt! {
                        Some(v) = take!(a) => ledger.taken(v),
                        Some(v) = take!(b) => ledger.taken(v),
                        Some(v) = take!(c) => ledger.taken(v),
                        else _ => break,
                    }
                }
            })
        };
        let mut putters = Vec::new();
        let mut rest = Vec::new();
        for ((tx, rx), n) in pairs.into_iter().zip(0..) {
            rest.push(rx);
            let ledger = ledger.clone();
            putters.push(go!({
                let value = ledger.value(n);
                ledger.put(n, &put!(tx, value));
            }));
        }
        block.cancel();
        for putter in putters {
            putter.wait().unwrap();
        }
        drop(block.wait());
        for rx in rest {
            while let Ok(value) = rx.try_take() {
                ledger.taken(value);
            }
        }
        drop(world);
        assert_eq!(ledger.seen().len(), 3);
        ledger.assert_balanced();
    });
}

/// A block that waits for another's outcome is cancelled, and the other one is, too: each ends, and the third that waits
/// for both is told.
#[test]
fn cancel_along_a_chain_of_joins() {
    explore(3000, || {
        let world = World::new(2);
        let (tx, rx) = chan::<u32>(0);
        let first = go!({ take!(rx) });
        let id = first.id();
        let cancelled = go!({
            let outcome = first.await;
            outcome.is_ok()
        });
        let waits = go!({ id > 0 });
        cancelled.cancel();
        let last = go!({ (cancelled.await, waits.await) });
        let (cancelled, waits) = last.wait().unwrap();
        assert_eq!((cancelled, waits), (Err(Failure::Cancelled), Ok(true)));
        drop(tx);
        drop(world);
    });
}
