//! Atomicity violation: two buyers see that a ticket is left, and both take it.
//!
//! Lu et al. 2008: two thirds of all non-deadlock bugs; in Go `if len(ch) > 0 { <-ch }`. The fix is to try,
//! and to go by the answer.

use csp::prelude::*;

use super::join;

fn look_then_take(tickets: &Receiver<u32>) -> Option<u32> {
    if tickets.is_empty() {
        return None;
    }
    Some(tickets.try_take().expect("one was left"))
}

fn try_take(tickets: &Receiver<u32>) -> Option<u32> {
    tickets.try_take().ok()
}

fn run(buy: fn(&Receiver<u32>) -> Option<u32>) {
    let (box_office, tickets) = chan(1);
    box_office.try_put(1).expect("a new channel of one");
    let buyers = [(); 2].map(|()| {
        let tickets = tickets.clone();
        go!({ buy(&tickets) })
    });
    assert_eq!(join(buyers).into_iter().flatten().count(), 1);
}

pub(crate) fn buggy() {
    run(look_then_take);
}

pub(crate) fn fixed() {
    run(try_take);
}
