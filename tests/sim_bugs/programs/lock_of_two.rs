//! A lock for two: a channel is used as a lock, a put to lock it, a take to unlock it. With room for two it
//! lets two in.
//!
//! "Misuse of channels" in the Go study; the channel as a semaphore of the wrong size. The fix is one
//! character.

use std::sync::Arc;

use csp::{lock::Mutex, prelude::*};

use super::{Chan, join};

const ADDERS: u32 = 2;

async fn add(lock: Chan<()>, sum: Arc<Mutex<u32>>) {
    put!(lock.tx, ()).ok();
    // Two steps, which the lock makes one.
    let before = *sum.lock().await;
    *sum.lock().await = before + 1;
    take!(lock.rx);
}

fn run(capacity: usize) {
    let lock = Chan::new(capacity);
    let sum = Arc::new(Mutex::new(0));
    let adders: Vec<_> = (0..ADDERS)
        .map(|_| go(add(lock.clone(), Arc::clone(&sum))))
        .collect();
    join(adders);
    assert_eq!(*sum.lock_blocking(), ADDERS, "two were let in");
}

pub(crate) fn buggy() {
    run(2);
}

pub(crate) fn fixed() {
    run(1);
}
