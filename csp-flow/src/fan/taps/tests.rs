use std::collections::HashSet;

use csp_core::{Receiver, Sender, chan};

use super::{FEW, Taps};
use crate::{AtEnd, fan::Tap};

fn tap(tx: &Sender<u32>) -> Tap<u32> {
    Tap {
        tx: tx.clone(),
        at_end: AtEnd::Close,
    }
}

fn channels(number: usize) -> Vec<(Sender<u32>, Receiver<u32>)> {
    (0..number).map(|_| chan(0)).collect()
}

/// The taps are these, each once, and each is found.
fn assert_are(taps: &Taps<u32>, expected: &[&Sender<u32>]) {
    let listed: Vec<usize> = taps.iter().map(|tap| tap.tx.address()).collect();
    assert_eq!(listed.len(), expected.len());
    assert_eq!(taps.len(), expected.len());
    let listed: HashSet<usize> = listed.into_iter().collect();
    for tx in expected.iter().copied() {
        assert!(listed.contains(&tx.address()) && taps.has(tx));
    }
}

/// With few and with many, upwards and downwards, and where the one becomes the other; twice each.
#[test]
fn taps_are_found_and_removed() {
    let all = channels(3 * FEW);
    let txs: Vec<_> = all.iter().map(|(tx, _)| tx).collect();
    let mut taps = Taps::new();
    for (number, tx) in (1..).zip(&txs) {
        assert!(!taps.has(tx));
        taps.add(tap(tx));
        taps.add(tap(tx));
        assert_are(&taps, &txs[..number]);
    }
    // From the middle, so that the last has to move.
    let mut left = txs.clone();
    while !left.is_empty() {
        let gone = left.remove(left.len() / 3);
        taps.remove(gone);
        taps.remove(gone);
        assert!(!taps.has(gone));
        assert_are(&taps, &left);
        if left.len() == 2 * FEW {
            // Also in between, over the edge and back.
            taps.add(tap(gone));
            taps.remove(gone);
        }
    }
    assert!(taps.is_empty());
}

/// A list to which no value goes does not grow by taps that close.
#[test]
fn closed_ones_are_forgotten_in_time() {
    let kept = channels(2 * FEW);
    let kept: Vec<_> = kept.iter().map(|(tx, _)| tx).collect();
    let mut taps = Taps::new();
    for tx in &kept {
        taps.add(tap(tx));
    }
    for _ in 0..100 * FEW {
        taps.add(tap(&chan(0).0));
        assert!(taps.len() <= 4 * FEW + 1, "{}", taps.len());
    }
    taps.forget_closed();
    assert_are(&taps, &kept);
}

/// Who has the list while it changes has the old one.
#[test]
fn a_copy_stays_as_it_is() {
    let all = channels(FEW + 2);
    let all: Vec<_> = all.iter().map(|(tx, _)| tx).collect();
    let mut taps = Taps::new();
    for tx in &all {
        taps.add(tap(tx));
    }
    let copy = taps.clone();
    taps.remove(all[3]);
    assert_are(&copy, &all);
    assert_eq!(taps.len(), all.len() - 1);
    assert!(copy.has(all[3]) && !taps.has(all[3]));
}
