//! Puts into several channels at one instant.

use csp::prelude::*;

use crate::util::{World, explore};

/// Two blocks put into the same two channels, named in opposite orders, while two take: both channels have the values in
/// the same order.
#[test]
fn transactions_cross() {
    explore(3000, || {
        let world = World::new(2);
        let (a_tx, a) = chan(1);
        let (b_tx, b) = chan(1);
        let putters = [
            {
                let (a, b) = (a_tx.clone(), b_tx.clone());
                go!({
                    for n in [1, 2] {
                        csp::put_all_or_none((a.put(n), b.put(n))).await.unwrap();
                    }
                })
            },
            go!({
                for n in [11, 12] {
                    csp::put_all_or_none((b_tx.put(n), a_tx.put(n)))
                        .await
                        .unwrap();
                }
            }),
        ];
        let takers = [a, b].map(|rx| {
            go!({
                let mut seen = Vec::new();
                while let Some(n) = take!(rx) {
                    seen.push(n);
                }
                seen
            })
        });
        for putter in putters {
            putter.wait().unwrap();
        }
        let [from_a, from_b] = takers.map(|taker| taker.wait().unwrap());
        assert_eq!(from_a.len(), 4);
        assert_eq!(from_a, from_b);
        drop(world);
    });
}

/// A transaction against takers that have an alts over both channels, and one that is cancelled: all or none.
#[test]
fn a_transaction_against_alts_and_cancel() {
    explore(3000, || {
        let world = World::new(2);
        let (a_tx, a) = chan(0);
        let (b_tx, b) = chan(0);
        let putter = go!({
            csp::put_all_or_none((a_tx.put(1), b_tx.put(1)))
                .await
                .is_ok()
        });
        let takers = [(); 2].map(|()| {
            let (a, b) = (a.clone(), b.clone());
            go!({
                alt! {
                    v = take!(a) => v,
                    v = take!(b) => v,
                }
            })
        });
        drop((a, b));
        putter.cancel();
        let put = putter.wait();
        let taken: Vec<u32> = takers
            .into_iter()
            .filter_map(|taker| taker.wait().unwrap())
            .collect();
        match put {
            Ok(true) => assert_eq!(taken, [1, 1]),
            Ok(false) => unreachable!("nobody closed them"),
            Err(_) => assert!(taken.is_empty() || taken == [1, 1]),
        }
        drop(world);
    });
}
