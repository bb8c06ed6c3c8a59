//! Sets of alts, whose arms stay queued from round to round, under random and under all schedules.

use csp::{prelude::*, put_all_or_none, sim::Sim};

/// A transaction puts into two of the channels of a set, a block into the third: the set takes all three.
fn a_set_and_a_transaction() {
    let (a_tx, a) = chan(1);
    let (b_tx, b) = chan(1);
    let (c_tx, c) = chan(0);
    let both = go!({
        put_all_or_none((a_tx.put(1), b_tx.put(2))).await.unwrap();
    });
    let third = go!({ put!(c_tx, 3).unwrap() });
    let taker = go!({
        let mut set = AltSet::new();
        set.take(&a);
        set.take(&b);
        set.take(&c);
        let mut got = Vec::new();
        while got.len() < 3 {
            if got.len() == 1 {
                set.disable(2);
                set.enable(2);
            }
            match alts!(&mut set) {
                (_, Event::Took(Some(value))) => got.push(value),
                (index, _) => set.disable(index),
            }
        }
        got.sort_unstable();
        got
    });
    both.wait().unwrap();
    third.wait().unwrap();
    assert_eq!(taker.wait().unwrap(), [1, 2, 3]);
}

#[test]
fn a_set_and_a_transaction_by_chance() {
    Sim::random(1)
        .schedules(500)
        .explore(a_set_and_a_transaction);
}

#[test]
fn a_set_and_a_transaction_in_all_orders() {
    Sim::random(1)
        .exhaustive()
        .preemptions(1)
        .schedules(1_000)
        .explore(a_set_and_a_transaction);
}

/// Each of two sets puts to the other and takes from it; each is served twice.
#[test]
fn two_sets_meet() {
    Sim::random(1).schedules(500).explore(|| {
        let (a_tx, a) = chan(0);
        let (b_tx, b) = chan(0);
        let plays = |to: Sender<u32>, from: Receiver<u32>| {
            go!({
                let mut set = AltSet::new();
                set.put(&to, 1);
                set.take(&from);
                for _ in 0..2 {
                    if let (0, _) = alts!(&mut set) {
                        set.put_again(0, 1);
                    }
                }
            })
        };
        let one = plays(a_tx.clone(), b.clone());
        let two = plays(b_tx.clone(), a.clone());
        one.wait().unwrap();
        two.wait().unwrap();
        drop((a_tx, b_tx, a, b));
    });
}
