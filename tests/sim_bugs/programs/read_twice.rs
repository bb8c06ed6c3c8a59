//! Read lock taken twice: a reader calls a function that reads as well. If a writer asks in between, the
//! second read waits for the writer, and the writer for the first.
//!
//! The study finds it as a bug that only Go has, since its `RWMutex` prefers writers. A semaphore is such a
//! lock: a reader takes one permit, a writer all of them. The fix is to lend the permit.

use std::sync::Arc;

use csp::{
    lock::{Permit, Semaphore},
    prelude::*,
};

use super::join;

const READERS: usize = 2;

type Lock = Arc<Semaphore>;

/// Something that needs a read lock and has no idea who calls it.
async fn look_up(lock: &Lock, held: Option<&Permit>) {
    if held.is_none() {
        drop(lock.acquire().await);
    }
}

fn run(lend: bool) {
    let lock: Lock = Arc::new(Semaphore::new(READERS));
    let reader = {
        let lock = Arc::clone(&lock);
        go!({
            let reading = lock.acquire().await;
            look_up(&lock, lend.then_some(&reading)).await;
        })
    };
    let writer = go!({
        drop(lock.acquire_many(READERS).await);
    });
    join([reader, writer]);
}

pub(crate) fn buggy() {
    run(false);
}

pub(crate) fn fixed() {
    run(true);
}
