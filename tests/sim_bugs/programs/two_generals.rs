//! Two generals: one proposes to attack, the other confirms, and messengers are lost where nobody awaits
//! them. If the confirmation is lost, one attacks alone.
//!
//! Akkoyunlu, Ekanadham and Huber 1975, Gray 1978: no exchange of a fixed number of messages over a lossy
//! channel makes both sure. No protocol fixes that; another channel does: at a rendezvous either both sides
//! were there or neither was, and `alt!` chooses between that and the end of the time as one step.

use std::time::Duration;

use csp::prelude::*;

use super::join;

/// When the day breaks.
const DAWN: Duration = ms(20);

async fn propose(proposal: Sender<()>, confirmation: Receiver<()>) -> bool {
    proposal.try_put(()).ok(); // lost if nobody waits for it
    alt! {
        _ = take!(confirmation) => true,
        _ = take!(timeout(DAWN)) => false,
    }
}

async fn confirm(proposal: Receiver<()>, confirmation: Sender<()>) -> bool {
    alt! {
        _ = take!(proposal) => {
            confirmation.try_put(()).ok(); // lost if nobody waits for it
            true
        }
        _ = take!(timeout(DAWN)) => false,
    }
}

async fn meet(proposal: Sender<()>) -> bool {
    alt! {
        met = put!(proposal, ()) => met.is_ok(),
        _ = take!(timeout(DAWN)) => false,
    }
}

async fn be_met(proposal: Receiver<()>) -> bool {
    alt! {
        met = take!(proposal) => met.is_some(),
        _ = take!(timeout(DAWN)) => false,
    }
}

fn decide(generals: [Go<bool>; 2]) {
    let attack = join(generals);
    assert_eq!(attack[0], attack[1], "one attacks alone");
}

pub(crate) fn buggy() {
    // Neither line closes before both have decided.
    let (proposal, proposal_rx) = chan(0);
    let (confirmation, confirmation_rx) = chan(0);
    let lines = (
        proposal.clone(),
        proposal_rx.clone(),
        confirmation.clone(),
        confirmation_rx.clone(),
    );
    decide([
        go(propose(proposal, confirmation_rx)),
        go(confirm(proposal_rx, confirmation)),
    ]);
    drop(lines);
}

pub(crate) fn fixed() {
    let (proposal, proposal_rx) = chan(0);
    let lines = (proposal.clone(), proposal_rx.clone());
    decide([go(meet(proposal)), go(be_met(proposal_rx))]);
    drop(lines);
}
