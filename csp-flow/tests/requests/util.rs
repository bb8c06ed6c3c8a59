//! A line to a peer that the test plays.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use csp::{
    Local,
    prelude::*,
    requests::{CallError, Client, ClientEvent, Setup, Why, client},
};

pub(crate) type Outcome = Result<u32, Failure<CallError<u32>>>;

/// The peer's side of a conversation.
pub(crate) struct Peer {
    pub(crate) rx: Receiver<u32>,
    pub(crate) tx: Sender<u32>,
}

impl Peer {
    /// Takes a request, which must be `n`, and answers with ten times that.
    pub(crate) async fn echo(&self, n: u32) {
        assert_eq!(take!(self.rx), Some(n));
        put!(self.tx, 10 * n).unwrap();
    }
}

/// Where conversations come from, and how the next attempts fare.
pub(crate) struct Line {
    pub(crate) peers: Receiver<Peer>,
    peers_tx: Sender<Peer>,
    /// So many attempts fail first.
    failures: Arc<AtomicU32>,
    buffer: usize,
}

type Pair = (Sender<u32>, Receiver<u32>);

impl Line {
    /// The conversations' channels have such a buffer.
    pub(crate) fn new(buffer: usize) -> Self {
        let (peers_tx, peers) = chan(64);
        Self {
            peers,
            peers_tx,
            failures: Arc::default(),
            buffer,
        }
    }

    pub(crate) fn fail_next(&self, attempts: u32) {
        self.failures.store(attempts, Ordering::Relaxed);
    }

    pub(crate) fn client(&self) -> Setup<u32, u32> {
        let (peers, failures, buffer) = (self.peers_tx.clone(), self.failures.clone(), self.buffer);
        client(move || {
            let (peers, failures) = (peers.clone(), failures.clone());
            let connected: Pin<Box<dyn Future<Output = io::Result<Pair>> + Send>> =
                Box::pin(async move {
                    let left = failures.load(Ordering::Relaxed);
                    if left > 0 {
                        failures.store(left - 1, Ordering::Relaxed);
                        return Err(io::Error::other("nobody listens"));
                    }
                    let (requests, rx) = chan(buffer);
                    let (tx, answers) = chan(buffer);
                    peers.put(Peer { rx, tx }).await.ok();
                    Ok((requests, answers))
                });
            connected
        })
    }

    pub(crate) async fn peer(&self) -> Peer {
        take!(self.peers).unwrap()
    }
}

/// Runs a test in virtual time; no block may be left.
pub(crate) fn run<F: Future>(test: F) -> F::Output {
    let local = Local::virtual_time();
    let value = local.run_until(test);
    local.run_until_idle();
    assert_eq!(local.live(), 0, "a block is left");
    value
}

/// A client with events, on the current executor.
pub(crate) fn with_events(setup: Setup<u32, u32>) -> (Client<u32, u32>, Receiver<ClientEvent>) {
    let (tx, rx) = chan(sliding(100));
    (setup.events(tx).start(), rx)
}

/// The events that are there, as text.
pub(crate) fn told(events: &Receiver<ClientEvent>) -> Vec<String> {
    let mut told = Vec::new();
    while let Ok(event) = events.try_take() {
        told.push(format!("{event:?}"));
    }
    told
}

pub(crate) fn error(outcome: Outcome) -> CallError<u32> {
    match outcome {
        Err(Failure::Error(error)) => error,
        other => panic!("{other:?}"),
    }
}

/// Lets all blocks that can go on do so.
pub(crate) async fn settle() {
    for _ in 0..100 {
        yield_now().await;
    }
}

pub(crate) fn is_lost(error: &CallError<u32>) -> bool {
    matches!(error.why(), Why::Lost(_)) && error.was_sent() && error.request().is_none()
}
