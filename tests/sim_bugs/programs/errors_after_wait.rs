//! Errors taken after the wait: workers report errors to a channel with room for one, and these are looked
//! at once all workers are done. A second error is never accepted, and its worker never done.
//!
//! "Channel with `WaitGroup`" in the Go study. Here a worker fails if another has the one slot, so that how
//! many fail depends on the schedule. The fix is room for as many errors as there are workers.

use std::sync::Arc;

use csp::{lock::Semaphore, prelude::*};

use super::{join, wait_group::WaitGroup};

const WORKERS: usize = 3;

async fn work(slots: Arc<Semaphore>, errors: Sender<&'static str>, group: Arc<WaitGroup>) {
    match slots.try_acquire() {
        Some(_slot) => {} // works, and gives it back
        None => drop(put!(errors, "no slot")),
    }
    group.done().await;
}

async fn all(room: usize) {
    let slots = Arc::new(Semaphore::new(1));
    let group = Arc::new(WaitGroup::default());
    let (errors, errors_rx) = chan(room);
    group.add(WORKERS).await;
    for _ in 0..WORKERS {
        let (slots, errors, group) = (Arc::clone(&slots), errors.clone(), Arc::clone(&group));
        drop(go(work(slots, errors, group)));
    }
    drop(errors);
    group.wait().await;
    while take!(errors_rx).is_some() {}
}

pub(crate) fn buggy() {
    join([go(all(1))]);
}

pub(crate) fn fixed() {
    join([go(all(WORKERS))]);
}
