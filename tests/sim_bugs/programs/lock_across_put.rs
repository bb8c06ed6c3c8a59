//! Lock held across a channel operation: one block puts an event with the log locked, and the other wants
//! to look at the log before it takes the event.
//!
//! In the Go study: wrong use of a channel with a mutex. The fix is to unlock before the put.

use std::sync::Arc;

use csp::{lock::Mutex, prelude::*};

use super::join;

type Log = Arc<Mutex<Vec<u32>>>;

async fn report(log: Log, events: Sender<u32>, unlock: bool) {
    let mut written = log.lock().await;
    written.push(1);
    if unlock {
        drop(written);
    }
    put!(events, 1).ok();
}

async fn listen(log: Log, events: Receiver<u32>) {
    let before = log.lock().await.len();
    let event = take!(events);
    assert!(before <= 1 && event == Some(1));
}

fn run(unlock: bool) {
    let log = Log::default();
    let (events, events_rx) = chan(0);
    let listener = go(listen(Arc::clone(&log), events_rx));
    let reporter = go(report(log, events, unlock));
    join([listener, reporter]);
}

pub(crate) fn buggy() {
    run(false);
}

pub(crate) fn fixed() {
    run(true);
}
