//! What is seen of a program that had inspection off at times. (One test: the switch is the process'.)
#![cfg(not(csp_loom))]

use std::thread::yield_now;

use csp::{
    inspect::{disable, enable, stuck},
    prelude::*,
};

#[test]
fn what_is_not_known_is_no_proof() {
    an_alts_over_a_channel_that_is_not_known();
    a_handle_that_was_given_away_meanwhile();
}

/// One who waits on a channel that inspection does not know, beside one that it knows, is not accused.
fn an_alts_over_a_channel_that_is_not_known() {
    disable();
    let (unknown_tx, unknown) = chan::<u32>(0);
    enable();
    let block = go!({
        let (_kept, known) = chan::<u32>(0);
        alt! {
            v = take!(unknown) => v,
            v = take!(known) => v,
        }
    });
    while block.parked_at().is_none() {
        yield_now();
    }
    assert!(stuck().is_empty(), "{}", stuck());
    unknown_tx.put_blocking(7).unwrap();
    assert_eq!(block.wait(), Ok(Some(7)));
}

/// What changed hands while inspection was off is not known to be where it was.
fn a_handle_that_was_given_away_meanwhile() {
    let (tx, rx) = chan::<u32>(0);
    let (go_on, gone_on) = chan::<()>(0);
    let block = go!({
        let (mine, values) = chan::<u32>(0);
        take!(gone_on);
        let child = go!({
            take!(rx);
            put!(mine, 7).ok();
        });
        let got = take!(values);
        child.await.ok();
        got
    });
    while block.parked_at().is_none() {
        yield_now();
    }
    disable();
    go_on.put_blocking(()).unwrap();
    while block.parked_at().is_none_or(|at| at.state() != Some(1)) {
        yield_now();
    }
    assert!(stuck().is_empty(), "{}", stuck());
    enable();
    assert!(stuck().is_empty(), "{}", stuck());
    tx.put_blocking(1).unwrap();
    assert_eq!(block.wait(), Ok(Some(7)));
}
