//! Add after wait: a peer that is told to stop waits for what is under way, then goes. A message that found
//! it running, and is counted only after that, is sent by a peer that is gone.
//!
//! In the Go study (etcd): a `WaitGroup` whose `Add` is not ordered before its `Wait`. The fix counts under
//! the lock under which it looked.

use std::sync::Arc;

use csp::{lock::Mutex, prelude::*};

use super::{join, wait_group::WaitGroup};

#[derive(Default)]
struct Peer {
    stopped: Mutex<bool>,
    gone: Mutex<bool>,
    under_way: WaitGroup,
}

async fn look_then_add(peer: &Peer) -> bool {
    if *peer.stopped.lock().await {
        return false;
    }
    peer.under_way.add(1).await;
    true
}

async fn look_and_add(peer: &Peer) -> bool {
    let stopped = peer.stopped.lock().await;
    if *stopped {
        return false;
    }
    peer.under_way.add(1).await;
    true
}

async fn transmit(peer: &Peer) {
    assert!(!*peer.gone.lock().await, "sent by a peer that is gone");
    peer.under_way.done().await;
}

async fn stop(peer: Arc<Peer>) {
    *peer.stopped.lock().await = true;
    peer.under_way.wait().await;
    *peer.gone.lock().await = true;
}

pub(crate) fn buggy() {
    let peer = Arc::new(Peer::default());
    let end = go(stop(Arc::clone(&peer)));
    let message = go!({
        if look_then_add(&peer).await {
            transmit(&peer).await;
        }
    });
    join([message, end]);
}

pub(crate) fn fixed() {
    let peer = Arc::new(Peer::default());
    let end = go(stop(Arc::clone(&peer)));
    let message = go!({
        if look_and_add(&peer).await {
            transmit(&peer).await;
        }
    });
    join([message, end]);
}
