//! A condition that nobody signals: the last worker to end tells who waits. Each finds out whether it is
//! the last by reading the count and writing it back; two who read the same count are neither the last.
//!
//! "Missing signal" among the blocking bugs of the Go study (`Cond` without `Signal`). The fix counts down
//! and looks under one lock.

use std::sync::Arc;

use csp::{lock::Mutex, prelude::*};

use super::{Chan, join};

const WORKERS: usize = 2;

struct Latch {
    left: Mutex<usize>,
    opened: Chan<()>,
}

async fn read_then_write(latch: &Latch) {
    let left = *latch.left.lock().await - 1;
    *latch.left.lock().await = left;
    if left == 0 {
        put!(latch.opened.tx, ()).ok();
    }
}

async fn count_down(latch: &Latch) {
    let is_last = {
        let mut left = latch.left.lock().await;
        *left -= 1;
        *left == 0
    };
    if is_last {
        put!(latch.opened.tx, ()).ok();
    }
}

fn latch() -> Arc<Latch> {
    Arc::new(Latch {
        left: Mutex::new(WORKERS),
        opened: Chan::new(1),
    })
}

async fn wait(latch: Arc<Latch>) {
    take!(latch.opened.rx);
}

pub(crate) fn buggy() {
    let latch = latch();
    for _ in 0..WORKERS {
        let latch = Arc::clone(&latch);
        drop(go!({ read_then_write(&latch).await }));
    }
    join([go(wait(latch))]);
}

pub(crate) fn fixed() {
    let latch = latch();
    for _ in 0..WORKERS {
        let latch = Arc::clone(&latch);
        drop(go!({ count_down(&latch).await }));
    }
    join([go(wait(latch))]);
}
