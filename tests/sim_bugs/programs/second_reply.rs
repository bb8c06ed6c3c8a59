//! The second reply: a client asks two replicas, takes the first answer, tells the other to give up, and
//! then waits for the other's answer, so as to leave nothing behind. But the other has given up.
//!
//! A hedged request (Dean and Barroso, "The Tail at Scale", 2013), the cousin of the leaky timeout in the
//! Go study. The client's own sender keeps the channel open. The fix is to have none: then the last
//! replica's end is the channel's.

use csp::prelude::*;

use super::join;

async fn replica(n: u32, replies: Sender<u32>, enough: Receiver<()>) {
    alt! {
        _ = put!(replies, n) => {}
        _ = take!(enough) => {}
    }
}

async fn ask(keep_sender: bool) {
    let (replies, replies_rx) = chan(0);
    let (asking, enough) = chan::<()>(0);
    for n in 0..2 {
        drop(go(replica(n, replies.clone(), enough.clone())));
    }
    let mine = keep_sender.then(|| replies.clone());
    drop(replies);

    assert!(take!(replies_rx).is_some());
    drop(asking);
    take!(replies_rx); // the other's answer, or its end
    drop(mine);
}

pub(crate) fn buggy() {
    join([go(ask(true))]);
}

pub(crate) fn fixed() {
    join([go(ask(false))]);
}
